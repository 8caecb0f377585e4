import Dispatch
import Skein
import Testing

@testable import SkeinSQLite

@Suite struct ClosingTests {
    @Test(.timeLimit(.minutes(1)))
    func `closing waits for the reads that it finds under way`() async throws {
        let database = try TestDatabase()
        let store = try await database.open { $0.readerCount = 1 }
        try await store.append(command(1, events: 3), to: ada)
        let gate = DispatchSemaphore(value: 0)
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        async let slow = store.host.read { connection in
            start.yield()
            // On a thread of the store's, which may block.
            gate.wait()
            return try connection.head()
        }
        var started = starts.makeAsyncIterator()
        _ = await started.next()
        async let closed: Void = store.close()
        var answer: EventStoreError.Code?
        var number: UInt64 = 1
        while answer == nil {
            number += 1
            let next = command(number)
            answer = await code { () throws(EventStoreError) in try await store.append(next, to: bob) }
        }
        #expect(answer == .closed)
        gate.signal()
        #expect(try await slow >= 3)
        await closed
        await (try await database.open()).close()
    }
}

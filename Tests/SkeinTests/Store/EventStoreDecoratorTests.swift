import Skein
import Synchronization
import Testing

@Suite struct EventStoreDecoratorTests {
    /// Lets calls through until it is told to refuse them.
    private final class Gatekeeper: TransactionalEventStoreDecorator {
        typealias Transaction = InMemoryTransaction

        let base: any EventStore
        private let error = Mutex<EventStoreError?>(nil)
        private let calls = Mutex(0)

        init(_ base: any EventStore) {
            self.base = base
        }

        var count: Int { calls.withLock(\.self) }

        func refuse(with error: EventStoreError?) {
            self.error.withLock { $0 = error }
        }

        func enter() async throws(EventStoreError) {
            calls.withLock { $0 += 1 }
            if let error = error.withLock(\.self) { throw error }
        }
    }

    private let stream = StreamID(aggregate: "account", id: "ada")

    private func opening(_ number: UInt64) -> StreamAppend {
        let id = CommandID(high: 0, low: number)
        let event = NewEvent(id: EventID(command: id, ordinal: 0), name: "opened", payload: Array("{}".utf8))
        return StreamAppend(stream: stream, commands: [CommandAppend(id: id, outcome: .events([event]))])
    }

    @Test func `what it refuses does not reach the other store`() async throws {
        let base = InMemoryEventStore()
        let store = Gatekeeper(base)
        _ = try await store.append(opening(1))
        store.refuse(with: EventStoreError(.transient, "closed for the day"))
        await #expect(throws: EventStoreError.self) { try await store.append(opening(2)) }
        await #expect(throws: EventStoreError.self) { try await store.append(opening(2)) { _, _ in } }
        await #expect(throws: EventStoreError.self) { try await store.transact { _ in } }
        await #expect(throws: EventStoreError.self) { try await store.version(of: stream) }
        #expect(try await base.version(of: stream) == 1)
        store.refuse(with: nil)
        _ = try await store.append(opening(2)) { events, transaction in
            try transaction.set(events.count, of: "events")
        }
        #expect(try await base.version(of: stream) == 2)
        #expect(store.count == 6)
    }

    @Test func `a store without such transactions is said to be unsuitable`() async throws {
        let store = Gatekeeper(FaultyStore())
        for call in [
            { () async throws -> Void in _ = try await store.append(opening(1)) { _, _ in } },
            { () async throws -> Void in try await store.transact { _ in } },
        ] {
            let error = await #expect(throws: EventStoreError.self) { try await call() }
            #expect(error?.code == .unsuitable)
        }
        #expect(try await store.head() == 0)
    }
}

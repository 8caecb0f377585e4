import Foundation
import GRDB
import Skein
import SkeinSQLite
import Testing

@Suite struct AppendingTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    @Test func `what is read is byte for byte what was written`() async throws {
        let store = try await database.open()
        let payloads: [[UInt8]] = [[], [0], Array(0...255), Array(#"{"b":1,"a":2,"a":3}"#.utf8), [0xC3, 0x28]]
        let metadata = EventMetadata(
            correlationID: CorrelationID(high: .max, low: 1),
            causationID: CausationID(high: 0, low: .max),
            entries: ["traceparent": "00-ab", "q\"\\\u{1}\n": "é e\u{301} 😀 \u{7F}", "empty": ""]
        )
        var written: [NewEvent] = []
        for (number, payload) in payloads.enumerated() {
            let command = command(UInt64(number), payload: payload, metadata: number == 3 ? metadata : EventMetadata())
            written += command.events
            try await store.append(command, to: ada)
        }
        await store.close()
        let reopened = try await database.open()
        let stored = try await reopened.log()
        #expect(stored.map(\.payload) == payloads)
        #expect(stored.map(\.metadata) == written.map(\.metadata))
        #expect(stored.map(\.id) == written.map(\.id))
        #expect(try await reopened.events(of: ada) == stored)
        await reopened.close()
    }

    @Test func `ids that differ in bytes only are two streams, and SQL in an id is text`() async throws {
        let store = try await database.open()
        let ids = ["é", "e\u{301}", "'; DROP TABLE skein_events;--", "E\u{301}", "%", "a"]
        for (number, id) in ids.enumerated() {
            try await store.append(
                command(UInt64(number)),
                to: StreamID(aggregate: "account", id: id),
                expecting: .noStream
            )
        }
        let found = try await store.log().map { Array($0.stream.id.utf8) }
        #expect(found == ids.map { Array($0.utf8) })
        await store.close()
    }

    @Test func `positions have no gap and are not given twice after the last events were deleted for good`()
        async throws
    {
        let store = try await database.open { $0.allowsHardDelete = true }
        try await store.append(command(1, events: 2), to: ada)
        try await store.append(command(2, events: 3), to: bob)
        try await store.delete(bob, mode: .hard, expecting: .exactly(3))
        await store.close()
        let reopened = try await database.open { $0.allowsHardDelete = true }
        #expect(try await reopened.head() == 5)
        #expect(await code { () throws(EventStoreError) in _ = try await reopened.events(of: bob) } == .streamNotFound)
        let receipt = try await reopened.append(command(2), to: bob, expecting: .noStream).receipt
        #expect(receipt?.position == 6)
        #expect(receipt?.version == 1)
        #expect(try await reopened.log().map(\.position) == [1, 2, 6])
        await reopened.close()
    }

    @Test func `five thousand events are one append`() async throws {
        let store = try await database.open()
        let receipt = try await store.append(command(1, events: 5_000), to: ada).receipt
        #expect(receipt?.version == 5_000)
        #expect(receipt?.position == 5_000)
        #expect(try await store.events(of: ada).map(\.version) == Array(1...5_000))
        let answer = await code { () throws(EventStoreError) in
            try await store.append(command(2, events: 5_001), to: ada)
        }
        guard case .invalidInput = answer else {
            Issue.record("accepted")
            return
        }
        await store.close()
    }

    @Test func `of racing appends with one expected version one wins, and as many are stored as succeeded`()
        async throws
    {
        let store = try await database.open()
        let wins = await withTaskGroup(of: Int.self) { group in
            for racer in 0..<16 {
                group.addTask {
                    var wins = 0
                    for version in 0..<20 {
                        let number = UInt64(racer * 100 + version)
                        let answer = await code { () throws(EventStoreError) in
                            try await store.append(command(number), to: ada, expecting: .exactly(Int64(version)))
                        }
                        if answer == nil { wins += 1 }
                    }
                    return wins
                }
            }
            return await group.reduce(0, +)
        }
        #expect(try await store.head() == Int64(wins))
        #expect(try await store.events(of: ada).map(\.version) == Array(1...Int64(wins)))
        await store.close()
    }

    @Test func `a caller that is cancelled does not undo its append`() async throws {
        let store = try await database.open()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await store.append(command(1), to: ada)
        }
        #expect(try await task.value.receipt?.version == 1)
        #expect(try await store.version(of: ada) == 1)
        await store.close()
    }

    @Test func `a commit is signalled`() async throws {
        let store = try await database.open()
        var signals = store.commits().makeAsyncIterator()
        #expect(await signals.next() != nil)
        try await store.append(command(1), to: ada)
        #expect(await signals.next() != nil)
        await store.close()
        #expect(await signals.next() == nil)
    }

    @Test func `a filtered read stops after so many events and says how far it came`() async throws {
        let store = try await database.open { $0.scanLimit = 10 }
        try await store.append(command(1, events: 25), to: ada)
        try await store.append(command(2, named: "closed"), to: bob)
        let filter = EventFilter(events: ["closed"])
        var position: Int64 = 0
        var pages: [Int64] = []
        var found: [StoredEvent] = []
        while position < 26 {
            let page = try await store.readLog(from: position, direction: .forward, filter: filter, limit: 5)
            #expect(page.scannedThrough > position)
            position = page.scannedThrough
            pages.append(position)
            found += page.events
        }
        #expect(pages == [10, 20, 26])
        #expect(found.map(\.position) == [26])
        let backward = try await store.readLog(from: .max, direction: .backward, filter: filter, limit: 5)
        #expect(backward.events == found)
        #expect(backward.scannedThrough == 17)
        await store.close()
    }

    @Test func `the view shows the log as text`() async throws {
        let store = try await database.open()
        let metadata = EventMetadata(entries: ["user": "1"])
        let commands = [command(1, metadata: metadata)]
        let before1970 = Timestamp(microseconds: -1)
        _ = try await store.append(StreamAppend(stream: ada, commands: commands, recordedAt: before1970))
        let row = try database.withDatabase { try Row.fetchOne($0, sql: "SELECT * FROM skein_log") }
        let found = try #require(row)
        #expect(found["payload"] == #"{"amount":1}"#)
        #expect(found["metadata"] == #"{"user":"1"}"#)
        #expect(found["recorded_at"] == "1969-12-31T23:59:59.999999Z")
        #expect(found["id"] == commands[0].events[0].id.description)
        #expect(found["command"] == "00000000-0000-0007-0000-000000000001")
        #expect(found["correlation"] == String?.none)
        #expect(found["aggregate_id"] == "ada")
        await store.close()
    }
}

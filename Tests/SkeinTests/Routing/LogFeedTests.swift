import Synchronization
import Testing

@testable import Skein

struct LogFeedTests {
    private let store = FaultyStore()

    private func feed(interest: EventFilter = .all, capacity: Int = 10, pageSize: Int = 4) -> LogFeed {
        LogFeed(store, interest: interest, capacity: capacity, pageSize: pageSize)
    }

    private func append(_ count: Int, to id: String = "ada", aggregate: String = "Account") async throws {
        for _ in 0..<count {
            try await store.base.store(.of("1", to: StreamID(aggregate: aggregate, id: id)))
        }
    }

    /// Reads on until the end is reached, as a subscription does.
    private func follow(_ feed: LogFeed, after start: Int64, filter: EventFilter = .all) async throws -> [Int64] {
        var position = start
        var seen: [Int64] = []
        while true {
            let page = try await feed.page(after: position, filter: filter, limit: 3)
            seen += page.events.map(\.position)
            position = page.scannedThrough
            if position >= page.head { return seen }
        }
    }

    @Test func `many readers at the end read the log once`() async throws {
        let feed = feed()
        try await append(7)
        for _ in 0..<100 { #expect(try await follow(feed, after: 0) == [1, 2, 3, 4, 5, 6, 7]) }
        #expect(store.count(.readLog) == 2)
        try await append(1)
        feed.noteCommit()
        for _ in 0..<100 { #expect(try await follow(feed, after: 7) == [8]) }
        #expect(store.count(.readLog) == 3)
    }

    @Test(.timeLimit(.minutes(1))) func `readers at the same time share one reading`() async throws {
        let feed = feed()
        try await append(3)
        let gate = Gate()
        store.before(.readLog) { () throws(EventStoreError) in await gate.pass() }
        try await withThrowingTaskGroup(of: [Int64].self) { group in
            group.addTask { try await follow(feed, after: 0) }
            while gate.waitingCount == 0 { await Task.yield() }
            // They come when no commit is noted any more, for the reading under way has taken note of it.
            let early = Ended()
            for _ in 0..<20 {
                group.addTask {
                    defer { early.count.withLock { $0 += 1 } }
                    return try await follow(feed, after: 0)
                }
            }
            while feed.waitingCount + early.count.withLock({ $0 }) < 20 { await Task.yield() }
            gate.open()
            for try await seen in group { #expect(seen == [1, 2, 3]) }
        }
        #expect(store.count(.readLog) == 1)
    }

    @Test func `who is behind the tail reads by itself and misses nothing`() async throws {
        let feed = feed(capacity: 4)
        try await append(30)
        #expect(try await follow(feed, after: 24) == [25, 26, 27, 28, 29, 30])
        #expect(try await follow(feed, after: 0) == Array(1...30))
    }

    @Test func `a page from memory is not said to be the end when a commit was noted since`() async throws {
        let feed = feed()
        try await append(2)
        #expect(try await follow(feed, after: 0) == [1, 2])
        try await append(1)
        feed.noteCommit()
        #expect(try await follow(feed, after: 1) == [2, 3])
        #expect(store.count(.readLog) == 2)
    }

    @Test func `what somebody far behind has seen is looked for, though no commit was noted`() async throws {
        let feed = feed(capacity: 4)
        try await append(30)
        #expect(try await follow(feed, after: 24) == [25, 26, 27, 28, 29, 30])
        try await append(1)
        #expect(try await feed.page(after: 0, filter: .all, limit: 3).head == 31)
        #expect(try await feed.page(after: 30, filter: .all, limit: 3).events.map(\.position) == [31])
    }

    @Test func `a reader gets what passes its filter, and is told how far it came`() async throws {
        let feed = feed()
        try await append(2)
        try await append(2, to: "hall", aggregate: "Thermometer")
        let filter = EventFilter(aggregates: ["Thermometer"])
        #expect(try await follow(feed, after: 0, filter: filter) == [3, 4])
        let page = try await feed.page(after: 0, filter: EventFilter(aggregates: ["None"]), limit: 3)
        #expect(page.events.isEmpty)
        #expect(page.scannedThrough == 4)
    }

    @Test func `the tail keeps what is of interest only`() async throws {
        let feed = feed(interest: EventFilter(aggregates: ["Thermometer"]))
        try await append(3)
        try await append(1, to: "hall", aggregate: "Thermometer")
        #expect(try await follow(feed, after: 0, filter: EventFilter(aggregates: ["Thermometer"])) == [4])
    }

    @Test func `without a commit the end is not read again`() async throws {
        let feed = feed()
        try await append(1)
        _ = try await follow(feed, after: 0)
        let reads = store.count(.readLog)
        for _ in 0..<10 { #expect(try await feed.page(after: 1, filter: .all, limit: 3).events.isEmpty) }
        #expect(store.count(.readLog) == reads)
    }

    @Test func `an error is told, and the next reader tries again`() async throws {
        let feed = feed()
        try await append(2)
        store.before(.readLog) { () throws(EventStoreError) in throw EventStoreError(.transient, "not now") }
        await #expect(throws: EventStoreError.self) { try await feed.page(after: 0, filter: .all, limit: 3) }
        #expect(try await follow(feed, after: 0) == [1, 2])
    }

    @Test func `a log that was deleted in part is followed across the holes`() async throws {
        let store = FaultyStore(InMemoryEventStore(allowsHardDelete: true))
        let feed = LogFeed(store, interest: .all, capacity: 10, pageSize: 4)
        for index in 1...6 {
            let id = index.isMultiple(of: 2) ? "even" : "odd"
            try await store.base.store(.of("1", to: StreamID(aggregate: "Account", id: id)))
        }
        try await store.base.delete(StreamID(aggregate: "Account", id: "even"), mode: .hard, expecting: .any)
        var position: Int64 = 0
        var seen: [Int64] = []
        while position < 6 {
            let page = try await feed.page(after: position, filter: .all, limit: 2)
            seen += page.events.map(\.position)
            position = page.scannedThrough
        }
        #expect(seen == [1, 3, 5])
    }
}

private final class Ended: Sendable {
    let count = Mutex(0)
}

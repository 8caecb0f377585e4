import Testing

@testable import Skein

struct StreamReadingTests {
    private let store = FaultyStore(InMemoryEventStore(limits: EventStoreLimits(pageSize: 10)))
    private let stream = StreamID(aggregate: "Account", id: "ada")

    private func append(_ count: Int) async throws {
        for _ in 0..<count { try await store.base.store(.of("1", to: stream)) }
    }

    private func versions(after version: Int64 = 0) async throws -> [Int64] {
        var seen: [Int64] = []
        let reading = StreamReading(stream, store, limits: store.limits)
        try await reading.read(after: version) { events throws(LoadError) in seen += events.map(\.version) }
        return seen
    }

    @Test(arguments: [0, 1, 9, 10, 11, 20, 35, 100])
    func `a stream of any length comes whole and in order`(count: Int) async throws {
        try await append(count)
        let all = (0..<Int64(count)).map { $0 + 1 }
        #expect(try await versions() == all)
        if count > 7 { #expect(try await versions(after: 7) == all.dropFirst(7).map(\.self)) }
    }

    @Test func `pages are asked for before those in front of them are there, but not for short streams`() async throws {
        try await append(15)
        #expect(try await versions().count == 15)
        #expect(store.count(.read) == 2)
        try await append(30)
        #expect(try await versions().count == 45)
        #expect(store.count(.read) <= 2 + 6)
    }

    @Test func `what was stored behind a page that was read before is left alone`() async throws {
        try await append(20)
        for _ in 0..<3 { store.before(.read) { () throws(EventStoreError) in } }
        // Before one of two pages that are read at the same time.
        store.before(.read) { [store, stream] () throws(EventStoreError) in
            for _ in 0..<15 { _ = try await store.base.append(.of("1", to: stream)) }
        }
        let seen = try await versions()
        #expect(seen == (1...Int64(seen.count)).map(\.self))
        #expect(seen.count >= 20)
    }

    @Test func `a page that cannot be read ends it with its error`() async throws {
        try await append(60)
        for _ in 0..<3 { store.before(.read) { () throws(EventStoreError) in } }
        store.fail(.read, .transient)
        await #expect(throws: LoadError.self) { try await versions() }
    }

    @Test func `events that cannot be applied end it at once`() async throws {
        try await append(60)
        var calls = 0
        let reading = StreamReading(stream, store, limits: store.limits)
        await #expect(throws: LoadError.self) {
            try await reading.read(after: 0) { _ throws(LoadError) in
                calls += 1
                if calls == 2 { throw .beyondEnd }
            }
        }
        #expect(calls == 2)
    }
}

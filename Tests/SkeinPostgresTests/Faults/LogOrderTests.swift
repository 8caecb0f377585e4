import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// Writers that are stepped by hand while others commit: nothing may ever appear before what a reader has seen.
@Suite(.timeLimit(.minutes(1)))
struct LogOrderTests {
    private let place: TestStore

    init() async throws {
        place = try await TestStore()
    }

    /// A store that asks for the log's end, or relies on its own last append, and has stored an event already.
    private func open(reliesOnLogEnd: Bool) async throws -> PostgresEventStore {
        let store = try await place.open { $0.reliesOnLogEnd = reliesOnLogEnd }
        try await store.append(command(1), to: ada)
        return store
    }

    /// What another program's writer does, in a transaction that the test holds open.
    private static func insert(version: Int, of stream: StreamID, id: Int) -> String {
        """
        BEGIN;
        SELECT FROM skein.head FOR UPDATE;
        INSERT INTO skein.events (position, version, fingerprint, recorded_at, id, command, schema_version,
            aggregate, aggregate_id, name, payload)
        SELECT max(position) + 1, \(version), 0, now(), '00000000-0000-0000-0000-00000000000\(id)',
            '00000000-0000-0000-0000-00000000000\(id)', 1, '\(stream.aggregate)', '\(stream.id)', 'foreign', '{}'
        FROM skein.events
        """
    }

    @Test(arguments: [ExpectedVersion.exactly(1), .any, .streamExists], [false, true])
    func `a writer that is held open keeps later ones out of the log until it commits`(
        expected: ExpectedVersion,
        reliesOnLogEnd: Bool
    ) async throws {
        let store = try await open(reliesOnLogEnd: reliesOnLogEnd)
        let holder = try await place.session()
        try await holder.run(Self.insert(version: 1, of: bob, id: 1))
        let append = Task { try await store.append(command(2), to: ada, expecting: expected) }
        let observer = try await place.session()
        #expect(try await observer.wait(until: TestStore.isWaiting(1)))
        // A reader now sees neither; the position that is taken is not passed over.
        let page = try await store.readLog(from: 0, direction: .forward, filter: .all, limit: 10)
        #expect(page.events.map(\.position) == [1])
        #expect(page.head == 1 && page.scannedThrough == 1)
        try await holder.run("COMMIT")
        #expect(try await append.value.receipt?.position == 3)
        let rest = try await store.readLog(from: page.scannedThrough, direction: .forward, filter: .all, limit: 10)
        #expect(rest.events.map(\.position) == [2, 3])
        #expect(rest.events.map(\.stream) == [bob, ada])
    }

    @Test(arguments: [false, true])
    func `a writer that is rolled back leaves no gap`(reliesOnLogEnd: Bool) async throws {
        let store = try await open(reliesOnLogEnd: reliesOnLogEnd)
        let holder = try await place.session()
        try await holder.run(Self.insert(version: 1, of: bob, id: 1))
        let append = Task { try await store.append(command(2), to: ada) }
        #expect(try await place.session().wait(until: TestStore.isWaiting(1)))
        try await holder.run("ROLLBACK")
        #expect(try await append.value.receipt?.position == 2)
        #expect(try await store.log().map(\.position) == [1, 2])
    }

    @Test(arguments: [1, 2], [false, true])
    func `a writer of the same stream that commits first is a conflict for the one that waited`(
        events: Int,
        reliesOnLogEnd: Bool
    ) async throws {
        let store = try await open(reliesOnLogEnd: reliesOnLogEnd)
        let holder = try await place.session()
        try await holder.run(Self.insert(version: 2, of: ada, id: 1))
        let append = Task {
            await failure { () async throws(EventStoreError) in
                try await store.append(command(2, events: events), to: ada, expecting: .exactly(1))
            }
        }
        #expect(try await place.session().wait(until: TestStore.isWaiting(1)))
        try await holder.run("COMMIT")
        #expect(await append.value?.code == .conflict(expected: .exactly(1), actual: 2))
        #expect(try await store.log().map(\.version) == [1, 2])
    }

    @Test(arguments: [1, 2], [false, true])
    func `an outcome without events that commits first is known to the one that waited`(
        events: Int,
        reliesOnLogEnd: Bool
    ) async throws {
        let store = try await open(reliesOnLogEnd: reliesOnLogEnd)
        let repeated = command(2, events: events)
        let holder = try await place.session()
        try await holder.run(
            """
            BEGIN;
            SELECT FROM skein.head FOR UPDATE;
            INSERT INTO skein.commands (id, fingerprint, version, position, recorded_at, events, aggregate, aggregate_id,
                rejection)
            VALUES ('\(repeated.id)', 1, 1, 1, now(), 0, 'account', 'ada', '{}')
            """
        )
        let append = Task { try await store.append(repeated, to: ada, expecting: .exactly(1)) }
        #expect(try await place.session().wait(until: TestStore.isWaiting(1)))
        try await holder.run("COMMIT")
        let known = try #require(try await append.value.known)
        #expect(known.map(\.id) == [repeated.id])
        #expect(known.first?.outcome == .rejection(Array("{}".utf8)))
        #expect(try await store.log().count == 1)
    }

    /// How many events an append has, and whether it relies on where the log ended.
    static let ways = [(1, false), (1, true), (2, true)]

    @Test(arguments: [false, true], ways)
    func `a deletion that commits first is not overlooked by the one that waited`(
        isHard: Bool,
        way: (events: Int, reliesOnLogEnd: Bool)
    ) async throws {
        let store = try await open(reliesOnLogEnd: way.reliesOnLogEnd)
        let holder = try await place.session()
        try await holder.run(
            "BEGIN; SET search_path = skein; SELECT * FROM delete_stream('account', 'ada', \(isHard), -1)"
        )
        let append = Task { () -> EventStoreError? in
            await failure { () async throws(EventStoreError) in
                try await store.append(command(2, events: way.events), to: ada, expecting: .exactly(1))
            }
        }
        #expect(try await place.session().wait(until: TestStore.isWaiting(1)))
        try await holder.run("COMMIT")
        let error = await append.value
        #expect(error?.code == (isHard ? .conflict(expected: .exactly(1), actual: 0) : .streamDeleted))
        #expect(try await store.log().count == (isHard ? 0 : 1))
    }

    @Test func `a version ahead of the stream is a conflict, also where the process knew more`() async throws {
        // Another process deletes the stream for good and writes it anew.
        let store = try await open(reliesOnLogEnd: true)
        let other = try await place.open { $0.allowsHardDelete = true }
        for number: UInt64 in 2...4 { try await store.append(command(number), to: ada) }
        try await other.delete(ada, mode: .hard, expecting: .any)
        try await other.append(command(10), to: ada)
        let error = await failure { () async throws(EventStoreError) in
            try await store.append(command(11), to: ada, expecting: .exactly(4))
        }
        #expect(error?.code == .conflict(expected: .exactly(4), actual: 1))
        #expect(try await store.log().map(\.version) == [1])
        await other.close()
    }
}

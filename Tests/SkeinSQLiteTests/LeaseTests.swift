import GRDB
import Skein
import SkeinSQLite
import Synchronization
import Testing

/// Leases live in the process, for it is the only one; who had them is in the file.
@Suite struct LeaseTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    @Test func `a lease ends with the store's own clock, to the nanosecond`() async throws {
        let time = HandWoundTime()
        let store = try await database.open { $0.time = time }
        let first = try #require(await store.lease(for: "a", lasting: .seconds(10))?.0)
        time.advance(by: .seconds(9))
        #expect(try await store.acquireLease(on: "view", for: "b", lasting: .seconds(10)).remaining == .seconds(1))
        try await store.renewLease(of: first, lasting: .seconds(10))
        time.advance(by: .seconds(10) - .nanoseconds(1))
        #expect(try await store.acquireLease(on: "view", for: "b", lasting: .seconds(10)).remaining == .nanoseconds(1))
        time.advance(by: .nanoseconds(1))
        #expect(await store.lease(for: "b", lasting: .seconds(10))?.wasReleased == false)
        await store.close()
    }

    @Test func `an owner found in the file when it is opened has died, and its lease has run out`() async throws {
        let first = try await database.open()
        let held = try #require(await first.lease(for: "a", lasting: .seconds(86_400))?.0)
        await first.close()
        let owner = try database.withDatabase {
            try String.fetchOne($0, sql: "SELECT owner FROM skein_checkpoints WHERE subscription = 'view'")
        }
        #expect(owner == "a")
        let second = try await database.open()
        let found = try #require(await second.lease(for: "b", lasting: .seconds(60)))
        #expect(found.wasReleased == false)
        #expect(found.0.epoch == held.epoch + 1)
        try await second.releaseLease(of: found.0)
        await second.close()
        let third = try await database.open()
        #expect(await third.lease(for: "c", lasting: .seconds(60))?.wasReleased == true)
        await third.close()
    }

    @Test func `a database of version 1 is brought up to date with what is in it`() async throws {
        let first = try await database.open()
        try await first.append(command(1), to: ada)
        let moved = try await first.move(try await first.claimCheckpoint(of: "view"), to: 1)
        await first.close()
        try database.withDatabase { database in
            try database.execute(
                sql: """
                    DROP TABLE skein_notes;
                    ALTER TABLE skein_checkpoints DROP COLUMN owner;
                    DELETE FROM skein_schema WHERE version = 2;
                    """
            )
        }
        let second = try await database.open()
        #expect(try await second.checkpoint(of: "view") == moved)
        let lease = try #require(await second.lease(for: "a", lasting: .seconds(60)))
        #expect(lease.0 == Checkpoint(subscription: "view", position: 1, epoch: moved.epoch + 1))
        #expect(lease.wasReleased)
        let note = SubscriptionNote(topic: "parked", key: 1, content: [1])
        try await second.change([.keep(note)], of: "view")
        #expect(try await second.notes(of: "view", topic: "parked", from: 0, limit: 1) == [note])
        #expect(try await second.append(command(2), to: ada).receipt?.position == 2)
        await second.close()
        let versions = try database.withDatabase { try Int.fetchAll($0, sql: "SELECT version FROM skein_schema") }
        #expect(versions == [1, 2])
    }

    @Test func `a renewal whose transaction was rolled back keeps nobody out`() async throws {
        let time = HandWoundTime()
        let store = try await database.open { $0.time = time }
        let held = try #require(await store.lease(for: "a", lasting: .seconds(1))?.0)
        try database.withDatabase { try $0.execute(sql: Self.failingCommit) }
        // It may have a transaction of its own, and go well.
        var failure: EventStoreError.Code?
        for _ in 0..<100 where failure == nil {
            time.advance(by: .seconds(60))
            let renewal: Operation = {
                await code { () throws(EventStoreError) in
                    try await store.renewLease(of: held, lasting: .seconds(60))
                }
            }
            failure = try await database.together(store, [renewal] + breaking(store))[0]
        }
        try #require(failure != nil, "the commit as such fails")
        let next = try #require(await store.lease(for: "b", lasting: .seconds(60)))
        #expect(next.0.epoch == held.epoch + 1)
        #expect(!next.wasReleased)
        await store.close()
    }

    @Test func `a stream that did not come to be leaves no name behind`() async throws {
        let store = try await database.open()
        try database.withDatabase { try $0.execute(sql: Self.failingCommit) }
        // All but the first share a transaction, where they are known to each other.
        let answers = try await database.together(store, breaking(store))
        #expect(answers.allSatisfy { $0 != nil }, "the commit as such fails")
        // Its first event may have the position that the other one's had, and that is the stream's key.
        for number in 2..<6 as Range<UInt64> {
            let stream = StreamID(aggregate: "account", id: "\(number)")
            let next = command(number, fingerprint: 1)
            try await store.append(next, to: stream)
            #expect(try await store.append(next, to: stream).known?.first?.stream == stream)
        }
        await store.close()
    }

    /// The same append several times, with which no transaction can be committed.
    private func breaking(_ store: SQLiteEventStore) -> [Operation] {
        (0..<8).map { _ in
            {
                await code { () throws(EventStoreError) in
                    try await store.append(command(1, named: "broken", fingerprint: 1), to: ada)
                }
            }
        }
    }

    /// Makes the commit of an event named so fail, when all its writes have gone well.
    private static let failingCommit = """
        CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE child (parent REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
        CREATE TRIGGER breaking AFTER INSERT ON skein_events WHEN NEW.name = 'broken'
        BEGIN INSERT INTO child VALUES (1); END;
        """
}

extension EventStore {
    fileprivate func lease(
        for owner: String,
        lasting duration: Duration
    ) async -> (Checkpoint, wasReleased: Bool)? {
        let answer = try? await acquireLease(on: "view", for: owner, lasting: duration)
        guard case .acquired(let checkpoint, let wasReleased)? = answer else { return nil }
        return (checkpoint, wasReleased)
    }
}

extension LeaseAnswer {
    fileprivate var remaining: Duration? {
        if case .held(_, let remaining) = self { remaining } else { nil }
    }
}

private final class HandWoundTime: TimeSource {
    private let passed = Mutex(Duration.zero)

    func advance(by duration: Duration) {
        passed.withLock { $0 += duration }
    }

    func now() -> Timestamp { Timestamp(microseconds: 1) }

    func uptime() -> Duration { passed.withLock(\.self) }

    func sleep(for duration: Duration) async throws {}
}

import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// What a server that works refuses, and how long the store waits for it.
@Suite(.timeLimit(.minutes(1)))
struct ServerFaultTests {
    private let place: TestStore

    init() async throws {
        place = try await TestStore()
    }

    @Test func `a lock that others hold too long is transient, and nothing is stored`() async throws {
        let store = try await place.open { $0.lockTimeout = .milliseconds(100) }
        try await store.append(command(1), to: ada)
        let holder = try await place.session()
        try await holder.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        for expected in [ExpectedVersion.exactly(1), .any] {
            let error = await failure { () async throws(EventStoreError) in
                try await store.append(command(2), to: ada, expecting: expected)
            }
            #expect(error?.code == .transient)
        }
        #expect(try await store.log().count == 1)
        try await holder.run("ROLLBACK")
        #expect(try await store.append(command(2), to: ada).receipt?.version == 2)
        await store.close()
    }

    @Test func `a statement that takes too long is a time-out, and nothing is stored`() async throws {
        let patient = try await place.open()
        try await patient.append(command(1), to: ada)
        let store = try await place.open {
            $0.statementTimeout = .milliseconds(500)
            $0.lockTimeout = .seconds(20)
        }
        let holder = try await place.session()
        try await holder.run("BEGIN; SELECT FROM skein.head FOR UPDATE")
        let append = await failure { () async throws(EventStoreError) in try await store.append(command(2), to: ada) }
        #expect(append?.code == .timeout)
        try await holder.run("ROLLBACK; BEGIN; LOCK TABLE skein.events")
        let read = await failure { () async throws(EventStoreError) in _ = try await store.log() }
        #expect(read?.code == .timeout)
        try await holder.run("ROLLBACK")
        #expect(try await patient.log().count == 1)
        await patient.close()
        await store.close()
    }

    @Test func `a deadlock is transient, and nothing is stored`() async throws {
        let holder = try await place.session()
        try await holder.run("ALTER DATABASE \(place.database) SET deadlock_timeout = '2s'")
        let store = try await place.open()
        try await store.append(command(1), to: ada)
        // A session looks for a deadlock once, when it has waited so long: by then this one waits too.
        // The store gets the head and waits for the events; this session has the events and wants the head.
        try await holder.run("SET deadlock_timeout = '60s'; BEGIN; LOCK TABLE skein.events IN SHARE MODE")
        // To a stream that the process does not know: the checked way locks one thing after the other.
        let append = Task {
            await failure { () async throws(EventStoreError) in try await store.append(command(2), to: bob) }
        }
        #expect(try await place.session().wait(until: TestStore.isWaiting()))
        try await holder.run("SELECT FROM skein.head FOR UPDATE")
        let error = await append.value
        #expect(error?.code == .transient)
        #expect(error?.description.contains("40P01") == true)
        try await holder.run("ROLLBACK")
        #expect(try await store.log().count == 1)
        #expect(try await store.append(command(2), to: bob).receipt?.position == 2)
        await store.close()
    }

    @Test func `a server with no room for a connection is transient, and gets its chance`() async throws {
        let owner = try await place.session()
        let guest = "\(place.database)_guest"
        await (try place.open()).close()
        try await owner.run(
            """
            CREATE ROLE \(guest) LOGIN CONNECTION LIMIT 1;
            GRANT USAGE ON SCHEMA skein TO \(guest);
            GRANT ALL ON ALL TABLES IN SCHEMA skein TO \(guest)
            """
        )
        let first = try await place.session(as: guest)
        let refused = await failure { () async throws(EventStoreError) in
            _ = try await place.open(as: guest) {
                $0.migratesOnOpening = false
                $0.connectTimeout = .seconds(4)
            }
        }
        #expect(refused?.code == .transient)
        await first.close()
        // One connection at a time: the listener holds it, and an append waits for another in vain.
        #expect(try await owner.wait(until: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = '\(guest)')"))
        let store = try await place.open(as: guest) {
            $0.migratesOnOpening = false
            $0.connectTimeout = .seconds(4)
        }
        #expect(try await owner.wait(until: "EXISTS (SELECT FROM pg_stat_activity WHERE usename = '\(guest)')"))
        let append = await failure { () async throws(EventStoreError) in try await store.append(command(1), to: ada) }
        #expect(append == nil || append?.isTransient == true)
        try await owner.run("ALTER ROLE \(guest) CONNECTION LIMIT -1")
        #expect(try await store.append(command(2), to: bob).receipt?.version == 1)
        await store.close()
    }

    // Behaviour case 149.
    @Test func `a call waits for a connection up to its limit, then it is a time-out`() async throws {
        let store = try await place.open {
            $0.connectionCount = 1
            $0.connectionWait = .milliseconds(100)
        }
        let holder = try await place.session()
        try await holder.run("BEGIN; LOCK TABLE skein.events")
        let busy = Task { try await store.log() }
        let observer = try await place.session()
        #expect(try await observer.wait(until: TestStore.isWaiting()))
        let start = ContinuousClock.now
        let error = await failure { () async throws(EventStoreError) in _ = try await store.head() }
        #expect(error?.code == .timeout)
        #expect(start.duration(to: .now) >= .milliseconds(100))
        try await holder.run("ROLLBACK")
        #expect(try await busy.value.isEmpty)
        // Nothing is left behind: the connection is free again.
        #expect(try await store.head() == 0)
        await store.close()
    }

    @Test func `appends do not wait for connections that reads have taken`() async throws {
        let store = try await place.open { $0.connectionCount = 1 }
        let holder = try await place.session()
        try await store.append(command(1), to: ada)
        try await holder.run("BEGIN; LOCK TABLE skein.snapshots")
        let busy = Task { try await store.snapshot(of: ada) }
        let observer = try await place.session()
        #expect(try await observer.wait(until: TestStore.isWaiting()))
        #expect(try await store.append(command(2), to: ada).receipt?.version == 2)
        try await holder.run("ROLLBACK")
        #expect(try await busy.value == nil)
        await store.close()
    }

    @Test func `a schema that is dropped under the store is missed, and can be made again`() async throws {
        let store = try await place.open()
        try await store.append(command(1), to: ada)
        try await place.session().run("DROP SCHEMA skein CASCADE")
        let append = await failure { () async throws(EventStoreError) in try await store.append(command(2), to: ada) }
        #expect(append?.code == .notMigrated)
        let read = await failure { () async throws(EventStoreError) in _ = try await store.log() }
        #expect(read?.code == .notMigrated)
        try await store.migrate()
        #expect(try await store.append(command(3), to: bob).receipt?.position == 1)
        await store.close()
    }

    @Test func `a disk that is full is said to be full, and appends go on when there is room`() async throws {
        let session = try await place.session()
        let store = try await place.open()
        try await store.append(command(1), to: ada)
        // What the server says when an extension of a file fails.
        try await session.run(
            """
            CREATE FUNCTION skein.fill() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF length(NEW.payload) > 100 THEN
                    RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file: No space left on device';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER fill BEFORE INSERT ON skein.events FOR EACH ROW EXECUTE FUNCTION skein.fill()
            """
        )
        let large = command(2, payload: "\"\(String(repeating: "x", count: 200))\"")
        let error = await failure { () async throws(EventStoreError) in try await store.append(large, to: ada) }
        #expect(error?.code == .full)
        #expect(try await store.append(command(3), to: bob).receipt?.position == 2)
        try await session.run("DROP TRIGGER fill ON skein.events")
        #expect(try await store.append(large, to: ada).receipt?.position == 3)
        await store.close()
    }

    @Test(arguments: [ExpectedVersion.exactly(1), .any])
    func `a trigger that keeps events out makes the append fail as a whole`(expected: ExpectedVersion) async throws {
        let session = try await place.session()
        let store = try await place.open()
        try await store.append(command(1), to: ada)
        try await session.run(
            """
            CREATE FUNCTION skein.lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER lose BEFORE INSERT ON skein.events FOR EACH ROW EXECUTE FUNCTION skein.lose()
            """
        )
        // An outcome without events beside it takes the checked way.
        let other = CommandAppend(id: CommandID(high: 7, low: 7), fingerprint: 5, outcome: .nothing)
        for commands in [[command(2)], [command(2), other]] {
            let append = StreamAppend(stream: ada, expecting: expected, commands: commands)
            let error = await failure { () async throws(EventStoreError) in _ = try await store.append(append) }
            #expect(error?.code == .corrupt)
            #expect(try await store.outcome(of: other.id) == nil)
        }
        try await session.run("DROP TRIGGER lose ON skein.events")
        #expect(try await store.append(command(2), to: ada).receipt?.position == 2)
        await store.close()
    }

    // Behaviour case 39.
    @Test(arguments: [
        "UPDATE skein.events SET payload = ''", "UPDATE skein.events SET version = version WHERE false",
        "DELETE FROM skein.events", "TRUNCATE skein.events", "TRUNCATE skein.events CASCADE", "DELETE FROM skein.head",
        "TRUNCATE skein.head", "INSERT INTO skein.events SELECT * FROM skein.events",
        "SELECT set_config('skein.deleting', 'account', false); DELETE FROM skein.events",
    ])
    func `plain SQL that would change the log is refused, also to the database's owner`(sql: String) async throws {
        let store = try await place.open()
        try await store.append(command(1), to: ada)
        let session = try await place.session()
        await #expect(throws: SQLFailure.self) { try await session.run(sql) }
        #expect(try await store.log().map(\.payload) == [Array(#"{"amount":1}"#.utf8)])
        #expect(try await store.append(command(2), to: ada).receipt?.position == 2)
        await store.close()
    }

    // Behaviour case 105.
    @Test func `two schemas in one database see nothing of each other`() async throws {
        let first = try await place.open {
            $0.schema = "one"
            $0.pollInterval = .seconds(3_600)
        }
        let second = try await place.open {
            $0.schema = "two"
            $0.pollInterval = .seconds(3_600)
        }
        let secondElsewhere = try await place.open { $0.schema = "two" }
        var signals = second.commits().makeAsyncIterator()
        await signals.next()
        try await first.append(command(1), to: ada)
        try await first.save(Snapshot(stream: ada, version: 1, shapeVersion: 1, payload: [1]))
        _ = try await first.claimCheckpoint(of: "view")
        #expect(try await second.log().isEmpty)
        #expect(try await second.snapshot(of: ada) == nil)
        #expect(try await second.checkpoint(of: "view") == nil)
        #expect(try await second.outcome(of: command(1).id) == nil)
        #expect(try await second.append(command(1), to: ada).receipt?.position == 1)
        #expect(try await first.head() == 1)
        // What wakes a listener up in one of them is told by the other's notifications: none is.
        let listener = try await place.session()
        try await listener.run("LISTEN two")
        try await first.append(command(2), to: ada)
        try await secondElsewhere.append(command(2), to: ada)
        #expect(try await first.log().count == 2)
        for store in [first, second, secondElsewhere] { await store.close() }
    }
}

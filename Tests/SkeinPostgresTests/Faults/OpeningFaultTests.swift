import PostgresServer
import Skein
import SkeinPostgres
import Testing

/// What stands in the way of opening a store, each with its own error that says what to do.
@Suite(.timeLimit(.minutes(1)))
struct OpeningFaultTests {
    private let place: TestStore

    init() async throws {
        place = try await TestStore()
    }

    private func opening(
        _ connection: String? = nil,
        _ configure: (inout PostgresConfiguration) -> Void = { _ in }
    ) async -> EventStoreError? {
        await failure { () async throws(EventStoreError) in
            let configuration = PostgresConfiguration.test(configure)
            _ = try await PostgresEventStore(connection ?? place.connection, configuration: configuration)
        }
    }

    @Test func `a wrong password is said to be wrong, and stands in no text`() async throws {
        let owner = try await place.session()
        // The server knows one role whose password it asks for; tests that run twice find it there.
        try await owner.run(
            """
            DO $$ BEGIN CREATE ROLE secured LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
            ALTER ROLE secured PASSWORD 'the right one'
            """
        )
        let address = place.server.connection(to: place.database, as: "secured")
        let error = try #require(await opening(address + " password='swordfish secret'"))
        #expect(error.code == .permission)
        #expect(error.message.contains("password"))
        #expect(!error.leaks("swordfish"))
        let session = try await PostgresSession.connect(address + " password='the right one'")
        #expect(try await session.value("SELECT current_user") == "secured")
    }

    @Test func `a missing password is said to be missing`() async throws {
        let owner = try await place.session()
        try await owner.run(
            "DO $$ BEGIN CREATE ROLE secured LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
        let address = place.server.connection(to: place.database, as: "secured", ["passfile": "/nonexistent"])
        let error = try #require(await opening(address))
        #expect(error.code == .permission)
        #expect(error.message.contains("password"))
    }

    @Test func `a database that does not exist is said not to exist`() async throws {
        let error = try #require(await opening(place.server.connection(to: "nowhere")))
        #expect(error.code == .unreachable)
        #expect(error.message.contains("database"))
    }

    @Test func `a user that does not exist may not use the database`() async throws {
        let error = try #require(await opening(place.server.connection(to: place.database, as: "nobody_we_know")))
        #expect(error.code == .permission)
    }

    @Test func `a server that is not there is unreachable, and said soon`() async throws {
        let error = try #require(await opening("host=/nonexistent port=5432 dbname=x user=x"))
        #expect(error.code == .unreachable)
        let proxy = try Proxy(to: "/nonexistent/.s.PGSQL.5432")
        let refused = try #require(await opening(place.server.connection(to: "x", through: proxy.port)))
        #expect(refused.code == .unreachable)
    }

    @Test func `a server that does not answer is given up after the connect time-out`() async throws {
        let proxy = try Proxy(to: place.server.socket)
        proxy.stall(true)
        let start = ContinuousClock.now
        let address = place.server.connection(to: place.database, through: proxy.port)
        let error = try #require(await opening(address) { $0.connectTimeout = .seconds(1) })
        #expect(error.code == .unreachable)
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test func `a schema that is missing is asked for, if the store is not to make it`() async throws {
        let error = try #require(await opening { $0.migratesOnOpening = false })
        #expect(error.code == .notMigrated)
        #expect(error.message.contains("migrate()"))
        // Looking has made nothing.
        let tables = try await place.session().value("SELECT count(*) FROM pg_namespace WHERE nspname = 'skein'")
        #expect(tables == "0")
    }

    @Test func `a migration waits for another one by a time limit of its own`() async throws {
        let other = try await place.session()
        // The lock that Documentation/PostgreSQL.md names.
        try await other.run("BEGIN; SELECT pg_advisory_xact_lock(x'00736B65696E0001'::bit(64)::bigint)")
        let error = try #require(
            await opening {
                $0.migrationTimeout = .milliseconds(100)
                $0.lockTimeout = .seconds(300)
                $0.statementTimeout = .seconds(300)
            }
        )
        #expect([.transient, .timeout].contains(error.code))
        let place = place
        let opening = Task { try await place.open { $0.lockTimeout = .milliseconds(50) } }
        #expect(try await place.session().wait(until: TestStore.isWaiting()))
        try await other.run("SELECT pg_sleep(0.2); COMMIT")
        let store = try await opening.value
        #expect(try await store.head() == 0)
        await store.close()
    }

    @Test func `a user without the right to make the schema is refused`() async throws {
        let owner = try await place.session()
        try await owner.run("CREATE ROLE \(place.database)_guest LOGIN")
        let guest = place.server.connection(to: place.database, as: "\(place.database)_guest")
        let error = try #require(await opening(guest))
        #expect(error.code == .permission)
        await owner.close()
    }

    @Test func `a user without rights on the tables is refused, at the first use at the latest`() async throws {
        let store = try await place.open()
        let owner = try await place.session()
        try await owner.run("CREATE ROLE \(place.database)_guest LOGIN")
        let opened = await opening(place.server.connection(to: place.database, as: "\(place.database)_guest")) {
            $0.migratesOnOpening = false
        }
        // Without USAGE on the schema, its tables cannot even be seen.
        #expect(opened?.code == .permission || opened?.code == .notMigrated)
        try await owner.run(
            """
            GRANT USAGE ON SCHEMA skein TO \(place.database)_guest;
            GRANT SELECT ON ALL TABLES IN SCHEMA skein TO \(place.database)_guest
            """
        )
        let reader = try await place.open(as: "\(place.database)_guest") { $0.migratesOnOpening = false }
        #expect(try await reader.head() == 0)
        let append = await failure { () async throws(EventStoreError) in try await reader.append(command(1), to: ada) }
        #expect(append?.code == .permission)
        #expect(try await store.head() == 0)
        await reader.close()
        await store.close()
    }

    @Test func `a schema that a newer program has made is refused`() async throws {
        await (try place.open()).close()
        try await place.session().run("INSERT INTO skein.schema_versions (version) VALUES (1000)")
        for migrates in [true, false] {
            let error = try #require(await opening { $0.migratesOnOpening = migrates })
            guard case .newerSchema(1_000, let supported) = error.code else {
                Issue.record("\(error)")
                return
            }
            #expect(supported < 1_000)
        }
    }

    @Test(arguments: ["SQL_ASCII", "LATIN1"])
    func `a database in another encoding than UTF8 is refused`(encoding: String) async throws {
        let place = try await TestStore("ENCODING '\(encoding)' LOCALE 'C' TEMPLATE template0")
        let error = try #require(await failure { () async throws(EventStoreError) in _ = try await place.open() })
        #expect(error.code == .unsuitable)
        #expect(error.message.contains(encoding) && error.message.contains("UTF8"))
    }

    @Test func `a database whose transactions are read-only is refused`() async throws {
        try await place.session().run("ALTER DATABASE \(place.database) SET default_transaction_read_only = on")
        #expect(await opening()?.code == .readOnly)
    }

    @Test func `a database that becomes read-only fails appends as such and can be read`() async throws {
        let store = try await place.open()
        try await store.append(command(1), to: ada)
        let session = try await place.session()
        try await session.run(
            """
            ALTER DATABASE \(place.database) SET default_transaction_read_only = on;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )
        let append = StreamAppend(stream: ada, commands: [command(2)])
        let error = await failure { () async throws(EventStoreError) in _ = try await store.appendUntilKnown(append) }
        #expect(error?.code == .readOnly)
        #expect(try await store.log().count == 1)
        try await session.run(
            """
            SET default_transaction_read_only = off;
            ALTER DATABASE \(place.database) SET default_transaction_read_only = off;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        )
        #expect(try await store.appendUntilKnown(append).receipt?.version == 2)
        await store.close()
    }

    // Bad input: a schema's name.
    @Test(arguments: ["a\"b", String(repeating: "ä", count: 32), "", "a\u{0}b", "pg_mine", "a\nb"])
    func `a schema's name that PostgreSQL would change or refuse never reaches it`(name: String) async throws {
        // No server there: the database is not asked.
        let error = try #require(await opening("host=/nonexistent") { $0.schema = name })
        guard case .invalidInput(let input) = error.code else {
            Issue.record("\(error)")
            return
        }
        #expect(input.field == "schema")
    }

    @Test(arguments: ["odd name; DROP", String(repeating: "x", count: 63), "Großbuchstaben", "a'b", "a\\b", "select"])
    func `an odd but possible schema's name is used as it is`(name: String) async throws {
        let store = try await place.open { $0.schema = name }
        try await store.append(command(1), to: ada)
        #expect(try await store.log().count == 1)
        await store.close()
        let reopened = try await place.open {
            $0.schema = name
            $0.migratesOnOpening = false
        }
        #expect(try await reopened.head() == 1)
        await reopened.close()
        let session = try await place.session()
        let quoted = name.replacing("'", with: "''")
        #expect(try await session.value("SELECT count(*) FROM pg_namespace WHERE nspname = '\(quoted)'") == "1")
    }

    // Bad input: a connection string.
    @Test(arguments: [
        "host=localhost password=swordfish nonsense", "postgres://user:swordfish@[::1", "password='swordfish",
        "postgresql://user:swordfish@host/db?unknown=1", "host=x password=swordfish port", "swordfish",
        "postgres://user:swordfish%zz@host/db", "password=swordfish\u{0}",
    ])
    func `a connection string that is malformed is refused without its password`(text: String) async throws {
        let error = try #require(await opening(text))
        guard case .invalidInput(let input) = error.code else {
            Issue.record("\(error)")
            return
        }
        #expect(input.field == "connection")
        #expect(!error.leaks("swordfish"))
    }

    // libpq takes the slash for the end of the host, and the first @ for the end of the password.
    @Test(arguments: [
        "postgres://user:swordfish/1@127.0.0.1:1/db", "postgres://user:sw@swordfish.invalid@localhost:1/db",
    ])
    func `a password that was not escaped stands in no text, whatever libpq takes it for`(text: String) async throws {
        let error = try #require(await opening(text))
        #expect(error.code == .unreachable)
        #expect(!error.leaks("swordfish"))
    }

    @Test func `settings that make no sense are refused before the server is asked`() async throws {
        let broken: [@Sendable (inout PostgresConfiguration) -> Void] = [
            { $0.connectionCount = 0 }, { $0.connectionCount = 101 }, { $0.groupLimit = 0 }, { $0.groupBytes = 0 },
            { $0.queueLimit = 0 }, { $0.scanLimit = 0 }, { $0.connectTimeout = .zero }, { $0.connectionWait = .zero },
            { $0.statementTimeout = .zero }, { $0.lockTimeout = .seconds(-1) }, { $0.pollInterval = .zero },
            { $0.migrationTimeout = .zero }, { $0.answerWatch = .milliseconds(11) },
            { $0.answerWatch = .nanoseconds(-1) },
        ]
        for configure in broken {
            let error = try #require(await opening("host=/nonexistent", configure))
            guard case .invalidInput = error.code else {
                Issue.record("\(error)")
                continue
            }
        }
    }
}

extension EventStoreError {
    /// Whether a text stands in any text of the error, or of what it carries.
    func leaks(_ secret: String) -> Bool {
        var dumped = ""
        dump(self, to: &dumped)
        return [message, "\(self)", String(reflecting: self), dumped].contains { $0.contains(secret) }
    }
}

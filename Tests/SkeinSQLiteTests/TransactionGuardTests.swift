import GRDB
import Skein
import SkeinSQLite
import Testing

/// What a body may not do to the store.
@Suite struct TransactionGuardTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    @Test(arguments: [
        "COMMIT", "END", "ROLLBACK", "BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT a", "RELEASE skein", "ROLLBACK TO skein",
        "ATTACH ':memory:' AS other", "DETACH main", "PRAGMA synchronous = OFF", "PRAGMA user_version",
        "PRAGMA page_size = 512", "SELECT * FROM pragma_table_info('mine')",
        "/* a note */ COMMIT", "; commit",
        "INSERT INTO skein_events SELECT * FROM skein_events", "UPDATE skein_events SET name = 'x'",
        "DELETE FROM SKEIN_events", "REPLACE INTO skein_head VALUES (1, 7, NULL)", "DROP TABLE skein_notes",
        "ALTER TABLE skein_streams RENAME TO mine2", "CREATE INDEX mine_index ON skein_events (name)",
        "CREATE TRIGGER mine_trigger AFTER INSERT ON skein_events BEGIN SELECT 1; END",
        "DROP TRIGGER skein_events_are_not_deleted", "DROP INDEX skein_events_by_id", "DROP VIEW skein_log",
        "CREATE TABLE Skein_mine (x)", "CREATE VIEW skein_view AS SELECT 1", "CREATE TEMP TABLE skein_events (x)",
        "CREATE TEMP TABLE mine2 (x)", "CREATE TEMP TRIGGER t AFTER INSERT ON skein_events BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE skein_texts USING fts5(x)", "INSERT INTO bait VALUES (1)",
    ])
    func `what touches the store's transaction, settings or tables is refused, and the body goes on`(
        _ sql: String
    ) async throws {
        let store = try await database.open()
        try await store.append(command(1), to: ada)
        try await store.transact { transaction in
            try transaction.execute("CREATE TABLE mine (x); CREATE TABLE bait (x)")
        }
        try database.withDatabase { database in
            try database.execute(
                sql: "CREATE TRIGGER baited AFTER INSERT ON bait BEGIN DELETE FROM skein_notes; END"
            )
        }
        try await store.append(command(2), to: ada) { _, transaction in
            #expect(try transaction.query("SELECT * FROM skein_log").count == 2, "reading is fine")
            do {
                try transaction.execute(sql)
                Issue.record("it was run: \(sql)")
            } catch let error as SQLiteQueryError {
                #expect(error.code == .refused, "\(error)")
                #expect(!error.message.isEmpty)
            }
            try transaction.execute("INSERT INTO mine VALUES (1)")
        }
        #expect(try await store.read { try $0.query("SELECT x FROM mine").count } == 1)
        #expect(try await store.append(command(3), to: ada).receipt?.position == 3)
        try await store.change([.keep(SubscriptionNote(topic: "a", key: 1, content: []))], of: "view")
        try await store.migrate()
        await store.close()
        let reopened = try await database.open()
        #expect(try await reopened.events(of: ada).count == 3)
        await reopened.close()
    }

    @Test func `VACUUM cannot run in a transaction`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            #expect(throws: SQLiteQueryError.self) { try transaction.execute("VACUUM") }
        }
        await store.close()
    }

    @Test func `a body that ends the transaction with a conflict clause fails itself and nobody else`() async throws {
        let store = try await database.open()
        try await store.transact { try $0.execute("CREATE TABLE a (x UNIQUE); INSERT INTO a VALUES (1)") }
        for isSwallowed in [true, false] {
            let answers = try await database.together(
                store,
                (0..<12).map { number -> Operation in
                    {
                        await code { () throws(EventStoreError) in
                            try await store.transact { transaction in
                                let mark = SQLiteValue("\(isSwallowed)\(number)")
                                try transaction.execute("INSERT INTO a VALUES (?)", mark)
                                guard number == 5 else { return }
                                do {
                                    try transaction.execute("INSERT OR ROLLBACK INTO a VALUES (1)")
                                } catch {
                                    // Outside of a transaction this would be kept.
                                    #expect(throws: EventStoreError.self) {
                                        try transaction.execute("INSERT INTO a VALUES ('stray')")
                                    }
                                    if !isSwallowed { throw error }
                                }
                            }
                        }
                    }
                }
            )
            #expect(answers == (0..<12).map { $0 == 5 ? .handlerFailed : nil })
        }
        #expect(try await store.read { try $0.query("SELECT x FROM a").count } == 1 + 22)
        #expect(try await store.head() == 1, "the one that the groups waited for")
        await store.close()
    }

    @Test func `a reference that is broken at the end fails its own call`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            try transaction.execute(
                """
                CREATE TABLE author (id INTEGER PRIMARY KEY);
                CREATE TABLE book (author REFERENCES author (id) DEFERRABLE INITIALLY DEFERRED);
                """
            )
        }
        let answers = try await database.together(
            store,
            (0..<9).map { number -> Operation in
                {
                    await code { () throws(EventStoreError) in
                        try await store.append(command(UInt64(number)), to: ada) { _, transaction in
                            try transaction.execute("INSERT INTO book VALUES (?)", SQLiteValue(number))
                            if number % 3 > 0 {
                                try transaction.execute("INSERT INTO author VALUES (?)", SQLiteValue(number))
                            }
                        }
                    }
                }
            }
        )
        #expect(answers == (0..<9).map { $0 % 3 == 0 ? .handlerFailed : nil })
        #expect(try await store.version(of: ada) == 6)
        #expect(try await store.read { try $0.query("SELECT * FROM book").count } == 6)
        #expect(try await store.log().map(\.position) == Array(1...7))
        await store.close()
    }

    @Test func `a full disk is the store's error though the body swallows it, and others go on`() async throws {
        let store = try await database.open { $0.maximumPageCount = 200 }
        try await store.transact { try $0.execute("CREATE TABLE a (x)") }
        let large = [UInt8](repeating: 1, count: 2_000_000)
        for isSwallowed in [true, false] {
            let answers = try await database.together(
                store,
                (0..<6).map { number -> Operation in
                    {
                        await code { () throws(EventStoreError) in
                            let next = command(UInt64(number + (isSwallowed ? 0 : 10)))
                            try await store.append(next, to: ada) { _, transaction in
                                let value = number == 2 ? SQLiteValue.blob(large) : 1
                                do {
                                    try transaction.execute("INSERT INTO a VALUES (?)", value)
                                } catch {
                                    if !isSwallowed { throw error }
                                }
                            }
                        }
                    }
                }
            )
            #expect(answers == (0..<6).map { $0 == 2 ? .full : nil })
        }
        #expect(try await store.version(of: ada) == 10)
        #expect(try await store.read { try $0.query("SELECT x FROM a").count } == 10)
        await store.close()
    }
}

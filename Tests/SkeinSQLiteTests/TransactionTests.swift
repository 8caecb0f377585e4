import Skein
import SkeinSQLite
import Synchronization
import Testing

@Suite struct TransactionTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    @Test func `values of every kind are read as they were written`() async throws {
        let store = try await database.open()
        let id = EventID(high: 0x0102_0304_0506_0708, low: .max)
        try await store.transact { transaction in
            try transaction.execute("CREATE TABLE book (title TEXT, copies INTEGER, price REAL, cover BLOB, id BLOB)")
            let changes = try transaction.execute(
                "INSERT INTO book VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)",
                "Momo",
                3,
                9.5,
                .blob([0, 255]),
                SQLiteValue(id),
                nil,
                .init(Int?.none),
                .init(2.0),
                .init([UInt8]()),
                .init(true)
            )
            #expect(changes == 2)
            #expect(transaction.changes == 2)
            #expect(try transaction.execute("CREATE TABLE other (x)") == 0)
            #expect(transaction.changes == 0)
            let rows = try transaction.query("SELECT * FROM book ORDER BY rowid")
            #expect(rows[0].columns == ["title", "copies", "price", "cover", "id"])
            #expect(try rows[0].text("title") == "Momo")
            #expect(try rows[0].integer("copies") == 3)
            #expect(try rows[0].integer(1) == 3)
            #expect(try rows[0].real("price") == 9.5)
            #expect(try rows[0].real("copies") == 3)
            #expect(try rows[0].bytes("cover") == [0, 255])
            #expect(try rows[0].bytes("id") == [1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 255, count: 8))
            #expect(rows[1].values == [.null, .null, .real(2), .blob([]), .integer(1)])
            #expect(try rows[1].text("title") == nil)
            #expect(try rows[1].integer("copies") == nil)
            #expect(try transaction.first("SELECT count(*) AS n FROM book")?.integer("n") == 2)
            #expect(try transaction.first("SELECT 1 FROM book WHERE title = ?", ["Emil"]) == nil)
        }
        await store.close()
    }

    @Test func `a value of another kind and a column that is not there are errors with a name`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            let row = try #require(try transaction.first("SELECT 'secret' AS a, 1.5 AS b, 7 AS c"))
            func code(_ read: () throws -> Void) -> SQLiteQueryError.Code? {
                do { try read() } catch {
                    #expect(!"\(error)".contains("secret"))
                    return (error as? SQLiteQueryError)?.code
                }
                return nil
            }
            #expect(code { _ = try row.integer("a") } == .wrongType)
            #expect(code { _ = try row.real("a") } == .wrongType)
            #expect(code { _ = try row.integer("b") } == .wrongType)
            #expect(code { _ = try row.text("c") } == .wrongType)
            #expect(code { _ = try row.bytes("a") } == .wrongType)
            #expect(code { _ = try row.value("d") } == .unknownColumn)
            #expect(code { _ = try row.value(3) } == .unknownColumn)
            #expect(code { _ = try row.value(.index(-1)) } == .unknownColumn)
            #expect(code { _ = try transaction.query("SELECT CAST(x'FF' AS TEXT)") } == .wrongType)
        }
        await store.close()
    }

    @Test func `a text may hold several statements without arguments, and arguments must fit`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            try transaction.execute(
                """
                -- Made together; -- and /* so on
                CREATE TABLE a (x); /* ; */ CREATE TABLE b (x);
                INSERT INTO a VALUES ('--'), ('/*'); INSERT INTO b SELECT * FROM a;
                -- the end
                """
            )
            #expect(transaction.changes == 2)
            #expect(try transaction.query("SELECT x FROM b; -- all").count == 2)
            for _ in 0..<2 {
                #expect(try self.code { try transaction.execute("DELETE FROM a WHERE x = ?") } == .arguments)
                #expect(try self.code { try transaction.execute("DELETE FROM a WHERE x = ?", 1, 2) } == .arguments)
            }
            #expect(try self.code { try transaction.execute("DELETE FROM a; DELETE FROM b", 1) } == .arguments)
            #expect(try self.code { _ = try transaction.query("SELECT 1; SELECT 2") } == .arguments)
            for nothing in ["", " \n", "-- nothing", "/* nothing", ";"] {
                #expect(try self.code { try transaction.execute(nothing) } == .arguments, "\(nothing)")
            }
            #expect(try transaction.execute("DELETE FROM a WHERE x = 'none'") == 0)
            #expect(try transaction.query("SELECT x FROM a").count == 2)
        }
        await store.close()
    }

    @Test func `a statement's failure is the body's to handle, and says nothing of what it was given`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            try transaction.execute("CREATE TABLE a (x INTEGER UNIQUE CHECK (x < 10)) STRICT")
            try transaction.execute("INSERT INTO a VALUES (1)")
            for (sql, expected) in [
                ("INSERT INTO a VALUES (5), (?)", SQLiteQueryError.Code.constraint),
                ("INSERT INTO a SELECT 5 WHERE 1 = ? UNION ALL SELECT 99", .constraint),
                ("SELEKT ?", .invalid), ("SELECT y FROM a WHERE x = ?", .invalid),
                ("INSERT INTO none VALUES (?)", .invalid),
            ] {
                #expect(try self.code { try transaction.execute(sql, 1) } == expected, "\(sql)")
            }
            #expect(try self.code { try transaction.execute("INSERT INTO a VALUES (?)", "secret") } == .constraint)
            try transaction.execute("INSERT INTO a VALUES (2)")
        }
        #expect(try await store.read { try $0.query("SELECT x FROM a").count } == 2)
        await store.close()
    }

    private func code(_ body: () throws -> Void) throws -> SQLiteQueryError.Code? {
        do {
            try body()
            return nil
        } catch let error as SQLiteQueryError {
            #expect(!error.message.isEmpty && !error.message.contains("secret"))
            return error.code
        }
    }

    @Test func `an error that the body does not handle is the cause of the call's`() async throws {
        let store = try await database.open()
        do throws(EventStoreError) {
            try await store.transact { try $0.execute("SELEKT 1") }
            Issue.record("it went well")
        } catch {
            #expect(error.code == .handlerFailed)
            #expect((error.cause as? SQLiteQueryError)?.code == .invalid)
            #expect("\(error)".contains("SELEKT"))
        }
        await store.close()
    }

    @Test func `more statements than are kept work, and texts that are only equivalent are two`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            for number in 0..<300 {
                let row = try transaction.first("SELECT \(number) AS n WHERE 1 = ?", 1)
                #expect(try row?.integer("n") == Int64(number))
            }
            for text in ["\u{E9}", "e\u{301}", "\u{E9}"] {
                let found = try transaction.first("SELECT '\(text)'")?.text(0)
                #expect(found.map { Array($0.utf8) } == Array(text.utf8))
            }
        }
        await store.close()
    }

    @Test func `a prepared statement follows the table that was changed`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            try transaction.execute("CREATE TABLE a (x); INSERT INTO a VALUES (1)")
            #expect(try transaction.first("SELECT * FROM a")?.columns == ["x"])
            try transaction.execute("ALTER TABLE a ADD COLUMN y DEFAULT 2")
            #expect(try transaction.first("SELECT * FROM a")?.values == [1, 2])
        }
        #expect(try await store.append(command(1), to: ada).receipt?.position == 1)
        await store.close()
    }

    @Test func `full-text search works, in the transaction and beside it`() async throws {
        let store = try await database.open()
        try await store.transact { transaction in
            try transaction.execute("CREATE VIRTUAL TABLE texts USING fts5(title)")
            try transaction.execute("INSERT INTO texts VALUES (?), (?)", "red house", "blue house")
        }
        try await store.transact { try $0.execute("DELETE FROM texts WHERE title MATCH 'blue'") }
        let found = try await store.read { try $0.query("SELECT title FROM texts WHERE texts MATCH ?", "house") }
        #expect(found.map(\.values) == [["red house"]])
        await store.close()
    }

    @Test func `a transaction and a reader are over when their call is`() async throws {
        let store = try await database.open()
        nonisolated(unsafe) var transaction: SQLiteTransaction?
        nonisolated(unsafe) var reader: SQLiteReader?
        try await store.transact { transaction = $0 }
        try await store.read { reader = $0 }
        let calls: [() throws -> Void] = [
            { try transaction?.execute("CREATE TABLE a (x)") }, { _ = try transaction?.query("SELECT 1") },
            { _ = try reader?.first("SELECT 1") },
        ]
        for call in calls {
            do {
                try call()
                Issue.record("it went well")
            } catch let error as EventStoreError {
                #expect(error.code == .transactionOver)
            }
        }
        await store.close()
    }
}

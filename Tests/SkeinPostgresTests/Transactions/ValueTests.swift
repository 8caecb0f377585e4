import PostgresServer
import Skein
import SkeinPostgres
import Synchronization
import Testing

/// Values on their way into statements and out of rows.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct ValueTests {
    private let place: TestStore
    private let store: PostgresEventStore

    init() async throws {
        place = try await TestStore()
        store = try await place.open()
    }

    /// Reads the first row of a query, to look into outside of the transaction.
    private func row(_ sql: String, _ values: PostgresValue...) async throws -> PostgresRow {
        let parameters = values
        return try #require(
            try await store.read { reader in
                switch parameters.count {
                case 0: try reader.first(sql)
                case 1: try reader.first(sql, parameters[0])
                default: try reader.first(sql, parameters[0], parameters[1])
                }
            }
        )
    }

    @Test func `every kind of value comes back as it went in`() async throws {
        let session = try await place.session()
        try await session.run(
            """
            CREATE TYPE public.mood AS ENUM ('glad', 'sad');
            CREATE TABLE public.everything (
                small smallint, four integer, eight bigint, single real, double double precision, exact numeric(30, 4),
                yes boolean, words text, short varchar(9), mood public.mood, day date, json json, jsonb jsonb,
                raw bytea, at timestamptz, id uuid, list bigint[], names text[]
            )
            """
        )
        let id = CommandID(high: 0x0123_4567_89AB_CDEF, low: 7)
        let time = Timestamp(microseconds: 1_700_000_000_123_456)
        try await store.transact { transaction in
            try transaction.execute(
                """
                INSERT INTO everything VALUES (
                    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18
                )
                """,
                -3,
                PostgresValue(70_000),
                .integer(.min),
                1.5,
                PostgresValue(-0.1),
                "12345678901234567890.5",
                true,
                "ü\n'\"\\",
                .text("short"),
                "sad",
                "2024-02-29",
                #"{"b":1, "a":2}"#,
                #"{"b":1}"#,
                PostgresValue([0, 255] as [UInt8]),
                PostgresValue(time),
                PostgresValue(id),
                .integers([1, -2]),
                PostgresValue(["a", "\"b\""])
            )
        }
        let row = try await row("SELECT *, day::text AS date FROM everything")
        #expect(try row.integer("small") == -3)
        #expect(try row.integer("four") == 70_000)
        #expect(try row.integer("eight") == .min)
        #expect(try row.real("single") == 1.5)
        #expect(try row.real("double") == -0.1)
        #expect(try row.real("small") == -3)
        #expect(try row.text("exact") == "12345678901234567890.5000")
        #expect(try row.real("exact") == 12345678901234567890.5)
        #expect(try row.bool("yes") == true)
        #expect(try row.text("words") == "ü\n'\"\\")
        #expect(try row.text("short") == "short")
        #expect(try row.text("mood") == "sad")
        #expect(try row.text("date") == "2024-02-29")
        #expect(try row.text("json") == #"{"b":1, "a":2}"#)
        #expect(try row.text("jsonb") == #"{"b": 1}"#)
        #expect(try row.bytes("raw") == [0, 255])
        #expect(try row.timestamp("at") == time)
        #expect(try row.text("id") == "01234567-89ab-cdef-0000-000000000007")
        #expect(try row.text(8) == "short")
        #expect(row.columnNames.count == 19)
        for (column, wrong) in [("list", "an array"), ("names", "an array"), ("day", "a date"), ("exact", "too long")] {
            #expect(throws: PostgresError.self, "\(wrong)") { try row.integer(.name(column)) }
        }
        #expect { try row.text("at") } throws: { ($0 as? PostgresError)?.code == .wrongType }
        #expect { try row.bool("words") } throws: { ($0 as? PostgresError)?.code == .wrongType }
        #expect { try row.integer("nobody") } throws: { ($0 as? PostgresError)?.code == .noSuchColumn }
        #expect { try row.integer(19) } throws: { ($0 as? PostgresError)?.code == .noSuchColumn }
        #expect { try row.integer(-1) } throws: { ($0 as? PostgresError)?.code == .noSuchColumn }
    }

    @Test func `NULL is nil in and out, whatever the type`() async throws {
        let row = try await row("SELECT $1::bigint AS a, $2::jsonb AS b, NULL AS c", PostgresValue(nil as Int?), nil)
        #expect(try row.integer("a") == nil)
        #expect(try row.text("b") == nil)
        #expect(try row.bytes("c") == nil)
        #expect(try row.isNull("a") && row.isNull(2))
    }

    @Test func `a statement may get NULL first and a value later, and the other way round`() async throws {
        let session = try await place.session()
        try await session.run("CREATE TABLE public.numbers (four integer, words text)")
        let sql = "INSERT INTO numbers VALUES ($1, $2)"
        try await store.transact { transaction in
            for (number, text) in [(nil, nil), (5, "a"), (nil, "b"), (6, nil)] as [(Int?, String?)] {
                try transaction.execute(sql, PostgresValue(number), PostgresValue(text))
            }
            try transaction.execute(sql, "7", "c")
            try transaction.execute(sql, 8, "d")
            // At most one statement is prepared for a text.
            let query = "SELECT count(*) FROM pg_prepared_statements WHERE statement = $1"
            let count = try transaction.first(query, .text(sql))
            #expect(try count?.integer(0) == 1)
        }
        let rows = try await session.run("SELECT four, words FROM public.numbers ORDER BY four, words")
        #expect(rows == [["5", "a"], ["6", nil], ["7", "c"], ["8", "d"], [nil, "b"], [nil, nil]])
    }

    @Test func `a numeric reads as text exactly, and as an integer if it is one`() async throws {
        let numbers: [(String, Int64?)] = [
            ("0", 0), ("0.000", 0), ("1", 1), ("10000", 10_000), ("100000000", 100_000_000), ("-12345.00", -12_345),
            ("9223372036854775807", .max), ("9223372036854775808", nil), ("0.5", nil), ("-0.00012", nil), ("NaN", nil),
            ("Infinity", nil), ("-Infinity", nil), ("123456789.000100020003", nil), ("10000.0001", nil),
        ]
        for (text, integer) in numbers {
            let row = try await row("SELECT $1::numeric", .text(text))
            #expect(try row.text(0) == text)
            #expect((try? row.integer(0)) == integer)
            #expect(try row.real(0)?.description == Double(text)?.description)
        }
    }

    @Test func `times beyond what can be said are no times`() async throws {
        let row = try await row("SELECT 'infinity'::timestamptz, '-infinity'::timestamptz, '2000-01-01'::timestamp")
        #expect(throws: PostgresError.self) { try row.timestamp(0) }
        #expect(throws: PostgresError.self) { try row.timestamp(1) }
        #expect(try row.timestamp(2) == Timestamp(microseconds: 946_684_800_000_000))
    }

    @Test func `a text with U+0000 is refused before it is sent`() async throws {
        try await store.transact { transaction in
            for value in [PostgresValue.text("a\u{0}b"), .texts(["a", "\u{0}"])] {
                #expect { try transaction.query("SELECT $1::text", value) } throws: {
                    ($0 as? PostgresError)?.code == .invalidParameter
                }
            }
        }
    }

    @Test func `a table that was changed meanwhile costs one call, not every further one`() async throws {
        let session = try await place.session()
        let store = try await place.open { $0.connectionCount = 1 }
        try await session.run("CREATE TABLE public.wide (a integer); INSERT INTO public.wide VALUES (1)")
        #expect(try await store.read { try $0.first("SELECT * FROM wide")?.columnNames } == ["a"])
        try await session.run("ALTER TABLE public.wide ADD COLUMN b integer")
        let error = await failure { () async throws(EventStoreError) in
            _ = try await store.read { try $0.first("SELECT * FROM wide")?.columnNames }
        }
        #expect(error == nil || error?.code == .handlerFailed)
        #expect(try await store.read { try $0.first("SELECT * FROM wide")?.columnNames } == ["a", "b"])
        await store.close()
    }

    @Test func `a connection keeps a limited number of statements`() async throws {
        try await store.transact { transaction in
            for number in 0..<300 {
                #expect(try transaction.first("SELECT \(number)")?.integer(0) == Int64(number))
            }
            let count = try transaction.first("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'lent%'")
            #expect(try count?.integer(0) == 128)
            // One that had to make room is prepared again.
            #expect(try transaction.first("SELECT 0")?.integer(0) == 0)
        }
    }
}

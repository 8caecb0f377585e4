import GRDB
import Skein
import SkeinSQLite
import Testing

@Suite struct DamageTests {
    private let database: TestDatabase

    init() throws {
        database = try TestDatabase()
    }

    /// Behaviour case 39.
    @Test func `events can be neither changed nor deleted with SQL`() async throws {
        let store = try await database.open { $0.allowsHardDelete = true }
        try await store.append(command(1, events: 2), to: ada)
        try database.withDatabase { database in
            for sql in [
                "UPDATE skein_events SET payload = x''", "DELETE FROM skein_events",
                "DELETE FROM skein_events WHERE position = 2",
            ] {
                #expect(throws: DatabaseError.self) { try database.execute(sql: sql) }
            }
        }
        #expect(try await store.events(of: ada).count == 2)
        try await store.delete(ada, mode: .hard, expecting: .any)
        #expect(try await store.log().isEmpty)
        try await store.append(command(1), to: bob)
        try database.withDatabase { database in
            let isAtRest = try Bool.fetchOne(database, sql: "SELECT deleting IS NULL FROM skein_head")
            #expect(isAtRest == true)
            #expect(throws: DatabaseError.self) { try database.execute(sql: "DELETE FROM skein_events") }
        }
        await store.close()
    }

    @Test(arguments: [
        "version = -1", "id = x'010203'", "command = x''", "correlation = x'00'", "metadata = '{\"a\":1}'",
        "metadata = 'x'", "schema_version = 0", "schema_version = 4294967296", "stream = 77",
        "name = CAST(x'FF' AS TEXT)",
        "id = NULL", "payload = NULL", "name = NULL", "stream = NULL", "version = NULL", "recorded_at = NULL",
    ])
    func `a damaged event is told with its position, and the others can be read`(damage: String) async throws {
        let store = try await database.open()
        try await store.append(command(1), to: bob)
        try await store.append(command(2), to: ada)
        try await store.append(command(3), to: bob)
        await store.close()
        try database.withDatabase { database in
            try database.execute(sql: "DROP TRIGGER skein_events_are_not_changed")
            if damage.hasSuffix("NULL") {
                try database.execute(
                    sql: """
                        PRAGMA writable_schema = 1;
                        UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = 'skein_events';
                        PRAGMA writable_schema = RESET;
                        """
                )
            }
            try database.execute(sql: "UPDATE skein_events SET \(damage) WHERE position = 2")
        }
        let reopened = try await database.open()
        do throws(EventStoreError) {
            _ = try await reopened.log()
            Issue.record("it was read")
        } catch {
            #expect(error.code == .corrupt)
            #expect(error.message.contains("position 2"))
        }
        let rest = try await reopened.readLog(from: 2, direction: .forward, filter: .all, limit: 10)
        #expect(rest.events.map(\.position) == [3])
        #expect(try await reopened.events(of: bob).count == 2)
        #expect(try await reopened.append(command(4), to: bob).receipt?.position == 4)
        await reopened.close()
    }

    @Test func `a database without a head, or with one below 0, is refused`() async throws {
        await (try await database.open()).close()
        for sql in ["UPDATE skein_head SET position = -1", "DELETE FROM skein_head"] {
            try database.withDatabase { try $0.execute(sql: sql) }
            #expect(await code { () throws(EventStoreError) in _ = try await database.open() } == .corrupt)
        }
    }

    @Test func `the last position that there can be is no trap`() async throws {
        await (try await database.open()).close()
        try database.withDatabase { try $0.execute(sql: "UPDATE skein_head SET position = \(Int64.max)") }
        let store = try await database.open()
        #expect(await code { () throws(EventStoreError) in try await store.append(command(1), to: ada) } == .full)
        let page = try await store.readLog(from: .max, direction: .forward, filter: .all, limit: 1)
        #expect(page.events.isEmpty)
        await store.close()
    }

    @Test func `a write that SQLite refuses half way leaves no transaction open and nothing behind`() async throws {
        let store = try await database.open()
        try database.withDatabase { database in
            try database.execute(
                sql: """
                    CREATE TRIGGER veto BEFORE INSERT ON skein_events WHEN NEW.name = 'vetoed'
                    BEGIN SELECT RAISE(ABORT, 'no'); END
                    """
            )
        }
        var vetoed = command(1, events: 3)
        vetoed.outcome = .events(
            vetoed.events.enumerated().map { index, event in
                var event = event
                if index == 2 { event.name = "vetoed" }
                return event
            }
        )
        let refused = vetoed
        #expect(await code { () throws(EventStoreError) in try await store.append(refused, to: ada) } == .permission)
        #expect(try await store.head() == 0)
        #expect(try await store.append(command(2), to: ada).receipt?.position == 1)
        try database.withDatabase { try $0.execute(sql: "CREATE TABLE other (a)") }
        await store.close()
    }

    @Test func `a missing table is no trap`() async throws {
        let store = try await database.open()
        try database.withDatabase { try $0.execute(sql: "DROP TABLE skein_checkpoints") }
        let answer = await code { () throws(EventStoreError) in _ = try await store.claimCheckpoint(of: "balances") }
        #expect(answer == .notMigrated)
        #expect(try await store.append(command(2), to: ada).receipt?.position == 1)
        await store.close()
    }
}

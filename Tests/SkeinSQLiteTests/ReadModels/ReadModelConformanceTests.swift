import Skein
import SkeinSQLite
import SkeinTesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ReadModelConformanceTests {
    @Test(arguments: ReadModelConformance.cases(for: .sqlite))
    func `the SQLite store keeps read models`(_ test: ReadModelConformance<SQLiteEventStore>.Test) async throws {
        try await test.run()
    }
}

extension ReadModelSubject where Store == SQLiteEventStore {
    static let sqlite = ReadModelSubject("SQLite", table: .sqlite) {
        let database = try TestDatabase()
        return ReadModelPlace { try await database.open() }
    }
}

extension BalanceTable where Store == SQLiteEventStore {
    static let sqlite = BalanceTable(
        make: { table, transaction in
            try transaction.execute(
                """
                CREATE TABLE \(table) (
                    account TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance < 1000)
                ) STRICT
                """
            )
        },
        add: { amount, account, table, transaction in
            try transaction.execute(
                """
                INSERT INTO \(table) VALUES (?1, ?2)
                ON CONFLICT (account) DO UPDATE SET balance = balance + ?2
                """,
                .text(account),
                SQLiteValue(amount)
            )
        },
        remove: { account, table, transaction in
            try transaction.execute("DELETE FROM \(table) WHERE account = ?1", .text(account))
        },
        read: { store, table, meanwhile in
            try await store.read { (reader: SQLiteReader) throws -> [String: Int] in
                _ = try reader.query("SELECT count(*) FROM skein_events")
                meanwhile()
                var balances: [String: Int] = [:]
                for row in try reader.query("SELECT account, balance FROM \(table)") {
                    guard let account = try row.text(0), let balance = try row.integer(1) else { continue }
                    balances[account] = Int(balance)
                }
                return balances
            }
        },
        names: { store, prefix in
            try await store.read { (reader: SQLiteReader) throws -> [String] in
                let rows = try reader.query(
                    "SELECT name FROM sqlite_schema WHERE name GLOB ?1 ORDER BY 1",
                    .text(prefix + "[0-9]")
                )
                return try rows.compactMap { row in try row.text(0) }
            }
        },
        isRefusal: { ($0 as? SQLiteQueryError)?.code == .constraint }
    )
}

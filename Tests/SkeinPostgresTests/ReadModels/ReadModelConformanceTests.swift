import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct ReadModelConformanceTests {
    @Test(arguments: ReadModelConformance.cases(for: .postgres))
    func `the PostgreSQL store keeps read models`(_ test: ReadModelConformance<PostgresEventStore>.Test) async throws {
        try await test.run()
    }
}

extension ReadModelSubject where Store == PostgresEventStore {
    static let postgres = ReadModelSubject("PostgreSQL", capabilities: [.severalHandles], table: .postgres) {
        let place = try await TestStore()
        return ReadModelPlace { try await place.open { $0.connectionCount = 8 } }
    }
}

extension BalanceTable where Store == PostgresEventStore {
    static let postgres = BalanceTable(
        make: { table, transaction in
            try transaction.execute(
                """
                CREATE TABLE \(table) (
                    account text PRIMARY KEY, balance bigint NOT NULL CHECK (balance < 1000)
                )
                """
            )
        },
        add: { amount, account, table, transaction in
            try transaction.execute(
                """
                INSERT INTO \(table) AS kept VALUES ($1, $2)
                ON CONFLICT (account) DO UPDATE SET balance = kept.balance + excluded.balance
                """,
                .text(account),
                PostgresValue(amount)
            )
        },
        remove: { account, table, transaction in
            try transaction.execute("DELETE FROM \(table) WHERE account = $1", .text(account))
        },
        read: { store, table, meanwhile in
            try await store.read { (reader: PostgresReader) throws -> [String: Int] in
                _ = try reader.query("SELECT 1")
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
            try await store.read { (reader: PostgresReader) throws -> [String] in
                let rows = try reader.query(
                    """
                    SELECT tablename::text FROM pg_tables
                    WHERE schemaname = current_schema() AND starts_with(tablename, $1) ORDER BY 1
                    """,
                    .text(prefix)
                )
                return try rows.compactMap { row in try row.text(0) }
            }
        },
        isRefusal: { ($0 as? PostgresError)?.sqlState == "23514" }
    )
}

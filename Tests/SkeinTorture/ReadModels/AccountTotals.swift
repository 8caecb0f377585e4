import Skein
import SkeinPostgres

/// Counts what happens to each account: an event that is handled twice or not at all shows.
struct AccountTotals: Projection {
    let name = "totals"
    let version = 1
    let tables = ["totals"]

    /// How long a batch takes beside its writing, in seconds. After a crash events are handled one by one, without it.
    var pause = 0.0

    func makeTables(_ context: ProjectionContext<PostgresTransaction>) throws {
        try context.transaction.execute(
            """
            CREATE TABLE \(context.table("totals")) (
                account text PRIMARY KEY, events bigint NOT NULL, last bigint NOT NULL, amount bigint NOT NULL
            )
            """
        )
    }

    var handlers: [Project<PostgresTransaction>] {
        [
            .batch(Account.self) { events, context in
                for event in events {
                    try context.transaction.execute(
                        """
                        INSERT INTO \(context.table("totals")) AS kept VALUES ($1, 1, $2, $3)
                        ON CONFLICT (account) DO UPDATE SET events = kept.events + 1, last = excluded.last,
                            amount = kept.amount + excluded.amount
                        """,
                        .text(event.aggregateID.value),
                        .integer(event.position),
                        PostgresValue(event.event.amount)
                    )
                }
                // Everything is written and nothing is committed.
                guard pause > 0, events.count > 1 else { return }
                try context.transaction.execute("SELECT pg_sleep($1)", .real(pause))
            }
        ]
    }
}

/// Writes a row for each event into `public.entries`, inside the transaction that stores it. The table has no key: a second
/// row for an event is not hidden.
enum Entries {
    static let table = "CREATE TABLE public.entries (position bigint, account text, version bigint, amount bigint)"

    static let handler = TransactionalHandler(Account.self, PostgresTransaction.self) { event, transaction in
        try transaction.execute(
            "INSERT INTO public.entries VALUES ($1, $2, $3, $4)",
            .integer(event.position),
            .text(event.aggregateID.value),
            .integer(event.version),
            PostgresValue(event.event.amount)
        )
    }
}

extension Account.Event {
    /// The money that it is about.
    var amount: Int {
        switch self {
        case .opened(let balance): balance
        case .withdrawn(let amount, _), .deposited(let amount, _): amount
        }
    }
}

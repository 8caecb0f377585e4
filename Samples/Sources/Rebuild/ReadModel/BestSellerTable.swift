import Skein
import SkeinSQLite

/// The read model: a table in the same file as the events, kept with each event's effect exactly once.
struct BestSellerTable: Projection {
    static let subscription = "best-sellers"

    let name = subscription
    let version = 1
    let tables = ["best_sellers"]

    func makeTables(_ context: ProjectionContext<SQLiteTransaction>) throws {
        let table = context.table("best_sellers")
        try context.transaction.execute(
            """
            CREATE TABLE \(table) (book TEXT PRIMARY KEY, sales INTEGER NOT NULL, copies INTEGER NOT NULL) STRICT;
            CREATE INDEX \(table)_by_copies ON \(table) (copies DESC, book);
            """
        )
    }

    var handlers: [Project<SQLiteTransaction>] {
        [
            .batch(Book.self) { events, context in
                let upsert = """
                    INSERT INTO \(context.table("best_sellers")) (book, sales, copies) VALUES (?1, ?2, ?3)
                    ON CONFLICT (book) DO UPDATE SET sales = sales + ?2, copies = copies + ?3
                    """
                // Of each book one row is written, however many of the events are sales of it.
                for (book, events) in Dictionary(grouping: events, by: \.aggregateID) {
                    let copies = events.reduce(0) { sum, event in
                        switch event.event {
                        case .sold(let copies): sum + copies
                        }
                    }
                    try context.transaction.execute(
                        upsert,
                        .text(book.value),
                        .integer(Int64(events.count)),
                        .integer(Int64(copies))
                    )
                }
            }
        ]
    }
}

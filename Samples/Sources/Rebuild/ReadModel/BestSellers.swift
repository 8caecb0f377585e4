import Skein
import SkeinSQLite

/// What readers ask of the table. They know nothing of rebuilds: the plain name always shows the table that is up to date.
struct BestSellers: Sendable {
    /// A row of the table.
    struct Entry: Encodable, Equatable {
        let book: String
        let sales: Int64
        let copies: Int64
    }

    /// The first rows, and the sum over all of them at the same moment.
    struct View {
        let top: [Entry]
        let copies: Int64
    }

    private let store: SQLiteEventStore

    init(in store: SQLiteEventStore) {
        self.store = store
    }

    /// The books of which most copies were sold.
    func view(top count: Int) async throws -> View {
        try await store.read { reader in
            let top = try reader.query(
                "SELECT book, sales, copies FROM best_sellers ORDER BY copies DESC, book LIMIT ?",
                .integer(Int64(count))
            )
            let sum = try reader.first("SELECT sum(copies) FROM best_sellers")
            return View(top: try top.map { try Entry($0) }, copies: try sum?.integer(0) ?? 0)
        }
    }

    /// All rows, by the book.
    func all() async throws -> [Book.ID: Entry] {
        let rows = try await store.read { try $0.query("SELECT book, sales, copies FROM best_sellers") }
        var entries: [Book.ID: Entry] = [:]
        for row in rows {
            let entry = try Entry(row)
            entries[Book.ID(entry.book)] = entry
        }
        return entries
    }
}

extension BestSellers.Entry {
    fileprivate init(_ row: SQLiteRow) throws {
        book = try row.text("book") ?? ""
        sales = try row.integer("sales") ?? 0
        copies = try row.integer("copies") ?? 0
    }
}

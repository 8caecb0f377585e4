import Skein

/// Counts the log by other means than the projection's, and holds the table against it.
struct Audit {
    let store: any EventStore

    /// What the table should hold.
    func count() async throws -> [Book.ID: BestSellers.Entry] {
        let decode = JSONEventCoder().codec(for: Book.Event.self).decode
        let filter = EventFilter(aggregates: [Book.aggregateName])
        var entries: [Book.ID: BestSellers.Entry] = [:]
        var position: Int64 = 0
        while true {
            let page = try await store.readLog(
                from: position,
                direction: .forward,
                filter: filter,
                limit: store.limits.pageSize
            )
            for stored in page.events {
                let book = Book.ID(stored.stream.id)
                let before = entries[book]
                switch try decode(stored.name, stored.schemaVersion, stored.payload) {
                case .sold(let copies):
                    entries[book] = BestSellers.Entry(
                        book: book.value,
                        sales: (before?.sales ?? 0) + 1,
                        copies: (before?.copies ?? 0) + Int64(copies)
                    )
                }
            }
            position = page.scannedThrough
            guard position < page.head else { return entries }
        }
    }
}

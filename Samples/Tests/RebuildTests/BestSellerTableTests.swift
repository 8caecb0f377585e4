import Foundation
import SampleTesting
import Skein
import SkeinSQLite
import SkeinTesting
import Testing

@testable import rebuild

@Suite(.timeLimit(.minutes(1))) struct BestSellerTableTests {
    private let sales = MadeUpSales(articles: 7, count: 300)

    @Test func `the table holds what the log comes to, however it was stored`() async throws {
        try await withStore { store in
            #expect(try await Filling(of: sales, into: store).run(silent))
            let bus = bus(on: store)
            for number in 300..<340 {
                try await bus.send(.sell(copies: sales.sale(number).copies), to: sales.sale(number).book)
            }
            try await keep(bus)
            let table = try await BestSellers(in: store).all()
            #expect(table == expected(340))
            #expect(try await Audit(store: store).count() == table)
        }
    }

    @Test func `sales that were stored once are not stored again`() async throws {
        try await withStore { store in
            let part = MadeUpSales(articles: 7, count: 120)
            for _ in 0..<2 { _ = try await Filling(of: part, into: store).run(silent) }
            #expect(try await store.head() == 120)
        }
    }

    @Test func `the list begins with the most copies, and its sum is of the same moment`() async throws {
        try await withStore { store in
            _ = try await Filling(of: sales, into: store).run(silent)
            try await keep(bus(on: store))
            let view = try await BestSellers(in: store).view(top: 3)
            let rows = expected(300).values.sorted { ($1.copies, $0.book) < ($0.copies, $1.book) }
            #expect(view.top == Array(rows.prefix(3)))
            #expect(view.copies == rows.reduce(0) { $0 + $1.copies })
        }
    }

    @Test func `a table that is not what the log comes to is noticed`() async throws {
        try await withStore { store in
            _ = try await Filling(of: sales, into: store).run(silent)
            try await keep(bus(on: store))
            try await store.transact { transaction in
                try transaction.execute("UPDATE best_sellers__1 SET copies = copies + 1 WHERE book = ?", "book-3")
            }
            let table = try await BestSellers(in: store).all()
            #expect(try await Audit(store: store).count() != table)
        }
    }

    @Test func `a reader notices that there are fewer copies than before`() async throws {
        try await withStore { store in
            _ = try await Filling(of: sales, into: store).run(silent)
            try await keep(bus(on: store))
            let onlooker = Onlooker(BestSellers(in: store))
            try await onlooker.look()
            try await store.transact { try $0.execute("DELETE FROM best_sellers__1 WHERE book = ?", "book-3") }
            try await onlooker.look()
            try await onlooker.look()
            #expect(await onlooker.looks == 3)
            #expect(await onlooker.losses == 1)
        }
    }

    private let silent = ProgressBar("", isTerminal: false) { _ in }

    private func bus(on store: SQLiteEventStore) -> CommandBus {
        CommandBus(store: store) { Subscription(BestSellerTable(), batches: BatchSize(50)) }
    }

    private func keep(_ bus: CommandBus) async throws {
        let head = try await bus.store.head()
        try await bus.whileRunning {
            try await bus.wait(for: BestSellerTable.subscription, toReach: head, within: .seconds(30))
        }
    }

    /// What so many sales come to, counted a third time.
    private func expected(_ count: Int) -> [Book.ID: BestSellers.Entry] {
        Dictionary(grouping: (0..<count).map(sales.sale), by: \.book).reduce(into: [:]) { entries, sold in
            entries[sold.key] = BestSellers.Entry(
                book: sold.key.value,
                sales: Int64(sold.value.count),
                copies: Int64(sold.value.reduce(0) { $0 + $1.copies })
            )
        }
    }

    private func withStore(_ body: (SQLiteEventStore) async throws -> Void) async throws {
        try await withFolder { folder in
            let store = try await SQLiteEventStore(path: folder.appending(path: "shop.sqlite").path)
            try await body(store)
            await store.close()
        }
    }
}

import Skein
import SkeinTesting
import Testing

@testable import rebuild

@Suite struct MadeUpSalesTests {
    @Test func `sales are the same in each run, and the first books are bought most`() {
        let sales = MadeUpSales(articles: 10, count: 1_000)
        var copies: [Book.ID: Int] = [:]
        for number in 0..<sales.count {
            let sale = sales.sale(number)
            #expect(sale == sales.sale(number))
            #expect(1...3 ~= sale.copies)
            copies[sale.book, default: 0] += sale.copies
        }
        #expect(Set(copies.keys) == Set((1...10).map { Book.ID("book-\($0)") }))
        #expect(copies.max { $0.value < $1.value }?.key == Book.ID("book-1"))
    }

    @Test func `the catalogue remembers the first sales, and is completed once`() {
        let (first, second) = (MadeUpSales(articles: 5, count: 50), MadeUpSales(articles: 6, count: 60))
        Given(Catalogue.self)
            .when(.begin(first)).produces(.begun(articles: 5, sales: 50))
            .when(.begin(second)).producesNothing()
            .when(.complete).produces(.completed)
            .when(.complete).producesNothing()
    }
}

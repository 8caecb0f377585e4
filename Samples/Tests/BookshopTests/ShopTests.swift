import SkeinTesting
import Testing

@testable import bookshop

@Suite struct ShopTests {
    @Test func `the shop is opened once, and remembers with how much`() {
        Given(Shop.self)
            .when(.open(stockPerArticle: 100)).produces(.opened(stockPerArticle: 100))
            .when(.open(stockPerArticle: 100)).producesNothing()
            .when(.open(stockPerArticle: 7)).rejects(.alreadyOpen(stockPerArticle: 100))
    }
}

import Skein
import Testing

@testable import bookshop

@Suite struct ArticleTests {
    @Test func `an article is stocked once, and never sells more copies than it has`() throws {
        var article = Article()
        #expect(throws: Article.Rejection.notStocked) { try article.decide(.buy(copies: 1)) }
        try article.carryOut(.stock(copies: 10, description: "Emma"))
        try article.carryOut(.stock(copies: 99, description: "Emma"))
        try article.carryOut(.buy(copies: 10))
        #expect(throws: Article.Rejection.soldOut(left: 0)) { try article.decide(.buy(copies: 1)) }
        try article.carryOut(.return(copies: 3))
        #expect(article.copies == 3)
    }
}

extension Article {
    fileprivate mutating func carryOut(_ command: Command) throws(Rejection) {
        for event in try decide(command) { apply(event) }
    }
}

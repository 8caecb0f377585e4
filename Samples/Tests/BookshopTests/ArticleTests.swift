import SkeinTesting
import Testing

@testable import bookshop

@Suite struct ArticleTests {
    private let emma = Given(Article.self, .stocked(copies: 10, description: "Emma"))

    @Test func `an article that the shop does not have is neither bought nor returned`() {
        Given(Article.self)
            .when(.buy(copies: 1)).rejects(.notStocked)
            .when(.return(copies: 1)).rejects(.notStocked)
    }

    @Test func `an article is stocked once`() {
        Given(Article.self)
            .when(.stock(copies: 10, description: "Emma")).produces(.stocked(copies: 10, description: "Emma"))
            .when(.stock(copies: 99, description: "Emma")).producesNothing().leaves(\.copies, 10)
    }

    @Test func `never more copies are sold than there are`() {
        emma
            .when(.buy(copies: 11)).rejects(.soldOut(left: 10))
            .when(.buy(copies: 10)).produces(.sold(copies: 10)).leaves(\.copies, 0)
            .when(.buy(copies: 1)).rejects(.soldOut(left: 0))
    }

    @Test func `what comes back is sold again`() {
        Given(Article.self, commands: .stock(copies: 1, description: "Emma"), .buy(copies: 1))
            .when(.return(copies: 3)).produces(.returned(copies: 3))
            .when(.buy(copies: 2)).produces(.sold(copies: 2)).leaves(\.copies, 1)
    }
}

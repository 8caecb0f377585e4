import Skein
import SkeinTesting
import Testing

@testable import bookshop

@Suite(.timeLimit(.minutes(1))) struct BestSellersTests {
    private let january = CorrelationID(high: 0, low: 1)
    private let february = CorrelationID(high: 0, low: 2)
    private let emma = Article.ID("emma")
    private let ulysses = Article.ID("ulysses")

    private var log: GivenEvents {
        GivenEvents {
            Recorded(.stocked(copies: 9, description: "Emma"), of: emma, metadata: .init(correlationID: january))
            Recorded(.stocked(copies: 9, description: "Ulysses"), of: ulysses, metadata: .init(correlationID: january))
            Recorded(.sold(copies: 2), of: emma, metadata: .init(correlationID: january))
            Recorded(.sold(copies: 5), .returned(copies: 4), of: ulysses, metadata: .init(correlationID: january))
            Recorded(.sold(copies: 3), of: emma, metadata: .init(correlationID: february))
        }
    }

    @Test func `the articles are listed by copies sold, and by their ids where these are the same`() async {
        let model = BestSellers()
        await log.handled(by: model)
            .leaves([
                BestSellers.Entry(article: "emma", description: "Emma", sold: 5, returned: 0),
                BestSellers.Entry(article: "ulysses", description: "Ulysses", sold: 5, returned: 4),
            ]) { await model.top(5) }
            .leaves(["emma"]) { await model.top(1).map(\.article) }
    }

    @Test func `what a file has sold and returned is counted by itself`() async {
        let model = BestSellers()
        await log.handled(by: model)
            .leaves(BestSellers.Copies(sold: 7, returned: 4)) { await model.copies(of: january) }
            .leaves(BestSellers.Copies(sold: 3, returned: 0)) { await model.copies(of: february) }
            .leaves(BestSellers.Copies()) { await model.copies(of: CorrelationID(high: 0, low: 3)) }
    }
}

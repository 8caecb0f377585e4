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
        let model = BestSellers.projection()
        await log.handled(by: Subscription(model))
            .leaves([
                BestSellers.Entry(article: "emma", description: "Emma", sold: 5, returned: 0),
                BestSellers.Entry(article: "ulysses", description: "Ulysses", sold: 5, returned: 4),
            ]) { model.value.top(5) }
            .leaves(["emma"]) { model.value.top(1).map(\.article) }
            .redelivered()
    }

    @Test func `what a file has sold and returned is counted by itself`() async {
        let model = BestSellers.projection()
        await log.handled(by: Subscription(model))
            .leaves(BestSellers.Copies(sold: 7, returned: 4)) { model.value.copies(of: january) }
            .leaves(BestSellers.Copies(sold: 3, returned: 0)) { model.value.copies(of: february) }
            .leaves(BestSellers.Copies()) { model.value.copies(of: CorrelationID(high: 0, low: 3)) }
    }

    @Test func `a second run goes on from what the first one has kept`() async throws {
        let store = InMemoryEventStore()
        let writer = CommandBus(store: store)
        // The two ids are the same text and different bytes.
        for id in ["caf\u{E9}", "cafe\u{301}"] {
            let options = CommandOptions(correlationID: january)
            try await writer.send(.stock(copies: 9, description: "Coffee"), to: Article.ID(id), options: options)
            try await writer.send(.buy(copies: id.utf8.count), to: Article.ID(id), options: options)
        }
        let first = BestSellers.projection()
        try await run(Subscription(first), on: store)
        #expect(first.value.top(5).map(\.sold) == [6, 5])
        // It counts nothing, so all that it has was kept.
        let second = ValueProjection(
            BestSellers.subscription,
            initial: BestSellers(),
            Fold(Article.self) { _, _ in }
        )
        try await run(Subscription(second), on: store)
        #expect(second.value.top(5).map(\.sold) == [6, 5])
        #expect(second.value.top(1).map(\.description) == ["Coffee"])
        #expect(second.value.copies(of: january) == BestSellers.Copies(sold: 11, returned: 0))
    }

    private func run(_ subscription: Subscription, on store: InMemoryEventStore) async throws {
        let bus = CommandBus(store: store) { subscription }
        let head = try await store.head()
        try await bus.whileRunning {
            try await bus.wait(for: subscription.name, toReach: head, within: .seconds(30))
        }
    }
}

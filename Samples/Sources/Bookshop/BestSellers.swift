import Skein

/// The read model: what was sold and returned. A value in memory, kept in the store together with the position that it
/// belongs to, so that the next run goes on from there.
struct BestSellers: Codable, Sendable {
    /// How many copies went out and came back.
    struct Copies: Codable, Equatable {
        var sold = 0
        var returned = 0
    }

    /// An article as the list shows it.
    struct Entry: Encodable {
        let article: String
        let description: String
        let sold: Int
        let returned: Int
    }

    static let subscription = "best-sellers"

    private var descriptions: [Article.ID: String] = [:]
    private var articles: [Article.ID: Copies] = [:]
    private var files: [CorrelationID: Copies] = [:]

    /// The best sellers as a bus keeps them up to date.
    static func projection() -> ValueProjection<BestSellers> {
        ValueProjection(subscription, initial: BestSellers(), Fold(Article.self) { $0.count($1) })
    }

    /// What the rows of one file have sold and returned; all files together make the list of best sellers.
    func copies(of file: CorrelationID) -> Copies {
        files[file, default: Copies()]
    }

    /// The articles of which most copies were sold, the first one first.
    func top(_ count: Int) -> [Entry] {
        let order = articles.sorted { left, right in
            (right.value.sold, left.key.value) < (left.value.sold, right.key.value)
        }
        return order.prefix(count).map { article, copies in
            Entry(
                article: article.value,
                description: descriptions[article, default: ""],
                sold: copies.sold,
                returned: copies.returned
            )
        }
    }

    private mutating func count(_ event: RecordedEvent<Article>) {
        switch event.event {
        case .stocked(_, let description): descriptions[event.aggregateID] = description
        case .sold(let copies): change(event) { $0.sold += copies }
        case .returned(let copies): change(event) { $0.returned += copies }
        }
    }

    private mutating func change(_ event: RecordedEvent<Article>, by change: (inout Copies) -> Void) {
        change(&articles[event.aggregateID, default: Copies()])
        if let file = event.metadata.correlationID { change(&files[file, default: Copies()]) }
    }
}

import Skein

/// The read model: what was sold and returned. It lives in memory, and the router rebuilds it from the log at each start.
actor BestSellers: EventHandler {
    static let subscription = "best-sellers"

    /// How many copies went out and came back.
    struct Copies: Equatable {
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

    private var descriptions: [Article.ID: String] = [:]
    private var articles: [Article.ID: Copies] = [:]
    private var files: [CorrelationID: Copies] = [:]

    func handle(_ event: RecordedEvent<Article>) {
        switch event.event {
        case .stocked(_, let description): descriptions[event.aggregateID] = description
        case .sold(let copies): count(event) { $0.sold += copies }
        case .returned(let copies): count(event) { $0.returned += copies }
        }
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

    private func count(_ event: RecordedEvent<Article>, _ change: (inout Copies) -> Void) {
        change(&articles[event.aggregateID, default: Copies()])
        if let file = event.metadata.correlationID { change(&files[file, default: Copies()]) }
    }
}

import Skein

/// What a database was begun with. It makes sure that a run which was stopped while it stored sales is completed, and not
/// begun anew with other ones.
struct Catalogue: Aggregate {
    enum Command { case begin(MadeUpSales), complete }
    enum Event: DomainEvent { case begun(articles: Int, sales: Int), completed }
    typealias Rejection = Never

    /// There is one in a database.
    static let id = ID("catalogue")

    /// Nil as long as the database is empty.
    private(set) var sales: MadeUpSales?
    /// Whether all these sales are stored.
    private(set) var isComplete = false

    func decide(_ command: Command) -> [Event] {
        switch (command, sales) {
        case (.begin(let sales), nil): [.begun(articles: sales.articles, sales: sales.count)]
        case (.begin, _?): []
        case (.complete, _): isComplete ? [] : [.completed]
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .begun(let articles, let sales): self.sales = MadeUpSales(articles: articles, count: sales)
        case .completed: isComplete = true
        }
    }
}

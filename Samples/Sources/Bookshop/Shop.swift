import Skein

/// The shop itself, which remembers the one decision that holds for all its articles.
///
/// Were the opening stock only an option of the program, another value in a later run would lead to a shop in which some
/// articles began with one stock and some with another.
struct Shop: Aggregate {
    enum Command { case open(stockPerArticle: Int) }
    enum Event: DomainEvent { case opened(stockPerArticle: Int) }
    enum Rejection: DomainRejection, Equatable { case alreadyOpen(stockPerArticle: Int) }

    /// There is one shop in a database.
    static let id = ID("bookshop")

    private var stockPerArticle: Int?

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        switch (command, stockPerArticle) {
        case (.open(let stock), nil): [.opened(stockPerArticle: stock)]
        case (.open(let stock), let first?) where stock == first: []
        case (.open, let first?): throw .alreadyOpen(stockPerArticle: first)
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .opened(let stock): stockPerArticle = stock
        }
    }
}

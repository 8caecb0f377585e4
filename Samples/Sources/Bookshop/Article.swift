import Skein

/// One article of the shop, and how many copies of it are on the shelf.
///
/// Each article is an actor of its own: different ones are bought at the same time, and of one article never more copies
/// than there are. The id is the article's code, byte by byte: `85123A` and `85123a` are two articles.
struct Article: Aggregate {
    enum Command {
        case stock(copies: Int, description: String)
        case buy(copies: Int)
        case `return`(copies: Int)
    }

    enum Event: DomainEvent {
        case stocked(copies: Int, description: String)
        case sold(copies: Int)
        case returned(copies: Int)
    }

    enum Rejection: DomainRejection, Equatable {
        case notStocked
        case soldOut(left: Int)
    }

    /// Nil as long as the shop does not have the article.
    private(set) var copies: Int?

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        switch (command, copies) {
        case (.stock(let copies, let description), nil): [.stocked(copies: copies, description: description)]
        // Nothing happens the second time, so this command needs no id to be sent again.
        case (.stock, _?): []
        case (_, nil): throw .notStocked
        case (.buy(let wanted), let left?) where wanted <= left: [.sold(copies: wanted)]
        case (.buy, let left?): throw .soldOut(left: left)
        case (.return(let copies), _?): [.returned(copies: copies)]
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .stocked(let count, _): copies = count
        case .sold(let count): copies = (copies ?? 0) - count
        case .returned(let count): copies = (copies ?? 0) + count
        }
    }
}

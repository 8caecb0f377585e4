import Skein

/// A book of the shop, and how many copies of it were sold.
struct Book: Aggregate {
    enum Command { case sell(copies: Int) }
    enum Event: DomainEvent { case sold(copies: Int) }
    typealias Rejection = Never

    private(set) var copies = 0

    func decide(_ command: Command) -> [Event] {
        switch command {
        case .sell(let copies): [.sold(copies: copies)]
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .sold(let count): copies += count
        }
    }
}

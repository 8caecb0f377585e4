import Skein

/// An aggregate with snapshots every three events.
struct Tally: SnapshottableAggregate {
    enum Command { case add(Int), addAll([Int]) }
    enum Event: DomainEvent, Equatable { case added(amount: Int) }
    typealias Rejection = Never

    static var snapshotInterval: Int { 3 }
    static var snapshotVersion: Int { 2 }

    var sum = 0
    var count = 0

    func decide(_ command: Command) -> [Event] {
        switch command {
        case .add(let amount): [.added(amount: amount)]
        case .addAll(let amounts): amounts.map { .added(amount: $0) }
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .added(let amount):
            sum += amount
            count += 1
        }
    }
}

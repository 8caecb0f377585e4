import Skein
import Synchronization

/// An aggregate with a large state that notices when it is copied.
struct Hoard: Aggregate {
    enum Command { case put(Int) }
    enum Event: DomainEvent { case put(item: Int) }
    typealias Rejection = Never

    final class Items: Sendable {
        let all: Mutex<[Int]>
        init(_ all: [Int]) { self.all = Mutex(all) }
    }

    private var items = Items(Array(0..<100_000))
    /// How often the items were copied.
    private(set) var copies = 0

    var count: Int { items.all.withLock { $0.count } }

    func decide(_ command: Command) -> [Event] {
        switch command {
        case .put(let item): [.put(item: item)]
        }
    }

    mutating func apply(_ event: Event) {
        if !isKnownUniquelyReferenced(&items) {
            items = Items(items.all.withLock { $0 })
            copies += 1
        }
        switch event {
        case .put(let item): items.all.withLock { $0.append(item) }
        }
    }
}

import Skein

/// The aggregate of the benchmarks: small, so that what is measured is the bus.
struct Tally: Aggregate {
    // Encodable, so that a command is told from another by its JSON: a mirror takes several times as long.
    enum Command: Encodable { case add(amount: Int), look }
    enum Event: DomainEvent { case added(amount: Int) }

    var total = 0

    func decide(_ command: Command) throws(Never) -> [Event] {
        switch command {
        case .add(let amount): [.added(amount: amount)]
        case .look: []
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .added(let amount): total += amount
        }
    }

    /// Ids that spread over many aggregates.
    static func ids(_ count: Int) -> [ID] {
        (0..<count).map { ID("tally-\($0)") }
    }
}

/// An aggregate with a state as large as one likes.
struct Ledger: Aggregate {
    enum Command { case fill(entries: Int), set(entry: Int, amount: Int) }
    enum Event: DomainEvent { case filled(entries: Int), changed(entry: Int, amount: Int) }

    var amounts: [Int: Int] = [:]

    func decide(_ command: Command) throws(Never) -> [Event] {
        switch command {
        case .fill(let entries): [.filled(entries: entries)]
        case .set(let entry, let amount): [.changed(entry: entry, amount: amount)]
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .filled(let entries): for entry in 0..<entries { amounts[entry] = 0 }
        case .changed(let entry, let amount): amounts[entry] = amount
        }
    }
}

import Skein

/// A jar of coins: several events from one command, commands that change nothing, and a rejection.
struct Jar: Aggregate, Codable, Equatable {
    enum Command: Codable, Equatable, Sendable { case put(coins: [Int]), take(coin: Int), look }
    enum Event: DomainEvent, Equatable { case added(coin: Int), taken(coin: Int) }
    enum Rejection: DomainRejection, Equatable { case empty(sum: Int) }

    var sum = 0

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        switch command {
        case .put(let coins): return coins.map { .added(coin: $0) }
        case .look: return []
        case .take(let coin):
            guard coin <= sum else { throw .empty(sum: sum) }
            return [.taken(coin: coin)]
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .added(let coin): sum += coin
        case .taken(let coin): sum -= coin
        }
    }
}

import Skein

struct BankAccount: SnapshottableAggregate, Equatable {
    static let snapshotInterval = 4

    enum Command: Codable, Equatable { case open(owner: String), deposit(amount: Int), withdraw(amount: Int) }
    enum Event: DomainEvent, Equatable { case opened(owner: String), deposited(amount: Int), withdrawn(amount: Int) }
    enum Rejection: DomainRejection, Equatable { case alreadyOpen, notOpen, insufficientFunds(balance: Int) }

    var owner: String?
    var balance = 0

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        switch (command, owner) {
        case (.open(let owner), nil): [.opened(owner: owner)]
        case (.open, _): throw .alreadyOpen
        case (_, nil): throw .notOpen
        case (.deposit(let amount), _): [.deposited(amount: amount)]
        case (.withdraw(let amount), _) where amount <= balance: [.withdrawn(amount: amount)]
        case (.withdraw, _): throw .insufficientFunds(balance: balance)
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .opened(let owner): self.owner = owner
        case .deposited(let amount): balance += amount
        case .withdrawn(let amount): balance -= amount
        }
    }
}

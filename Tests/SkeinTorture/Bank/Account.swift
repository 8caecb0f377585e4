import Skein

/// An account that money is moved from and to.
struct Account: Aggregate, Equatable {
    enum Command: Codable, Equatable {
        case open(balance: Int)
        /// The first half of a transfer; the second follows from its event.
        case withdraw(amount: Int, to: String)
        case deposit(amount: Int, from: String)
    }

    enum Event: DomainEvent, Equatable {
        case opened(balance: Int)
        case withdrawn(amount: Int, to: String)
        case deposited(amount: Int, from: String)
    }

    enum Rejection: DomainRejection, Equatable { case alreadyOpen, notOpen, insufficientFunds(balance: Int) }

    var isOpen = false
    var balance = 0

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        switch command {
        case .open(let balance):
            guard !isOpen else { throw .alreadyOpen }
            return [.opened(balance: balance)]
        case .withdraw(let amount, let other):
            guard isOpen else { throw .notOpen }
            guard amount <= balance else { throw .insufficientFunds(balance: balance) }
            return amount == 0 ? [] : [.withdrawn(amount: amount, to: other)]
        case .deposit(let amount, let other):
            guard isOpen else { throw .notOpen }
            return [.deposited(amount: amount, from: other)]
        }
    }

    mutating func apply(_ event: Event) {
        switch event {
        case .opened(let balance): (isOpen, self.balance) = (true, balance)
        case .withdrawn(let amount, _): balance -= amount
        case .deposited(let amount, _): balance += amount
        }
    }
}

/// What every process of a run knows of the accounts.
enum Bank {
    static let openingBalance = 1_000
    static let accounts = (1...12).map { Account.ID("account-\($0)") }

    /// The subscription that carries out the second half of each transfer.
    static let transfers = "transfers"

    /// The subscription of a worker's slot that only looks on; the first slot carries out transfers instead.
    static func subscription(ofSlot slot: Int) -> String {
        slot == 0 ? transfers : "view-\(slot)"
    }

    /// The id of the deposit that follows from a withdrawal's event: the same for everybody who sends it.
    static func deposit(after withdrawal: EventID) -> CommandID {
        CommandID(EventID(command: CommandID(withdrawal), ordinal: 1_000))
    }
}

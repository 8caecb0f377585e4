import Skein
import SkeinTesting
import Testing

@Suite struct GivenTests {
    private let opened = Given(BankAccount.self, .opened(owner: "Ada"))

    @Test func `given an event, a command is rejected`() {
        opened.when(.withdraw(amount: 5)).rejects(.insufficientFunds(balance: 0))
    }

    @Test func `given nothing, a command produces an event and leaves a state`() {
        Given(BankAccount.self)
            .when(.open(owner: "Ada"))
            .produces(.opened(owner: "Ada"))
            .leaves(BankAccount(owner: "Ada", balance: 0))
            .leaves(\.owner, "Ada")
            .leaves { $0.balance == 0 }
            .leaves { account in #expect(account.balance == 0) }
    }

    @Test func `given commands, several others follow each other on the state of the one before`() {
        Given(BankAccount.self, commands: .open(owner: "Ada"), .deposit(amount: 10))
            .when(.withdraw(amount: 4)).produces(.withdrawn(amount: 4)).leaves(\.balance, 6)
            .when(.withdraw(amount: 7)).rejects(.insufficientFunds(balance: 6)).leaves(\.balance, 6)
            .when(.withdraw(amount: 6)).produces(events: [.withdrawn(amount: 6)]).leaves(\.balance, 0)
    }

    // case 57
    @Test func `a command that changes nothing produces nothing`() {
        Given(Hoarder.self).when(.keep(nil)).producesNothing().produces().leaves(\.kept.isEmpty, true)
    }

    @Test func `types that are not Equatable are compared by what is in them`() {
        Given(Hoarder.self, events: [.kept(name: "ring", .init(karat: 24))])
            .when(.keep("cup")).produces(.kept(name: "cup", .init(karat: 8)))
            .leaves { $0.kept["cup"]?.karat == 8 }
            .leaves(Hoarder(kept: ["cup": .init(karat: 8), "ring": .init(karat: 24)]))
            .when(.keep("cup")).rejects(.init(name: "cup", treasure: .init(karat: 8)))
        let wrong = caughtIssues {
            Given(Hoarder.self, events: [.kept(name: "ring", .init(karat: 24))])
                .when(.keep("cup")).produces(.kept(name: "cup", .init(karat: 9)))
                .leaves(Hoarder(kept: ["cup": .init(karat: 9), "ring": .init(karat: 24)]))
                .when(.keep("cup")).rejects(.init(name: "cup", treasure: .init(karat: 9)))
        }
        #expect(wrong.count == 3)
    }

    @Test func `one beginning serves several ends`() {
        let rich = Given(BankAccount.self, .opened(owner: "Ada"), .deposited(amount: 9))
        rich.when(.withdraw(amount: 9)).leaves(\.balance, 0)
        rich.when(.withdraw(amount: 8)).leaves(\.balance, 1)
    }

    @Test func `a specification stays quick with a thousand events`() {
        let many = Array(repeating: BankAccount.Event.deposited(amount: 1), count: 1_000)
        Given(BankAccount.self, events: [.opened(owner: "Ada")] + many)
            .when(.withdraw(amount: 1_000)).leaves(\.balance, 0)
    }
}

/// An aggregate of which nothing is Equatable, and whose state has no coding.
struct Hoarder: Aggregate {
    struct Treasure: Codable, Sendable { var karat: Int }
    enum Command { case keep(String?) }
    enum Event: DomainEvent { case kept(name: String, Treasure) }
    struct Rejection: DomainRejection {
        var name: String
        var treasure: Treasure
    }

    var kept: [String: Treasure] = [:]

    func decide(_ command: Command) throws(Rejection) -> [Event] {
        guard case .keep(let name?) = command else { return [] }
        if let treasure = kept[name] { throw Rejection(name: name, treasure: treasure) }
        return [.kept(name: name, Treasure(karat: 8))]
    }

    mutating func apply(_ event: Event) {
        guard case .kept(let name, let treasure) = event else { return }
        kept[name] = treasure
    }
}

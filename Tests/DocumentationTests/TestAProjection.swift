import Skein
import SkeinTesting
import Testing

actor Balances: EventHandler {
    private(set) var balances: [String: Int] = [:]
    private var position: Int64 = 0

    func handle(_ event: RecordedEvent<BankAccount>) {
        guard event.position > position else { return }
        position = event.position
        switch event.event {
        case .opened: balances[event.aggregateID.value] = 0
        case .deposited(let amount): balances[event.aggregateID.value, default: 0] += amount
        case .withdrawn(let amount): balances[event.aggregateID.value, default: 0] -= amount
        }
    }
}

@Test func `each account has its balance, also when events come again`() async {
    let view = Balances()
    await GivenEvents {
        Recorded(.opened(owner: "Ada"), .deposited(amount: 100), of: BankAccount.ID("ada"))
        Recorded(.opened(owner: "Bob"), of: BankAccount.ID("bob"))
        Recorded(.withdrawn(amount: 30), of: BankAccount.ID("ada"))
    }
    .handled(by: view).leaves(["ada": 70, "bob": 0]) { await view.balances }.redelivered()
}

import Skein
import Testing

@Suite struct SendingTests {
    let bus = CommandBus(store: InMemoryEventStore())
    let ada = BankAccount.ID("ada")

    @Test func `a command's events are stored and its receipt says where`() async throws {
        try await bus.send(.open(owner: "Ada"), to: ada)
        let receipt = try await bus.send(.deposit(amount: 100), to: ada)
        #expect(receipt.version == 2)
        #expect(receipt.position == 2)
        #expect(receipt.events == [.deposited(amount: 100)])
        #expect(!receipt.isRepeated)
        let stored = try await bus.store.read(ada.stream, from: 1, direction: .forward, limit: 10)
        #expect(stored.map(\.name) == ["opened", "deposited"])
        #expect(stored.map { String(decoding: $0.payload, as: UTF8.self) } == [#"{"owner":"Ada"}"#, #"{"amount":100}"#])
    }

    @Test func `a reply is read from the state that the command leads to`() async throws {
        try await bus.send(.open(owner: "Ada"), to: ada)
        try await bus.send(.deposit(amount: 100), to: ada)
        let balance = try await bus.send(.withdraw(amount: 30), to: ada) { $0.balance }
        #expect(balance == 70)
    }

    @Test func `the domain's no is typed and stores nothing`() async throws {
        try await bus.send(.open(owner: "Ada"), to: ada)
        do {
            try await bus.send(.withdraw(amount: 30), to: ada)
            Issue.record("the overdraft went through")
        } catch .rejected(.insufficientFunds(let balance)) {
            #expect(balance == 0)
        } catch {
            Issue.record(error)
        }
        #expect(try await bus.store.head() == 1)
    }
}

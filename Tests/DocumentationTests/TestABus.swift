import Skein
import SkeinTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct BusTests {
    private let ada = BankAccount.ID("ada")

    @Test func `what a bus delivers is waited for without sleeping`() async throws {
        let view = Balances()
        let bus = CommandBus(store: InMemoryEventStore()) { Subscription("balances", view) }
        try await bus.whileRunning {
            try await bus.send(.open(owner: "Ada"), to: ada)
            try await bus.settle()
            #expect(await view.balances == ["ada": 0])

            try await bus.send(.deposit(amount: 5), to: ada)
            try await bus.wait { await view.balances["ada"] == 5 }
        }
    }

    @Test func `the spans and the log of a bus are recorded`() async throws {
        let recording = Recording()
        var configuration = BusConfiguration()
        recording.record(&configuration)
        let bus = try CommandBus(store: InMemoryEventStore(), configuration: configuration)
        try await bus.send(.open(owner: "Ada"), to: ada)
        #expect(recording.spans(named: "skein.append").count == 1)
        #expect(recording.lines.isEmpty)
    }
}

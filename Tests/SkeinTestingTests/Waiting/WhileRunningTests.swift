import Skein
import SkeinTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct WhileRunningTests {
    private let ada = BankAccount.ID("ada")

    // case 65
    @Test func `the bus runs while something is done, and does not any more afterwards`() async throws {
        let bus = try stoppedBus { Subscription("view") { On(BankAccount.self) { _ in } } }
        let balance = try await bus.whileRunning {
            try await bus.send(.open(owner: "Ada"), to: ada)
            try await bus.settle()
            guard case .running? = bus.router.statuses.first?.activity else {
                Issue.record("\(bus.router.statuses)")
                return -1
            }
            return try await bus.send(.deposit(amount: 3), to: ada) { $0.balance }
        }
        #expect(balance == 3)
        guard case .idle? = bus.router.statuses.first?.activity else {
            Issue.record("\(bus.router.statuses)")
            return
        }
        await #expect(throws: CommandError<BankAccount.Rejection>.self) {
            try await bus.send(.deposit(amount: 3), to: ada)
        }
    }

    @Test func `an error of what is done stops the bus and is thrown`() async throws {
        let bus = try stoppedBus {}
        await #expect(throws: Unfit.self) { try await bus.whileRunning { throw Unfit() } }
        await #expect(throws: BusAlreadyRan.self) { try await bus.whileRunning {} }
    }

    @Test func `an error of the bus is thrown rather than one that follows from it`() async throws {
        let bus = try stoppedBus {
            Subscription("view") { On(BankAccount.self) { _ in } }
            Subscription("view") { On(BankAccount.self) { _ in } }
        }
        try await bus.send(.open(owner: "Ada"), to: ada)
        await #expect(throws: InvalidInput.self) {
            try await bus.whileRunning { try await bus.settle(within: .zero) }
        }
    }
}

import Skein
import SkeinTesting
import Testing

@Suite struct RaceTests {
    @Test func `two processes never overdraw an account`() async throws {
        try await Simulation().run(seeds: 1...100) { world in
            let nodes = try ["a", "b"].map { name in
                try world.node(name) { host in
                    try CommandBus(store: host.store, configuration: host.configuration)
                }
            }
            let ada = BankAccount.ID("ada")
            _ = try? await nodes[0].send(.open(owner: "Ada"), to: ada)
            _ = try? await nodes[0].send(.deposit(amount: 100), to: ada)
            await withTaskGroup(of: Void.self) { group in
                for client in 0..<6 {
                    group.addTask { _ = try? await nodes[client % 2].send(.withdraw(amount: 30), to: ada) }
                }
            }
            try await world.settle()
            try await world.check(
                HistoryChecker(checks: [
                    LinearizabilityCheck(BankAccount.self),
                    Invariant("no account is overdrawn", over: BankAccount.self) {
                        $0.values.allSatisfy { $0.balance >= 0 }
                    },
                ])
            )
        }
    }
}

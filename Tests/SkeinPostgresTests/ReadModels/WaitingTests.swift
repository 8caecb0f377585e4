import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Testing

/// Waiting for a read model that another bus keeps, through the database that both have.
@Suite(.timeLimit(.minutes(2)))
struct WaitingTests {
    @Test func `who waits too long is told that the command is stored`() async throws {
        let place = try await TestStore()
        let keepingStore = try await place.open()
        let keeping = CommandBus(store: keepingStore) { Subscription(Balances(.postgres)) }
        let store = try await place.open()
        let bus = CommandBus(store: store)
        let session = try await place.session()
        try await keeping.whileRunning {
            try await keeping.open("ada")
            try await keeping.wait(for: "balances", toReach: 1, within: .seconds(60))
            try await session.run("BEGIN; LOCK TABLE skein.balances__1")
            do {
                let options = CommandOptions(awaiting: ["balances"], awaitingTimeout: .milliseconds(300))
                try await bus.send(.deposit(amount: 1), to: SavingsAccount.ID("ada"), options: options)
                Issue.record("the read model was locked")
            } catch let error as CommandError<SavingsAccount.Rejection> {
                guard case .notYetVisible(let stored, _) = error else { throw error }
                #expect(stored.position == 2)
                #expect(try await store.head() == 2)
            }
            try await session.run("ROLLBACK")
            try await bus.wait(for: "balances", toReach: 2, within: .seconds(60))
            #expect(try await BalanceTable.postgres.read(in: store) == ["ada": 1])
        }
        await store.close()
        await keepingStore.close()
    }
}

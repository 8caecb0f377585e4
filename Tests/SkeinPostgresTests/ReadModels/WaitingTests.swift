import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Testing

/// Waiting for a read model that another bus keeps, through the database that both have.
@Suite(.timeLimit(.minutes(2)))
struct WaitingTests {
    private let place: TestStore
    private let keeping: CommandBus
    private let keepingStore: PostgresEventStore
    private let store: PostgresEventStore

    init() async throws {
        place = try await TestStore()
        let keepingStore = try await place.open()
        self.keepingStore = keepingStore
        keeping = CommandBus(store: keepingStore) { Subscription(Balances()) }
        store = try await place.open()
    }

    private func close() async {
        await store.close()
        await keepingStore.close()
    }

    private func deposit(_ bus: CommandBus, within limit: Duration) async throws {
        try await bus.send(
            .deposit(amount: 1),
            to: BankAccount.ID("ada"),
            options: CommandOptions(awaiting: ["balances"], awaitingTimeout: limit)
        )
    }

    // Behaviour cases 127 and 131.
    @Test(arguments: [false, true])
    func `whoever does not run the subscription waits for whoever does`(declaresIt: Bool) async throws {
        let bus = declaresIt ? CommandBus(store: store) { Subscription(Balances()) } : CommandBus(store: store)
        try await keeping.whileRunning {
            try await keeping.open("ada")
            try await keeping.wait(for: "balances", toReach: 1, within: .seconds(60))
            try await bus.whileRunning {
                for count in 1...20 {
                    try await deposit(bus, within: .seconds(60))
                    #expect(try await store.balances() == ["ada": count])
                }
                try await keeping.deposit(1, to: "ada")
                try await bus.wait(for: "balances", toReach: 22, within: .seconds(60))
                #expect(try await store.balances() == ["ada": 21])
            }
        }
        await close()
    }

    @Test func `who waits too long is told that the command is stored`() async throws {
        let bus = CommandBus(store: store)
        let session = try await place.session()
        try await keeping.whileRunning {
            try await keeping.open("ada")
            try await keeping.wait(for: "balances", toReach: 1, within: .seconds(60))
            try await session.run("BEGIN; LOCK TABLE skein.balances__1")
            do {
                try await deposit(bus, within: .milliseconds(300))
                Issue.record("the read model was locked")
            } catch let error as CommandError<BankAccount.Rejection> {
                guard case .notYetVisible(let stored, _) = error else { throw error }
                #expect(stored.position == 2)
                #expect(try await store.head() == 2)
            }
            try await session.run("ROLLBACK")
            try await bus.wait(for: "balances", toReach: 2, within: .seconds(60))
            #expect(try await store.balances() == ["ada": 1])
        }
        await close()
    }

    @Test func `a subscription that nobody has ever run is unknown`() async throws {
        let bus = CommandBus(store: store)
        let error = await #expect(throws: SubscriptionWaitError.self) {
            try await bus.wait(for: "balances", toReach: 1, within: .seconds(60))
        }
        #expect(error.map { if case .unknownSubscription("balances") = $0 { true } else { false } } == true)
        await close()
    }
}

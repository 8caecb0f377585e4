import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Testing

/// Read models in the store's own transactions.
@Suite(.timeLimit(.minutes(2)))
struct ProjectionTests {
    private let place: TestStore
    private let store: PostgresEventStore

    init() async throws {
        place = try await TestStore()
        store = try await place.open()
    }

    private func bus(_ projection: Balances, failure: FailurePolicy = .standard) -> CommandBus {
        CommandBus(store: store) { Subscription(projection, batches: BatchSize(3), failure: failure) }
    }

    private func reach(_ position: Int64, _ bus: CommandBus) async throws {
        try await bus.wait(for: "balances", toReach: position, within: .seconds(60))
    }

    // Behaviour case 125.
    @Test func `each event has its effect once, over any number of runs`() async throws {
        for round in 1...3 {
            let bus = bus(Balances())
            if round == 1 { try await bus.open("ada", "bob") }
            try await bus.whileRunning {
                for _ in 0..<5 { try await bus.deposit(1, to: "ada") }
                try await reach(try await store.head(), bus)
            }
        }
        #expect(try await store.balances() == ["ada": 15, "bob": 0])
        await store.close()
    }

    // Behaviour case 115.
    @Test func `what a failed batch has written is undone, and the good events of it are not lost`() async throws {
        let projection = Balances(refusing: 13)
        let bus = bus(projection, failure: FailurePolicy(retry: .stopAtOnce, then: .skip))
        try await bus.open("ada")
        for amount in [1, 2, 13, 4, 5] { try await bus.deposit(amount, to: "ada") }
        try await bus.whileRunning { try await reach(6, bus) }
        #expect(try await store.balances() == ["ada": 12])
        // Some were written, undone and written again.
        #expect(projection.count > 6)
        await store.close()
    }

    @Test func `where the database refuses a batch, the subscription stops before the event that it refuses`()
        async throws
    {
        let bus = bus(Balances(refusing: 13), failure: FailurePolicy(retry: .stopAtOnce))
        try await bus.open("ada")
        for amount in [1, 13, 4] { try await bus.deposit(amount, to: "ada") }
        try await bus.whileRunning {
            let error = await #expect(throws: SubscriptionWaitError.self) { try await reach(4, bus) }
            guard case .stopped(_, .handlerFailed(let position, _, let cause)) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(position == 3)
            #expect((cause as? PostgresError)?.sqlState == "23514")
        }
        #expect(try await store.balances() == ["ada": 1])
        #expect(try await store.checkpoint(of: "balances")?.position == 2)
        await store.close()
    }

    @Test func `one aggregate is rebuilt alone`() async throws {
        let bus = bus(Balances())
        try await bus.open("ada", "bob")
        try await bus.deposit(5, to: "ada")
        try await bus.deposit(7, to: "bob")
        try await bus.whileRunning { try await reach(4, bus) }
        try await store.transact { _ = try $0.execute("UPDATE balances SET balance = -1") }
        try await bus.rebuild("balances", only: BankAccount.ID("ada"))
        #expect(try await store.balances() == ["ada": 5, "bob": -1])
        await store.close()
    }

    @Test func `a reset empties the tables and fills them in place`() async throws {
        let bus = bus(Balances())
        try await bus.open("ada")
        try await bus.deposit(5, to: "ada")
        try await bus.whileRunning { try await reach(2, bus) }
        try await bus.reset("balances")
        #expect(try await store.balances() == [:])
        let next = self.bus(Balances())
        try await next.whileRunning { try await reach(2, next) }
        #expect(try await store.balances() == ["ada": 5])
        await store.close()
    }

    @Test func `a read model whose subscription was deleted is made anew`() async throws {
        let bus = bus(Balances())
        try await bus.open("ada")
        try await bus.deposit(5, to: "ada")
        try await bus.whileRunning { try await reach(2, bus) }
        try await store.deleteCheckpoint(of: "balances")
        let next = self.bus(Balances())
        try await next.whileRunning { try await reach(2, next) }
        #expect(try await store.balances() == ["ada": 5])
        await store.close()
    }
}

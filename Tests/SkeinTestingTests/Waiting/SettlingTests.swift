import Skein
import SkeinTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct SettlingTests {
    private let ada = BankAccount.ID("ada")

    // cases 127, 129
    @Test func `all that is stored is handled, and all that its handling has stored in turn`() async throws {
        let bus = Mutex<CommandBus?>(nil)
        let handled = Mutex(0)
        let made = try stoppedBus {
            Subscription("list", durability: .ephemeral) {
                On(BankAccount.self) { _ in handled.withLock { $0 += 1 } }
            }
            Subscription("chain", durability: .ephemeral) {
                On(BankAccount.self) { [ada] event in
                    guard case .deposited(let amount) = event.event, amount > 1 else { return }
                    try await bus.withLock { $0 }?.send(.deposit(amount: amount - 1), to: ada)
                }
            }
        }
        bus.withLock { $0 = made }
        try await made.send(.open(owner: "Ada"), to: ada)
        try await made.whileRunning {
            try await made.send(.deposit(amount: 200), to: ada)
            try await made.settle()
            #expect(handled.withLock { $0 } == 201)
            #expect(try await made.state(of: ada).balance == 200 * 201 / 2)
        }
    }

    @Test func `with nothing to handle there is nothing to wait for`() async throws {
        try await stoppedBus {}.settle(within: .zero)
        let unheard = try stoppedBus {}
        try await unheard.send(.open(owner: "Ada"), to: ada)
        try await unheard.settle(within: .zero)
    }

    // case 131
    @Test func `a time-out tells where each subscription stands`() async throws {
        let bus = try stoppedBus {
            Subscription("balances") { On(BankAccount.self) { _ in } }
            Subscription("owners") { On(BankAccount.self) { _ in } }
        }
        try await bus.send(.open(owner: "Ada"), to: ada)
        let error = await #expect(throws: NotSettled.self) { try await bus.settle(within: .zero) }
        #expect(error?.head == 1)
        #expect(error?.statuses.map(\.name) == ["balances", "owners"])
        #expect(
            error.map(String.init(describing:)) == """
                not settled within 0.0 seconds; balances is idle, for the bus does not run, at 0 of 1; \
                owners is idle, for the bus does not run, at 0 of 1
                """
        )
    }

    @Test func `the time is that of the bus`() async throws {
        let time = HandWoundTime()
        let bus = try stoppedBus(time) { Subscription("view") { On(BankAccount.self) { _ in } } }
        try await bus.send(.open(owner: "Ada"), to: ada)
        let error = await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    time.advance(by: .seconds(600))
                    await Task.yield()
                }
            }
            defer { group.cancelAll() }
            return await #expect(throws: NotSettled.self) { try await bus.settle(within: .seconds(3_600)) }
        }
        guard case .timeout(.seconds(3_600))? = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    // cases 131, 145
    @Test func `a subscription that stops ends the waiting with its error`() async throws {
        let bus = try stoppedBus {
            Subscription("view", retry: .stopAtOnce) { On(BankAccount.self) { _ in throw Unfit() } }
        }
        try await bus.send(.open(owner: "Ada"), to: ada)
        try await bus.whileRunning {
            let error = await #expect(throws: NotSettled.self) { try await bus.settle() }
            guard case .stopped? = error?.reason else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.description.contains("view has stopped (handlerFailed(position: 1") == true)
        }
    }

    @Test func `a task that is cancelled, and a store that is closed, end the waiting`() async throws {
        let bus = try stoppedBus { Subscription("view") { On(BankAccount.self) { _ in } } }
        try await bus.send(.open(owner: "Ada"), to: ada)
        let waiting = Task { try await bus.settle() }
        waiting.cancel()
        let cancelled = await #expect(throws: NotSettled.self) { try await waiting.value }
        #expect(cancelled?.description.hasPrefix("waiting was cancelled; ") == true)
        await bus.store.close()
        let closed = await #expect(throws: NotSettled.self) { try await bus.settle() }
        #expect(closed?.description.hasPrefix("the log's end is unknown: ") == true)
    }
}

struct Unfit: Error {}

/// A bus on a clock that stands still, so that nothing happens by a timer.
func stoppedBus(
    _ time: HandWoundTime = HandWoundTime(),
    @SubscriptionBuilder subscriptions: () -> [Subscription]
) throws -> CommandBus {
    var configuration = BusConfiguration()
    configuration.environment.time = time
    Recording().record(&configuration)
    let declared = subscriptions()
    return try CommandBus(store: InMemoryEventStore(time: time), configuration: configuration) { declared }
}

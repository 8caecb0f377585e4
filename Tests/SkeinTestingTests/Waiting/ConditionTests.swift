import Skein
import SkeinTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct ConditionTests {
    private let ada = BankAccount.ID("ada")

    @Test func `a condition on a projection is looked at after each step, without a timer or a commit`() async throws {
        let count = Mutex(0)
        let (looks, look) = AsyncStream.makeStream(of: Void.self)
        let bus = try stoppedBus {
            Subscription("count", durability: .ephemeral) {
                On(BankAccount.self) { _ in
                    // Each event waits for a look of its own, so no look comes by chance after the last one.
                    for await _ in looks { break }
                    count.withLock { $0 += 1 }
                }
            }
        }
        try await bus.send(.open(owner: "Ada"), to: ada)
        for _ in 1..<10 { try await bus.send(.deposit(amount: 1), to: ada) }
        try await bus.whileRunning {
            try await bus.wait {
                look.yield()
                return count.withLock { $0 } == 10
            }
        }
    }

    @Test func `a condition is looked at while others send`() async throws {
        let count = Mutex(0)
        let bus = try stoppedBus {
            Subscription("count", durability: .ephemeral) { On(BankAccount.self) { _ in count.withLock { $0 += 1 } } }
        }
        try await bus.whileRunning {
            try await bus.send(.open(owner: "Ada"), to: ada)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { [ada] in
                    for _ in 0..<20 { try await bus.send(.deposit(amount: 1), to: ada) }
                }
                try await bus.wait { count.withLock { $0 } == 21 }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a condition that holds already needs no running bus and no time`() async throws {
        let bus = try stoppedBus {}
        try await bus.wait(within: .zero) { true }
        await bus.store.close()
        try await bus.wait(within: .zero) { true }
    }

    @Test func `a condition is looked at after a commit, too, and may ask the bus`() async throws {
        let bus = try stoppedBus {}
        async let sent = bus.send(.open(owner: "Ada"), to: ada)
        try await bus.wait { try await bus.state(of: ada).owner == "Ada" }
        _ = try await sent
    }

    @Test func `a condition that does not come true ends with the time`() async throws {
        let bus = try stoppedBus { Subscription("view") { On(BankAccount.self) { _ in } } }
        let error = await #expect(throws: NotSettled.self) { try await bus.wait(within: .zero) { false } }
        #expect(
            error.map(String.init(describing:))
                == "not settled within 0.0 seconds; view is idle, for the bus does not run, at 0"
        )
        #expect(error?.head == nil)
    }

    @Test func `a condition that throws ends the waiting`() async throws {
        let bus = try stoppedBus {}
        let error = await #expect(throws: NotSettled.self) { try await bus.wait { throw Unfit() } }
        #expect(error?.description == "the condition threw Unfit()")
    }

    @Test func `waiting ends when the task is cancelled`() async throws {
        let bus = try stoppedBus {}
        let waiting = Task { try await bus.wait { false } }
        waiting.cancel()
        let error = await #expect(throws: NotSettled.self) { try await waiting.value }
        #expect(error?.description == "waiting was cancelled")
    }

    // case 131
    @Test func `waiting ends when the last subscription has stopped, not when the first has`() async throws {
        let count = Mutex(0)
        let bus = try stoppedBus {
            Subscription("broken", retry: .stopAtOnce) { On(BankAccount.self) { _ in throw Unfit() } }
            Subscription("count", retry: .stopAtOnce) {
                On(BankAccount.self) { event in
                    if event.version == 3 { throw Unfit() }
                    count.withLock { $0 += 1 }
                }
            }
        }
        try await bus.whileRunning {
            try await bus.send(.open(owner: "Ada"), to: ada)
            try await bus.wait {
                bus.router.statuses.contains { if case .stopped = $0.activity { true } else { false } }
            }
            try await bus.send(.deposit(amount: 1), to: ada)
            try await bus.wait { count.withLock { $0 } == 2 }
            try await bus.send(.deposit(amount: 1), to: ada)
            let error = await #expect(throws: NotSettled.self) {
                try await bus.wait { count.withLock { $0 } == 3 }
            }
            #expect(error?.description.hasPrefix("a subscription has stopped; broken has stopped") == true)
        }
    }
}

import Skein
import SkeinTesting
import Synchronization
import Testing

/// Read models in the store's own transactions, on the store in memory; the databases' own suites run them on databases.
struct ProjectionTests {
    private let store = InMemoryEventStore()

    private func bus(_ projection: Balances, failure: FailurePolicy = .standard) -> CommandBus {
        CommandBus(store: store) { Subscription(projection, batches: BatchSize(3), failure: failure) }
    }

    private func balances() async throws -> [String: Int]? {
        try await store.value([String: Int].self, of: "balances")
    }

    private func open(_ ids: String..., on bus: CommandBus) async throws {
        for id in ids { try await bus.send(.open(owner: id), to: BankAccount.ID(id)) }
    }

    private func deposit(_ amount: Int, to id: String, on bus: CommandBus) async throws {
        try await bus.send(.deposit(amount: amount), to: BankAccount.ID(id))
    }

    // case 125
    @Test func `each event has its effect once, over any number of runs`() async throws {
        for round in 1...3 {
            let bus = bus(Balances())
            if round == 1 { try await open("ada", "bob", on: bus) }
            try await bus.whileRunning {
                for _ in 0..<5 { try await deposit(1, to: "ada", on: bus) }
                let head = try await store.head()
                try await bus.wait(for: "balances", toReach: head, within: .seconds(30))
            }
        }
        #expect(try await balances() == ["ada": 15, "bob": 0])
    }

    @Test func `what a failed batch has written is undone, and the good events of it are not lost`() async throws {
        let projection = Balances(refusing: 13)
        let bus = bus(projection, failure: FailurePolicy(retry: .stopAtOnce, then: .skip))
        try await open("ada", on: bus)
        for amount in [1, 2, 13, 4, 5] { try await deposit(amount, to: "ada", on: bus) }
        try await bus.whileRunning {
            try await bus.wait(for: "balances", toReach: 6, within: .seconds(30))
        }
        #expect(try await balances() == ["ada": 12])
    }

    @Test func `a projection that the store has no transactions for is refused`() async throws {
        let bus = CommandBus(store: store) { Subscription(Foreign()) }
        await #expect(throws: InvalidInput.self) { try await bus.run() }
    }

    @Test(arguments: ["", "Sales", "1st", "sales;drop", String(repeating: "a", count: 41), "é"])
    func `a table whose name is none is refused`(_ table: String) async throws {
        let bus = bus(Balances(table: table))
        await #expect(throws: InvalidInput.self) { try await bus.run() }
    }

    // MARK: Rebuilding

    @Test func `a rebuilt read model is what it was, and events that come meanwhile are in it`() async throws {
        let projection = Balances()
        let bus = bus(projection)
        try await open("ada", "bob", on: bus)
        for amount in 1...20 { try await deposit(amount, to: "ada", on: bus) }
        let reports = Reports()
        try await bus.whileRunning {
            try await bus.wait(for: "balances", toReach: 22, within: .seconds(30))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bus.rebuild("balances") { report in reports.add(report) } }
                group.addTask { for _ in 0..<50 { try await deposit(1, to: "bob", on: bus) } }
                try await group.waitForAll()
            }
            try await bus.wait(for: "balances", toReach: 72, within: .seconds(30))
        }
        #expect(try await balances() == ["ada": 210, "bob": 50])
        let last = try #require(reports.last)
        #expect(last.position >= 22)
        #expect(last.fraction == 1)
        #expect(try await store.checkpoint(of: "balances#rebuild") == nil)
        #expect(try await store.value([String: Int].self, of: "balances__1") == nil)
        #expect(try await store.value([String: Int].self, of: "balances__2") != nil)
    }

    @Test func `readers never see less than before while a read model is rebuilt`() async throws {
        let bus = bus(Balances())
        try await open("ada", on: bus)
        for _ in 0..<200 { try await deposit(1, to: "ada", on: bus) }
        try await bus.whileRunning {
            try await bus.wait(for: "balances", toReach: 201, within: .seconds(30))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<3 { try await bus.rebuild("balances") }
                    try await deposit(1_000, to: "ada", on: bus)
                }
                group.addTask {
                    var before = 0
                    while before < 1_000 {
                        let now = try await balances()?["ada"] ?? 0
                        #expect(now >= before)
                        before = now
                        await Task.yield()
                    }
                }
                group.addTask { for _ in 0..<50 { try await deposit(1, to: "ada", on: bus) } }
                try await group.waitForAll()
            }
        }
    }

    @Test func `a newer version is rebuilt when the bus runs, and the older one stops`() async throws {
        let old = bus(Balances())
        try await open("ada", on: old)
        try await deposit(5, to: "ada", on: old)
        try await old.whileRunning {
            try await old.wait(for: "balances", toReach: 2, within: .seconds(30))
            #expect(try await balances() == ["ada": 5])
            let new = bus(Balances(version: 2, factor: 10))
            try await new.whileRunning {
                try await deposit(1, to: "ada", on: new)
                try await new.wait(for: "balances", toReach: 3, within: .seconds(30))
                while try await balances() != ["ada": 60] { await Task.yield() }
            }
        }
        let again = bus(Balances())
        try await again.whileRunning {
            _ = await #expect(throws: SubscriptionWaitError.self) {
                try await again.wait(for: "balances", toReach: 4, within: .seconds(30))
            }
        }
        #expect(try await balances() == ["ada": 60])
    }

    @Test func `an interrupted rebuild goes on where it was`() async throws {
        let projection = Balances()
        let bus = bus(projection)
        try await open("ada", on: bus)
        for _ in 0..<30 { try await deposit(1, to: "ada", on: bus) }
        try await bus.whileRunning { try await bus.wait(for: "balances", toReach: 31, within: .seconds(30)) }
        let seen = projection.count
        let poison = self.bus(Balances(refusing: 7), failure: FailurePolicy(retry: .stopAtOnce))
        try await deposit(7, to: "ada", on: poison)
        let error = await #expect(throws: RebuildError.self) { try await poison.rebuild("balances") }
        #expect(error.map { if case .stopped = $0 { true } else { false } } == true)
        #expect(try await balances() == ["ada": 30])
        let mended = Balances()
        let last = self.bus(mended)
        let reports = Reports()
        try await last.rebuild("balances") { report in reports.add(report) }
        #expect(try await balances() == ["ada": 37])
        let first = try #require(reports.first)
        #expect(first.position > 0)
        #expect(first.position < reports.last?.position ?? 0)
        #expect(mended.count < seen / 2)
    }

    @Test func `one aggregate is rebuilt alone`() async throws {
        let bus = bus(Balances())
        try await open("ada", "bob", on: bus)
        try await deposit(5, to: "ada", on: bus)
        try await deposit(7, to: "bob", on: bus)
        try await bus.whileRunning { try await bus.wait(for: "balances", toReach: 4, within: .seconds(30)) }
        try await store.transact { transaction in
            try transaction.set(["ada": -1, "bob": -1], of: "balances__1")
        }
        try await bus.rebuild("balances", only: BankAccount.ID("ada"))
        #expect(try await balances() == ["ada": 5, "bob": -1])
    }

    @Test func `a reset empties the tables and fills them in place`() async throws {
        let bus = bus(Balances())
        try await open("ada", on: bus)
        try await deposit(5, to: "ada", on: bus)
        try await bus.whileRunning { try await bus.wait(for: "balances", toReach: 2, within: .seconds(30)) }
        try await bus.reset("balances")
        #expect(try await balances() == [:])
        let next = self.bus(Balances())
        try await next.whileRunning { try await next.wait(for: "balances", toReach: 2, within: .seconds(30)) }
        #expect(try await balances() == ["ada": 5])
    }

    @Test func `what is no projection cannot be rebuilt`() async throws {
        let bus = CommandBus(store: store) { Subscription("plain") { On(BankAccount.self) { _ in } } }
        for name in ["plain", "unknown"] {
            let error = await #expect(throws: RebuildError.self) { try await bus.rebuild(name) }
            #expect(error.map { if case .unknownProjection(name) = $0 { true } else { false } } == true)
        }
    }

    // MARK: Values in memory

    @Test func `a value in memory goes on from what was kept, and counts each event once`() async throws {
        let writer = CommandBus(store: store)
        try await open("ada", on: writer)
        for _ in 0..<20 { try await deposit(1, to: "ada", on: writer) }
        let first = total(keptEvery: 5)
        let bus = CommandBus(store: store) { Subscription(first, batches: BatchSize(4)) }
        try await bus.whileRunning { try await bus.wait(for: "total", toReach: 21, within: .seconds(30)) }
        #expect(first.value == 20)
        for _ in 0..<3 { try await deposit(1, to: "ada", on: writer) }
        let second = total(keptEvery: 5)
        let next = CommandBus(store: store) { Subscription(second) }
        try await next.whileRunning { try await next.wait(for: "total", toReach: 24, within: .seconds(30)) }
        #expect(second.value == 23)
        #expect(second.position == 24)
        let kept = try await store.snapshot(of: StreamID(aggregate: "skein.value", id: "total"))
        #expect((kept?.version ?? 0) > 15)
    }

    @Test func `a value is kept when the bus stops, though few events have come`() async throws {
        let writer = CommandBus(store: store)
        try await open("ada", on: writer)
        try await deposit(7, to: "ada", on: writer)
        let first = total(keptEvery: 1_000)
        let bus = CommandBus(store: store) { Subscription(first) }
        try await bus.whileRunning { try await bus.wait(for: "total", toReach: 2, within: .seconds(30)) }
        // One that counts nothing has only what was kept.
        let second = total(keptEvery: 1_000, factor: 0)
        let next = CommandBus(store: store) { Subscription(second) }
        try await next.whileRunning { try await next.wait(for: "total", toReach: 2, within: .seconds(30)) }
        #expect(second.value == 7)
    }

    @Test func `a value of another version begins anew`() async throws {
        let writer = CommandBus(store: store)
        try await open("ada", on: writer)
        try await deposit(2, to: "ada", on: writer)
        let old = total(keptEvery: 1)
        let bus = CommandBus(store: store) { Subscription(old) }
        try await bus.whileRunning { try await bus.wait(for: "total", toReach: 2, within: .seconds(30)) }
        let new = total(version: 2, keptEvery: 1, factor: 10)
        let next = CommandBus(store: store) { Subscription(new) }
        try await next.whileRunning { try await next.wait(for: "total", toReach: 2, within: .seconds(30)) }
        #expect(new.value == 20)
    }

    private func total(version: Int = 1, keptEvery interval: Int, factor: Int = 1) -> ValueProjection<Int> {
        ValueProjection(
            "total",
            version: version,
            initial: 0,
            keptEvery: interval,
            Fold(BankAccount.self) { total, event in
                if case .deposited(let amount) = event.event { total += amount * factor }
            }
        )
    }
}

private final class Reports: Sendable {
    private let all = Mutex<[RebuildProgress]>([])
    var first: RebuildProgress? { all.withLock { $0.first } }
    var last: RebuildProgress? { all.withLock { $0.last } }
    func add(_ progress: RebuildProgress) { all.withLock { $0.append(progress) } }
}

/// What each account holds.
private struct Balances: AggregateProjection {
    typealias Transaction = InMemoryTransaction

    let name = "balances"
    var version = 1
    var table = "balances"
    /// An amount that it cannot stand.
    var refusing: Int?
    var factor = 1
    private let handled = Counter()

    init(version: Int = 1, table: String = "balances", refusing: Int? = nil, factor: Int = 1) {
        self.version = version
        self.table = table
        self.refusing = refusing
        self.factor = factor
    }

    var tables: [String] { [table] }

    /// How many events it was given, whatever came of them.
    var count: Int { handled.value }

    func makeTables(_ context: ProjectionContext<InMemoryTransaction>) throws {
        try context.transaction.set([String: Int](), of: context.table(table))
    }

    var handlers: [Project<InMemoryTransaction>] {
        [
            Project(BankAccount.self) { event, context in
                handled.increment()
                try change(context) { balances in
                    switch event.event {
                    case .opened: balances[event.aggregateID.value] = 0
                    case .deposited(let amount):
                        if amount == refusing { throw Refused() }
                        balances[event.aggregateID.value, default: 0] += amount * factor
                    case .withdrawn(let amount): balances[event.aggregateID.value, default: 0] -= amount * factor
                    }
                }
            }
        ]
    }

    func removeRows(of stream: StreamID, _ context: ProjectionContext<InMemoryTransaction>) throws {
        try change(context) { $0[stream.id] = nil }
    }

    private func change(
        _ context: ProjectionContext<InMemoryTransaction>,
        _ body: (inout [String: Int]) throws -> Void
    ) throws {
        var balances: [String: Int] = try context.transaction.value(of: context.table(table)) ?? [:]
        try body(&balances)
        try context.transaction.set(balances, of: context.table(table))
    }

    private struct Refused: Error {}

    private final class Counter: Sendable {
        private let count = Atomic(0)
        var value: Int { count.load(ordering: .relaxed) }
        func increment() { count.add(1, ordering: .relaxed) }
    }
}

/// A projection for a store that is not there.
private struct Foreign: Projection {
    struct Elsewhere: ReadModelTransaction {
        func show(table: String, as name: String) throws {}
        func hide(_ name: String) throws {}
        func drop(table: String) throws {}
    }

    let name = "foreign"
    let version = 1
    let tables = ["foreign"]
    func makeTables(_ context: ProjectionContext<Elsewhere>) throws {}
    var handlers: [Project<Elsewhere>] { [Project(BankAccount.self) { _, _ in }] }
}

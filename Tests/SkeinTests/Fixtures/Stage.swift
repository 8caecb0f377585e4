import InMemoryLogging
import Logging
import Skein

/// A bus on a virtual clock, a store that fails as wanted, and an executor that a test drives by hand.
///
/// After each step everything has run that can run, so a test knows what is queued, held up or over.
struct Stage: Sendable {
    let executor: ManualExecutor
    let time: ManualTime
    let store: FaultyStore
    let bus: CommandBus
    private let log = InMemoryLogHandler()

    init(
        store: FaultyStore = FaultyStore(),
        time: ManualTime = ManualTime(),
        executor: ManualExecutor = ManualExecutor(),
        middleware: [any CommandMiddleware] = [],
        configure: (inout BusConfiguration) -> Void = { _ in },
        @SubscriptionBuilder subscriptions: () -> [Subscription]
    ) throws(InvalidInput) {
        self.executor = executor
        var configuration = BusConfiguration()
        configuration.environment = RuntimeEnvironment(
            time: time,
            identifiers: TimeOrderedIdentifiers(),
            random: { .max }
        )
        configuration.logger = Logger(label: "test") { [log] _ in log }
        configure(&configuration)
        self.time = time
        self.store = store
        let declared = subscriptions()
        bus = try CommandBus(store: store, configuration: configuration, middleware: middleware) { declared }
    }

    init(
        store: FaultyStore = FaultyStore(),
        time: ManualTime = ManualTime(),
        middleware: [any CommandMiddleware] = [],
        configure: (inout BusConfiguration) -> Void = { _ in }
    ) throws(InvalidInput) {
        try self.init(store: store, time: time, middleware: middleware, configure: configure, subscriptions: { [] })
    }

    init(
        store: FaultyStore = FaultyStore(),
        time: ManualTime = ManualTime(),
        @SubscriptionBuilder subscriptions: () -> [Subscription]
    ) throws(InvalidInput) {
        try self.init(store: store, time: time, configure: { _ in }, subscriptions: subscriptions)
    }

    /// Another bus on the same store, time and executor, as another process would be.
    func other(@SubscriptionBuilder subscriptions: () -> [Subscription]) throws(InvalidInput) -> Stage {
        try Stage(store: store, time: time, executor: executor, configure: { _ in }, subscriptions: subscriptions)
    }

    /// A stage whose store goes by the virtual clock too, as leases need it.
    static func timed(
        configure: (inout BusConfiguration) -> Void = { _ in },
        @SubscriptionBuilder subscriptions: () -> [Subscription]
    ) throws(InvalidInput) -> Stage {
        let time = ManualTime()
        let store = FaultyStore(InMemoryEventStore(time: time))
        return try Stage(store: store, time: time, configure: configure, subscriptions: subscriptions)
    }

    /// Sends a command and lets everything run that can.
    func send<A: Aggregate>(
        _ command: A.Command,
        to id: AggregateID<A>,
        options: CommandOptions = .standard
    ) -> Running<CommandReceipt<A>, CommandError<A.Rejection>> {
        Running(on: executor) { [bus] () throws(CommandError<A.Rejection>) in
            try await bus.send(command, to: id, options: options)
        }
    }

    /// The aggregate's state as the bus sees it; nil if it does not tell.
    func state<A: Aggregate>(of id: AggregateID<A>) -> A? {
        Running(on: executor) { [bus] () throws(CommandError<A.Rejection>) in try await bus.state(of: id) }.value
    }

    /// Starts something and lets everything run that can.
    func start<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Value
    ) -> Running<Value, any Error> {
        Running(on: executor, operation)
    }

    /// Runs the bus.
    func run() -> Running<Void, any Error> {
        start { [bus] in try await bus.run() }
    }

    func open(_ gate: Gate) {
        gate.open()
        executor.settle()
    }

    /// Lets time pass in one step.
    func advance(by duration: Duration) {
        time.advance(by: duration)
        executor.settle()
    }

    /// Lets time pass in steps, so that whoever sleeps again after waking does so on time.
    func advance(by step: Duration, times: Int) {
        for _ in 0..<times { advance(by: step) }
    }

    /// The log's lines, each with its metadata.
    var lines: [String] {
        log.entries.map { "\($0.message) \($0.metadata)" }
    }

    /// The log's lines that hold a text.
    func lines(with text: String) -> [String] {
        lines.filter { $0.contains(text) }
    }

    /// The stored events of a stream.
    func events(of stream: StreamID) async throws(EventStoreError) -> [StoredEvent] {
        try await store.base.version(of: stream) == 0
            ? [] : try await store.base.read(stream, from: 1, direction: .forward, limit: 10_000)
    }
}

extension AggregateID<BankAccount> {
    static let ada = BankAccount.ID("ada")
    static let bob = BankAccount.ID("bob")
}

typealias BankError = CommandError<BankAccount.Rejection>

extension CommandError {
    /// What was refused, if input was.
    var refusedField: String? {
        if case .invalidInput(let input) = self { input.field } else { nil }
    }
}

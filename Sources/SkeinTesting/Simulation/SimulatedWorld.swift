public import Skein
import Synchronization

/// One seeded run: its processes, the store that they share, its time, and what was seen.
public final class SimulatedWorld: Sendable {
    private struct State {
        var random: SeededRandom
        var nodes: [any SimulatedProcess] = []
        var subscriptions: Set<String> = []
        var failure: String?
        var background = 0
        var isCalm = false
    }

    /// What everything in this run follows from.
    public let seed: UInt64

    /// The shared store itself, without faults. For looking at what is stored, not for the processes.
    public let store: InMemoryEventStore

    /// The world's clock, which is never wrong.
    public let time: SimulatedTime

    /// What clients and subscribers see.
    public let history: HistoryRecorder

    let scheduler: Scheduler
    let faults: FaultSource
    let trace: SimulationTrace
    let durable: DurableStore
    let executor: SimulatedExecutor
    private let state: Mutex<State>

    init(seed: UInt64, _ simulation: Simulation, isTraced: Bool) {
        self.seed = seed
        let seeds = (0..<4).map { SeededRandom.mix(seed &* 4 &+ $0 &+ 1) }
        scheduler = Scheduler(seed: seeds[0], stepLimit: simulation.stepLimit, timeLimit: simulation.timeLimit)
        faults = FaultSource(simulation.faults, seed: seeds[1])
        trace = SimulationTrace(scheduler, isOn: isTraced)
        executor = SimulatedExecutor(scheduler)
        time = SimulatedTime(scheduler, executor: executor.key)
        store = InMemoryEventStore(allowsHardDelete: true, time: time)
        history = HistoryRecorder(
            environment: RuntimeEnvironment(
                time: time,
                identifiers: TimeOrderedIdentifiers(seed: seeds[3]),
                random: { 0 }
            )
        )
        durable = DurableStore(store: store, scheduler, faults, trace, executor)
        state = Mutex(State(random: SeededRandom(seed: seeds[2])))
    }

    // MARK: Processes

    /// Adds a process with a bus and starts it; `run()` of each of its buses runs until the process crashes or the end.
    ///
    /// - Parameter makeBus: Called at each start. It must take the store and the configuration from the host.
    public func node(
        _ name: String,
        _ makeBus: @escaping @Sendable (SimulatedHost) throws -> CommandBus
    ) throws -> SimulatedNode<CommandBus> {
        try node(name, makeBus, running: { bus in try await bus.run() })
    }

    /// Adds a process of any kind and starts it.
    public func node<Service: Sendable>(
        _ name: String,
        _ make: @escaping @Sendable (SimulatedHost) throws -> Service,
        running run: @escaping @Sendable (Service) async throws -> Void = { _ in }
    ) throws -> SimulatedNode<Service> {
        let node = SimulatedNode(name, self, seed: next(), make: make, run: run)
        let isFirst = state.withLock { state in
            state.nodes.append(node)
            return state.nodes.count == 1
        }
        try node.start()
        if isFirst { background { await self.disturb() } }
        return node
    }

    // MARK: Chance and time

    /// A random number generator for the scenario's own choices.
    public var random: SimulatedRandom { SimulatedRandom(self) }

    func next() -> UInt64 {
        scheduler.checkThread("a task asked for a random number")
        return state.withLock { $0.random.next() }
    }

    /// Lets virtual time pass.
    public func sleep(for duration: Duration) async throws {
        try await time.sleep(for: duration)
    }

    /// Writes a line into the trace of a failing run.
    public func note(_ text: @autoclosure () -> String) {
        trace.note("scenario", text())
    }

    // MARK: The end

    /// Ends all faults, starts what is down, and waits until every subscription has come to the end of the log.
    public func settle() async throws {
        state.withLock { $0.isCalm = true }
        faults.end()
        trace.note("world", "the faults have ended")
        let nodes = state.withLock { $0.nodes }
        // Outages end, and what is still under way in the store comes, within this time.
        await scheduler.pause(for: .milliseconds(700), executor.key)
        for node in nodes { try node.start() }
        for node in nodes { try await node.drain() }
    }

    /// All that is stored, in order.
    public func log() async throws(EventStoreError) -> [StoredEvent] {
        try await HistoryChecker.readLog(of: store)
    }

    /// Throws ``SimulationViolations`` if the history breaks a rule.
    public func check(_ checker: HistoryChecker) async throws {
        let violations = checker.check(history.history, against: try await log())
        guard violations.isEmpty else { throw SimulationViolations(violations: violations) }
    }

    /// Lets the run fail, wherever it is noticed that it must.
    func fail(_ reason: String) {
        state.withLock { state in
            if state.failure == nil { state.failure = reason }
        }
    }

    var failure: String? { state.withLock { $0.failure } }

    /// Whether nothing runs any more.
    var isOver: Bool {
        let (nodes, background) = state.withLock { ($0.nodes, $0.background) }
        return background == 0 && nodes.allSatisfy(\.isOver)
    }

    /// Ends everything that the scenario has left.
    func bury() {
        state.withLock { $0.isCalm = true }
        faults.end()
        for node in state.withLock({ $0.nodes }) { node.bury() }
    }
}

extension SimulatedWorld {
    /// Notes that a durable subscription exists, so that its lease may be lost.
    func note(subscription: String) {
        state.withLock { _ = $0.subscriptions.insert(subscription) }
    }

    private func background(_ operation: @escaping @Sendable () async -> Void) {
        state.withLock { $0.background += 1 }
        Task(executorPreference: executor) {
            await operation()
            self.state.withLock { $0.background -= 1 }
        }
    }

    /// Does now and then to the processes what happens to processes.
    private func disturb() async {
        while true {
            let pause = faults.duration(upTo: .milliseconds(100))
            await scheduler.pause(for: pause, executor.key)
            let (nodes, isCalm) = state.withLock { ($0.nodes, $0.isCalm) }
            guard !isCalm else { return }
            let share = Double(pause.microseconds) / 1_000_000
            for node in nodes where node.isUp {
                if faults.occurs(.clockJump, share: share) {
                    let jump = faults.duration(upTo: .seconds(60))
                    node.jump(by: faults.pick(2) == 0 ? jump : .zero - jump)
                }
                if faults.occurs(.crash, share: share) { crash(node) }
            }
            for subscription in state.withLock({ $0.subscriptions.sorted() })
            where faults.occurs(.lostLease, share: share) {
                await takeOver(subscription)
            }
        }
    }

    private func crash(_ node: any SimulatedProcess) {
        node.crash()
        let delay = faults.duration(upTo: .seconds(1))
        _ = scheduler.schedule(
            after: delay,
            Scheduler.Work(executor: executor.key) {
                do { try node.start() } catch { self.fail("a process could not start: \(error)") }
            }
        )
    }

    private func takeOver(_ subscription: String) async {
        guard let claimed = try? await store.claimCheckpoint(of: subscription) else { return }
        history.claimed(claimed, by: "rival")
        trace.note("rival", "claims \(subscription), epoch \(claimed.epoch)")
    }
}

/// The seed's random numbers, for a scenario's own choices.
public struct SimulatedRandom: RandomNumberGenerator, Sendable {
    private let world: SimulatedWorld

    init(_ world: SimulatedWorld) {
        self.world = world
    }

    public mutating func next() -> UInt64 { world.next() }
}

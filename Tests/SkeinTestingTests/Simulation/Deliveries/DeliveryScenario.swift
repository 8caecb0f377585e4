import Skein
import SkeinTesting

/// Processes that share subscriptions: they crash, lose their leases, are stopped and begin again, while others write.
///
/// In the end each event must have been handled, and nothing done on the way that a rule of ``DeliveryJudge`` forbids.
struct DeliveryScenario: Sendable {
    static let lease: Duration = .milliseconds(300)

    var events = 60
    var accounts = 4
    var processes = 2
    var watched = WatchedSubscription.mixed
    /// How often a process is stopped, in good order or at once, and begins again.
    var stops = 0
    /// How often a process is held up, mostly for longer than its lease, and goes on as if nothing had happened.
    var holds = 0
    /// At which step one process ends; see ``CrashPoint``.
    var crashStep: Int?

    /// What is wrong with the store that the processes see; nil is nothing.
    var defect: StoreDefect?
    /// What the processes run.
    var control = RunnerControl.bus

    /// Runs it in a world, and throws if a rule was broken.
    func run(in world: SimulatedWorld) async throws {
        let violations = try await judged(in: world).violations
        guard violations.isEmpty else { throw SimulationViolations(violations: violations) }
    }

    /// Runs it in a world; tells what rules were broken, and whether there was such a step to crash at.
    func judged(in world: SimulatedWorld) async throws -> (violations: [Violation], hasCrashed: Bool) {
        let ledger = DeliveryLedger()
        let crashPoint = CrashPoint(at: crashStep)
        defer { crashPoint.retire() }
        let nodes = try (1...processes).map { number in
            try world.node("n\(number)") { host in
                makeProcess(host, ledger, crashPoint)
            } running: { process in
                try await process.run()
            }
        }
        crashPoint.onCrash { name in nodes.first { name.hasPrefix("\($0.name).") }?.crash() }
        let writer = try world.node("writer") { host in
            try CommandBus(store: host.store, configuration: host.configuration)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await write(writer, ledger, world) }
            group.addTask { try await stopNowAndThen(nodes, world) }
            group.addTask { try await holdNowAndThen(nodes, world) }
            try await group.waitForAll()
        }
        try await checkSlowness(world)
        if crashPoint.wasReached {
            // Whoever has ended comes back after others had the time to take over.
            try await world.sleep(for: .milliseconds(700))
            for node in nodes { try node.start() }
        }
        try await world.settle()
        ledger.heal()
        try await drain(world)
        let judge = DeliveryJudge(watched, lease: Self.lease)
        return (judge.violations(world.history.history, try await world.log(), ledger), crashPoint.wasReached)
    }

    private func makeProcess(
        _ host: SimulatedHost,
        _ ledger: DeliveryLedger,
        _ crashPoint: CrashPoint
    ) -> DeliveryProcess {
        let below: any EventStore = defect.map { BrokenStore($0, over: host.store) } ?? host.store
        let store = WatchingStore(base: below, host: host, ledger: ledger, crashPoint: crashPoint)
        let handlers = watched.map { subscription in
            WatchedHandler(subscription: subscription, host: host, ledger: ledger, crashPoint: crashPoint)
        }
        return DeliveryProcess { [control] in
            guard control != .bus else { return try BusRunner(handlers, host, store) }
            return PlainRunner(handlers: handlers, host: host, store: store, control: control)
        }
    }

    private func write(
        _ writer: SimulatedNode<CommandBus>,
        _ ledger: DeliveryLedger,
        _ world: SimulatedWorld
    ) async throws {
        var random = world.random
        for number in 0..<events {
            let id = BankAccount.ID("a\(number < accounts ? number : Int.random(in: 0..<accounts, using: &random))")
            let command = number < accounts ? BankAccount.Command.open(owner: id.value) : .deposit(amount: 1)
            let options = CommandOptions(id: CommandID(high: 1, low: UInt64(number)))
            while true {
                do {
                    let receipt = try await writer.send(command, to: id, options: options)
                    ledger.store(receipt.position, at: world.time.uptime())
                    break
                } catch {
                    try await world.sleep(for: .milliseconds(5))
                }
            }
            try await world.sleep(for: .milliseconds(Int.random(in: 0...20, using: &random)))
        }
    }

    private func stopNowAndThen(_ nodes: [SimulatedNode<DeliveryProcess>], _ world: SimulatedWorld) async throws {
        var random = world.random
        for _ in 0..<stops {
            try await world.sleep(for: .milliseconds(Int.random(in: 1...100, using: &random)))
            let node = nodes[Int.random(in: 0..<nodes.count, using: &random)]
            let stop: DeliveryProcess.Stop = Bool.random(using: &random) ? .gracefully : .atOnce
            // A process that is down has stopped already.
            try? await node.perform { $0.stop(stop) }
        }
    }

    private func holdNowAndThen(_ nodes: [SimulatedNode<DeliveryProcess>], _ world: SimulatedWorld) async throws {
        var random = world.random
        for _ in 0..<holds {
            try await world.sleep(for: .milliseconds(Int.random(in: 1...100, using: &random)))
            let duration: Duration = .milliseconds(Int.random(in: 100...1_200, using: &random))
            nodes[Int.random(in: 0..<nodes.count, using: &random)].hold(for: duration)
            try await world.sleep(for: duration)
        }
    }

    /// What is to be slow must be far behind when the last event is stored, or it would hold up nobody.
    private func checkSlowness(_ world: SimulatedWorld) async throws {
        guard watched.contains(where: { $0.bound != nil }) else { return }
        for subscription in watched where subscription.bound == nil {
            let position = try await world.store.checkpoint(of: subscription.name)?.position ?? 0
            guard position < Int64(events) / 2 else { throw NotSlow(position: position) }
        }
    }

    /// Waits until everything is handled, what was parked as well; whoever does not come to that is judged as it is.
    private func drain(_ world: SimulatedWorld) async throws {
        let bus = try CommandBus(store: world.store, configuration: BusConfiguration())
        let head = try await world.store.head()
        for _ in 0..<100 {
            var isDone = true
            for subscription in watched {
                if subscription.parks { try await bus.retryParked(of: subscription.name) }
                for part in subscription.parts {
                    let position = try await world.store.checkpoint(of: part.key)?.position ?? 0
                    let parked = try await world.store.notes(of: part.key, topic: "parked", from: 0, limit: 1)
                    if position < head || !parked.isEmpty { isDone = false }
                }
            }
            guard !isDone else { return }
            try await world.sleep(for: .milliseconds(200))
        }
    }
}

private struct NotSlow: Error {
    let position: Int64
}

import Skein
import SkeinTesting

/// Processes that keep a read model and a table inside the appends, rebuild the model and crash, while others write.
///
/// In the end both must be what the log says, each event counted once.
struct ReadModelScenario: Sendable {
    var deposits = 60
    var rebuilds = 2

    /// What is wrong with the store that the processes see; nil is nothing.
    var defect: StoreDefect?
    /// Who keeps and rebuilds the read model.
    var control = ReadModelControl.bus
    /// Whether it ends as soon as a reader sees less than before.
    var watchesReaders = true

    func run(in world: SimulatedWorld) async throws {
        var random = world.random
        let count = Int.random(in: 2...3, using: &random)
        let nodes = try (1...count).map { number in
            try world.node("n\(number)") { host in try makeBus(host) }
        }
        let keepers = try (control == .bus ? 0..<0 : 0..<2).map { number in
            try world.node("k\(number)") { [control] host in
                try PlainReadModel(host, control)
            } running: { keeper in
                try await keeper.run()
            }
        }
        let end = StopLine()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<2 {
                group.addTask { try await deposit(as: client, nodes, world) }
            }
            group.addTask { try await watchReaders(world, until: end) }
            group.addTask { try await rebuild(nodes, keepers, world) }
            // All but the readers, who go on until they are told.
            for _ in 0..<3 { try await group.next() }
            end.set()
            try await group.waitForAll()
        }
        try await world.settle()
        if control != .bus { try await drain(world) }
        try await check(world)
    }

    private func makeBus(_ host: SimulatedHost) throws -> CommandBus {
        var configuration = host.configuration
        configuration.subscriptionBuffer = 5
        configuration.subscriptionPollInterval = .milliseconds(100)
        configuration.leaseDuration = .milliseconds(300)
        configuration.outcomeTimeout = .milliseconds(50)
        let retry = RetryPolicy(retries: 50, backoff: Backoff(first: .milliseconds(1), longest: .milliseconds(20)))
        let store: any EventStore = defect.map { BrokenStore($0, over: host.store) } ?? host.store
        return try CommandBus(store: store, configuration: configuration, transactionalHandlers: [.ledger]) {
            if control == .bus {
                Subscription(TotalsTable(host: host), batches: BatchSize(3), failure: FailurePolicy(retry: retry))
            }
        }
    }

    private func deposit(
        as client: Int,
        _ nodes: [SimulatedNode<CommandBus>],
        _ world: SimulatedWorld
    ) async throws {
        var random = world.random
        for number in 0..<deposits / 2 {
            let id = BankAccount.ID("a\(Int.random(in: 1...3, using: &random))")
            let options = CommandOptions(id: CommandID(high: UInt64(client) + 1, low: UInt64(number)))
            let isFirst = number < 3
            // Whoever says no has said it for good; everything else is asked again, of anybody.
            while true {
                let node = nodes[Int.random(in: 0..<nodes.count, using: &random)]
                do {
                    if isFirst {
                        try await node.send(.open(owner: "x"), to: id, options: options)
                    } else {
                        try await node.send(.deposit(amount: 1), to: id, options: options)
                    }
                    break
                } catch let error as CommandError<BankAccount.Rejection> {
                    if case .rejected = error { break }
                } catch {}
                try await world.sleep(for: .milliseconds(5))
            }
        }
    }

    /// Readers never see less than they have seen, whatever is being rebuilt.
    private func watchReaders(_ world: SimulatedWorld, until end: StopLine) async throws {
        var before = 0
        while watchesReaders, !end.isSet {
            let now = try await world.store.value([String: Int].self, of: "totals")?.values.reduce(0, +) ?? 0
            guard now >= before else { throw ReadersSawLess(before: before, now: now) }
            before = now
            try await world.sleep(for: .milliseconds(2))
        }
    }

    /// Waits until whoever keeps the read model has come to the end of the log; not for ever.
    private func drain(_ world: SimulatedWorld) async throws {
        let head = try await world.store.head()
        for _ in 0..<100 {
            guard try await world.store.checkpoint(of: "totals")?.position ?? 0 < head else { return }
            try await world.sleep(for: .milliseconds(100))
        }
    }

    private func rebuild(
        _ nodes: [SimulatedNode<CommandBus>],
        _ keepers: [SimulatedNode<PlainReadModel>],
        _ world: SimulatedWorld
    ) async throws {
        var random = world.random
        for _ in 0..<rebuilds {
            try await world.sleep(for: .milliseconds(Int.random(in: 1...200, using: &random)))
            // Whatever keeps it from coming to its end, the next one goes on.
            guard let keeper = keepers.randomElement(using: &random) else {
                let node = nodes[Int.random(in: 0..<nodes.count, using: &random)]
                try? await node.perform { bus in try await bus.rebuild("totals") }
                continue
            }
            try? await keeper.perform { keeper in try await keeper.rebuild() }
        }
    }

    private func check(_ world: SimulatedWorld) async throws {
        let codec = JSONEventCoder().codec(for: BankAccount.Event.self)
        var expected: [String: Int] = [:]
        for event in try await world.log() {
            let amount =
                if case .deposited(let amount) = try codec.decode(event.name, event.schemaVersion, event.payload) {
                    amount
                } else {
                    0
                }
            expected[event.stream.id, default: 0] += amount
        }
        let totals = try await world.store.value([String: Int].self, of: "totals")
        let ledger = try await world.store.value([String: Int].self, of: "ledger")
        guard totals == expected || expected.isEmpty else {
            throw ReadModelMismatch(name: "totals", found: totals, expected: expected)
        }
        guard ledger == expected || expected.isEmpty else {
            throw ReadModelMismatch(name: "ledger", found: ledger, expected: expected)
        }
    }
}

struct ReadersSawLess: Error {
    let before: Int
    let now: Int
}

struct ReadModelMismatch: Error, CustomStringConvertible {
    let name: String
    let found: [String: Int]?
    let expected: [String: Int]

    var description: String {
        let found = found.map { $0.sorted { $0.key < $1.key }.description } ?? "nothing"
        return "\(name) holds \(found), the log says \(expected.sorted { $0.key < $1.key })"
    }
}

extension TransactionalHandler {
    /// What each account was given, counted inside the append.
    fileprivate static var ledger: TransactionalHandler {
        TransactionalHandler(BankAccount.self, InMemoryTransaction.self) { event, transaction in
            try transaction.count(event, in: "ledger")
        }
    }
}

/// What each account was given, counted by a projection that fails now and then.
private struct TotalsTable: Projection {
    let host: SimulatedHost

    let name = "totals"
    let version = 1
    let tables = ["totals"]

    func makeTables(_ context: ProjectionContext<InMemoryTransaction>) throws {
        try context.transaction.set([String: Int](), of: context.table("totals"))
    }

    var handlers: [Project<InMemoryTransaction>] {
        let random = host.configuration.environment.random
        return [
            Project(BankAccount.self) { event, context in
                try context.transaction.count(event, in: context.table("totals"))
                guard random() % 16 != 0 else { throw Unsteady() }
            }
        ]
    }

    private struct Unsteady: Error {}
}

extension InMemoryTransaction {
    fileprivate func count(_ event: RecordedEvent<BankAccount>, in table: String) throws {
        var totals: [String: Int] = try value(of: table) ?? [:]
        let amount = if case .deposited(let amount) = event.event { amount } else { 0 }
        totals[event.aggregateID.value, default: 0] += amount
        try set(totals, of: table)
    }
}

import ArgumentParser
import Foundation
import Logging
import Skein
import SkeinPostgres
import SkeinTesting
import Synchronization

/// One of the processes that are tortured: clients, a bus, a subscription and a projection that all of them keep.
///
/// It takes orders in lines: `drain` ends the clients, `stop` the process. The end of its input ends it at once.
struct WorkerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "worker", shouldDisplay: false)

    @Argument var connection: String
    @Option var node: String
    @Option var history: String
    @Option var seed: UInt64
    @Option var slot: Int
    @Option var clients = 6
    @Flag var keepsEntries = false

    func run() async throws {
        LoggingSystem.bootstrap { SilentUnlessGrave(label: $0) }
        let file = try HistoryFile(history)
        let recorder = HistoryRecorder(environment: .machine, sink: { file.write($0) })
        let node = node
        let store = WatchedStore(try await openStore(), note: { recorder.note($0, at: node) })
        let transfers = Transfers()
        let bus = try makeBus(store, transfers, recorder)
        transfers.use(recorder.recording(bus, as: node + "/transfers"))
        let isDraining = Signal()
        Output.line("ready")
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            group.addTask { try await Self.reportStop(of: bus) }
            let (drained, drain) = AsyncStream.makeStream(of: Void.self)
            group.addTask { [clients, seed, node] in
                await withTaskGroup(of: Void.self) { group in
                    for number in 1...clients {
                        let name = "\(node)/\(number)"
                        group.addTask {
                            var client = BankClient(
                                bus: recorder.recording(bus, as: name),
                                recorder: recorder,
                                random: SeededRandom(seed: seed &+ UInt64(number))
                            )
                            await client.act(until: { isDraining.isSet })
                        }
                    }
                }
                drain.finish()
            }
            for await line in Input.lines() {
                switch line {
                case "drain":
                    isDraining.set()
                    for await _ in drained {}
                    Output.line("drained")
                case "stop":
                    group.cancelAll()
                    try? await group.waitForAll()
                    await store.close()
                    Output.line("stopped")
                    return
                default: break
                }
            }
            // Who started this process has ended.
            Foundation.exit(3)
        }
    }

    /// Tells if the subscription has stopped by itself, which ends this process: nothing of the run should do that.
    private static func reportStop(of bus: CommandBus) async throws {
        while true {
            try await Task.sleep(for: .milliseconds(100))
            for status in bus.router.statuses {
                guard case .stopped(let error) = status.activity else { continue }
                Output.line("subscription stopped: \(error)")
                if case .store(let error) = error, error.code == .checkpointFenced { return }
                Foundation.exit(4)
            }
        }
    }

    private func openStore() async throws -> PostgresEventStore {
        var configuration = PostgresConfiguration()
        configuration.connectTimeout = .seconds(2)
        configuration.connectionWait = .seconds(2)
        configuration.statementTimeout = .seconds(2)
        configuration.lockTimeout = .seconds(2)
        configuration.pollInterval = .milliseconds(200)
        // One way and the other, and for the rest what the store finds out.
        configuration.groupsTakeTurns = [false, true, nil][slot % 3]
        return try await .opened(connection, configuration)
    }

    private func makeBus(
        _ store: any EventStore,
        _ transfers: Transfers,
        _ recorder: HistoryRecorder
    ) throws -> CommandBus {
        var configuration = BusConfiguration()
        configuration.environment = .machine
        configuration.residentLimit = 8
        configuration.residentIdleTime = .milliseconds(500)
        configuration.outcomeTimeout = .seconds(1)
        configuration.checkpointInterval = .milliseconds(50)
        configuration.subscriptionPollInterval = .milliseconds(200)
        configuration.subscriptionBuffer = 64
        configuration.leaseDuration = .seconds(2)
        let retry = RetryPolicy(
            retries: 100_000,
            backoff: Backoff(first: .milliseconds(2), longest: .milliseconds(100))
        )
        let name = Bank.subscription(ofSlot: slot)
        return try CommandBus(
            store: store,
            configuration: configuration,
            transactionalHandlers: keepsEntries ? [Entries.handler] : []
        ) {
            Subscription(name, retry: retry) {
                recorder.on(Account.self, in: name, as: node) { event in
                    if name == Bank.transfers { try await transfers.handle(event) }
                }
            }
            Subscription(AccountTotals(), failure: FailurePolicy(retry: retry))
        }
    }
}

/// Something that happens once.
final class Signal: Sendable {
    private let state = Atomic(false)

    var isSet: Bool { state.load(ordering: .acquiring) }

    func set() { state.store(true, ordering: .releasing) }
}

/// Carries out the second half of each transfer.
final class Transfers: Sendable {
    private let bus = Mutex<RecordedBus?>(nil)

    func use(_ bus: RecordedBus) {
        self.bus.withLock { $0 = bus }
    }

    func handle(_ event: RecordedEvent<Account>) async throws {
        guard case .withdrawn(let amount, let other) = event.event, let bus = bus.withLock({ $0 }) else { return }
        try await bus.send(
            .deposit(amount: amount, from: event.aggregateID.value),
            to: Account.ID(other),
            options: CommandOptions(id: Bank.deposit(after: event.id))
        )
    }
}

/// Faults are expected here: only what nobody should see is written.
struct SilentUnlessGrave: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.critical

    init(label: String) {
        self.label = label
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        FileHandle.standardError.write(Data("\(label): \(event.message) \(event.metadata ?? [:])\n".utf8))
    }
}

import ArgumentParser
import Foundation
import Logging
import Skein
import SkeinPostgres
import SkeinTesting

/// A process that sends commands and keeps two read models: a projection, and rows that are written inside appends.
///
/// It takes orders in lines: `drain` ends the sending, `stop` the process. The end of its input ends it at once.
struct ReadModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "read-models", shouldDisplay: false)

    @Argument var connection: String
    @Option var seed: UInt64
    @Option(help: "How long a batch of the projection takes, in seconds.") var pause: Double
    @Option(help: "How long a lease lasts, in milliseconds.") var lease: Int
    @Option var clients = 4

    func run() async throws {
        LoggingSystem.bootstrap { SilentUnlessGrave(label: $0) }
        let store = try await openStore()
        let bus = try makeBus(store)
        let isDraining = Signal()
        let (drained, drain) = AsyncStream.makeStream(of: Void.self)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            group.addTask { [clients, seed] in
                await withTaskGroup(of: Void.self) { group in
                    for number in 1...clients {
                        group.addTask {
                            await Self.act(on: bus, SeededRandom(seed: seed &+ UInt64(number)), isDraining)
                        }
                    }
                }
                drain.finish()
            }
            Output.line("ready")
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

    /// Pays in, again and again; what it has begun it brings to an end.
    private static func act(on bus: CommandBus, _ random: SeededRandom, _ isDraining: Signal) async {
        var random = random
        while !isDraining.isSet {
            let (from, to) = (Bank.accounts.randomElement(using: &random), Bank.accounts.randomElement(using: &random))
            guard let from, let to else { return }
            let options = CommandOptions(id: CommandID(high: random.next(), low: random.next()))
            let amount = Int.random(in: 1...60, using: &random)
            var isSettled = false
            while !isSettled {
                do {
                    try await bus.send(.deposit(amount: amount, from: from.value), to: to, options: options)
                    isSettled = true
                } catch {
                    if case .rejected(.notOpen) = error { _ = try? await bus.send(.open(balance: 0), to: to) }
                    isSettled = error.isRejection
                }
            }
            try? await Task.sleep(for: .milliseconds(Int64.random(in: 1...20, using: &random)))
        }
    }

    private func openStore() async throws -> PostgresEventStore {
        var configuration = PostgresConfiguration()
        // A process that stands still in a transaction keeps its locks for so long.
        configuration.statementTimeout = .seconds(1)
        configuration.lockTimeout = .seconds(1)
        configuration.pollInterval = .milliseconds(200)
        return try await .opened(connection, configuration)
    }

    private func makeBus(_ store: PostgresEventStore) throws -> CommandBus {
        var configuration = BusConfiguration()
        configuration.residentLimit = 8
        configuration.subscriptionPollInterval = .milliseconds(100)
        configuration.leaseDuration = .milliseconds(lease)
        let retry = RetryPolicy(
            retries: 100_000,
            backoff: Backoff(first: .milliseconds(2), longest: .milliseconds(100))
        )
        return try CommandBus(store: store, configuration: configuration, transactionalHandlers: [Entries.handler]) {
            Subscription(AccountTotals(pause: pause), failure: FailurePolicy(retry: retry))
        }
    }
}

extension CommandError {
    fileprivate var isRejection: Bool {
        if case .rejected = self { true } else { false }
    }
}

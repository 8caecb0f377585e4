import Skein
import SkeinTesting
import Synchronization
import Testing

/// Histories of real buses: all of them are accepted.
struct RealBusTests {
    private let recorder = HistoryRecorder()
    private let store = InMemoryEventStore()
    private let checker = HistoryChecker(
        checks: [
            LinearizabilityCheck(Jar.self),
            Invariant("no jar owes anything", over: Jar.self) { $0.values.allSatisfy { $0.sum >= 0 } },
        ],
        subscriptions: [ObservedSubscription("view", isDrained: true)]
    )

    private func bus(_ node: String) throws -> CommandBus {
        try CommandBus(store: store, configuration: BusConfiguration()) {
            Subscription("view") { recorder.on(Jar.self, in: "view", as: node) }
        }
    }

    /// Commands of all kinds to three jars, with ids and expectations as real clients have them.
    private func work(_ bus: RecordedBus, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        var sent: [(CommandID, Jar.Command, Jar.ID)] = []
        for _ in 0..<40 {
            let jar = Jar.ID("jar-\(Int.random(in: 0..<3, using: &random))")
            let command: Jar.Command =
                switch Int.random(in: 0..<5, using: &random) {
                case 0, 1: .put(coins: [Int.random(in: 1..<5, using: &random), 1])
                case 2, 3: .take(coin: Int.random(in: 1..<9, using: &random))
                default: .look
                }
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                _ = try await bus.state(of: jar)
            case 1:
                _ = try? await bus.send(command, to: jar, isNamed: false)
            case 2:
                let expected = ExpectedVersion.exactly(Int64.random(in: 0..<20, using: &random))
                _ = try? await bus.send(command, to: jar, options: CommandOptions(expectedVersion: expected))
            case 3:
                guard let (id, command, jar) = sent.randomElement(using: &random) else { continue }
                _ = try? await bus.send(command, to: jar, options: CommandOptions(id: id))
                _ = try await bus.outcome(of: id)
            default:
                let id = recorder.nextCommandID()
                sent.append((id, command, jar))
                _ = try? await bus.send(command, to: jar, options: CommandOptions(id: id))
            }
        }
    }

    @Test func `two buses on one store, used at the same time, leave a history without a fault`() async throws {
        let buses = [try bus("a"), try bus("b")]
        try await withThrowingTaskGroup(of: Void.self) { group in
            let runner = buses[0]
            group.addTask { try await runner.run() }
            try await withThrowingTaskGroup(of: Void.self) { clients in
                for client in 0..<6 {
                    let bus = recorder.recording(buses[client % 2], as: "client-\(client)")
                    clients.addTask { try await work(bus, seed: UInt64(client)) }
                }
                try await clients.waitForAll()
            }
            try await runner.wait(for: "view", toReach: store.head(), within: .seconds(60))
            group.cancelAll()
            try? await group.waitForAll()
        }
        let log = try await HistoryChecker.readLog(of: store)
        let history = recorder.history
        #expect(checker.check(history, against: log) == [])
        #expect(try checker.check(History(jsonLines: history.jsonLines), against: log) == [])
        #expect(log.count > 50)

        // The same history with one event less, and with one answer less true, is not accepted.
        #expect(checker.check(history, against: log.dropLast()) != [])
        var doctored = history
        doctored.entries.removeAll { entry in
            if case .handled(let delivery) = entry.observation { delivery.position == 7 } else { false }
        }
        #expect(checker.check(doctored, against: log).map(\.kind).contains(.skippedDelivery))
    }

    @Test func `what a bus refuses is taken down as what it is`() async throws {
        let bus = recorder.recording(CommandBus(store: store), as: "a")
        let jar = Jar.ID("j")
        try await bus.send(.put(coins: [1]), to: jar)
        let options = CommandOptions(expectedVersion: .exactly(7))
        _ = try? await bus.send(.look, to: jar, options: options)
        _ = try? await bus.send(.take(coin: 9), to: jar)
        _ = try? await bus.send(.look, to: Jar.ID(""))
        let answers = recorder.history.entries.compactMap { entry in
            if case .completed(_, let answer) = entry.observation { "\(answer)" } else { nil as String? }
        }
        #expect(
            answers == [
                "acknowledged: version 1, position 1, 1 events", "failed: conflict at version 1",
                "rejected: empty(sum: 1)", "failed: invalidInput",
            ]
        )
    }

    @Test func `a handler that throws has not handled its event`() async throws {
        let failures = Mutex(1)
        let bus = CommandBus(store: store) {
            Subscription("view", retry: RetryPolicy(retries: 3, backoff: Backoff(first: .zero, longest: .zero))) {
                recorder.on(Jar.self, in: "view", as: "a") { _ in
                    let fails = failures.withLock { count in
                        count -= 1
                        return count >= 0
                    }
                    if fails { throw CancellationError() }
                }
            }
        }
        let client = recorder.recording(bus, as: "client")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            let receipt = try await client.send(.put(coins: [1]), to: Jar.ID("j"))
            try await bus.wait(for: "view", toReach: receipt.position, within: .seconds(60))
            group.cancelAll()
            try? await group.waitForAll()
        }
        var seen: [String] = []
        for entry in recorder.history.entries {
            switch entry.observation {
            case .delivered: seen.append("delivered")
            case .handled: seen.append("handled")
            default: break
            }
        }
        #expect(seen == ["delivered", "delivered", "handled"])
        #expect(checker.check(recorder.history, against: try await HistoryChecker.readLog(of: store)) == [])
    }
}

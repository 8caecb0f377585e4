import Logging
import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Testing

/// Subscriptions whose checkpoint's answers are lost.
@Suite(.timeLimit(.minutes(1)))
struct SubscriptionFaultTests {
    private let place: TestStore
    private let proxy: Proxy
    private let recorder = HistoryRecorder()

    init() async throws {
        place = try await TestStore()
        proxy = try Proxy(to: place.server.socket)
    }

    private func run(_ bus: CommandBus, _ body: (RecordedBus) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            try await body(recorder.recording(bus, as: "client"))
            group.cancelAll()
            try? await group.waitForAll()
        }
    }

    private func makeBus(_ store: any EventStore) throws -> CommandBus {
        var configuration = BusConfiguration()
        configuration.checkpointInterval = .zero
        configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        return try CommandBus(store: store, configuration: configuration) {
            Subscription("view") { recorder.on(Counter.self, in: "view", as: "reader") }
        }
    }

    /// The statements that claim a checkpoint, and those that move it.
    enum Step: String, CaseIterable {
        case claim = "acquire_lease"
        case move = "update checkpoints"
    }

    @Test(arguments: Step.allCases, ProxyCut.Moment.allCases)
    func `a subscription goes on when the answer about its checkpoint is lost`(
        step: Step,
        moment: ProxyCut.Moment
    ) async throws {
        let store = try await place.open(through: proxy)
        proxy.cut(ProxyCut(moment, around: [step.rawValue]))
        try await run(try makeBus(store)) { client in
            for _ in 0..<3 {
                let receipt = try await client.send(.count, to: Counter.ID("c"))
                try await client.bus.wait(for: "view", toReach: receipt.position, within: .seconds(20))
            }
            #expect(try await place.session().wait(until: "EXISTS (SELECT FROM skein.checkpoints WHERE position = 3)"))
        }
        #expect(proxy.tally.statementCuts == [moment: 1])
        let checker = HistoryChecker(subscriptions: [ObservedSubscription("view", isDrained: true)])
        #expect(checker.check(recorder.history, against: try await store.log()) == [])
        await store.close()
    }
}

import Logging
import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting
import Testing

/// A server that crashes and comes back under those who use it.
@Suite(.timeLimit(.minutes(2)))
struct RestartTests {
    @Test func `a bus, its subscription and plain readers survive the server's crash`() async throws {
        let server = try await PostgresServer()
        let place = try await TestStore(on: server)
        let store = try await place.open()
        let recorder = HistoryRecorder()
        var configuration = BusConfiguration()
        configuration.outcomeTimeout = .seconds(20)
        configuration.subscriptionPollInterval = .milliseconds(100)
        configuration.logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        let bus = try CommandBus(store: store, configuration: configuration) {
            Subscription("view") { recorder.on(Counter.self, in: "view", as: "reader") }
        }
        let client = recorder.recording(bus, as: "client")
        let counter = Counter.ID("c")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            var last = try await client.send(.count, to: counter)
            try await bus.wait(for: "view", toReach: last.position, within: .seconds(20))
            for _ in 0..<2 {
                let id = recorder.nextCommandID()
                async let crash: Void = {
                    try await server.stop(.immediate)
                    try await server.start()
                }()
                // Sent until it is known, while the server goes and comes.
                var receipt: CommandReceipt<Counter>?
                while receipt == nil {
                    receipt = try? await client.send(.count, to: counter, options: CommandOptions(id: id))
                }
                try await crash
                last = try await client.send(.count, to: counter)
                try await bus.wait(for: "view", toReach: last.position, within: .seconds(20))
            }
            group.cancelAll()
            try? await group.waitForAll()
        }
        let log = try await store.log()
        #expect(log.map(\.version) == [1, 2, 3, 4, 5])
        let checker = HistoryChecker(
            checks: [LinearizabilityCheck(Counter.self)],
            subscriptions: [ObservedSubscription("view", isDrained: true)]
        )
        #expect(checker.check(recorder.history, against: log) == [])
        await store.close()
        await server.end()
    }
}

/// The smallest aggregate.
struct Counter: Aggregate, Equatable {
    enum Command: Codable, Equatable { case count }
    enum Event: DomainEvent, Equatable { case counted }
    typealias Rejection = Never

    var count = 0

    func decide(_ command: Command) -> [Event] { [.counted] }

    mutating func apply(_ event: Event) { count += 1 }
}

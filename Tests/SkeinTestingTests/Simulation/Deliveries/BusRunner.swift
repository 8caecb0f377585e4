import ServiceLifecycleTestKit
import Skein
import SkeinTesting

/// The real thing.
struct BusRunner: DeliveryRunner {
    private let bus: CommandBus

    init(_ handlers: [WatchedHandler], _ host: SimulatedHost, _ store: any EventStore) throws {
        var configuration = host.configuration
        configuration.subscriptionBuffer = 7
        configuration.checkpointInterval = .milliseconds(20)
        configuration.subscriptionPollInterval = .milliseconds(100)
        configuration.leaseDuration = DeliveryScenario.lease
        bus = try CommandBus(store: store, configuration: configuration) {
            handlers.map { handler in Self.subscription(handler) }
        }
    }

    private static func subscription(_ handler: WatchedHandler) -> Subscription {
        let watched = handler.subscription
        let backoff = Backoff(first: .milliseconds(1), longest: .milliseconds(20))
        let failure = FailurePolicy(
            retry: RetryPolicy(retries: watched.parks ? 1 : 100, backoff: backoff),
            then: watched.parks ? .park : .stop
        )
        guard let batch = watched.batch else {
            return Subscription(watched.name, partitions: watched.partitions, failure: failure) {
                On(BankAccount.self) { event in
                    try await handler.handle([History.Delivery(event, to: watched.name)])
                }
            }
        }
        return Subscription(
            watched.name,
            partitions: watched.partitions,
            batches: BatchSize(batch, within: .milliseconds(3)),
            failure: failure
        ) {
            On.batch(BankAccount.self) { events in
                try await handler.handle(events.map { History.Delivery($0, to: watched.name) })
            }
        }
    }

    func run(until stop: StopLine) async throws {
        try await testGracefulShutdown { trigger in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await bus.run() }
                group.addTask {
                    await stop.wait()
                    trigger.triggerGracefulShutdown()
                }
                try await group.next()
                // The bus ended first if nobody has asked for it.
                if !stop.isSet { group.cancelAll() }
                try await group.waitForAll()
            }
        }
    }
}

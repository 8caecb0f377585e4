import Skein
import SkeinTesting

/// What a process does with a subscription's events: it takes its time, fails now and then, and all of it is noted.
struct WatchedHandler: Sendable {
    let subscription: WatchedSubscription
    let host: SimulatedHost
    let ledger: DeliveryLedger
    let crashPoint: CrashPoint

    func handle(_ events: [History.Delivery]) async throws {
        for event in events { host.world.history.delivered(event, to: host.name) }
        for event in events {
            await crashPoint.pass(host)
            try await takeTime()
            guard ledger.isHealed || !subscription.isPoison(event.position) else { throw Poisoned() }
            try failNowAndThen()
            host.world.history.handled(event, by: host.name)
            await crashPoint.pass(host)
        }
        // After the effect, which then comes again.
        try failNowAndThen()
    }

    private func takeTime() async throws {
        guard subscription.pause > .zero else { return }
        let share = Int64(host.configuration.environment.random() % 1_000)
        try await host.configuration.environment.time.sleep(for: subscription.pause * share / 1_000)
    }

    private func failNowAndThen() throws {
        guard !subscription.parks, subscription.bound == nil else { return }
        guard host.configuration.environment.random() % 16 == 0 else { return }
        throw Unsteady()
    }

    struct Poisoned: Error {}
    struct Unsteady: Error {}
}

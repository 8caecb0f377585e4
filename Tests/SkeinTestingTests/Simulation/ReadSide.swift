import Skein
import SkeinTesting

/// The subscriptions of a ``BankScenario`` that all its processes share: in parts, in batches, and with parking.
///
/// What they must have done in the end is that each account's events were handled in order, all of them.
struct ReadSide: Sendable {
    static let names = ["parted", "batched", "parking"]

    private let ledgers = names.map { ($0, OrderLedger()) }

    private func ledger(_ name: String) -> OrderLedger {
        ledgers.first { $0.0 == name }?.1 ?? OrderLedger()
    }

    func subscriptions(on host: SimulatedHost) -> [Subscription] {
        let retry = RetryPolicy(retries: 20, backoff: Backoff(first: .milliseconds(1), longest: .milliseconds(50)))
        let once = RetryPolicy(retries: 1, backoff: Backoff(first: .milliseconds(1), longest: .milliseconds(1)))
        let (parted, batched, parking) = (ledger("parted"), ledger("batched"), ledger("parking"))
        return [
            Subscription("parted", partitions: 3, failure: FailurePolicy(retry: retry)) {
                host.on(BankAccount.self, in: "parted") { event in parted.handled(event) }
            },
            Subscription(
                "batched",
                batches: BatchSize(5, within: .milliseconds(3)),
                failure: FailurePolicy(retry: retry)
            ) {
                On.batch(BankAccount.self) { events in
                    guard host.random() % 8 != 0 else { throw Unhandled() }
                    for event in events { batched.handled(event) }
                    guard host.random() % 8 != 0 else { throw Unhandled() }
                }
            },
            Subscription("parking", failure: FailurePolicy(retry: once, then: .park)) {
                host.on(BankAccount.self, in: "parking") { event in
                    guard parking.isHealed || event.position % 11 != 0 else { throw Unhandled() }
                    parking.handled(event)
                }
            },
        ]
    }

    /// Heals what could not be handled, has it tried again, and holds every account's events against what was handled.
    func check(in world: SimulatedWorld) async throws {
        ledger("parking").heal()
        let bus = try CommandBus(store: world.store, configuration: BusConfiguration())
        for _ in 0..<200 {
            guard try await bus.retryParked(of: "parking") > 0 else { break }
            try await world.sleep(for: .milliseconds(200))
        }
        let log = try await world.log()
        for (name, ledger) in ledgers { try ledger.check(against: log, of: name) }
    }
}

private struct Unhandled: Error {}

extension SimulatedHost {
    fileprivate func random() -> UInt64 { configuration.environment.random() }
}

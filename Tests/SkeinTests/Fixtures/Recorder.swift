import Skein
import Synchronization

/// Notes what a handler was given, and does with it what a test wants.
final class Recorder: Sendable {
    private struct State {
        var seen: [String] = []
        var action: (@Sendable (String) async throws -> Void)?
    }

    private let state = Mutex(State())

    /// Everything that was handed over, failed attempts too.
    var seen: [String] { state.withLock { $0.seen } }

    /// Does something in each delivery from now on.
    func act(_ action: (@Sendable (String) async throws -> Void)?) {
        state.withLock { $0.action = action }
    }

    func note(_ text: String) async throws {
        let action = state.withLock { state in
            state.seen.append(text)
            return state.action
        }
        try await action?(text)
    }

    /// A route that notes `account@position`.
    var accounts: On {
        On(BankAccount.self) { event in try await self.note("\(event.aggregateID)@\(event.position)") }
    }

    /// A route that notes `thermometer@position`.
    var thermometers: On {
        On(Thermometer.self) { event in try await self.note("\(event.aggregateID)@\(event.position)") }
    }

    /// A subscription to accounts.
    func subscription(
        _ name: String = "view",
        durability: Subscription.Durability = .durable,
        retry: RetryPolicy = .standard
    ) -> Subscription {
        Subscription(name, durability: durability, retry: retry) { accounts }
    }
}

struct Broken: Error {}

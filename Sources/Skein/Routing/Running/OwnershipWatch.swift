import Synchronization

/// What the keeper of a lease and the work under it tell each other.
final class OwnershipWatch: Sendable {
    private struct State {
        var attemptBegan: Duration?
        var isLost = false
        var end: Duration
    }

    private let state: Mutex<State>
    private let timeout: Duration?

    /// - Parameters:
    ///   - end: Until when nobody else takes the partition; nil if nobody ever does.
    ///   - timeout: How long an attempt may take.
    init(until end: Duration?, timeout: Duration?) {
        state = Mutex(State(end: end ?? .seconds(Int64.max)))
        self.timeout = timeout
    }

    /// Whether the partition is, or may be, somebody else's: nothing may be done with it any more.
    var isLost: Bool { state.withLock { $0.isLost } }

    /// Until when nobody else takes the partition, by this process's clock.
    var end: Duration { state.withLock { $0.end } }

    func extend(to end: Duration) {
        state.withLock { $0.end = max($0.end, end) }
    }

    func lose() {
        state.withLock { $0.isLost = true }
    }

    /// Notes the begin of an attempt, or with nil its end.
    func attempt(began: Duration?) {
        state.withLock { $0.attemptBegan = began }
    }

    /// Whether an attempt has gone on for longer than it may.
    func isOverdue(at now: Duration) -> Bool {
        guard let timeout, let began = state.withLock({ $0.attemptBegan }) else { return false }
        return now - began > timeout
    }
}

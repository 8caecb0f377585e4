import Synchronization

/// How far a subscription has come, and who waits for it to come further.
final class SubscriptionProgress: Sendable {
    private struct Waiter {
        let position: Int64
        let continuation: CheckedContinuation<Result<Void, SubscriptionWaitError>, Never>
    }

    private struct State {
        var activity = SubscriptionStatus.Activity.idle
        var position: Int64 = 0
        var waiters: [Int: Waiter] = [:]
        var nextKey = 0
        /// Who waits for the end of the run.
        var onEnd: WakeUp?
    }

    let name: String
    private let state = Mutex(State())

    init(name: String) {
        self.name = name
    }

    var status: SubscriptionStatus {
        state.withLock { SubscriptionStatus(name: name, activity: $0.activity, position: $0.position) }
    }

    func start(at position: Int64) {
        state.withLock { state in
            state.activity = .running
            state.position = position
        }
        advance(to: position)
    }

    /// Notes that everything up to a position is done.
    func advance(to position: Int64) {
        let reached = state.withLock { state in
            state.position = position
            guard !state.waiters.isEmpty else { return [Waiter]() }
            let reached = state.waiters.filter { $0.value.position <= position }.sorted { $0.key < $1.key }
            for (key, _) in reached { state.waiters[key] = nil }
            return reached.map(\.value)
        }
        for waiter in reached { waiter.continuation.resume(returning: .success(())) }
    }

    func stop(_ error: SubscriptionError) {
        let waiters = state.withLock { state in
            state.activity = .stopped(error)
            state.onEnd?.signal()
            defer { state.waiters = [:] }
            return state.waiters.sorted { $0.key < $1.key }.map(\.value)
        }
        for waiter in waiters {
            waiter.continuation.resume(returning: .failure(.stopped(subscription: name, error)))
        }
    }

    /// Notes that the bus does not run any more; who waits goes on waiting until the time is up.
    func rest() {
        state.withLock { state in
            if case .running = state.activity { state.activity = .idle }
            state.onEnd?.signal()
        }
    }

    /// Returns when the subscription is not running any more, or the task is cancelled. For one task at a time.
    func ended() async {
        let wakeUp: WakeUp? = state.withLock { state in
            guard case .running = state.activity else { return nil }
            let wakeUp = WakeUp()
            state.onEnd = wakeUp
            return wakeUp
        }
        await wakeUp?.wait()
    }

    /// Waits until a position is done. Throws if the subscription stops or the task is cancelled.
    func wait(for position: Int64) async throws(SubscriptionWaitError) {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Result<Void, SubscriptionWaitError>? = state.withLock { state in
                    if state.position >= position { return .success(()) }
                    if case .stopped(let error) = state.activity {
                        return .failure(.stopped(subscription: name, error))
                    }
                    if Task.isCancelled { return .failure(.cancelled) }
                    state.waiters[key] = Waiter(position: position, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: key) }
            waiter?.continuation.resume(returning: .failure(.cancelled))
        }
        try result.get()
    }
}

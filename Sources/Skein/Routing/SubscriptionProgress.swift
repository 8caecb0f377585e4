import Synchronization

/// How far a partition of a subscription has come here, and who waits for it to come further.
final class SubscriptionProgress: Sendable {
    /// What a wait came to.
    enum Arrival: Sendable {
        case reached
        /// Another process runs the partition, as far as is known here; its checkpoint tells.
        case elsewhere
    }

    private struct Waiter {
        let position: Int64
        let continuation: CheckedContinuation<Result<Arrival, SubscriptionWaitError>, Never>
    }

    private struct State {
        var activity = SubscriptionStatus.Activity.idle
        /// From the start of ``EventRouter/run(until:)`` to its end, whatever is done meanwhile.
        var isActive = false
        var position: Int64 = 0
        var head: Int64 = 0
        var parked = 0
        /// Nil for a subscription that nobody can ask for anything through the store.
        var requestsLookedAt: Duration?
        var meter = RateMeter()
        var waiters: [Int: Waiter] = [:]
        var nextKey = 0
        /// Who waits for the end of the run.
        var onEnd: WakeUp?

        func isLookDue(at now: Duration, _ interval: Duration) -> Bool {
            requestsLookedAt.map { now - $0 >= interval } ?? false
        }

        mutating func takeWaiters(where isMeant: (Waiter) -> Bool = { _ in true }) -> [Waiter] {
            guard !waiters.isEmpty else { return [] }
            let taken = waiters.filter { isMeant($0.value) }.sorted { $0.key < $1.key }
            for (key, _) in taken { waiters[key] = nil }
            return taken.map(\.value)
        }
    }

    let partition: SubscriptionPartition
    /// Wakes the runner when there may be something to do.
    let wakeUp = WakeUp()
    private let state = Mutex(State())

    init(_ partition: SubscriptionPartition) {
        self.partition = partition
    }

    func status(at now: Duration) -> SubscriptionStatus.Partition {
        state.withLock { state in
            SubscriptionStatus.Partition(
                activity: state.activity,
                position: state.position,
                lag: max(0, state.head - state.position),
                rate: state.meter.rate(at: now),
                parked: state.parked
            )
        }
    }

    var position: Int64 { state.withLock { $0.position } }

    var isActive: Bool { state.withLock { $0.isActive } }

    var isRunning: Bool {
        state.withLock { state in
            switch state.activity {
            case .running, .paused: true
            case .idle, .waiting, .stopped: false
            }
        }
    }

    /// Whether there is something to do, for who went to sleep at the end of the log as it was then.
    ///
    /// - Parameters:
    ///   - head: Where the log ends by now.
    ///   - interval: How long requests may lie there; five times that if nothing is parked or paused.
    func wantsWakeUp(at head: Int64, _ now: Duration, interval: Duration) -> Bool {
        state.withLock { state in
            switch state.activity {
            case .running: head > state.head || state.parked > 0 || state.isLookDue(at: now, interval * 5)
            case .paused: true
            case .idle, .waiting, .stopped: false
            }
        }
    }

    /// Whether the last look for requests was so long ago; false if there never was one.
    func isLookDue(at now: Duration, _ interval: Duration) -> Bool {
        state.withLock { $0.isLookDue(at: now, interval) }
    }

    /// Notes that somebody has looked for requests.
    func lookForRequests(at now: Duration) {
        state.withLock { $0.requestsLookedAt = now }
    }

    /// Notes that a run begins in which the partition is to be run, as soon as it is owned.
    func begin() {
        state.withLock { $0.isActive = true }
    }

    func start(at position: Int64, isPaused: Bool) {
        state.withLock { state in
            state.activity = isPaused ? .paused : .running
            state.position = position
        }
        advance(to: position, handling: 0, at: .zero)
    }

    /// Notes that everything up to a position is done, with so many events.
    func advance(to position: Int64, handling count: Int, at now: Duration) {
        let reached = state.withLock { state in
            state.position = position
            if count > 0 { state.meter.add(count, at: now) }
            return state.takeWaiters { $0.position <= position }
        }
        for waiter in reached { waiter.continuation.resume(returning: .success(.reached)) }
    }

    func look(at head: Int64, parked: Int) {
        state.withLock { state in
            state.head = head
            state.parked = parked
        }
    }

    func look(parked: Int) {
        state.withLock { $0.parked = parked }
    }

    func pause(_ isPaused: Bool) {
        state.withLock { $0.activity = isPaused ? .paused : .running }
    }

    /// Notes that another process has the partition; who waits for it must look there.
    func wait(for owner: String) {
        let waiters = state.withLock { state in
            state.activity = .waiting(for: owner)
            return state.takeWaiters()
        }
        for waiter in waiters { waiter.continuation.resume(returning: .success(.elsewhere)) }
    }

    func stop(_ error: SubscriptionError) {
        let waiters = state.withLock { state in
            state.activity = .stopped(error)
            return state.takeWaiters()
        }
        let name = partition.subscription
        for waiter in waiters {
            waiter.continuation.resume(returning: .failure(.stopped(subscription: name, error)))
        }
    }

    /// Notes that the bus does not run any more; who waits goes on waiting until the time is up.
    func rest() {
        state.withLock { state in
            state.isActive = false
            if case .stopped = state.activity {} else { state.activity = .idle }
            state.onEnd?.signal()
        }
    }

    /// Returns when the partition is not run any more, or the task is cancelled. For one task at a time.
    func ended() async {
        let wakeUp: WakeUp? = state.withLock { state in
            guard state.isActive else { return nil }
            let wakeUp = WakeUp()
            state.onEnd = wakeUp
            return wakeUp
        }
        await wakeUp?.wait()
    }

    /// Waits until a position is done here. Throws if the partition stops or the task is cancelled.
    func wait(for position: Int64) async throws(SubscriptionWaitError) -> Arrival {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let result: Result<Arrival, SubscriptionWaitError>? = state.withLock { state in
                    if state.position >= position { return .success(.reached) }
                    if Task.isCancelled { return .failure(.cancelled) }
                    switch state.activity {
                    case .stopped(let error):
                        return .failure(.stopped(subscription: partition.subscription, error))
                    case .waiting: return .success(.elsewhere)
                    case .idle, .running, .paused: break
                    }
                    state.waiters[key] = Waiter(position: position, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(returning: result) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: key) }
            waiter?.continuation.resume(returning: .failure(.cancelled))
        }
        return try result.get()
    }
}

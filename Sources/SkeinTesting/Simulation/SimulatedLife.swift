import Synchronization

/// One life of a node: everything that runs on its executor, which stops at once when it crashes.
final class SimulatedLife<Service: Sendable>: Sendable {
    private struct State {
        var nextKey = 0
        var tasks: [Int: Task<Void, Never>] = [:]
        var ended: Set<Int> = []
        /// Who waits for an answer, and must be told if none comes.
        var callers: [(key: Int, fail: @Sendable () -> Void)] = []
        var hasCrashed = false
    }

    let host: SimulatedHost
    let service: Service
    let time: SimulatedTime
    let store: SimulatedStore
    private let executor: SimulatedExecutor
    private let state = Mutex(State())

    init(
        _ host: SimulatedHost,
        _ service: Service,
        _ executor: SimulatedExecutor,
        _ time: SimulatedTime,
        _ store: SimulatedStore
    ) {
        self.host = host
        self.service = service
        self.executor = executor
        self.time = time
        self.store = store
    }

    var hasCrashed: Bool { state.withLock { $0.hasCrashed } }

    /// Whether nothing runs any more.
    var isOver: Bool { state.withLock { $0.tasks.isEmpty } }

    /// Starts something in the process.
    @discardableResult
    func start(_ operation: @escaping @Sendable (Service) async -> Void) -> Task<Void, Never> {
        let key = state.withLock { state in
            state.nextKey += 1
            return state.nextKey
        }
        let task = Task(executorPreference: executor) {
            await operation(self.service)
            self.end(key)
        }
        state.withLock { state in
            if state.ended.remove(key) == nil { state.tasks[key] = task }
        }
        return task
    }

    private func end(_ key: Int) {
        state.withLock { state in
            if state.tasks.removeValue(forKey: key) == nil { state.ended.insert(key) }
        }
    }

    /// Does something in the process, and waits for it on the caller's side; fails if the process crashes meanwhile.
    func perform<Value: Sendable>(
        _ operation: @escaping @Sendable (Service) async throws -> Value
    ) async throws -> Value {
        let world = host.world
        let answer = Answer<Value>()
        let crash = SimulatedCrash(node: host.name)
        let key = world.scheduler.makeKey()
        let isUp = state.withLock { state in
            guard !state.hasCrashed else { return false }
            state.callers.append((key, { answer.give(.failure(crash)) }))
            return true
        }
        guard isUp else { throw crash }
        let task = start { service in
            let result: Result<Value, any Error>
            do { result = .success(try await operation(service)) } catch { result = .failure(error) }
            self.state.withLock { $0.callers.removeAll { $0.key == key } }
            answer.give(result)
        }
        if world.faults.occurs(.cancellation) {
            let delay = world.faults.duration(upTo: .milliseconds(20))
            _ = world.scheduler.schedule(after: delay, Scheduler.Work(executor: executor.key) { task.cancel() })
        }
        return try await withTaskCancellationHandler {
            try await answer.value()
        } onCancel: {
            task.cancel()
        }
    }

    /// Stops everything at once, in the midst of whatever it does.
    func crash() {
        host.world.scheduler.freeze(executor.key)
        let callers = state.withLock { state in
            state.hasCrashed = true
            defer { state.callers = [] }
            return state.callers
        }
        for caller in callers { caller.fail() }
    }

    /// Stops everything in the midst of whatever it does, and lets it go on after a time, unless it has crashed by then.
    func hold(for duration: Duration) {
        let scheduler = host.world.scheduler
        scheduler.freeze(executor.key)
        let release = Scheduler.Work(executor: host.world.executor.key) {
            if !self.hasCrashed { scheduler.thaw(self.executor.key) }
        }
        _ = scheduler.schedule(after: duration, release)
    }

    /// Lets everything come to its end, once nobody looks at its effects any more.
    func bury() {
        if hasCrashed { store.end() }
        host.world.scheduler.thaw(executor.key)
        host.world.durable.forget(executor.key)
        let tasks = state.withLock { $0.tasks }
        for (_, task) in tasks.sorted(by: { $0.key < $1.key }) { task.cancel() }
    }
}

/// A value that comes once, for one who waits.
private final class Answer<Value: Sendable>: Sendable {
    private enum Phase {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case given(Result<Value, any Error>)
        case over
    }

    private let phase = Mutex(Phase.open)

    func give(_ result: Result<Value, any Error>) {
        let continuation: CheckedContinuation<Value, any Error>? = phase.withLock { phase in
            switch phase {
            case .open:
                phase = .given(result)
                return nil
            case .awaited(let continuation):
                phase = .over
                return continuation
            case .given, .over:
                return nil
            }
        }
        continuation?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = phase.withLock { phase in
                guard case .given(let result) = phase else {
                    phase = .awaited(continuation)
                    return nil
                }
                phase = .over
                return result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}

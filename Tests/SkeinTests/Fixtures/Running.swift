import Synchronization

/// Something that runs on a ``ManualExecutor``; a test can look whether it is over without waiting for it.
final class Running<Value: Sendable, Failure: Error>: Sendable {
    private let executor: ManualExecutor
    private let outcome = Mutex<Result<Value, Failure>?>(nil)
    private let task = Mutex<Task<Void, any Error>?>(nil)

    init(on executor: ManualExecutor, _ operation: @escaping @Sendable () async throws(Failure) -> Value) {
        self.executor = executor
        let task = executor.start {
            let result: Result<Value, Failure>
            do throws(Failure) { result = .success(try await operation()) } catch { result = .failure(error) }
            self.outcome.withLock { $0 = result }
        }
        self.task.withLock { $0 = task }
    }

    var isOver: Bool { outcome.withLock { $0 != nil } }

    /// What came out; nil if it is not over or has thrown.
    var value: Value? { outcome.withLock { try? $0?.get() } }

    /// What was thrown; nil if it is not over or has not thrown.
    var error: Failure? {
        outcome.withLock { outcome in
            if case .failure(let error)? = outcome { error } else { nil }
        }
    }

    /// Cancels the task and runs everything until nothing can go on by itself.
    func cancel() {
        task.withLock { $0 }?.cancel()
        executor.settle()
    }
}

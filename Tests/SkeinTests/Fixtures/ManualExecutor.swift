import Synchronization

/// Runs tasks one job after the other on the caller's thread, so that a test decides what has happened when.
final class ManualExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let isLastFirst: Bool

    /// - Parameter isLastFirst: Whether what became ready last runs first, to turn races around.
    init(isLastFirst: Bool = false) {
        self.isLastFirst = isLastFirst
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Starts a task and runs everything until nothing can go on by itself.
    @discardableResult
    func start<Value: Sendable>(
        _ operation: @escaping @Sendable () async throws -> Value
    ) -> Task<Value, any Error> {
        let task = Task(executorPreference: self, operation: operation)
        settle()
        return task
    }

    /// Runs everything until nothing can go on by itself.
    func settle() {
        while let job = next() {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    private func next() -> UnownedJob? {
        jobs.withLock { jobs in
            guard !jobs.isEmpty else { return nil }
            return isLastFirst ? jobs.removeLast() : jobs.removeFirst()
        }
    }
}

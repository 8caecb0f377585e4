public import Skein
import Synchronization

/// The clocks of a simulated process: sleeping takes no time, the time of day may be wrong, and both follow from the seed.
public final class SimulatedTime: TimeSource {
    private let scheduler: Scheduler
    private let executor: Int
    /// By how much this process's time of day is wrong.
    private let error = Mutex(Duration.zero)

    init(_ scheduler: Scheduler, executor: Int) {
        self.scheduler = scheduler
        self.executor = executor
    }

    /// The simulation's first moment.
    static let start = Timestamp(microseconds: 1_700_000_000_000_000)

    public func now() -> Timestamp {
        let passed = uptime() + error.withLock { $0 }
        return Timestamp(microseconds: Self.start.microseconds + passed.microseconds)
    }

    public func uptime() -> Duration {
        scheduler.checkThread("a task asked for the time")
        return scheduler.now
    }

    public func sleep(for duration: Duration) async throws {
        scheduler.checkThread("a task went to sleep")
        guard await scheduler.sleep(for: duration, executor) else { throw CancellationError() }
    }

    /// Sets the time of day forward or back.
    func jump(by duration: Duration) {
        error.withLock { $0 += duration }
    }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}

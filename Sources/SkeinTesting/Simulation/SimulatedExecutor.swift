/// Runs the tasks of one simulated process; which of all ready jobs is next is the ``Scheduler``'s choice.
final class SimulatedExecutor: TaskExecutor {
    let key: Int
    private let scheduler: Scheduler

    init(_ scheduler: Scheduler) {
        self.scheduler = scheduler
        key = scheduler.makeKey()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        scheduler.add(Scheduler.Work(UnownedJob(job), on: self))
    }
}

import HeapModule
import Skein
import Synchronization

/// Decides by a seed what runs next, and keeps the virtual time, which passes only here.
///
/// Everything runs on the thread that calls ``run(until:)``. What comes from another thread is an escape from the
/// simulation: it is noted and ends the run, because it would not come at the same moment again.
final class Scheduler: Sendable {
    /// Something that can run at once.
    struct Work: Sendable {
        /// Which ``SimulatedExecutor`` it belongs to.
        let executor: Int
        /// Whether it only resumes a task, which then runs in the same step.
        var isResumption = false
        private let kind: Kind

        private enum Kind {
            case job(UnownedJob, SimulatedExecutor)
            case action(@Sendable () -> Void)
        }

        init(executor: Int, isResumption: Bool = false, perform: @escaping @Sendable () -> Void) {
            self.executor = executor
            self.isResumption = isResumption
            kind = .action(perform)
        }

        /// A job as it is, for there are thousands in a run.
        init(_ job: UnownedJob, on executor: SimulatedExecutor) {
            self.executor = executor.key
            kind = .job(job, executor)
        }

        func perform() {
            switch kind {
            case .job(let job, let executor): job.runSynchronously(on: executor.asUnownedTaskExecutor())
            case .action(let action): action()
            }
        }
    }

    /// Why ``Scheduler/run(until:)`` stopped early.
    enum Stop: Error, Equatable {
        case idle
        case tooManySteps(Int)
        case tooLong(Duration)
        case escaped(String)
    }

    fileprivate struct Timer: Comparable {
        let end: Duration
        let key: Int

        static func < (one: Timer, other: Timer) -> Bool { (one.end, one.key) < (other.end, other.key) }
    }

    fileprivate struct State {
        var random: SeededRandom
        var stepLimit: Int
        var timeLimit: Duration
        var ready: [Work] = []
        var timers = Heap<Timer>()
        var actions: [Int: Work] = [:]
        /// What belongs to crashed or held processes and must not run: it waits here until it is let go.
        var frozen: [Int: [Work]] = [:]
        var now: Duration = .zero
        var steps = 0
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var nextKey = 0
        var escape: String?
        /// Set while a task is being resumed: what the resumption makes ready.
        var isResuming = false
        var resumed: Work?
    }

    private let state: Mutex<State>
    private let thread = Atomic<UInt>(0)

    init(seed: UInt64, stepLimit: Int, timeLimit: Duration) {
        state = Mutex(State(random: SeededRandom(seed: seed), stepLimit: stepLimit, timeLimit: timeLimit))
    }

    var now: Duration { state.withLock { $0.now } }
    var steps: Int { state.withLock { $0.steps } }
    var hash: UInt64 { state.withLock { $0.hash } }

    func makeKey() -> Int {
        state.withLock { $0.makeKey() }
    }

    /// Makes the trace's hash depend on something that happened.
    func mixIn(_ value: UInt64) {
        state.withLock { $0.mixIn(value) }
    }

    /// Notes an escape if the caller is not on the simulation's thread.
    func checkThread(_ what: @autoclosure () -> String) {
        let thread = thread.load(ordering: .relaxed)
        guard thread != 0, thread != ThreadIdentity.current else { return }
        let text = what()
        state.withLock { state in
            if state.escape == nil { state.escape = text }
        }
    }

    func add(_ work: Work) {
        checkThread("a task was resumed")
        state.withLock { $0.add(work) }
    }

    /// Does something at a later time, if it is not taken back before.
    func schedule(after delay: Duration, _ work: Work) -> Int {
        state.withLock { state in
            let key = state.makeKey()
            state.actions[key] = work
            state.timers.insert(Timer(end: state.now + max(delay, .zero), key: key))
            return key
        }
    }

    /// Takes back what was to be done later; false if it has been done.
    func unschedule(_ key: Int) -> Bool {
        state.withLock { $0.actions.removeValue(forKey: key) != nil }
    }

    /// Allows for more of both, so that what is left over can end.
    func extendLimits(steps: Int, time: Duration) {
        state.withLock { state in
            state.stepLimit = state.steps + steps
            state.timeLimit = state.now + time
        }
    }

    /// Keeps everything of a process from running.
    func freeze(_ executor: Int) {
        state.withLock { state in
            state.frozen[executor, default: []] += state.ready.filter { $0.executor == executor }
            state.ready.removeAll { $0.executor == executor }
        }
    }

    /// Lets a process run again.
    func thaw(_ executor: Int) {
        state.withLock { state in
            for work in state.frozen.removeValue(forKey: executor) ?? [] { state.ready.append(work) }
        }
    }

    /// Runs one thing after the other until a condition holds.
    func run(until isDone: () -> Bool) throws(Stop) {
        thread.store(ThreadIdentity.current, ordering: .relaxed)
        defer { thread.store(0, ordering: .relaxed) }
        while !isDone() {
            let work = try state.withLock { state throws(Stop) in
                if let escape = state.escape { throw .escaped(escape) }
                guard state.steps < state.stepLimit else { throw .tooManySteps(state.steps) }
                guard state.now < state.timeLimit else { throw .tooLong(state.now) }
                return state.next()
            }
            guard let work else { throw .idle }
            work.perform()
            if work.isResumption {
                let resumed = state.withLock { $0.takeResumed() }
                resumed?.perform()
            }
        }
    }
}

extension Scheduler.State {
    fileprivate mutating func makeKey() -> Int {
        nextKey += 1
        return nextKey
    }

    fileprivate mutating func mixIn(_ value: UInt64) {
        hash = SeededRandom.mix(hash ^ value)
    }

    fileprivate mutating func add(_ work: Scheduler.Work) {
        if !frozen.isEmpty, frozen[work.executor] != nil {
            frozen[work.executor]?.append(work)
        } else if isResuming, resumed == nil {
            resumed = work
        } else {
            ready.append(work)
        }
    }

    /// Takes one of the things that are ready; if there is none, lets time pass until there is. Nil if nothing will be.
    fileprivate mutating func next() -> Scheduler.Work? {
        steps += 1
        // Each step takes a little time, so that deadlines pass in the midst of work as well.
        now += .microseconds(Int64(random.next() & 15))
        wake()
        while ready.isEmpty {
            guard let timer = timers.min else { return nil }
            now = max(now, timer.end)
            wake()
        }
        let index = Int(random.next(upperBound: UInt64(ready.count)))
        ready.swapAt(index, ready.count - 1)
        let work = ready.removeLast()
        mixIn(UInt64(ready.count) << 32 ^ UInt64(index) << 16 ^ UInt64(work.executor))
        isResuming = work.isResumption
        return work
    }

    fileprivate mutating func takeResumed() -> Scheduler.Work? {
        isResuming = false
        defer { resumed = nil }
        return resumed
    }

    private mutating func wake() {
        while let timer = timers.min, timer.end <= now {
            timers.removeMin()
            if let work = actions.removeValue(forKey: timer.key) { add(work) }
        }
    }
}

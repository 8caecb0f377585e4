import Skein
import Synchronization

extension Simulation {
    /// Runs a scenario with one seed on the calling thread, from its start until nothing of it is left.
    func once(
        _ seed: UInt64,
        isTraced: Bool,
        _ scenario: @escaping Scenario
    ) throws(SimulationFailure) -> SimulationReport {
        let world = SimulatedWorld(seed: seed, self, isTraced: isTraced)
        let scheduler = world.scheduler
        let outcome = Mutex<Result<Void, any Error>?>(nil)
        let task = Task(executorPreference: world.executor) {
            let result: Result<Void, any Error>
            do { result = .success(try await scenario(world)) } catch { result = .failure(error) }
            outcome.withLock { $0 = result }
        }
        var failure: (reason: String, cause: (any Error)?)?
        do throws(Scheduler.Stop) {
            try scheduler.run { outcome.withLock { $0 != nil } || world.failure != nil }
            if let reason = world.failure {
                failure = (reason, nil)
            } else if case .failure(let error)? = outcome.withLock({ $0 }) {
                failure = ("\(error)", error)
            }
        } catch {
            failure = (error.reason, error)
        }
        let hash = world.finalHash()
        let steps = scheduler.steps
        task.cancel()
        world.bury()
        scheduler.extendLimits(steps: 200_000, time: .seconds(600))
        do throws(Scheduler.Stop) {
            try scheduler.run { world.isOver && outcome.withLock { $0 != nil } }
        } catch {
            failure = failure ?? ("after its cancellation something goes on or waits for ever: \(error.reason)", error)
        }
        if let failure {
            throw SimulationFailure(
                seed: seed,
                reason: failure.reason,
                cause: failure.cause,
                traceHash: hash,
                trace: world.trace.text
            )
        }
        return SimulationReport(
            runs: 1,
            steps: steps,
            faults: world.faults.counts,
            traceHashes: [seed: hash],
            virtualTime: scheduler.now
        )
    }
}

extension Scheduler.Stop {
    /// What it means to who wrote the scenario.
    fileprivate var reason: String {
        switch self {
        case .idle:
            """
            nothing can go on: the scenario waits for something that nobody does, or for a task that runs outside of the \
            simulation, such as one of Task.detached or a thread
            """
        case .tooManySteps(let steps):
            "it is not over after \(steps) steps"
        case .tooLong(let time):
            """
            it is not over after \(time) of virtual time: the scenario waits for something that nobody does, or for a \
            task that runs outside of the simulation, such as one of Task.detached or a thread
            """
        case .escaped(let what):
            """
            \(what) outside of the simulation: on a thread that does not belong to it. Task.init, Task.detached, threads \
            and actors with an executor of their own are not simulated; use task groups and async let
            """
        }
    }
}

extension SimulatedWorld {
    /// The hash of all decisions, among them where every append was stored.
    fileprivate func finalHash() -> UInt64 {
        scheduler.hash
    }
}

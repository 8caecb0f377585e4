import Foundation
import Skein
import Synchronization

/// Runs a scenario with several processes on one store under many seeds, each of them another history of the world.
///
/// **Simulated** are: which task runs next, on one thread for each seed; time, which passes in no time; ids and random
/// numbers; the store of all processes, its delays and failures; crashes of processes, at any suspension; lost leases;
/// failing handlers; senders that give up. The same seed gives the same run, on every machine with the same build.
///
/// **Not simulated** are: two threads in one piece of code, so no data races; what SQLite, PostgreSQL or a network
/// really do, so run the store's conformance suite as well; actors with an executor of their own; tasks that do not
/// inherit the executor, which are `Task.init` and `Task.detached`, and threads. A run in which one of those touches the
/// simulation fails and says so. Clocks, ids and random numbers of the scenario's own code must come from the world or
/// the host, and nothing may depend on the order of a `Set` or a `Dictionary`.
public struct Simulation: Sendable {
    public typealias Scenario = @Sendable (SimulatedWorld) async throws -> Void

    /// What goes wrong, and how often. Each seed draws from these which of them it has, and how often.
    public var faults: SimulatedFaults

    /// The most steps of one seed, a step being what runs between two suspensions.
    public var stepLimit = 1_000_000

    /// The most virtual time of one seed.
    public var timeLimit: Duration = .seconds(3_600)

    /// How many seeds run at the same time; the default is the number of processors.
    public var parallelism = ProcessInfo.processInfo.activeProcessorCount

    /// Creates a simulation.
    public init(faults: SimulatedFaults = .all) {
        self.faults = faults
    }

    /// Runs a scenario once with each seed. Throws for the smallest seed that fails, with its trace.
    @discardableResult
    public func run(
        seeds: ClosedRange<UInt64>,
        _ scenario: @escaping Scenario
    ) async throws(SimulationFailure) -> SimulationReport {
        let queue = SeedQueue(seeds)
        let report = await withTaskGroup(of: SimulationReport.self) { group in
            for _ in 0..<max(1, parallelism) {
                group.addTask {
                    var report = SimulationReport()
                    while let seed = queue.next(), !Task.isCancelled {
                        do throws(SimulationFailure) {
                            report.add(try once(seed, isTraced: false, scenario))
                        } catch {
                            queue.end(with: error)
                        }
                    }
                    return report
                }
            }
            var report = SimulationReport()
            for await part in group { report.add(part) }
            return report
        }
        guard let failure = queue.failure else { return report }
        // Once more, with a trace: that it fails in the same way shows that the seed is enough.
        do throws(SimulationFailure) {
            _ = try once(failure.seed, isTraced: true, scenario)
        } catch {
            guard error.traceHash == failure.traceHash else { throw failure.unrepeatable(error) }
            throw error
        }
        throw failure.unrepeatable(nil)
    }

    /// Runs a scenario with one seed, with a trace. This is how a failure is repeated.
    @discardableResult
    public func run(
        seed: UInt64,
        _ scenario: @escaping Scenario
    ) async throws(SimulationFailure) -> SimulationReport {
        try once(seed, isTraced: true, scenario)
    }
}

/// Hands out the seeds, from the smallest on, until one has failed.
private final class SeedQueue: Sendable {
    private let state: Mutex<(next: UInt64?, failure: SimulationFailure?)>
    private let last: UInt64

    init(_ seeds: ClosedRange<UInt64>) {
        state = Mutex((seeds.lowerBound, nil))
        last = seeds.upperBound
    }

    var failure: SimulationFailure? { state.withLock { $0.failure } }

    func next() -> UInt64? {
        state.withLock { state in
            guard state.failure == nil, let seed = state.next else { return nil }
            state.next = seed < last ? seed + 1 : nil
            return seed
        }
    }

    func end(with failure: SimulationFailure) {
        state.withLock { state in
            if failure.seed < state.failure?.seed ?? .max { state.failure = failure }
        }
    }
}

extension SimulationFailure {
    /// The same failure, which did not come again with the same seed.
    fileprivate func unrepeatable(_ second: SimulationFailure?) -> SimulationFailure {
        let now = second.map { "failed in another way, with \($0.reason)" } ?? "went well"
        return SimulationFailure(
            seed: seed,
            reason: """
                \(reason)
                The same seed \(now) the second time: something in the scenario does not follow from the seed, such as \
                a clock, a random number, the order of a Set or a Dictionary, or what an earlier run has left behind.
                """,
            cause: cause,
            traceHash: traceHash,
            trace: second?.trace ?? []
        )
    }
}

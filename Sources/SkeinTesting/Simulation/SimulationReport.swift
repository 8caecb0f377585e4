/// What runs of a simulation amounted to.
public struct SimulationReport: Hashable, Sendable {
    /// How many seeds went well.
    public internal(set) var runs = 0

    /// How many steps they took.
    public internal(set) var steps = 0

    /// How often each fault happened.
    public internal(set) var faults: [SimulatedFault: Int] = [:]

    /// The hash of each seed's run: of every decision of the executor and every stored event.
    public internal(set) var traceHashes: [UInt64: UInt64] = [:]

    /// How much virtual time has passed.
    public internal(set) var virtualTime: Duration = .zero

    mutating func add(_ other: SimulationReport) {
        runs += other.runs
        steps += other.steps
        virtualTime += other.virtualTime
        faults.merge(other.faults, uniquingKeysWith: +)
        traceHashes.merge(other.traceHashes) { $1 }
    }
}

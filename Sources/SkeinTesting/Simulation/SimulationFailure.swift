/// A seed with which a scenario does not go well, and what happened up to there.
public struct SimulationFailure: Error, Sendable {
    /// The seed that repeats it: `run(seed:)` of the same simulation with the same scenario.
    public let seed: UInt64

    /// What went wrong.
    public let reason: String

    /// The error that the scenario threw; nil if something else went wrong.
    public let cause: (any Error)?

    /// The hash of everything that was decided; the same seed gives the same one.
    public let traceHash: UInt64

    /// What happened, line by line: step, virtual time, process, event.
    public let trace: [String]
}

extension SimulationFailure: CustomStringConvertible {
    public var description: String {
        let shown = 200
        var lines = ["seed \(seed): \(reason)", "Repeat it with run(seed: \(seed)). Trace hash \(traceHash)."]
        if trace.count > shown { lines.append("… \(trace.count - shown) lines before") }
        return (lines + trace.suffix(shown)).joined(separator: "\n")
    }
}

/// The process that was asked to do something has crashed, or is down: nobody can tell from this what was done.
public struct SimulatedCrash: Error, Hashable, Sendable {
    /// The process's name.
    public let node: String
}

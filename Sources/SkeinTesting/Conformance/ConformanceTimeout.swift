/// A case did not end in time: something that the contract promises never came.
public struct ConformanceTimeout: Error, Hashable, Sendable, CustomStringConvertible {
    /// How long it was waited for.
    public let limit: Duration

    public var description: String { "it did not end within \(limit): a call or a signal never came back" }
}

public import Testing

/// A rule of a contract that was broken, with what was expected, what was found, and the line that looked.
public struct ConformanceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected and what was found.
    public let message: String

    /// The line of the case that found it.
    public let location: SourceLocation

    /// Creates a failure; for those who write cases.
    public init(_ message: String, at location: SourceLocation) {
        self.message = message
        self.location = location
    }

    public var description: String { "\(message) (\(location.fileID):\(location.line))" }
}

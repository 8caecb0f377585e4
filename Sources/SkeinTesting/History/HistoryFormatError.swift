/// A history that cannot be read.
public struct HistoryFormatError: Error, Hashable, Sendable {
    /// The number of the line, from 1.
    public let line: Int

    /// What is wrong with it, in words.
    public let reason: String

    /// Creates an error.
    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }
}

extension HistoryFormatError: CustomStringConvertible {
    public var description: String { "line \(line): \(reason)" }
}

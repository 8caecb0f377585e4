/// Input that Skein refuses before it touches anything, and the rule that it breaks.
public struct InvalidInput: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong, such as `aggregate id` or `page size`.
    public let field: String

    /// The rule and where it was broken. It never repeats the input itself.
    public let reason: String

    /// Creates a refusal.
    public init(field: String, reason: String) {
        self.field = field
        self.reason = reason
    }

    public var description: String { "invalid \(field): \(reason)" }
}

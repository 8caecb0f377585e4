public import Testing

/// The small checks that cases are made of; they throw what they find as a ``ConformanceFailure``.
public enum ConformanceCheck {
    /// Throws unless a value is the expected one.
    public static func check<Value: Equatable>(
        _ actual: Value,
        is expected: Value,
        _ what: String = "",
        at location: SourceLocation = #_sourceLocation
    ) throws(ConformanceFailure) {
        guard actual != expected else { return }
        let subject = what.isEmpty ? "" : "\(what): "
        throw ConformanceFailure(
            "\(subject)expected \(brief("\(expected)")), found \(brief("\(actual)"))",
            at: location
        )
    }

    /// Throws unless a condition holds, which the text states.
    public static func check(
        _ condition: Bool,
        _ statement: @autoclosure () -> String,
        at location: SourceLocation = #_sourceLocation
    ) throws(ConformanceFailure) {
        guard !condition else { return }
        throw ConformanceFailure("this does not hold: \(statement())", at: location)
    }

    /// Returns a value that should be there; throws if it is not.
    public static func require<Value>(
        _ value: Value?,
        _ what: String,
        at location: SourceLocation = #_sourceLocation
    ) throws(ConformanceFailure) -> Value {
        guard let value else { throw ConformanceFailure("\(what) is missing", at: location) }
        return value
    }

    private static func brief(_ text: String) -> String {
        text.count <= 400 ? text : "\(text.prefix(300)) … \(text.suffix(80))"
    }
}

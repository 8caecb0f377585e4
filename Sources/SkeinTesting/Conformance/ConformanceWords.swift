import Testing

/// A suite whose cases say the checks of ``ConformanceCheck`` without its name.
protocol ConformanceWords {}

extension ConformanceWords {
    static func check<Value: Equatable>(
        _ actual: Value,
        is expected: Value,
        _ what: String = "",
        at location: SourceLocation = #_sourceLocation
    ) throws(ConformanceFailure) {
        try ConformanceCheck.check(actual, is: expected, what, at: location)
    }

    static func check(
        _ condition: Bool,
        _ statement: @autoclosure () -> String,
        at location: SourceLocation = #_sourceLocation
    ) throws(ConformanceFailure) {
        try ConformanceCheck.check(condition, statement(), at: location)
    }

    static func require<Value>(
        _ value: Value?,
        _ what: String,
        at location: SourceLocation = #_sourceLocation
    ) throws(ConformanceFailure) -> Value {
        try ConformanceCheck.require(value, what, at: location)
    }
}

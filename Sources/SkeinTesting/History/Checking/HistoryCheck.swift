/// A part of the judgement that knows a type of aggregate.
public protocol HistoryCheck: Sendable {
    /// What this check finds wrong.
    func violations(in run: CheckedRun) -> [Violation]
}

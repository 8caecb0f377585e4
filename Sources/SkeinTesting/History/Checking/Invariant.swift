public import Skein

/// A rule over all aggregates of a type at the end, such as that their money adds up.
public struct Invariant<A: Aggregate>: HistoryCheck {
    private let name: String
    private let holds: @Sendable ([AggregateID<A>: A]) -> Bool

    /// Creates a rule.
    ///
    /// - Parameters:
    ///   - name: What the rule says.
    ///   - type: The type of the aggregates.
    ///   - holds: Whether the rule holds for the last states; they are made from the raw log.
    public init(_ name: String, over type: A.Type, holds: @escaping @Sendable ([AggregateID<A>: A]) -> Bool) {
        self.name = name
        self.holds = holds
    }

    public func violations(in run: CheckedRun) -> [Violation] {
        let states = run.finalStates(of: A.self)
        guard !holds(states) else { return [] }
        let text = states.sorted { $0.key.value < $1.key.value }.map { "\($0.key): \($0.value)" }
        return [Violation(.invariant, "it does not hold that \(name): \(text.joined(separator: ", "))")]
    }
}

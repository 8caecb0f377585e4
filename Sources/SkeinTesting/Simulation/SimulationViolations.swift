/// The rules that a simulated run has broken.
public struct SimulationViolations: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was broken, at least one thing.
    public let violations: [Violation]

    package init(violations: [Violation]) {
        self.violations = violations
    }

    public var description: String {
        violations.map(\.description).joined(separator: "\n")
    }
}

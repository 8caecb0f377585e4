/// One kind of thing that keeps, or should keep, a contract: it makes the stage that a case plays on.
public protocol ConformanceSubject: Sendable {
    /// What not every subject can do; a case that needs it is not run on those that cannot.
    associatedtype Capability: RawRepresentable, Hashable, Sendable where Capability.RawValue == String

    /// What a case is given to play with.
    associatedtype Stage: Sendable

    /// The subject's name in test results.
    var name: String { get }

    /// What the subject declares that it can do.
    var capabilities: Set<Capability> { get }

    /// Sets up a stage that nothing has been done on, calls the body, and clears up however the body ends.
    func withStage(_ body: @Sendable (Stage) async throws -> Void) async throws
}

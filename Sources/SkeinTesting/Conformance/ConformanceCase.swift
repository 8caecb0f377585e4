/// One rule of a contract, as something that can be carried out.
public struct ConformanceCase<Subject: ConformanceSubject>: Sendable {
    /// Carries the case out; throws if the rule does not hold.
    public typealias Body = @Sendable (Subject.Stage) async throws -> Void

    /// What the case is about, such as `snapshots`.
    public let topic: String

    /// The rule as a sentence.
    public let name: String

    /// What a subject must be able to do for the case to mean anything.
    public let needs: Set<Subject.Capability>

    /// What a subject must not be able to do for the case to mean anything.
    public let excludes: Set<Subject.Capability>

    private let body: Body

    /// Creates a case.
    public init(
        _ topic: String,
        _ name: String,
        needs: Set<Subject.Capability> = [],
        excludes: Set<Subject.Capability> = [],
        _ body: @escaping Body
    ) {
        self.topic = topic
        self.name = name
        self.needs = needs
        self.excludes = excludes
        self.body = body
    }

    /// Why the case is not run on a subject; nil if it is.
    public func reasonNotToRun(on subject: Subject) -> String? {
        let missing = needs.subtracting(subject.capabilities).map(\.rawValue).sorted()
        if !missing.isEmpty { return "needs \(missing.joined(separator: ", "))" }
        let present = excludes.intersection(subject.capabilities).map(\.rawValue).sorted()
        return present.isEmpty ? nil : "is for those without \(present.joined(separator: ", "))"
    }

    /// Carries the case out on a stage of its own, whether the subject declares what it needs or not.
    ///
    /// Throws what the case throws, mostly a ``ConformanceFailure``, or ``ConformanceTimeout``.
    public func run(on subject: Subject, within limit: Duration = .seconds(60)) async throws {
        let body = body
        try await TimeLimit.run(within: limit) { () async throws in
            try await ConformanceIDs.$current.withValue(ConformanceIDs()) {
                try await subject.withStage { stage async throws in try await body(stage) }
            }
        }
    }
}

extension ConformanceCase: CustomStringConvertible {
    public var description: String { "\(topic): \(name)" }
}

public import Testing

/// A case on one subject, as an argument of a test.
public struct ConformanceTest<Subject: ConformanceSubject>: Sendable {
    /// The case.
    public let `case`: ConformanceCase<Subject>

    /// What it is carried out on.
    public let subject: Subject

    /// Creates a test.
    public init(_ case: ConformanceCase<Subject>, on subject: Subject) {
        self.case = `case`
        self.subject = subject
    }

    /// Carries the case out and records what it finds as an issue at the line that found it.
    ///
    /// A case that the subject cannot play is shown as skipped, with the reason.
    public func run(within limit: Duration = .seconds(60)) async throws {
        if let reason = `case`.reasonNotToRun(on: subject) {
            #if compiler(>=6.3)
                try Test.cancel("not run: it \(reason)")
            #else
                withKnownIssue("not run: it \(reason)") { Issue.record("not run") }
                return
            #endif
        }
        do {
            try await `case`.run(on: subject, within: limit)
        } catch let failure as ConformanceFailure {
            Issue.record("\(`case`.name): \(failure.message)", sourceLocation: failure.location)
        }
    }
}

extension ConformanceTest: CustomTestStringConvertible {
    public var testDescription: String { "\(`case`) [\(subject.name)]" }
}

extension ConformanceTest: Identifiable {
    /// Names the test over several runs.
    public var id: String { testDescription }
}

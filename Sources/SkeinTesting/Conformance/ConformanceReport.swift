/// What a run of a suite came to, case by case; for those who look at the outcome themselves.
public struct ConformanceReport: Hashable, Sendable {
    /// What one case came to.
    public enum Outcome: Hashable, Sendable {
        /// The rule holds.
        case passed

        /// The rule does not hold: what was expected, what was found and where.
        case failed(String)

        /// The subject lacks what the case needs, which is named.
        case notRun(String)
    }

    /// A case and what it came to.
    public struct Entry: Hashable, Sendable {
        /// The case's topic and name.
        public let name: String

        /// What the case came to.
        public let outcome: Outcome
    }

    /// All cases in the suite's order.
    public let entries: [Entry]

    /// The names of the cases whose rule holds.
    public var passed: [String] { entries.filter { $0.outcome == .passed }.map(\.name) }

    /// The cases whose rule does not hold, with what they found.
    public var failed: [(name: String, message: String)] {
        entries.compactMap { entry in
            if case .failed(let message) = entry.outcome { (entry.name, message) } else { nil }
        }
    }

    /// The cases that were not run, with what the subject lacks.
    public var notRun: [(name: String, reason: String)] {
        entries.compactMap { entry in
            if case .notRun(let reason) = entry.outcome { (entry.name, reason) } else { nil }
        }
    }

    /// Carries cases out on a subject, one after the other, whatever each of them finds.
    public static func of<Subject>(
        _ cases: [ConformanceCase<Subject>],
        on subject: Subject,
        within limit: Duration = .seconds(60)
    ) async -> ConformanceReport {
        var entries: [Entry] = []
        for test in cases {
            entries.append(Entry(name: "\(test)", outcome: await outcome(of: test, on: subject, within: limit)))
        }
        return ConformanceReport(entries: entries)
    }

    private static func outcome<Subject>(
        of test: ConformanceCase<Subject>,
        on subject: Subject,
        within limit: Duration
    ) async -> Outcome {
        if let reason = test.reasonNotToRun(on: subject) { return .notRun(reason) }
        do {
            try await test.run(on: subject, within: limit)
            return .passed
        } catch {
            return .failed("\(error)")
        }
    }
}

extension ConformanceReport: CustomStringConvertible {
    public var description: String {
        let failures = failed.map { "\n  failed: \($0.name)\n    \($0.message)" }
        let skipped = notRun.map { "\n  not run: \($0.name): it \($0.reason)" }
        return "\(passed.count) passed, \(failures.count) failed, \(skipped.count) not run"
            + failures.joined() + skipped.joined()
    }
}

/// The contract of `EventStore` as something that can be carried out on any store.
///
/// One line runs it, each case as a test of its own:
///
/// ```swift
/// @Test(arguments: EventStoreConformance.cases(for: EventStoreSubject("in memory") { InMemoryEventStore() }))
/// func `the store keeps the contract`(_ test: EventStoreConformance.Test) async throws { try await test.run() }
/// ```
///
/// The cases take it that the store allows at least 1,000 events in an append and in a page.
public enum EventStoreConformance {
    /// A case of the suite.
    public typealias Case = ConformanceCase<EventStoreSubject>

    /// A case of the suite on one subject.
    public typealias Test = ConformanceTest<EventStoreSubject>

    /// All cases, by topic.
    public static let cases: [Case] = [
        appending, expectedVersions, knownCommands, answers, checkOrder, eventIdentity, racing, logOrder,
        readingStreams, readingLog, filters, snapshots, checkpoints, leases, leaseEnds,
        subscriptionNotes, noteKeeping, transactionalAppends, transactions, softDelete, hardDelete, sizes,
        storedForm, names, input, signals, lifecycle, reopening, handles, cancellation,
    ].flatMap { $0 }

    /// All cases as arguments of a test; those that the subject cannot play are shown as skipped.
    public static func cases(for subject: EventStoreSubject) -> [Test] {
        cases.map { Test($0, on: subject) }
    }

    /// The cases that are not run on a subject, each with what the subject lacks; so that a test can say that it knows.
    public static func casesNotRun(on subject: EventStoreSubject) -> [(case: Case, reason: String)] {
        cases.compactMap { test in
            test.reasonNotToRun(on: subject).map { (test, $0) }
        }
    }

    /// Carries all cases out, one after the other, and reports what each came to; it needs no test runner.
    public static func run(
        on subject: EventStoreSubject,
        within limit: Duration = .seconds(60)
    ) async -> ConformanceReport {
        await ConformanceReport.of(cases, on: subject, within: limit)
    }
}

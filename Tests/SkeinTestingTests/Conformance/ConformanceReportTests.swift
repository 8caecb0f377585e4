import Skein
import SkeinTesting
import Synchronization
import Testing

/// What the suite says about what it finds.
@Suite struct ConformanceReportTests {
    @Test func `a report tells what passed, what failed and where, and what was not run`() async {
        let cases: [EventStoreConformance.Case] = [
            .init("topic", "holds") { _ in },
            .init("topic", "does not hold") { _ in try ConformanceCheck.check(1, is: 2, "the number") },
            .init("topic", "throws") { stage in _ = try await stage.store.version(of: StreamID(aggregate: "A", id: ""))
            },
            .init("topic", "is not for everybody", needs: [.hardDelete, .reopening]) { _ in },
            .init("topic", "is for the others", excludes: [.holdingWriters]) { _ in },
        ]
        let subject = EventStoreSubject("in memory", capabilities: [.holdingWriters]) { InMemoryEventStore() }
        let report = await ConformanceReport.of(cases, on: subject)
        #expect(report.passed == ["topic: holds"])
        #expect(report.failed.map(\.name) == ["topic: does not hold", "topic: throws"])
        #expect(report.failed.first?.message.hasPrefix("the number: expected 2, found 1 (") == true)
        #expect(report.failed.first?.message.contains("ConformanceReportTests.swift:11") == true)
        #expect(report.failed.last?.message.contains("invalid aggregate id") == true)
        #expect(report.notRun.map(\.name) == ["topic: is not for everybody", "topic: is for the others"])
        #expect(
            report.notRun.map(\.reason) == ["needs hard delete, reopening", "is for those without holding writers"]
        )
        #expect("\(report)".hasPrefix("1 passed, 2 failed, 2 not run\n  failed: topic: does not hold\n"))
    }

    @Test func `a case that hangs ends with the limit, and the next one is run`() async {
        let cases: [EventStoreConformance.Case] = [
            .init("topic", "hangs") { _ in await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } },
            .init("topic", "holds") { _ in },
        ]
        let subject = EventStoreSubject("in memory") { InMemoryEventStore() }
        let report = await ConformanceReport.of(cases, on: subject, within: .milliseconds(20))
        #expect(report.failed.map(\.name) == ["topic: hangs"])
        #expect(report.failed.first?.message.contains("did not end within") == true)
        #expect(report.passed == ["topic: holds"])
    }

    @Test func `a failure is recorded at the line of the case that found it`() async throws {
        let line = #line + 2
        let broken = EventStoreConformance.Case("topic", "is broken") { _ in
            try ConformanceCheck.check(false, "it is so")
        }
        let test = EventStoreConformance.Test(broken, on: EventStoreSubject("in memory") { InMemoryEventStore() })
        try await withKnownIssue {
            try await test.run()
        } matching: { issue in
            issue.sourceLocation?.line == line && issue.comments.contains { $0.rawValue.contains("it is so") }
        }
    }

    @Test func `a place is cleared up whether its case holds or not`() async {
        for holds in [true, false] {
            let place = WatchedPlace()
            let test = EventStoreConformance.Case("topic", "\(holds)") { stage in
                try await stage.store.migrate()
                try ConformanceCheck.check(holds, "it holds")
            }
            let report = await ConformanceReport.of([test], on: EventStoreSubject("watched", place: { place }))
            #expect(report.passed.isEmpty != holds)
            #expect(place.isRemoved)
            await #expect(throws: EventStoreError.self) { try await place.store.head() }
        }
    }
}

private final class WatchedPlace: EventStorePlace {
    let store = InMemoryEventStore()
    private let removed = Atomic(false)

    var isRemoved: Bool { removed.load(ordering: .relaxed) }

    func open() async throws -> any EventStore { store }

    func remove() async throws { removed.store(true, ordering: .relaxed) }
}

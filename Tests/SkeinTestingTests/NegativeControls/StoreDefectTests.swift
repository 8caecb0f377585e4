import Skein
import SkeinTesting
import Testing

/// The suite's verdict means nothing unless it tells a broken store from one that is right.
@Suite(.serialized) struct StoreDefectTests {
    @Test(arguments: StoreDefect.allCases)
    func `the suite finds the defect, and the case that is about it is among those that fail`(
        _ defect: StoreDefect
    ) async throws {
        let subject = subject(with: defect)
        let telltale = try #require(EventStoreConformance.cases.first { "\($0)" == defect.telltale })
        let ends = defect != .neverSignals
        let finding = await ConformanceReport.of([telltale], on: subject, within: .seconds(ends ? 30 : 1)).failed.first
        #expect(finding != nil, "\(telltale) finds nothing")
        #expect(finding?.message.contains("did not end") == !ends)
        // Some cases wait in vain for a signal or an event that the defect has swallowed; to all others it is plenty.
        let report = await EventStoreConformance.run(on: subject, within: .seconds(1))
        #expect(report.passed.count > 100, "one defect does not make everything fail: \(report)")
    }

    @Test func `the store that the defects are put into has none of its own`() async throws {
        let report = await EventStoreConformance.run(on: subject(with: nil))
        #expect(report.failed.isEmpty, "\(report)")
        #expect(report.passed.count > 300)
    }

    private func subject(with defect: StoreDefect?) -> EventStoreSubject {
        EventStoreSubject(
            defect?.rawValue ?? "no defect",
            capabilities: [.reopening, .hardDelete, .severalHandles],
            probe: .values(in: BrokenStore.self),
            place: { BrokenPlace(defect: defect) }
        )
    }
}

private struct BrokenPlace: EventStorePlace {
    let defect: StoreDefect?
    let memory = SharedMemory()

    func open() async throws -> any EventStore { BrokenStore(defect, over: memory.connect()) }
}

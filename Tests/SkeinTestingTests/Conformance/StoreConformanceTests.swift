import Skein
import SkeinSQLite
import SkeinTesting
import Testing

@Suite struct StoreConformanceTests {
    @Test(arguments: EventStoreConformance.cases(for: .inMemory))
    func `the in-memory store keeps the contract`(_ test: EventStoreConformance.Test) async throws {
        try await test.run()
    }

    @Test(arguments: EventStoreConformance.cases(for: .inMemoryWithHardDelete))
    func `the in-memory store that may delete for good keeps the contract`(
        _ test: EventStoreConformance.Test
    ) async throws {
        try await test.run()
    }

    @Test(arguments: EventStoreConformance.cases(for: .sqlite))
    func `the SQLite store keeps the contract`(_ test: EventStoreConformance.Test) async throws {
        try await test.run()
    }

    @Test(arguments: EventStoreConformance.cases(for: .sqliteWithHardDelete))
    func `the SQLite store that may delete for good keeps the contract`(
        _ test: EventStoreConformance.Test
    ) async throws {
        try await test.run()
    }

    @Test(arguments: EventStoreConformance.cases(for: .sharedMemory))
    func `stores that share one memory keep the contract`(_ test: EventStoreConformance.Test) async throws {
        try await test.run()
    }

    @Test(arguments: [
        (EventStoreSubject.inMemory, ["deleting for good", "opening again", "order of the log", "several handles"]),
        (.inMemoryWithHardDelete, ["deleting for good", "opening again", "order of the log", "several handles"]),
        (.sqlite, ["deleting for good", "opening again", "several handles"]),
        (.sqliteWithHardDelete, ["deleting for good", "several handles"]),
        (.sharedMemory, ["deleting for good", "order of the log"]),
    ])
    func `it is known what is not run`(_ subject: EventStoreSubject, _ topics: [String]) {
        let notRun = EventStoreConformance.casesNotRun(on: subject)
        #expect(Set(notRun.map(\.case.topic)).sorted() == topics)
        #expect(EventStoreConformance.cases.count - notRun.count > 250)
    }

    @Test func `every case is needed by some subject, and has a name of its own`() {
        let subjects: [EventStoreSubject] = [.inMemory, .sqliteWithHardDelete, .sharedMemory]
        for test in EventStoreConformance.cases {
            #expect(subjects.contains { test.reasonNotToRun(on: $0) == nil }, "\(test)")
        }
        let names = EventStoreConformance.cases.map { "\($0)" }
        #expect(Set(names).count == names.count)
    }
}

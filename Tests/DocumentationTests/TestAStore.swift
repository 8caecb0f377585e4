import Skein
import SkeinTesting
import Testing

@Test(arguments: EventStoreConformance.cases(for: EventStoreSubject("in memory") { InMemoryEventStore() }))
func `my store keeps the contract`(_ test: EventStoreConformance.Test) async throws {
    try await test.run()
}

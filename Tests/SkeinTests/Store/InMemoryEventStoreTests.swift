import Skein
import Testing

/// What the in-memory store can do beyond the contract.
@Suite struct InMemoryEventStoreTests {
    private let ada = StreamID(aggregate: "Note", id: "ada")

    // case 153
    @Test func `resetting wipes everything`() async throws {
        let store = InMemoryEventStore()
        let append = StreamAppend.of("a", to: ada, fingerprint: 1)
        try await store.store(append)
        _ = try await store.claimCheckpoint(of: "view")
        try await store.save(Snapshot(stream: ada, version: 1, shapeVersion: 1, payload: []))
        store.reset()
        #expect(try await store.head() == 0)
        #expect(try await store.checkpoint(of: "view") == nil)
        #expect(try await store.snapshot(of: ada) == nil)
        #expect(try await store.store(append).position == 1)
    }

    @Test func `a closed store stays closed when it is reset`() async throws {
        let store = InMemoryEventStore()
        await store.close()
        store.reset()
        await #expect(throws: EventStoreError.self) { try await store.head() }
    }
}

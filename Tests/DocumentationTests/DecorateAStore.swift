import Skein
import Testing

/// Lets nobody in while the database is being moved.
struct GuardedStore: EventStoreDecorator {
    let base: any EventStore
    let isMoving: @Sendable () -> Bool

    func enter() async throws(EventStoreError) {
        if isMoving() { throw EventStoreError(.transient, "the database is being moved") }
    }
}

@Test(arguments: [true, false]) func `a store lets nobody in that is being moved`(isMoving: Bool) async throws {
    let store = GuardedStore(base: InMemoryEventStore()) { isMoving }
    if isMoving {
        await #expect(throws: EventStoreError.self) { try await store.head() }
    } else {
        #expect(try await store.head() == 0)
    }
}

public import Skein
import Synchronization

/// What a case about event stores plays with: a place and an open, migrated store on it.
public final class EventStoreStage: Sendable {
    /// The store, which is empty when the case begins.
    public let store: any EventStore

    /// What the store declares that it can do.
    public let capabilities: Set<EventStoreCapability>

    /// The clock that the store takes its times from.
    public let time: any TimeSource

    let probe: TransactionProbe?
    private let place: any EventStorePlace
    private let opened: Mutex<[any EventStore]>

    init(on place: any EventStorePlace, of subject: EventStoreSubject) async throws {
        self.place = place
        capabilities = subject.capabilities
        time = subject.time
        probe = subject.probe
        store = try await place.open()
        opened = Mutex([store])
        do {
            try await store.migrate()
        } catch {
            await store.close()
            throw error
        }
    }

    /// Opens a further store on the same place, beside those that are open.
    public func open() async throws -> any EventStore {
        let store = try await place.open()
        opened.withLock { $0.append(store) }
        try await store.migrate()
        return store
    }

    /// Closes all stores and opens the place again.
    public func reopen() async throws -> any EventStore {
        await closeAll()
        return try await open()
    }

    /// Keeps every commit from happening until the closure that it returns is called.
    public func holdWriters() async throws -> @Sendable () async throws -> Void {
        try await place.holdWriters()
    }

    func closeAll() async {
        let stores = opened.withLock { opened in
            defer { opened = [] }
            return opened
        }
        for store in stores { await store.close() }
    }
}

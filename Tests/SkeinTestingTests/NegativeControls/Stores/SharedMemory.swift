import Skein
import SkeinTesting
import Synchronization

/// A place in memory that outlives the stores that are open on it, as a database outlives its connections.
final class SharedMemory: EventStorePlace {
    let content: InMemoryEventStore
    private let handles = Mutex<[CommitSignals]>([])

    init(allowsHardDelete: Bool = true) {
        content = InMemoryEventStore(allowsHardDelete: allowsHardDelete)
    }

    func open() async throws -> any EventStore { connect() }

    func connect() -> SharedMemoryStore {
        let store = SharedMemoryStore(on: self)
        handles.withLock { $0.append(store.signals) }
        return store
    }

    fileprivate func signal() {
        for signals in handles.withLock(\.self) { signals.signal() }
    }
}

/// One of several stores that are open on a ``SharedMemory``.
final class SharedMemoryStore: TransactionalEventStoreDecorator {
    fileprivate let signals = CommitSignals()
    private let memory: SharedMemory
    private let isClosed = Mutex(false)

    fileprivate init(on memory: SharedMemory) {
        self.memory = memory
    }

    var base: any EventStore { memory.content }

    func enter() async throws(EventStoreError) {
        if isClosed.withLock(\.self) { throw EventStoreError(.closed, "the store was closed") }
    }

    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try await enter()
        let result = try await base.append(append)
        memory.signal()
        return result
    }

    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await enter()
        let result = try await memory.content.append(append, running: body)
        memory.signal()
        return result
    }

    func commits() -> AsyncStream<Void> { signals.subscribe() }

    func close() async {
        isClosed.withLock { $0 = true }
        signals.finish()
    }
}

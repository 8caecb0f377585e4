/// A store that hands every call on to another one; who adopts it writes only what it does otherwise, such as counting,
/// limiting what a tenant may store, or failing as a test wants.
///
/// It has to keep the promises of ``EventStore``. What it hides is missing: a store that also lends its transactions needs
/// ``TransactionalEventStoreDecorator`` for that.
public protocol EventStoreDecorator: EventStore {
    /// The store that is handed every call.
    var base: any EventStore { get }

    /// Comes before every call but ``EventStore/limits``, ``EventStore/commits()`` and ``EventStore/close()``. What it throws
    /// the call fails with.
    func enter() async throws(EventStoreError)
}

extension EventStoreDecorator {
    public var limits: EventStoreLimits { base.limits }

    public func enter() async throws(EventStoreError) {}

    public func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try await enter()
        return try await base.append(append)
    }

    public func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try await enter()
        return try await base.read(stream, from: version, direction: direction, limit: limit)
    }

    public func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        try await enter()
        return try await base.readLog(from: position, direction: direction, filter: filter, limit: limit)
    }

    public func version(of stream: StreamID) async throws(EventStoreError) -> Int64 {
        try await enter()
        return try await base.version(of: stream)
    }

    public func head() async throws(EventStoreError) -> Int64 {
        try await enter()
        return try await base.head()
    }

    public func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await enter()
        return try await base.outcome(of: command)
    }

    public func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError) {
        try await enter()
        try await base.delete(stream, mode: mode, expecting: expected)
    }

    public func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        try await enter()
        return try await base.snapshot(of: stream)
    }

    public func save(_ snapshot: Snapshot) async throws(EventStoreError) {
        try await enter()
        try await base.save(snapshot)
    }

    public func deleteSnapshot(of stream: StreamID) async throws(EventStoreError) {
        try await enter()
        try await base.deleteSnapshot(of: stream)
    }

    public func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try await enter()
        return try await base.checkpoint(of: subscription)
    }

    public func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        return try await base.claimCheckpoint(of: subscription)
    }

    public func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try await enter()
        return try await base.acquireLease(on: subscription, for: owner, lasting: duration)
    }

    public func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try await enter()
        try await base.renewLease(of: checkpoint, lasting: duration)
    }

    public func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {
        try await enter()
        try await base.releaseLease(of: checkpoint)
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        return try await base.move(checkpoint, to: position, changing: notes)
    }

    public func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try await enter()
        try await base.change(notes, of: subscription)
    }

    public func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try await enter()
        return try await base.notes(of: subscription, topic: topic, from: key, limit: limit)
    }

    public func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try await enter()
        try await base.deleteCheckpoint(of: subscription)
    }

    public func commits() -> AsyncStream<Void> { base.commits() }

    public func migrate() async throws(EventStoreError) {
        try await enter()
        try await base.migrate()
    }

    public func close() async { await base.close() }
}

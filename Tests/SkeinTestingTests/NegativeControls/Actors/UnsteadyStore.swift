import Skein
import Synchronization

/// A store whose appends now and then fail before or after the commit, and let others in between.
final class UnsteadyStore: EventStore {
    private let base = InMemoryEventStore()
    private let random: Mutex<SeededRandom>

    init(seed: UInt64) {
        random = Mutex(SeededRandom(seed: seed))
    }

    var limits: EventStoreLimits { base.limits }

    private func chance(of share: Int) -> Bool {
        random.withLock { random in Int.random(in: 0..<100, using: &random) < share }
    }

    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        for _ in 0..<3 where chance(of: 50) { await Task.yield() }
        if chance(of: 5) { throw EventStoreError(.transient, "before the commit") }
        let result = try await base.append(append)
        if chance(of: 5) { throw EventStoreError(.outcomeUnknown, "after the commit") }
        if chance(of: 5) { withUnsafeCurrentTask { $0?.cancel() } }
        for _ in 0..<3 where chance(of: 50) { await Task.yield() }
        return result
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        if chance(of: 50) { await Task.yield() }
        return try await base.read(stream, from: version, direction: direction, limit: limit)
    }

    func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        try await base.readLog(from: position, direction: direction, filter: filter, limit: limit)
    }

    func version(of stream: StreamID) async throws(EventStoreError) -> Int64 { try await base.version(of: stream) }

    func head() async throws(EventStoreError) -> Int64 { try await base.head() }

    func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await base.outcome(of: command)
    }

    func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError) {
        try await base.delete(stream, mode: mode, expecting: expected)
    }

    func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        try await base.snapshot(of: stream)
    }

    func save(_ snapshot: Snapshot) async throws(EventStoreError) { try await base.save(snapshot) }

    func deleteSnapshot(of stream: StreamID) async throws(EventStoreError) {
        try await base.deleteSnapshot(of: stream)
    }

    func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try await base.checkpoint(of: subscription)
    }

    func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try await base.claimCheckpoint(of: subscription)
    }

    func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try await base.acquireLease(on: subscription, for: owner, lasting: duration)
    }

    func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try await base.renewLease(of: checkpoint, lasting: duration)
    }

    func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {
        try await base.releaseLease(of: checkpoint)
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try await base.move(checkpoint, to: position, changing: notes)
    }

    func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try await base.change(notes, of: subscription)
    }

    func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try await base.notes(of: subscription, topic: topic, from: key, limit: limit)
    }

    func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try await base.deleteCheckpoint(of: subscription)
    }

    func commits() -> AsyncStream<Void> { base.commits() }

    func migrate() async throws(EventStoreError) { try await base.migrate() }

    func close() async { await base.close() }
}

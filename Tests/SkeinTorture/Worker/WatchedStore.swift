import Skein
import SkeinPostgres
import SkeinTesting
import Synchronization

/// Passes everything on to a store, and notes appends whose outcome was unknown and what became of them.
final class WatchedStore: EventStore {
    let base: PostgresEventStore
    private let note: @Sendable (String) -> Void
    private let open = Mutex<Set<CommandID>>([])

    init(_ base: PostgresEventStore, note: @escaping @Sendable (String) -> Void) {
        self.base = base
        self.note = note
    }

    var limits: EventStoreLimits { base.limits }

    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try await watching(append) { () async throws(EventStoreError) in try await base.append(append) }
    }

    /// Notes what an append came to.
    func watching(
        _ append: StreamAppend,
        _ result: () async throws(EventStoreError) -> AppendResult
    ) async throws(EventStoreError) -> AppendResult {
        do throws(EventStoreError) {
            let result = try await result()
            switch result {
            case .stored: resolve(append, as: .notStored)
            case .known: resolve(append, as: .stored)
            }
            return result
        } catch {
            switch error.code {
            case .outcomeUnknown:
                if let id = append.commands.first?.id, open.withLock({ $0.insert(id).inserted }) {
                    note("\(UnknownNote.unknown.rawValue) \(error)")
                }
            case .conflict, .streamDeleted, .duplicateEvent: resolve(append, as: .notStored)
            default: note("append failed: \(error)")
            }
            throw error
        }
    }

    private func resolve(_ append: StreamAppend, as note: UnknownNote) {
        guard let id = append.commands.first?.id, open.withLock({ $0.remove(id) }) != nil else { return }
        self.note(note.rawValue)
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try await base.read(stream, from: version, direction: direction, limit: limit)
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

/// How a history's notes begin that tell of appends with an unknown outcome.
enum UnknownNote: String, CaseIterable {
    case unknown = "append unknown:"
    case stored = "append resolved: it was stored"
    case notStored = "append resolved: it was not stored"
}

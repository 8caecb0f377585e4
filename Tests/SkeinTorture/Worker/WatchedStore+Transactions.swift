import Skein
import SkeinPostgres

extension WatchedStore: TransactionalEventStore {
    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], PostgresTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await watching(append) { () async throws(EventStoreError) in
            try await base.append(append, running: body)
        }
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (PostgresTransaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try await base.move(checkpoint, to: position, changing: notes, ending: other, running: body)
    }

    func transact(_ body: @escaping @Sendable (PostgresTransaction) throws -> Void) async throws(EventStoreError) {
        try await base.transact(body)
    }
}

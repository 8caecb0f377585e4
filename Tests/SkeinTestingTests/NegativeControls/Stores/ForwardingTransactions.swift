import Skein

/// A store that also hands on what runs in the transactions of the other one.
protocol ForwardingTransactions: ForwardingStore, TransactionalEventStore where Transaction == InMemoryTransaction {}

extension ForwardingTransactions {
    /// The other store, if it has transactions.
    var transactional: any TransactionalEventStore<InMemoryTransaction> {
        get throws(EventStoreError) {
            guard let store = base as? any TransactionalEventStore<InMemoryTransaction> else {
                throw EventStoreError(.unsuitable, "the store below has no transactions")
            }
            return store
        }
    }

    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await enter()
        return try await transactional.append(append, running: body)
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        return try await transactional.move(checkpoint, to: position, changing: notes, ending: other, running: body)
    }

    func transact(
        _ body: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) {
        try await enter()
        try await transactional.transact(body)
    }
}

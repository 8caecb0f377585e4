/// An ``EventStoreDecorator`` that also hands on what runs in the other store's transactions, which must be of the same kind;
/// otherwise these calls are `unsuitable`.
public protocol TransactionalEventStoreDecorator: EventStoreDecorator, TransactionalEventStore {}

extension TransactionalEventStoreDecorator {
    /// The other store, if it has transactions of this kind; `unsuitable` if not.
    public var transactionalBase: any TransactionalEventStore<Transaction> {
        get throws(EventStoreError) {
            guard let store = base as? any TransactionalEventStore<Transaction> else {
                throw EventStoreError(.unsuitable, "the decorated store has no such transactions")
            }
            return store
        }
    }

    public func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], Transaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try await enter()
        return try await transactionalBase.append(append, running: body)
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (Transaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        return try await transactionalBase.move(checkpoint, to: position, changing: notes, ending: other, running: body)
    }

    public func transact(
        _ body: @escaping @Sendable (Transaction) throws -> Void
    ) async throws(EventStoreError) {
        try await enter()
        try await transactionalBase.transact(body)
    }
}

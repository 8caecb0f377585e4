/// A store whose transactions others can take part in: what they write is committed with the events or with the
/// checkpoint, or not at all.
///
/// **Lending.** A body gets the transaction for the time of its call, on a thread where it may block. It is not `Sendable`
/// and refuses to be used later. A body cannot suspend, and so cannot send commands.
///
/// **Repetition.** A store that has to repeat its transaction runs the body again; what it wrote before is rolled back by
/// then. What a body does elsewhere, it does each time.
///
/// **Failure.** What a body throws rolls back all of its call, and nothing of another call; it is `handlerFailed` with the
/// thrown error as its cause. If the store itself failed under the body, the store's own error is thrown, also if the body
/// has swallowed it.
public protocol TransactionalEventStore<Transaction>: EventStore {
    /// What a body works with; a class of the store's module.
    associatedtype Transaction

    /// Does what ``EventStore/append(_:)`` does, and runs a body with the events that are stored, which have their places
    /// already, in the same transaction. It is not run if no event is stored.
    func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], Transaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult

    /// Does what ``EventStore/move(_:to:changing:)`` does, and runs a body in the same transaction once it is certain that
    /// the checkpoint is as given; nobody else can claim or move it until the end.
    ///
    /// Another checkpoint may end with it, as ``EventStore/deleteCheckpoint(of:)`` ends one; it must be as given, too,
    /// otherwise all of this is `checkpointFenced`.
    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (Transaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint

    /// Runs a body in a transaction of its own.
    func transact(_ body: @escaping @Sendable (Transaction) throws -> Void) async throws(EventStoreError)
}

extension TransactionalEventStore {
    /// Moves a checkpoint, and runs a body in the same transaction.
    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        running body: @escaping @Sendable (Transaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try await move(checkpoint, to: position, changing: notes, ending: nil, running: body)
    }
}

public import Skein

extension SQLiteEventStore: TransactionalEventStore {
    public func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], SQLiteTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        do { try append.validate(limits: limits) } catch { throw EventStoreError(error) }
        let planned = PlannedAppend(append)
        return try await host.write(bytes: planned.bytes) { writer, _ in try writer.append(planned, running: body) }
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (SQLiteTransaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.move(checkpoint, to: position, changing: notes, limits: limits)
        if let other { try EventStoreChecks.subscription(other.subscription) }
        return try await host.write(bytes: notes.bytes) { writer, _ in
            try writer.move(checkpoint, to: position, changing: notes, ending: other, running: body)
        }
    }

    public func transact(
        _ body: @escaping @Sendable (SQLiteTransaction) throws -> Void
    ) async throws(EventStoreError) {
        try await host.write { writer, _ in try writer.transact(body) }
    }

    /// Reads tables of the same database, such as read models, on one of the reading connections.
    ///
    /// Throws what the body throws, or an `EventStoreError` if the database failed. The body may block.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteReader) throws -> Value
    ) async throws -> Value {
        try await host.read { connection in
            let reader = SQLiteReader(connection)
            do {
                return Result<Value, any Error>.success(try reader.lend { try body(reader) })
            } catch let error as SpoiltTransaction {
                throw error
            } catch {
                return .failure(error)
            }
        }.get()
    }
}

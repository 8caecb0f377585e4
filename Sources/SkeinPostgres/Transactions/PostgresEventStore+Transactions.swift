public import Skein

extension PostgresEventStore: TransactionalEventStore {
    /// Does what ``EventStore/append(_:)`` does, and runs a body with the stored events in the same transaction.
    ///
    /// The body runs on the thread on which all of this store's appends are written, and while it does, no process can
    /// append to the same database: keep it short.
    public func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], PostgresTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        try validate(append)
        return try await host.append(PlannedAppend(append), running: body)
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (PostgresTransaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.move(checkpoint, to: position, changing: notes, limits: limits)
        if let other { try EventStoreChecks.subscription(other.subscription) }
        let (source, changes) = (host.source, NoteChanges(notes))
        return try await host.write { connection, _ in
            try connection.move(checkpoint, to: position, changing: changes, ending: other, source, running: body)
        }
    }

    public func transact(
        _ body: @escaping @Sendable (PostgresTransaction) throws -> Void
    ) async throws(EventStoreError) {
        let source = host.source
        try await host.write { connection, _ in
            try connection.inTransaction("BEGIN; \(LentSettings.take(source.configuration.schema))", source) {
                try connection.lend(source) { try body(PostgresTransaction($0)) }
            }
        }
    }

    /// Runs a body that reads tables beside the events, such as read models, in a transaction that changes nothing and
    /// sees one moment.
    ///
    /// What the body throws is `handlerFailed` with the thrown error as its cause. A body whose connection breaks is run
    /// once more.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresReader) throws -> Value
    ) async throws(EventStoreError) -> Value {
        let source = host.source
        let opening =
            "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; \(LentSettings.take(source.configuration.schema))"
        return try await host.read { connection, _ in
            try connection.inTransaction(opening, source) {
                try connection.lend(source, reading: true) { try body(PostgresReader($0)) }
            }
        }
    }
}

extension PostgresConnection {
    fileprivate func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: NoteChanges,
        ending other: Checkpoint?,
        _ source: ConnectionSource,
        running body: (PostgresTransaction) throws -> Void
    ) throws -> Checkpoint {
        try inTransaction("BEGIN", source) {
            if let other { try end(other, until: source.answerDeadline) }
            var parameters = Self.move(checkpoint, to: position, changing: notes)
            parameters.add(LentSettings.searchPath(source.configuration.schema))
            let statement =
                notes.isEmpty ? SubscriptionStatement.moveRunning : SubscriptionStatement.moveWithNotesRunning
            try Self.checkFence(try run(statement, parameters, until: source.answerDeadline))
            try lend(source) { try body(PostgresTransaction($0)) }
        }
        return Checkpoint(subscription: checkpoint.subscription, position: position, epoch: checkpoint.epoch)
    }
}

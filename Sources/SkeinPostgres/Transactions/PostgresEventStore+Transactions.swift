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
    /// What the body throws is `handlerFailed` with the thrown error as its cause. A body is run again if its connection
    /// breaks, once, and if a read model was rebuilt meanwhile: its new tables show nothing to a moment before they were
    /// filled.
    public func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresReader) throws -> Value
    ) async throws(EventStoreError) -> Value {
        let source = host.source
        return try await host.read { connection, _ in
            for _ in 0..<Self.readAttempts {
                let seen = try connection.read(source, body)
                if !seen.isOutdated { return seen.value }
            }
            throw EventStoreError(.transient, "read models were replaced while they were read, again and again")
        }
    }

    private static let readAttempts = 5
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

    /// Runs a reading body, and tells whether a read model was replaced after the moment that it sees.
    fileprivate func read<Value>(
        _ source: ConnectionSource,
        _ body: (PostgresReader) throws -> Value
    ) throws -> (value: Value, isOutdated: Bool) {
        let schema = source.configuration.schema
        let opening = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; \(LentSettings.take(schema))"
        return try inTransaction(opening, source) {
            let value = try lend(source, reading: true) { try body(PostgresReader($0)) }
            var parameters = Parameters()
            parameters.add(schema)
            let rows = try run(ReadStatement.replacedViews, parameters, until: source.answerDeadline)
            return (value, rows.boolean(0, 0) != false)
        }
    }
}

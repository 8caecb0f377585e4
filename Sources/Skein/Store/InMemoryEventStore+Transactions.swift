extension InMemoryEventStore: TransactionalEventStore {
    public func append(
        _ append: StreamAppend,
        running body: @escaping @Sendable ([StoredEvent], InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> AppendResult {
        do { try append.validate(limits: limits) } catch { throw EventStoreError(error) }
        return try appendAtOnce(append, running: body)
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.move(checkpoint, to: position, changing: notes, limits: limits)
        if let other { try EventStoreChecks.subscription(other.subscription) }
        return try withLog { log throws(EventStoreError) in
            try log.checkpoints.check(checkpoint)
            if let other { try log.checkpoints.check(other) }
            try log.run(body)
            if let other { log.checkpoints.delete(other.subscription) }
            return try log.checkpoints.move(checkpoint, to: position, changing: notes)
        }
    }

    public func transact(
        _ body: @escaping @Sendable (InMemoryTransaction) throws -> Void
    ) async throws(EventStoreError) {
        try withLog { log throws(EventStoreError) in try log.run(body) }
    }

    /// What a transaction has kept under a key; nil if there is nothing or it is of another type.
    public func value<Value: Sendable>(
        _ type: Value.Type = Value.self,
        of key: String
    ) async throws(EventStoreError) -> Value? {
        try withLog { log throws(EventStoreError) in
            let value = log.values[key]
            return if let shown = value as? ShownTable { log.values[shown.table] as? Value } else { value as? Value }
        }
    }
}

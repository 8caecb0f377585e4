import Skein

extension EventWriter {
    /// Stores an append and lends its transaction to a body.
    mutating func append(
        _ planned: PlannedAppend,
        running body: ([StoredEvent], SQLiteTransaction) throws -> Void
    ) throws -> AppendResult {
        let append = planned.append
        let before = try state(of: append.stream)
        do {
            return try alone { writer in
                let result = try writer.append(planned, checksFirst: true)
                if case .stored(let receipt) = result, append.eventCount > 0 {
                    try writer.lend { transaction in try body(append.events(storedAs: receipt), transaction) }
                }
                return result
            }
        } catch {
            streams.keep(before, of: append.stream)
            throw error
        }
    }

    mutating func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        ending other: Checkpoint?,
        running body: (SQLiteTransaction) throws -> Void
    ) throws -> Checkpoint {
        try alone { writer in
            let moved = try writer.move(checkpoint, to: position, changing: notes)
            if let other { try writer.checkIsAsGiven(other) }
            try writer.lend(body)
            // Last: when its lease ends is known beside the database, where nothing is undone.
            if let other { try writer.deleteCheckpoint(of: other.subscription) }
            return moved
        }
    }

    mutating func transact(_ body: (SQLiteTransaction) throws -> Void) throws {
        try alone { writer in try writer.lend(body) }
    }

    /// Runs something in a savepoint: an `EventStoreError` undoes what it did, and nothing else of the group.
    ///
    /// The caller sees to what is known of streams.
    private mutating func alone<Value>(_ body: (inout EventWriter) throws -> Value) throws -> Value {
        let before = (head: head, hasSeparateOutcomes: hasSeparateOutcomes)
        try connection.run(.savepoint)
        do {
            let value = try body(&self)
            try connection.run(.releaseSavepoint)
            return value
        } catch let error as EventStoreError {
            try connection.run(.rollBackToSavepoint)
            try connection.run(.releaseSavepoint)
            (head, hasSeparateOutcomes) = before
            throw error
        }
    }

    private func lend(_ body: (SQLiteTransaction) throws -> Void) throws {
        let transaction = SQLiteTransaction(connection)
        do {
            try transaction.lend { try body(transaction) }
        } catch let error as SpoiltTransaction {
            throw error
        } catch {
            throw EventStoreError(handler: error)
        }
        // The commit would refuse it, and the whole group with it.
        guard !connection.hasBrokenReferences else {
            throw EventStoreError(handler: SQLiteQueryError(.constraint, "FOREIGN KEY constraint failed"))
        }
    }
}

extension StreamAppend {
    /// The events with the places that they were stored at.
    fileprivate func events(storedAs receipt: AppendReceipt) -> [StoredEvent] {
        var offset = Int64(eventCount)
        var events: [StoredEvent] = []
        events.reserveCapacity(eventCount)
        for command in commands {
            for event in command.events {
                offset -= 1
                let content = StoredEvent.Content(event, of: command, in: stream, at: receipt.recordedAt)
                let (position, version) = (receipt.position - offset, receipt.version - offset)
                events.append(StoredEvent(content, position: position, version: version))
            }
        }
        return events
    }
}

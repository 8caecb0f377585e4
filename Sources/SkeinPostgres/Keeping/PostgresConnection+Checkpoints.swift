import Skein

extension PostgresConnection {
    func checkpoint(of subscription: String, until deadline: Deadline) throws -> Checkpoint? {
        let rows = try run(SubscriptionStatement.checkpoint, Self.name(subscription), until: deadline)
        return rows.count == 0 ? nil : try Self.checkpoint(of: subscription, rows)
    }

    func claimCheckpoint(of subscription: String, until deadline: Deadline) throws -> Checkpoint {
        let rows = try run(SubscriptionStatement.claim, Self.name(subscription), until: deadline)
        return try Self.checkpoint(of: subscription, rows)
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: NoteChanges,
        until deadline: Deadline
    ) throws -> Checkpoint {
        let statement = notes.isEmpty ? SubscriptionStatement.move : SubscriptionStatement.moveWithNotes
        let rows = try run(statement, Self.move(checkpoint, to: position, changing: notes), until: deadline)
        try Self.checkFence(rows)
        return Checkpoint(subscription: checkpoint.subscription, position: position, epoch: checkpoint.epoch)
    }

    func deleteCheckpoint(of subscription: String, until deadline: Deadline) throws {
        _ = try run(SubscriptionStatement.delete, Self.name(subscription), until: deadline)
    }

    /// Deletes a checkpoint that must be as given, in the open transaction.
    func end(_ checkpoint: Checkpoint, until deadline: Deadline) throws {
        let fence = Self.move(checkpoint, to: checkpoint.position, changing: NoteChanges([]))
        try Self.checkFence(try run(SubscriptionStatement.move, fence, until: deadline))
        try deleteCheckpoint(of: checkpoint.subscription, until: deadline)
    }

    func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration,
        until deadline: Deadline
    ) throws -> LeaseAnswer {
        var parameters = Self.name(subscription)
        parameters.add(owner)
        parameters.add(duration.microseconds)
        let rows = try run(SubscriptionStatement.acquireLease, parameters, until: deadline)
        if let holder = rows.text(0, 3), let remaining = rows.integer(0, 4) {
            return .held(by: holder, remaining: .microseconds(remaining))
        }
        guard let wasReleased = rows.boolean(0, 2) else { throw EventStoreError.damagedCheckpoint(subscription) }
        return .acquired(try Self.checkpoint(of: subscription, rows), wasReleased: wasReleased)
    }

    func renewLease(of checkpoint: Checkpoint, lasting duration: Duration, until deadline: Deadline) throws {
        var parameters = Self.name(checkpoint.subscription)
        parameters.add(checkpoint.epoch)
        parameters.add(duration.microseconds)
        try Self.checkFence(try run(SubscriptionStatement.renewLease, parameters, until: deadline))
    }

    func releaseLease(of checkpoint: Checkpoint, until deadline: Deadline) throws {
        var parameters = Self.name(checkpoint.subscription)
        parameters.add(checkpoint.epoch)
        try Self.checkFence(try run(SubscriptionStatement.releaseLease, parameters, until: deadline))
    }

    func change(_ notes: NoteChanges, of subscription: String, until deadline: Deadline) throws {
        guard !notes.isEmpty else { return }
        var parameters = Self.name(subscription)
        notes.write(to: &parameters)
        _ = try run(SubscriptionStatement.changeNotes, parameters, until: deadline)
    }

    func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int,
        until deadline: Deadline
    ) throws -> [SubscriptionNote] {
        var parameters = Self.name(subscription)
        parameters.add(topic)
        parameters.add(key)
        parameters.add(Int64(limit))
        let rows = try run(SubscriptionStatement.notes, parameters, until: deadline)
        var notes: [SubscriptionNote] = []
        notes.reserveCapacity(rows.count)
        for row in 0..<rows.count {
            guard let key = rows.integer(row, 0), let content = rows.bytes(row, 1) else {
                throw EventStoreError(.corrupt, "a note of \(subscription) is damaged in the table notes")
            }
            notes.append(SubscriptionNote(topic: topic, key: key, content: content))
        }
        return notes
    }

    /// What a fenced statement says when the checkpoint is as given.
    static func checkFence(_ rows: borrowing Rows) throws(EventStoreError) {
        guard rows.count == 1, rows.boolean(0, 0) == true else {
            throw EventStoreError(.checkpointFenced, "another runner has moved or claimed the checkpoint")
        }
    }

    /// The parameters of the statements that move a checkpoint; those for its notes are left out if there are none.
    static func move(_ checkpoint: Checkpoint, to position: Int64, changing notes: NoteChanges) -> Parameters {
        var parameters = name(checkpoint.subscription)
        parameters.add(checkpoint.epoch)
        parameters.add(checkpoint.position)
        parameters.add(position)
        if !notes.isEmpty { notes.write(to: &parameters) }
        return parameters
    }

    private static func name(_ subscription: String) -> Parameters {
        var parameters = Parameters()
        parameters.add(subscription)
        return parameters
    }

    private static func checkpoint(
        of subscription: String,
        _ rows: borrowing Rows
    ) throws(EventStoreError) -> Checkpoint {
        guard let position = rows.integer(0, 0), let epoch = rows.integer(0, 1) else {
            throw .damagedCheckpoint(subscription)
        }
        return Checkpoint(subscription: subscription, position: position, epoch: epoch)
    }
}

extension EventStoreError {
    fileprivate static func damagedCheckpoint(_ subscription: String) -> EventStoreError {
        EventStoreError(.corrupt, "the checkpoint \(subscription) is damaged in the table checkpoints")
    }
}

extension Duration {
    /// Rounded up to whole microseconds.
    fileprivate var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000
    }
}

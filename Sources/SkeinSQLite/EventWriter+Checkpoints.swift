import Skein

extension EventWriter {
    mutating func claimCheckpoint(of subscription: String) throws -> Checkpoint {
        let claimed = try claim(subscription, for: nil)
        leaseEnds[Array(subscription.utf8)] = nil
        return claimed
    }

    mutating func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) throws -> LeaseAnswer {
        let name = Array(subscription.utf8)
        let now = time.uptime()
        let holder = try connection.first(.leaseOwner, { $0.bind(subscription, at: 1) }) { row in
            try Self.owner(of: subscription, in: row)
        }
        if let holder = holder ?? nil, let end = leaseEnds[name], end > now, !holder.hasSameBytes(as: owner) {
            return .held(by: holder, remaining: end - now)
        }
        let claimed = try claim(subscription, for: owner)
        leaseEnds[name] = now + duration
        return .acquired(claimed, wasReleased: (holder ?? nil) == nil)
    }

    /// Writes nothing: when a lease ends is known to this process only.
    mutating func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) throws {
        let owner = try connection.first(.latestLease) { statement in
            statement.bind(checkpoint.subscription, at: 1)
            statement.bind(checkpoint.epoch, at: 2)
        } read: { row in
            try Self.owner(of: checkpoint.subscription, in: row)
        }
        guard let owner else { throw EventStoreError.fenced }
        if owner != nil { leaseEnds[Array(checkpoint.subscription.utf8)] = time.uptime() + duration }
    }

    mutating func releaseLease(of checkpoint: Checkpoint) throws {
        let released: Void? = try connection.first(.releaseLease) { statement in
            statement.bind(checkpoint.subscription, at: 1)
            statement.bind(checkpoint.epoch, at: 2)
        } read: { _ in
        }
        guard released != nil else { throw EventStoreError.fenced }
        leaseEnds[Array(checkpoint.subscription.utf8)] = nil
    }

    func move(_ checkpoint: Checkpoint, to position: Int64, changing notes: [NoteChange]) throws -> Checkpoint {
        let moved: Void? = try connection.first(.moveCheckpoint) { statement in
            statement.bind(position, at: 1)
            statement.bind(checkpoint.subscription, at: 2)
            statement.bind(checkpoint.position, at: 3)
            statement.bind(checkpoint.epoch, at: 4)
        } read: { _ in
        }
        guard moved != nil else { throw EventStoreError.fenced }
        try change(notes, of: checkpoint.subscription)
        return Checkpoint(subscription: checkpoint.subscription, position: position, epoch: checkpoint.epoch)
    }

    /// Throws `checkpointFenced` unless a checkpoint is as given.
    func checkIsAsGiven(_ checkpoint: Checkpoint) throws {
        guard try connection.checkpoint(of: checkpoint.subscription) == checkpoint else { throw EventStoreError.fenced }
    }

    func change(_ notes: [NoteChange], of subscription: String) throws {
        for change in notes {
            switch change {
            case .keep(let note):
                try connection.run(.keepNote) { statement in
                    statement.bind(subscription, at: 1)
                    statement.bind(note.topic, at: 2)
                    statement.bind(note.key, at: 3)
                    statement.bind(note.content, at: 4)
                }
            case .drop(let topic, let key):
                try connection.run(.dropNote) { statement in
                    statement.bind(subscription, at: 1)
                    statement.bind(topic, at: 2)
                    statement.bind(key, at: 3)
                }
            }
        }
    }

    mutating func deleteCheckpoint(of subscription: String) throws {
        try connection.run(.deleteCheckpoint) { $0.bind(subscription, at: 1) }
        try connection.run(.dropNotes) { $0.bind(subscription, at: 1) }
        leaseEnds[Array(subscription.utf8)] = nil
    }

    private func claim(_ subscription: String, for owner: String?) throws -> Checkpoint {
        let claimed = try connection.first(.claimCheckpoint) { statement in
            statement.bind(subscription, at: 1)
            if let owner { statement.bind(owner, at: 2) } else { statement.bindNull(at: 2) }
        } read: { row in
            try connection.checkpoint(of: subscription, in: row)
        }
        guard let claimed else { throw EventStoreError(.corrupt, "the checkpoint \(subscription) was not kept") }
        return claimed
    }

    private static func owner(of subscription: String, in row: PreparedStatement) throws -> String? {
        if let owner = row.text(0) { return owner }
        guard row.isNull(0) else {
            throw EventStoreError(.corrupt, "the owner of \(subscription) is damaged in the table skein_checkpoints")
        }
        return nil
    }
}

extension EventStoreError {
    fileprivate static var fenced: EventStoreError {
        EventStoreError(.checkpointFenced, "another runner has moved or claimed the checkpoint")
    }
}

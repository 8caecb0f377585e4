import Skein

extension SQLiteConnection {
    /// What a command came to; nil if its id is unknown.
    func outcome(of command: CommandID) throws -> KnownCommand? {
        if let known = try separateOutcome(of: command) { return known }
        guard let first = try firstEvent(of: command) else { return nil }
        var events: [StoredEvent] = []
        let statement = try statement(.streamForward)
        defer { statement.reset() }
        statement.bind(first.key, at: 1)
        statement.bind(first.event.version, at: 2)
        statement.bind(-1, at: 3)
        while try statement.step() {
            let event = try EventRow(statement).event(in: first.event.stream)
            guard event.commandID == command else { break }
            events.append(event)
        }
        return KnownCommand(id: command, events: events, first: first.event)
    }

    private func firstEvent(of command: CommandID) throws -> (key: Int64, event: StoredEvent)? {
        let found = try first(.eventByID, { $0.bind(EventID(command: command, ordinal: 0), at: 1) }) { statement in
            let row = try EventRow(statement)
            return (row.stream, try row.event(in: name(of: row.stream, at: row.position)))
        }
        guard let found, found.1.commandID == command else { return nil }
        return found
    }

    private func separateOutcome(of command: CommandID) throws -> KnownCommand? {
        try first(.command, { $0.bind(command, at: 1) }) { row in
            guard
                let aggregate = row.text(0), let id = row.text(1),
                let fingerprint = row.integer(2), let version = row.integer(3), let position = row.integer(4),
                let recordedAt = row.integer(5), let count = row.integer(6), count >= 0
            else { throw EventStoreError(.corrupt, "the command \(command) is damaged in the table skein_commands") }
            let stream = StreamID(aggregate: aggregate, id: id)
            let outcome: KnownCommand.Outcome =
                if count > 0 {
                    .events(try events(through: position, count: count, of: stream))
                } else if let rejection = row.bytes(7) {
                    .rejection(rejection)
                } else {
                    .nothing
                }
            return KnownCommand(
                id: command,
                stream: stream,
                fingerprint: UInt64(bitPattern: fingerprint),
                version: version,
                position: position,
                recordedAt: Timestamp(microseconds: recordedAt),
                outcome: outcome
            )
        }
    }

    func snapshot(of stream: StreamID) throws -> Snapshot? {
        try first(.snapshot) { statement in
            statement.bind(stream.id, at: 1)
            statement.bind(stream.aggregate, at: 2)
        } read: { row in
            guard
                let version = row.integer(0), let shape = row.integer(1), let shape = Int(exactly: shape),
                let checksum = row.integer(2), let payload = row.bytes(3)
            else {
                throw EventStoreError(.corrupt, "the snapshot of \(stream) is damaged in the table skein_snapshots")
            }
            return Snapshot(
                stream: stream,
                version: version,
                shapeVersion: shape,
                payload: payload,
                checksum: UInt64(bitPattern: checksum)
            )
        }
    }

    func checkpoint(of subscription: String) throws -> Checkpoint? {
        try first(.checkpoint, { $0.bind(subscription, at: 1) }) { row in
            try checkpoint(of: subscription, in: row)
        }
    }

    func checkpoint(of subscription: String, in row: PreparedStatement) throws -> Checkpoint {
        guard let position = row.integer(0), let epoch = row.integer(1) else {
            throw EventStoreError(.corrupt, "the checkpoint \(subscription) is damaged in the table skein_checkpoints")
        }
        return Checkpoint(subscription: subscription, position: position, epoch: epoch)
    }

    func notes(of subscription: String, topic: String, from key: Int64, limit: Int) throws -> [SubscriptionNote] {
        let statement = try statement(.notes)
        defer { statement.reset() }
        statement.bind(subscription, at: 1)
        statement.bind(topic, at: 2)
        statement.bind(key, at: 3)
        statement.bind(Int64(limit), at: 4)
        var notes: [SubscriptionNote] = []
        while try statement.step() {
            guard let key = statement.integer(0), let content = statement.bytes(1) else {
                throw EventStoreError(.corrupt, "a note of \(subscription) is damaged in the table skein_notes")
            }
            notes.append(SubscriptionNote(topic: topic, key: key, content: content))
        }
        return notes
    }
}

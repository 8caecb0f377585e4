/// The checks of input that every store makes alike, so that all refuse the same things with the same words.
package enum EventStoreChecks {
    package static func stream(_ stream: StreamID) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in try stream.validate() }
    }

    package static func read(
        _ stream: StreamID,
        from version: Int64,
        limit: Int,
        limits: EventStoreLimits
    ) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in
            try stream.validate()
            try limits.validate(pageSize: limit)
            guard version >= 0 else { throw InvalidInput(field: "version", reason: "\(version) is below 0") }
        }
    }

    package static func readLog(
        from position: Int64,
        limit: Int,
        limits: EventStoreLimits
    ) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in
            try limits.validate(pageSize: limit)
            guard position >= 0 else { throw InvalidInput(field: "position", reason: "\(position) is below 0") }
        }
    }

    package static func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion,
        allowsHardDelete: Bool
    ) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in
            try stream.validate()
            try expected.validate()
        }
        if mode == .hard, !allowsHardDelete {
            throw EventStoreError(.permission, "this store was not set up to delete streams for good")
        }
    }

    package static func subscription(_ name: String) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in try StreamID.validate(name, as: "subscription name") }
    }

    package static func checkpoint(_ position: Int64) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in
            guard position >= 0 else { throw InvalidInput(field: "checkpoint", reason: "\(position) is below 0") }
        }
    }

    package static func lease(
        on subscription: String,
        for owner: String = "-",
        lasting duration: Duration
    ) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in
            try StreamID.validate(subscription, as: "subscription name")
            try StreamID.validate(owner, as: "owner")
            guard duration > .zero, duration <= .seconds(86_400) else {
                throw InvalidInput(field: "lease", reason: "\(duration) is not above zero and up to a day")
            }
        }
    }

    package static func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange],
        limits: EventStoreLimits
    ) throws(EventStoreError) {
        try self.checkpoint(position)
        try change(notes, of: checkpoint.subscription, limits: limits)
    }

    package static func change(
        _ notes: [NoteChange],
        of subscription: String,
        limits: EventStoreLimits
    ) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in
            try StreamID.validate(subscription, as: "subscription name")
            for note in notes {
                try StreamID.validate(note.topic, as: "note topic")
                guard case .keep(let note) = note, note.content.count > limits.payloadBytes else { continue }
                throw InvalidInput(
                    field: "note",
                    reason: "it has \(note.content.count) bytes, at most \(limits.payloadBytes) are allowed"
                )
            }
        }
    }

    package static func notes(
        of subscription: String,
        topic: String,
        limit: Int,
        limits: EventStoreLimits
    ) throws(EventStoreError) {
        try wrapped { () throws(InvalidInput) in
            try StreamID.validate(subscription, as: "subscription name")
            try StreamID.validate(topic, as: "note topic")
            try limits.validate(pageSize: limit)
        }
    }

    private static func wrapped(_ check: () throws(InvalidInput) -> Void) throws(EventStoreError) {
        do { try check() } catch { throw EventStoreError(error) }
    }
}

extension StoredEvent.Content {
    /// A new event as it is stored.
    package convenience init(_ event: NewEvent, of command: CommandAppend, in stream: StreamID, at now: Timestamp) {
        self.init(
            stream: stream,
            id: event.id,
            name: event.name,
            schemaVersion: event.schemaVersion,
            payload: event.payload,
            metadata: event.metadata,
            commandID: command.id,
            commandFingerprint: command.fingerprint,
            recordedAt: now
        )
    }
}

extension CommandAppend {
    /// Whether the first event's id follows from the command's id, so that the event itself makes the command known.
    package var hasDerivedIdentity: Bool {
        guard case .events(let events) = outcome, !events.isEmpty else { return false }
        return events[0].id == EventID(command: id, ordinal: 0)
    }

    /// Whether a store has to keep something beside the events to know the command again.
    package var keepsOutcome: Bool {
        switch outcome {
        case .events(let events): !hasDerivedIdentity && !events.isEmpty
        case .rejection, .nothing: fingerprint != 0
        }
    }

    /// What a store has to keep beside the events to know the command again; nil if the events are enough.
    package func separateOutcome(storing events: [StoredEvent]) -> KnownCommand.Outcome? {
        guard keepsOutcome else { return nil }
        return switch outcome {
        case .events: .events(events)
        case .rejection(let bytes): .rejection(bytes)
        case .nothing: .nothing
        }
    }
}

extension KnownCommand {
    /// A command that is known by the events that it stored.
    package init(id: CommandID, events: [StoredEvent], first: StoredEvent) {
        let last = events.last ?? first
        self.init(
            id: id,
            stream: first.stream,
            fingerprint: first.commandFingerprint,
            version: last.version,
            position: last.position,
            recordedAt: first.recordedAt,
            outcome: .events(events)
        )
    }
}

extension Snapshot {
    /// Whether this snapshot is kept when the other one arrives: it has the same shape and a version no lower.
    package func supersedes(_ other: Snapshot) -> Bool {
        shapeVersion == other.shapeVersion && version > other.version
    }
}

/// Everything that one append stores: the outcomes of one or more commands to one stream, all of them or none.
public struct StreamAppend: Hashable, Sendable {
    /// The stream that the events are added to.
    public var stream: StreamID

    /// What the stream's version must be.
    public var expected: ExpectedVersion

    /// The commands in the order in which they were decided.
    public var commands: [CommandAppend]

    /// When the events happened, for imports; nil takes the store's clock.
    public var recordedAt: Timestamp?

    /// Creates an append.
    public init(
        stream: StreamID,
        expecting expected: ExpectedVersion = .any,
        commands: [CommandAppend],
        recordedAt: Timestamp? = nil
    ) {
        self.stream = stream
        self.expected = expected
        self.commands = commands
        self.recordedAt = recordedAt
    }

    /// All events of the append, in order.
    public var events: some Sequence<NewEvent> {
        commands.lazy.flatMap(\.events)
    }

    /// How many events the append stores.
    public var eventCount: Int {
        commands.reduce(0) { $0 + $1.events.count }
    }

    /// Throws ``InvalidInput`` for what no store accepts.
    public func validate(limits: EventStoreLimits) throws(InvalidInput) {
        try stream.validate()
        try expected.validate()
        var events = 0
        var commandIDs: Set<CommandID> = []
        for command in commands {
            if commands.count > 1, !commandIDs.insert(command.id).inserted {
                throw InvalidInput(field: "command id", reason: "\(command.id) stands in one append twice")
            }
            for event in command.events {
                events += 1
                try event.validate(limits: limits)
            }
        }
        guard events <= limits.eventsPerAppend else {
            throw InvalidInput(
                field: "append",
                reason: "it has \(events) events, at most \(limits.eventsPerAppend) are allowed"
            )
        }
    }
}

/// What one command comes to, as an append stores it.
public struct CommandAppend: Hashable, Sendable {
    /// What a command came to.
    public enum Outcome: Hashable, Sendable {
        /// It produced events, at least one.
        case events([NewEvent])

        /// The domain said no; the bytes are the encoded rejection.
        case rejection([UInt8])

        /// It was fine and changed nothing.
        case nothing
    }

    /// The command's id. If the store knows it already, the append stores nothing and returns what is known.
    public var id: CommandID

    /// Tells commands that share an id apart; 0 if the sender did not choose the id, so that it cannot come again.
    public var fingerprint: UInt64

    /// What the command came to.
    public var outcome: Outcome

    /// Creates a command's part of an append.
    public init(id: CommandID, fingerprint: UInt64 = 0, outcome: Outcome) {
        self.id = id
        self.fingerprint = fingerprint
        self.outcome = outcome
    }

    /// The events, if there are any.
    public var events: [NewEvent] {
        if case .events(let events) = outcome { events } else { [] }
    }
}

extension NewEvent {
    /// Throws ``InvalidInput`` for what no store accepts.
    public func validate(limits: EventStoreLimits) throws(InvalidInput) {
        try StreamID.validate(name, as: "event name")
        guard schemaVersion >= 1, schemaVersion <= Int32.max else {
            throw InvalidInput(field: "schema version", reason: "\(schemaVersion) is not between 1 and \(Int32.max)")
        }
        guard payload.count <= limits.payloadBytes else {
            throw InvalidInput(
                field: "payload",
                reason: "it has \(payload.count) bytes, at most \(limits.payloadBytes) are allowed"
            )
        }
        try metadata.validate()
    }
}

/// What an append came to.
public enum AppendResult: Hashable, Sendable {
    /// Everything is stored, durably.
    case stored(AppendReceipt)

    /// Nothing was stored, because these commands of the append are known already: all of them, at least one.
    case known([KnownCommand])
}

/// Where an append's events are.
public struct AppendReceipt: Hashable, Sendable {
    /// The stream's version after the append.
    public let version: Int64

    /// The position of the append's last event; its events have neighbouring positions. Without events: the log's end.
    public let position: Int64

    /// When the events were stored.
    public let recordedAt: Timestamp

    /// Creates a receipt; for stores.
    public init(version: Int64, position: Int64, recordedAt: Timestamp) {
        self.version = version
        self.position = position
        self.recordedAt = recordedAt
    }
}

/// A command that a store has seen, and what it came to.
public struct KnownCommand: Hashable, Sendable {
    /// What a known command came to.
    public enum Outcome: Hashable, Sendable {
        /// It stored these events.
        case events([StoredEvent])

        /// The domain said no; the bytes are the encoded rejection.
        case rejection([UInt8])

        /// It was fine and changed nothing.
        case nothing
    }

    /// The command's id.
    public let id: CommandID

    /// The stream that the command went to.
    public let stream: StreamID

    /// What ``CommandAppend/fingerprint`` was.
    public let fingerprint: UInt64

    /// The stream's version after the command.
    public let version: Int64

    /// The position of the command's last event; without events, the log's end at that time.
    public let position: Int64

    /// When the outcome was stored.
    public let recordedAt: Timestamp

    /// What the command came to.
    public let outcome: Outcome

    /// Creates a known command; for stores.
    public init(
        id: CommandID,
        stream: StreamID,
        fingerprint: UInt64,
        version: Int64,
        position: Int64,
        recordedAt: Timestamp,
        outcome: Outcome
    ) {
        self.id = id
        self.stream = stream
        self.fingerprint = fingerprint
        self.version = version
        self.position = position
        self.recordedAt = recordedAt
        self.outcome = outcome
    }
}

/// A stored event with its payload decoded.
public struct RecordedEvent<A: Aggregate>: Sendable {
    /// What has happened.
    public let event: A.Event

    /// The aggregate that it has happened to.
    public let aggregateID: AggregateID<A>

    /// The event's place in the aggregate's stream; the first has version 1.
    public let version: Int64

    /// The event's place in the whole log; the first has position 1.
    public let position: Int64

    /// The event's identity.
    public let id: EventID

    /// The command that the event was stored for.
    public let commandID: CommandID

    /// What the event carries beside its payload.
    public let metadata: EventMetadata

    /// When the event was stored.
    public let recordedAt: Timestamp

    /// Creates a recorded event, for tests of handlers among others.
    public init(
        _ event: A.Event,
        of aggregateID: AggregateID<A>,
        version: Int64,
        position: Int64,
        id: EventID,
        commandID: CommandID,
        metadata: EventMetadata = EventMetadata(),
        recordedAt: Timestamp
    ) {
        self.event = event
        self.aggregateID = aggregateID
        self.version = version
        self.position = position
        self.id = id
        self.commandID = commandID
        self.metadata = metadata
        self.recordedAt = recordedAt
    }

    /// Puts a stored event and its decoded payload together.
    package init(_ event: A.Event, from stored: StoredEvent) {
        self.init(
            event,
            of: AggregateID(stored.stream.id),
            version: stored.version,
            position: stored.position,
            id: stored.id,
            commandID: stored.commandID,
            metadata: stored.metadata,
            recordedAt: stored.recordedAt
        )
    }
}

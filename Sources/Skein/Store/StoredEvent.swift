/// An event as a store keeps it: its payload is bytes, its type a name.
public struct StoredEvent: Hashable, Sendable {
    /// The event's place in the whole log; the first has position 1.
    public let position: Int64

    /// The stream that the event belongs to.
    public let stream: StreamID

    /// The event's place in its stream; the first has version 1.
    public let version: Int64

    /// The event's identity.
    public let id: EventID

    /// The stored name of the event's type.
    public let name: String

    /// The version of the payload's schema.
    public let schemaVersion: Int

    /// The payload, byte for byte as it was written.
    public let payload: [UInt8]

    /// What the event carries beside its payload.
    public let metadata: EventMetadata

    /// The command that the event was stored for.
    public let commandID: CommandID

    /// What ``CommandAppend/fingerprint`` was; 0 if the sender did not choose the command's id.
    public let commandFingerprint: UInt64

    /// When the event was stored.
    public let recordedAt: Timestamp

    /// Creates a stored event; for stores.
    public init(
        position: Int64,
        stream: StreamID,
        version: Int64,
        id: EventID,
        name: String,
        schemaVersion: Int,
        payload: [UInt8],
        metadata: EventMetadata,
        commandID: CommandID,
        commandFingerprint: UInt64,
        recordedAt: Timestamp
    ) {
        self.position = position
        self.stream = stream
        self.version = version
        self.id = id
        self.name = name
        self.schemaVersion = schemaVersion
        self.payload = payload
        self.metadata = metadata
        self.commandID = commandID
        self.commandFingerprint = commandFingerprint
        self.recordedAt = recordedAt
    }
}

/// An event as a store keeps it: its payload is bytes, its type a name.
///
/// Copies share one piece of memory, so a page of events costs a reference each.
public struct StoredEvent: Sendable {
    private let content: Content

    /// The event's place in the whole log; the first has position 1.
    public let position: Int64

    /// The stream that the event belongs to.
    public var stream: StreamID { content.stream }

    /// The event's place in its stream; the first has version 1.
    public let version: Int64

    /// The event's identity.
    public var id: EventID { content.id }

    /// The stored name of the event's type.
    public var name: String { content.name }

    /// The version of the payload's schema.
    public var schemaVersion: Int { content.schemaVersion }

    /// The payload, byte for byte as it was written.
    public var payload: [UInt8] { content.payload }

    /// What the event carries beside its payload.
    public var metadata: EventMetadata { content.metadata }

    /// The command that the event was stored for.
    public var commandID: CommandID { content.commandID }

    /// What ``CommandAppend/fingerprint`` was; 0 if the sender did not choose the command's id.
    public var commandFingerprint: UInt64 { content.commandFingerprint }

    /// When the event was stored.
    public var recordedAt: Timestamp { content.recordedAt }

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
        self.init(
            Content(
                stream: stream,
                id: id,
                name: name,
                schemaVersion: schemaVersion,
                payload: payload,
                metadata: metadata,
                commandID: commandID,
                commandFingerprint: commandFingerprint,
                recordedAt: recordedAt
            ),
            position: position,
            version: version
        )
    }

    /// Puts content at its place in the log and in its stream.
    package init(_ content: Content, position: Int64, version: Int64) {
        self.content = content
        self.position = position
        self.version = version
    }
}

extension StoredEvent: Hashable {
    public static func == (left: StoredEvent, right: StoredEvent) -> Bool {
        left.position == right.position && left.version == right.version && left.content == right.content
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(position)
        hasher.combine(id)
    }
}

extension StoredEvent {
    /// Everything of a stored event but its place, which is known only once the store has taken it.
    package final class Content: Sendable {
        package let stream: StreamID
        package let id: EventID
        package let name: String
        package let schemaVersion: Int
        package let payload: [UInt8]
        package let metadata: EventMetadata
        package let commandID: CommandID
        package let commandFingerprint: UInt64
        package let recordedAt: Timestamp

        package init(
            stream: StreamID,
            id: EventID,
            name: String,
            schemaVersion: Int,
            payload: [UInt8],
            metadata: EventMetadata,
            commandID: CommandID,
            commandFingerprint: UInt64,
            recordedAt: Timestamp
        ) {
            self.stream = stream
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
}

extension StoredEvent.Content: Equatable {
    package static func == (left: StoredEvent.Content, right: StoredEvent.Content) -> Bool {
        left === right
            || left.id == right.id && left.stream == right.stream && left.name == right.name
                && left.schemaVersion == right.schemaVersion && left.payload == right.payload
                && left.metadata == right.metadata && left.commandID == right.commandID
                && left.commandFingerprint == right.commandFingerprint && left.recordedAt == right.recordedAt
    }
}

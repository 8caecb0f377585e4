/// An event on its way into a store.
public struct NewEvent: Hashable, Sendable {
    /// The event's identity; it must be new to the whole store.
    public var id: EventID

    /// The stored name of the event's type.
    public var name: String

    /// The version of the payload's schema, from 1.
    public var schemaVersion: Int

    /// The payload, kept byte for byte.
    public var payload: [UInt8]

    /// What the event carries beside its payload.
    public var metadata: EventMetadata

    /// Creates an event.
    public init(
        id: EventID,
        name: String,
        schemaVersion: Int = 1,
        payload: [UInt8],
        metadata: EventMetadata = EventMetadata()
    ) {
        self.id = id
        self.name = name
        self.schemaVersion = schemaVersion
        self.payload = payload
        self.metadata = metadata
    }
}

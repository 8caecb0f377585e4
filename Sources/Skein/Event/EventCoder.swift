/// Turns domain values into stored bytes and back; replace it to store something other than JSON.
public protocol EventCoder: Sendable {
    /// A codec for one event type. It is asked for once for each type, so it may prepare what it needs.
    func codec<Event: DomainEvent>(for type: Event.Type) -> EventCodec<Event>

    /// Encodes a rejection or a snapshot's state.
    func encode<Value: Encodable>(_ value: Value) throws(EventCodingError) -> [UInt8]

    /// Decodes a rejection or a snapshot's state.
    func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(EventCodingError) -> Value
}

/// Encodes and decodes the events of one type.
public struct EventCodec<Event: DomainEvent>: Sendable {
    /// An event's stored name and payload.
    public typealias Encoded = (name: String, payload: [UInt8])

    /// Encodes an event.
    public let encode: @Sendable (_ event: Event) throws(EventCodingError) -> Encoded

    /// Decodes an event from its stored name, the version of its schema and its payload.
    public let decode:
        @Sendable (_ name: String, _ schemaVersion: Int, _ payload: [UInt8]) throws(EventCodingError) -> Event

    /// Creates a codec.
    public init(
        encode: @escaping @Sendable (_ event: Event) throws(EventCodingError) -> Encoded,
        decode:
            @escaping @Sendable (_ name: String, _ schemaVersion: Int, _ payload: [UInt8]) throws(EventCodingError)
            -> Event
    ) {
        self.encode = encode
        self.decode = decode
    }

    package func decode(_ stored: StoredEvent) throws(EventCodingError) -> Event {
        do throws(EventCodingError) {
            return try decode(stored.name, stored.schemaVersion, stored.payload)
        } catch {
            throw error.at(stored.position)
        }
    }
}

import Synchronization

/// Stores JSON: of an enum, the case's name as the event's name and the case's own values as its payload.
public struct JSONEventCoder: EventCoder {
    private let encoder = JSONPayloadEncoder()
    private let decoder = JSONPayloadDecoder()

    /// Creates the coder.
    public init() {}

    public func codec<Event: DomainEvent>(for type: Event.Type) -> EventCodec<Event> {
        let (encoder, decoder) = (encoder, decoder)
        let shape = EventShape()
        // Taken once: the default asks the type for its description, which takes microseconds.
        let typeName = Event.eventName
        let schemaVersion = Event.schemaVersion
        return EventCodec(
            encode: { event throws(EventCodingError) in
                do {
                    let encoded = try encoder.encodeEvent(event, isEnum: shape.isEnum(event))
                    guard let name = encoded.name else { return (typeName, encoded.bytes) }
                    guard name != typeName else {
                        throw EventCodingError(
                            .unencodable,
                            name: name,
                            reason: "the case has the name that stands for the whole type; rename it or set eventName"
                        )
                    }
                    return (name, encoded.bytes)
                } catch {
                    throw EventCodingError(error, name: typeName, whileEncoding: true)
                }
            },
            decode: { name, storedVersion, payload throws(EventCodingError) in
                guard storedVersion <= schemaVersion else {
                    throw EventCodingError(
                        .newerSchema(found: storedVersion, supported: schemaVersion),
                        name: name,
                        reason: "it was written by newer code"
                    )
                }
                // A case is stored without its name; a whole value and a raw value are as they are.
                let isCase = name != typeName && payload.first != UInt8(ascii: "\"")
                do {
                    return try isCase
                        ? decoder.decodeCase(type, named: name, from: payload) : decoder.decode(type, from: payload)
                } catch DecodingError.typeMismatch(_, let context) where isCase && context.codingPath.isEmpty {
                    throw EventCodingError(.unknownEvent, name: name, reason: "\(type) has no case of this name")
                } catch {
                    throw EventCodingError(error, name: name, whileEncoding: false)
                }
            }
        )
    }

    public func encode<Value: Encodable>(_ value: Value) throws(EventCodingError) -> [UInt8] {
        do {
            return try encoder.encode(value)
        } catch {
            throw EventCodingError(error, name: String(describing: Value.self), whileEncoding: true)
        }
    }

    public func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws(EventCodingError) -> Value {
        do {
            return try decoder.decode(type, from: bytes)
        } catch {
            throw EventCodingError(error, name: String(describing: type), whileEncoding: false)
        }
    }
}

/// Whether a type is an enum: it is looked up in the first value, for a look at a value's mirror takes microseconds.
private final class EventShape: Sendable {
    private let known = Atomic<Int>(0)

    func isEnum<Value>(_ value: Value) -> Bool {
        switch known.load(ordering: .relaxed) {
        case 1: return true
        case 2: return false
        default:
            let isEnum = JSONPayloadEncoder.isEnum(value)
            known.store(isEnum ? 1 : 2, ordering: .relaxed)
            return isEnum
        }
    }
}

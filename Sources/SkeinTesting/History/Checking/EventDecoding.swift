import Skein
import Synchronization

/// Decodes stored events, and remembers what came out: the histories of many seeds are full of equal payloads.
final class EventDecoding: Sendable {
    private struct Key: Hashable {
        let type: ObjectIdentifier
        let name: String
        let schemaVersion: Int
        let payload: [UInt8]
    }

    private struct State {
        var events: [Key: any Sendable] = [:]
        var codecs: [ObjectIdentifier: any Sendable] = [:]
    }

    private static let limit = 10_000

    private let coder: any EventCoder
    private let state = Mutex(State())

    init(_ coder: any EventCoder) {
        self.coder = coder
    }

    func decode<Event: DomainEvent>(_ stored: StoredEvent, as type: Event.Type) throws(EventCodingError) -> Event {
        let key = Key(
            type: ObjectIdentifier(type),
            name: stored.name,
            schemaVersion: stored.schemaVersion,
            payload: stored.payload
        )
        if let known = state.withLock({ $0.events[key] }), let event = known as? Event { return event }
        let event = try codec(for: type).decode(stored)
        state.withLock { state in
            if state.events.count >= Self.limit { state.events = [:] }
            state.events[key] = event
        }
        return event
    }

    private func codec<Event: DomainEvent>(for type: Event.Type) -> EventCodec<Event> {
        let key = ObjectIdentifier(type)
        if let known = state.withLock({ $0.codecs[key] }), let codec = known as? EventCodec<Event> { return codec }
        let codec = coder.codec(for: type)
        state.withLock { $0.codecs[key] = codec }
        return codec
    }
}

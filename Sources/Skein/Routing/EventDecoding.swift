/// How a bus turns stored events into what handlers get.
struct EventDecoding: Sendable {
    let coder: any EventCoder
    /// What other subscriptions have decoded; nil if there are none.
    let shared: DecodedEvents?

    /// Decodes the events of an aggregate type.
    func decoder<A: Aggregate>(
        of type: A.Type
    ) -> @Sendable (StoredEvent) throws(EventCodingError) -> RecordedEvent<A> {
        let codec = coder.codec(for: A.Event.self)
        guard let shared else {
            return { stored throws(EventCodingError) in RecordedEvent(try codec.decode(stored), from: stored) }
        }
        return { stored throws(EventCodingError) in
            try shared.event(stored) { stored throws(EventCodingError) in
                RecordedEvent(try codec.decode(stored), from: stored)
            }
        }
    }
}

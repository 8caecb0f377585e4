import Synchronization

/// Decoded events near the end of the log, so that several subscriptions to the same events decode each once.
///
/// A ring: a later event takes the place of an earlier one. What is not found is decoded again.
final class DecodedEvents: Sendable {
    private struct Slot {
        var id: EventID?
        var event: (any Sendable)?
    }

    private let slots: Mutex<[Slot]>
    private let capacity: Int64

    init(capacity: Int) {
        self.capacity = Int64(max(1, capacity))
        slots = Mutex(Array(repeating: Slot(), count: max(1, capacity)))
    }

    /// The event as somebody has decoded it, or as it is decoded now.
    func event<A: Aggregate>(
        _ stored: StoredEvent,
        decode: (StoredEvent) throws(EventCodingError) -> RecordedEvent<A>
    ) throws(EventCodingError) -> RecordedEvent<A> {
        let index = Int(stored.position % capacity)
        let kept = slots.withLock { $0[index].id == stored.id ? $0[index].event : nil }
        if let kept = kept as? RecordedEvent<A> { return kept }
        let decoded = try decode(stored)
        slots.withLock { $0[index] = Slot(id: stored.id, event: decoded) }
        return decoded
    }
}

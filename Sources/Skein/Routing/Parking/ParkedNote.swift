/// What is kept about a parked event, under its position.
struct ParkedNote: Codable, Hashable, Sendable {
    enum State: String, Codable, Sendable { case failed, waiting }

    static let topic = "parked"
    private static let reasonLength = 300

    var aggregate: String
    var id: String
    var event: String
    var state: State
    var attempts: Int
    var reason: String
    /// Microseconds since 1970.
    var at: Int64

    var stream: StreamID { StreamID(aggregate: aggregate, id: id) }

    /// A note of an event that has failed, or that waits behind one if there is no reason.
    init(_ event: StoredEvent, attempts: Int, reason: (any Error)?, at now: Timestamp) {
        aggregate = event.stream.aggregate
        id = event.stream.id
        self.event = event.name
        state = reason == nil ? .waiting : .failed
        self.attempts = attempts
        self.reason = reason.map(Self.text) ?? ""
        at = now.microseconds
    }

    func keep(at position: Int64) -> NoteChange {
        .keep(SubscriptionNote(topic: Self.topic, key: position, content: NoteContent.encode(self)))
    }

    static func drop(at position: Int64) -> NoteChange { .drop(topic: topic, key: position) }

    func event(at position: Int64) -> ParkedEvent {
        ParkedEvent(
            position: position,
            stream: stream,
            name: event,
            isWaiting: state == .waiting,
            attempts: attempts,
            reason: reason,
            parkedAt: Timestamp(microseconds: at)
        )
    }

    /// All parked events of a partition, in the order of the log.
    static func all(
        of key: String,
        in store: any EventStore
    ) async throws(EventStoreError) -> [(position: Int64, note: ParkedNote)] {
        let limit = min(1_000, store.limits.pageSize)
        var parked: [(position: Int64, note: ParkedNote)] = []
        var next: Int64 = 0
        while true {
            let notes = try await store.notes(of: key, topic: topic, from: next, limit: limit)
            for note in notes {
                guard let content = NoteContent.decode(ParkedNote.self, from: note.content) else { continue }
                parked.append((note.key, content))
            }
            guard let last = notes.last, notes.count == limit else { return parked }
            next = last.key + 1
        }
    }

    /// An error's text, cut; a store refuses U+0000.
    private static func text(_ error: any Error) -> String {
        String("\(error)".prefix(reasonLength).map { $0 == "\0" ? " " : $0 })
    }
}

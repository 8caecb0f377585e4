/// How often an event was begun to be handled, kept before each attempt as long as one may end the process.
struct AttemptNote: Codable, Hashable, Sendable {
    static let topic = "attempt"

    var attempts: Int

    func keep(at position: Int64) -> NoteChange {
        .keep(SubscriptionNote(topic: Self.topic, key: position, content: NoteContent.encode(self)))
    }

    static func drop(at position: Int64) -> NoteChange { .drop(topic: topic, key: position) }

    /// What is kept of a partition, by position. There are as many as there were events that ended a process.
    static func all(of key: String, in store: any EventStore) async throws(EventStoreError) -> [Int64: Int] {
        let notes = try await store.notes(of: key, topic: topic, from: 0, limit: min(1_000, store.limits.pageSize))
        var begun: [Int64: Int] = [:]
        for note in notes { begun[note.key] = NoteContent.decode(AttemptNote.self, from: note.content)?.attempts }
        return begun
    }
}

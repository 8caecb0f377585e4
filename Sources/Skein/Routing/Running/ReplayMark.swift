/// Up to where a subscription that was reset has been before: what must not happen twice is left out until then.
struct ReplayMark: Codable, Hashable, Sendable {
    var through: Int64

    static let topic = "replay"

    var change: NoteChange {
        .keep(SubscriptionNote(topic: Self.topic, key: 0, content: NoteContent.encode(self)))
    }

    /// The position; 0 for a subscription that was never reset.
    static func kept(of key: String, in store: any EventStore) async throws(EventStoreError) -> Int64 {
        let note = try await store.notes(of: key, topic: topic, from: 0, limit: 1).first
        return note.flatMap { NoteContent.decode(ReplayMark.self, from: $0.content)?.through } ?? 0
    }
}

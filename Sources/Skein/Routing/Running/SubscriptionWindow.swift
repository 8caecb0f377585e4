/// How far beyond its checkpoint a runner may come before it saves again.
///
/// Whoever takes over from one that has died must know which events that one may have begun. A small window needs no note;
/// a runner that is fast keeps a larger one, in the transaction that moves the checkpoint, so that it costs no more commits.
struct SubscriptionWindow: Sendable {
    static let topic = "window"
    /// What is allowed without a note, in positions.
    static let least: Int64 = 256

    private(set) var end: Int64 = least
    private var isNoted = false

    /// Begins where a checkpoint is.
    init(at position: Int64 = 0) {
        end = position + Self.least
    }

    /// The window that a checkpoint comes with: twice what was done since the last one, or up to what is wanted.
    func moved(
        from old: Int64,
        to new: Int64,
        reaching wanted: Int64
    ) -> (window: SubscriptionWindow, change: NoteChange?) {
        var next = self
        next.end = max(new + max(Self.least, (new - old) * 2), wanted)
        next.isNoted = next.end > new + Self.least
        guard next.isNoted else { return (next, isNoted ? .drop(topic: Self.topic, key: 0) : nil) }
        return (next, .keep(SubscriptionNote(topic: Self.topic, key: 0, content: NoteContent.encode(next.end))))
    }

    /// How far the one who died may have come.
    static func end(
        after checkpoint: Checkpoint,
        in store: any EventStore
    ) async throws(EventStoreError) -> Int64 {
        let note = try await store.notes(of: checkpoint.subscription, topic: topic, from: 0, limit: 1).first
        let noted = note.flatMap { NoteContent.decode(Int64.self, from: $0.content) } ?? 0
        return max(noted, checkpoint.position + least)
    }
}

/// The checkpoints, leases and notes of an ``InMemoryEventStore``.
struct InMemoryCheckpoints: Sendable {
    private struct Entry {
        /// At position −1 once it was deleted, so that its epochs are not given again.
        var checkpoint: Checkpoint
        var lease: Lease?
        var notes: [NoteName: [UInt8]] = [:]
    }

    private struct Lease {
        let owner: String
        var end: Duration
    }

    /// Compared byte by byte.
    private struct NoteName: Hashable {
        let topic: [UInt8]
        let key: Int64
    }

    /// By the bytes of the subscription's name.
    private var entries: [[UInt8]: Entry] = [:]

    func checkpoint(of subscription: String) -> Checkpoint? {
        entries[Array(subscription.utf8)].flatMap { $0.checkpoint.position < 0 ? nil : $0.checkpoint }
    }

    mutating func claim(_ subscription: String) -> Checkpoint {
        let name = Array(subscription.utf8)
        let before = entries[name]
        let claimed = Checkpoint(
            subscription: subscription,
            position: max(before?.checkpoint.position ?? 0, 0),
            epoch: (before?.checkpoint.epoch ?? 0) + 1
        )
        entries[name] = Entry(checkpoint: claimed, notes: before?.notes ?? [:])
        return claimed
    }

    mutating func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration,
        at now: Duration
    ) -> LeaseAnswer {
        let name = Array(subscription.utf8)
        let before = entries[name]?.lease
        if let before, before.end > now, !before.owner.hasSameBytes(as: owner) {
            return .held(by: before.owner, remaining: before.end - now)
        }
        let claimed = claim(subscription)
        entries[name]?.lease = Lease(owner: owner, end: now + duration)
        return .acquired(claimed, wasReleased: before == nil)
    }

    mutating func renewLease(of checkpoint: Checkpoint, until end: Duration) throws(EventStoreError) {
        try change(checkpoint) { $0.lease?.end = end }
    }

    mutating func releaseLease(of checkpoint: Checkpoint) throws(EventStoreError) {
        try change(checkpoint) { $0.lease = nil }
    }

    /// Throws `checkpointFenced` unless the checkpoint is as given.
    func check(_ checkpoint: Checkpoint) throws(EventStoreError) {
        guard self.checkpoint(of: checkpoint.subscription) == checkpoint else { throw .fenced }
    }

    mutating func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) throws(EventStoreError) -> Checkpoint {
        try check(checkpoint)
        let moved = Checkpoint(subscription: checkpoint.subscription, position: position, epoch: checkpoint.epoch)
        entries[Array(checkpoint.subscription.utf8)]?.checkpoint = moved
        change(notes, of: checkpoint.subscription)
        return moved
    }

    mutating func change(_ notes: [NoteChange], of subscription: String) {
        guard !notes.isEmpty else { return }
        let name = Array(subscription.utf8)
        let none = Checkpoint(subscription: subscription, position: -1, epoch: 0)
        for note in notes {
            switch note {
            case .keep(let note):
                let noteName = NoteName(topic: Array(note.topic.utf8), key: note.key)
                entries[name, default: Entry(checkpoint: none)].notes[noteName] = note.content
            case .drop(let topic, let key):
                entries[name]?.notes[NoteName(topic: Array(topic.utf8), key: key)] = nil
            }
        }
    }

    func notes(of subscription: String, topic: String, from key: Int64, limit: Int) -> [SubscriptionNote] {
        let topicBytes = Array(topic.utf8)
        let found = entries[Array(subscription.utf8)]?.notes.filter { $0.key.topic == topicBytes && $0.key.key >= key }
        return (found ?? [:]).sorted { $0.key.key < $1.key.key }.prefix(limit).map { name, content in
            SubscriptionNote(topic: topic, key: name.key, content: content)
        }
    }

    mutating func delete(_ subscription: String) {
        let name = Array(subscription.utf8)
        guard let before = entries[name] else { return }
        let deleted = Checkpoint(subscription: subscription, position: -1, epoch: before.checkpoint.epoch)
        entries[name] = Entry(checkpoint: deleted)
    }

    /// Changes an entry whose epoch is the latest.
    private mutating func change(
        _ checkpoint: Checkpoint,
        _ body: (inout Entry) -> Void
    ) throws(EventStoreError) {
        let name = Array(checkpoint.subscription.utf8)
        guard
            var entry = entries[name],
            entry.checkpoint.position >= 0,
            entry.checkpoint.epoch == checkpoint.epoch
        else { throw .fenced }
        body(&entry)
        entries[name] = entry
    }
}

extension EventStoreError {
    fileprivate static var fenced: EventStoreError {
        EventStoreError(.checkpointFenced, "another runner has moved or claimed the checkpoint")
    }
}

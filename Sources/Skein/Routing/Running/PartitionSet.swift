/// How a subscription is parted, kept in the store so that all processes agree on it.
///
/// The note lies under the subscription's own name, whose checkpoint is what those fence each other off with who change it.
/// Whoever owns a partition of another set finds the note when it takes the partition again, and stops.
struct PartitionSet: Sendable {
    /// What is kept.
    struct Kept: Codable, Hashable, Sendable {
        var count: Int
        /// Where a partition begins that has not begun; nil while the set is being changed.
        var start: Int64?
        /// How many there were before, while the set is being changed.
        var previous: Int?
    }

    static let topic = "partitions"

    private let subscription: Subscription
    private let calls: StoreCalls

    init(_ subscription: Subscription, _ calls: StoreCalls) {
        self.subscription = subscription
        self.calls = calls
    }

    /// The set as it is kept; nil for one partition that was never parted and that begins with the log.
    static func kept(of name: String, in store: any EventStore) async throws(EventStoreError) -> Kept? {
        let note = try await store.notes(of: name, topic: topic, from: 0, limit: 1).first
        return note.flatMap { NoteContent.decode(Kept.self, from: $0.content) }
    }

    /// Makes the set what the subscription says, and tells where partitions begin that have not begun yet.
    func begin() async throws(RunEnd) -> Int64 {
        var failures = 0
        while true {
            do throws(RunEnd) {
                if let start = try await attempt() { return start }
            } catch {
                // Somebody else is at it as well.
                guard case .lost = error else { throw error }
            }
            failures += 1
            let backoff = calls.runtime.configuration.retryBackoff
            guard await calls.pause(backoff, afterFailures: failures) else { throw .interrupted }
        }
    }

    /// Nil if what is kept has changed meanwhile.
    private func attempt() async throws(RunEnd) -> Int64? {
        let (name, count) = (subscription.name, subscription.partitions)
        let kept = try await load()
        if let kept, kept.count == count, let start = kept.start { return start }
        if kept == nil {
            if count == 1, subscription.start == .beginning { return 0 }
            let checkpoint = try await calls.retrying { store throws(EventStoreError) in
                try await store.checkpoint(of: name)
            }
            // At 0 somebody may have claimed it and done nothing else.
            guard let checkpoint, checkpoint.position > 0 else { return try await beginAnew() }
            if count == 1 { return 0 }
        }
        return try await change(from: kept)
    }

    private func beginAnew() async throws(RunEnd) -> Int64? {
        let start: Int64
        switch subscription.start {
        case .beginning: start = 0
        case .position(let position): start = position
        case .now: start = try await calls.retrying { store throws(EventStoreError) in try await store.head() }
        }
        let lock = try await claim(subscription.name)
        guard try await load() == nil, lock.position == 0 else { return nil }
        let kept = Kept(count: subscription.partitions, start: start)
        _ = try await calls.move(lock, to: subscription.partitions == 1 ? start : 0, changing: [keep(kept)])
        return start
    }

    /// Stops the old partitions and lets the new ones begin where the last of the old ones was.
    private func change(from seen: Kept?) async throws(RunEnd) -> Int64? {
        let (name, count) = (subscription.name, subscription.partitions)
        let old = seen?.previous ?? seen?.count ?? 1
        var lock = try await claim(name)
        guard try await load() == seen else { return nil }
        // From here on nobody takes an old partition again.
        let change = Kept(count: count, start: nil, previous: old)
        lock = try await calls.move(lock, to: lock.position, changing: [keep(change)])
        var least = Int64.max
        var notes: [NoteChange] = []
        let parts = SubscriptionPartition.all(of: name, count: old).map(\.key)
        for key in parts {
            let position = key == name ? lock.position : try await close(key)
            least = min(least, max(position ?? 0, seen?.start ?? 0))
            notes += try await moveParked(from: key)
        }
        let done = Kept(count: count, start: least)
        _ = try await calls.move(lock, to: count == 1 ? least : lock.position, changing: notes + [keep(done)])
        for key in parts where key != name {
            try await calls.retrying { store throws(EventStoreError) in try await store.deleteCheckpoint(of: key) }
        }
        return least
    }

    /// Fences the owner of a partition off, and tells how far it has come; nil if it has never begun.
    private func close(_ key: String) async throws(RunEnd) -> Int64? {
        let checkpoint = try await calls.retrying { store throws(EventStoreError) in
            try await store.checkpoint(of: key)
        }
        return checkpoint == nil ? nil : try await claim(key).position
    }

    /// Gives the parked events of a partition to those that their streams fall to now; returns what changes under the name.
    private func moveParked(from key: String) async throws(RunEnd) -> [NoteChange] {
        let (name, count) = (subscription.name, subscription.partitions)
        let parts = SubscriptionPartition.all(of: name, count: count)
        let parked = try await calls.retrying { store throws(EventStoreError) in
            try await ParkedNote.all(of: key, in: store)
        }
        var own: [NoteChange] = []
        for (position, note) in parked {
            let change = note.keep(at: position)
            if key == name { own.append(.drop(topic: ParkedNote.topic, key: position)) }
            guard let part = parts.first(where: { $0.contains(note.stream) }) else { continue }
            guard part.key != name else {
                own.append(change)
                continue
            }
            try await calls.retrying { store throws(EventStoreError) in
                try await store.change([change], of: part.key)
            }
        }
        return own
    }

    private func load() async throws(RunEnd) -> Kept? {
        let name = subscription.name
        return try await calls.retrying { store throws(EventStoreError) in try await Self.kept(of: name, in: store) }
    }

    private func claim(_ key: String) async throws(RunEnd) -> Checkpoint {
        try await calls.retrying { store throws(EventStoreError) in try await store.claimCheckpoint(of: key) }
    }

    private func keep(_ kept: Kept) -> NoteChange {
        .keep(SubscriptionNote(topic: Self.topic, key: 0, content: NoteContent.encode(kept)))
    }
}

public import Skein

extension SQLiteEventStore {
    public func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try EventStoreChecks.subscription(subscription)
        return try await host.read { try $0.checkpoint(of: subscription) }
    }

    public func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.subscription(subscription)
        return try await host.write { writer, _ in try writer.claimCheckpoint(of: subscription) }
    }

    public func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try EventStoreChecks.lease(on: subscription, for: owner, lasting: duration)
        return try await host.write { writer, _ in
            try writer.acquireLease(on: subscription, for: owner, lasting: duration)
        }
    }

    public func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try EventStoreChecks.lease(on: checkpoint.subscription, lasting: duration)
        try await host.write { writer, _ in try writer.renewLease(of: checkpoint, lasting: duration) }
    }

    public func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {
        try EventStoreChecks.subscription(checkpoint.subscription)
        try await host.write { writer, _ in try writer.releaseLease(of: checkpoint) }
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.move(checkpoint, to: position, changing: notes, limits: limits)
        return try await host.write(bytes: notes.bytes) { writer, _ in
            try writer.move(checkpoint, to: position, changing: notes)
        }
    }

    public func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.change(notes, of: subscription, limits: limits)
        try await host.write(bytes: notes.bytes) { writer, _ in try writer.change(notes, of: subscription) }
    }

    public func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try EventStoreChecks.notes(of: subscription, topic: topic, limit: limit, limits: limits)
        return try await host.read { try $0.notes(of: subscription, topic: topic, from: key, limit: limit) }
    }

    public func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.subscription(subscription)
        try await host.write { writer, _ in try writer.deleteCheckpoint(of: subscription) }
    }
}

extension [NoteChange] {
    /// Roughly what the changes add to a transaction.
    var bytes: Int {
        reduce(256) { bytes, change in
            if case .keep(let note) = change { bytes + note.content.count + 256 } else { bytes + 256 }
        }
    }
}

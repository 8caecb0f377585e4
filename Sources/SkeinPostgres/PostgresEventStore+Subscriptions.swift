public import Skein

extension PostgresEventStore {
    public func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try EventStoreChecks.subscription(subscription)
        return try await host.read { try $0.checkpoint(of: subscription, until: $1) }
    }

    public func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.subscription(subscription)
        return try await host.write { try $0.claimCheckpoint(of: subscription, until: $1) }
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.move(checkpoint, to: position, changing: notes, limits: limits)
        let changes = NoteChanges(notes)
        return try await host.write { try $0.move(checkpoint, to: position, changing: changes, until: $1) }
    }

    public func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.subscription(subscription)
        try await host.write { try $0.deleteCheckpoint(of: subscription, until: $1) }
    }

    public func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try EventStoreChecks.lease(on: subscription, for: owner, lasting: duration)
        return try await host.write { connection, deadline in
            try connection.acquireLease(on: subscription, for: owner, lasting: duration, until: deadline)
        }
    }

    public func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try EventStoreChecks.lease(on: checkpoint.subscription, lasting: duration)
        try await host.write { try $0.renewLease(of: checkpoint, lasting: duration, until: $1) }
    }

    public func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {
        try EventStoreChecks.subscription(checkpoint.subscription)
        try await host.write { try $0.releaseLease(of: checkpoint, until: $1) }
    }

    public func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.change(notes, of: subscription, limits: limits)
        let changes = NoteChanges(notes)
        try await host.write { try $0.change(changes, of: subscription, until: $1) }
    }

    public func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try EventStoreChecks.notes(of: subscription, topic: topic, limit: limit, limits: limits)
        return try await host.read { try $0.notes(of: subscription, topic: topic, from: key, limit: limit, until: $1) }
    }
}

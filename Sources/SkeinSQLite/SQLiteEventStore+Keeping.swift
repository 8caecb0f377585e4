public import Skein

extension SQLiteEventStore {
    public func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        try EventStoreChecks.stream(stream)
        return try await host.read { try $0.snapshot(of: stream) }
    }

    public func save(_ snapshot: Snapshot) async throws(EventStoreError) {
        try EventStoreChecks.stream(snapshot.stream)
        try await host.write(bytes: snapshot.payload.count + 256) { writer, _ in try writer.save(snapshot) }
    }

    public func deleteSnapshot(of stream: StreamID) async throws(EventStoreError) {
        try EventStoreChecks.stream(stream)
        try await host.write { writer, _ in try writer.deleteSnapshot(of: stream) }
    }

    public func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try EventStoreChecks.subscription(subscription)
        return try await host.read { try $0.checkpoint(of: subscription) }
    }

    public func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.subscription(subscription)
        return try await host.write { writer, _ in try writer.claimCheckpoint(of: subscription) }
    }

    public func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.subscription(checkpoint.subscription)
        try EventStoreChecks.checkpoint(position)
        return try await host.write { writer, _ in try writer.move(checkpoint, to: position) }
    }

    public func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.subscription(subscription)
        try await host.write { writer, _ in try writer.deleteCheckpoint(of: subscription) }
    }
}

extension SQLiteEventStore {
    public func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        .acquired(try await claimCheckpoint(of: subscription), wasReleased: true)
    }

    public func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {}

    public func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {}

    public func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        throw EventStoreError(.unsuitable, "PLACEHOLDER")
    }

    public func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        []
    }
}

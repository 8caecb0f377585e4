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

    public func move(_ checkpoint: Checkpoint, to position: Int64) async throws(EventStoreError) -> Checkpoint {
        try EventStoreChecks.subscription(checkpoint.subscription)
        try EventStoreChecks.checkpoint(position)
        return try await host.write { writer, _ in try writer.move(checkpoint, to: position) }
    }

    public func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try EventStoreChecks.subscription(subscription)
        try await host.write { writer, _ in try writer.deleteCheckpoint(of: subscription) }
    }
}

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
}

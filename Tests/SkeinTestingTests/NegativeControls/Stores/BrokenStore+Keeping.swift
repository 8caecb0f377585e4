import Skein
import Synchronization

extension BrokenStore {
    func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError) {
        try await enter()
        let stream = taken(stream)
        let snapshot = try await base.snapshot(of: stream)
        try await base.delete(stream, mode: mode, expecting: expected)
        guard mode == .soft else { return }
        state.withLock { _ = $0.deleted.insert(stream) }
        if defect == .softDeleteKeepsTheSnapshot, let snapshot { try await base.save(snapshot) }
    }

    func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        try await enter()
        guard let snapshot = try await base.snapshot(of: taken(stream)) else { return nil }
        switch defect {
        case .servesSnapshotsOfAWrongVersion:
            return Snapshot(
                stream: snapshot.stream,
                version: snapshot.version + 1,
                shapeVersion: snapshot.shapeVersion,
                payload: snapshot.payload,
                checksum: snapshot.checksum
            )
        case .dropsDamagedSnapshots: return snapshot.isIntact ? snapshot : nil
        default: return snapshot
        }
    }

    func save(_ snapshot: Snapshot) async throws(EventStoreError) {
        try await enter()
        if defect == .letsOlderSnapshotsOverwrite { try await base.deleteSnapshot(of: snapshot.stream) }
        try await base.save(snapshot)
    }

    func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try await enter()
        if defect == .claimsWithoutANewEpoch, let found = try await base.checkpoint(of: subscription) { return found }
        return try await base.claimCheckpoint(of: subscription)
    }
}

import Skein

extension PostgresConnection {
    func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion,
        until deadline: Deadline
    ) throws {
        var parameters = Parameters()
        parameters.add(stream.aggregate)
        parameters.add(stream.id)
        parameters.add(mode == .hard)
        parameters.add(expected.number)
        let rows = try run(KeepStatement.delete, parameters, until: deadline)
        switch (rows.smallInteger(0, 0), rows.integer(0, 1)) {
        case (0, _): return
        case (3, let version?): try expected.check(version)
        case (5, _): throw EventStoreError(.streamNotFound, "the stream has no event")
        default: break
        }
        throw EventStoreError(.corrupt, "the function delete_stream answers what nobody understands")
    }

    func snapshot(of stream: StreamID, until deadline: Deadline) throws -> Snapshot? {
        let rows = try run(KeepStatement.snapshot, Self.name(stream), until: deadline)
        guard rows.count > 0 else { return nil }
        guard
            let version = rows.integer(0, 0), let shape = rows.integer(0, 1), let checksum = rows.integer(0, 2),
            let payload = rows.bytes(0, 3)
        else { throw EventStoreError(.corrupt, "the snapshot of \(stream) is damaged in the table snapshots") }
        return Snapshot(
            stream: stream,
            version: version,
            shapeVersion: Int(shape),
            payload: payload,
            checksum: UInt64(bitPattern: checksum)
        )
    }

    func save(_ snapshot: Snapshot, until deadline: Deadline) throws {
        var parameters = Self.name(snapshot.stream)
        parameters.add(snapshot.version)
        parameters.add(Int64(snapshot.shapeVersion))
        parameters.add(Int64(bitPattern: snapshot.checksum))
        parameters.add(snapshot.payload)
        _ = try run(KeepStatement.saveSnapshot, parameters, until: deadline)
    }

    func deleteSnapshot(of stream: StreamID, until deadline: Deadline) throws {
        _ = try run(KeepStatement.deleteSnapshot, Self.name(stream), until: deadline)
    }

    private static func name(_ stream: StreamID) -> Parameters {
        var parameters = Parameters()
        parameters.add(stream.id)
        parameters.add(stream.aggregate)
        return parameters
    }
}

import Skein

extension EventWriter {
    mutating func delete(_ stream: StreamID, mode: DeleteMode, expecting expected: ExpectedVersion) throws {
        guard var state = try state(of: stream) else {
            throw EventStoreError(.streamNotFound, "the stream has no event")
        }
        try expected.check(state.version)
        try deleteSnapshot(of: stream)
        switch mode {
        case .soft:
            try connection.run(.deleteStreamSoftly) { $0.bind(state.key, at: 1) }
            state.isDeleted = true
            streams.keep(state, of: stream)
        case .hard:
            // The last event may be among those that go; its position must not be given again.
            try connection.run(.keepHead) { $0.bind(head, at: 1) }
            try connection.run(.markDeleting) { $0.bind(state.key, at: 1) }
            try connection.run(.deleteEvents) { $0.bind(state.key, at: 1) }
            try connection.run(.markDeleting) { $0.bindNull(at: 1) }
            try connection.run(.deleteStream) { $0.bind(state.key, at: 1) }
            try connection.run(.deleteCommands) { statement in
                statement.bind(stream.id, at: 1)
                statement.bind(stream.aggregate, at: 2)
            }
            streams.keep(nil, of: stream)
        }
    }

    func save(_ snapshot: Snapshot) throws {
        try connection.run(.saveSnapshot) { statement in
            statement.bind(snapshot.stream.id, at: 1)
            statement.bind(snapshot.stream.aggregate, at: 2)
            statement.bind(snapshot.version, at: 3)
            statement.bind(Int64(snapshot.shapeVersion), at: 4)
            statement.bind(Int64(bitPattern: snapshot.checksum), at: 5)
            statement.bind(snapshot.payload, at: 6)
        }
    }

    func deleteSnapshot(of stream: StreamID) throws {
        try connection.run(.deleteSnapshot) { statement in
            statement.bind(stream.id, at: 1)
            statement.bind(stream.aggregate, at: 2)
        }
    }
}

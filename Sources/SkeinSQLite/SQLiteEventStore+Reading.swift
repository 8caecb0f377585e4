public import Skein

extension SQLiteEventStore {
    public func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try EventStoreChecks.read(stream, from: version, limit: limit, limits: limits)
        return try await host.read { try $0.read(stream, from: version, direction: direction, limit: limit) }
    }

    public func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        try EventStoreChecks.readLog(from: position, limit: limit, limits: limits)
        let scanLimit = scanLimit
        return try await host.read { connection in
            try connection.readLog(
                from: position,
                direction: direction,
                filter: filter,
                limit: limit,
                scanLimit: scanLimit
            )
        }
    }

    public func version(of stream: StreamID) async throws(EventStoreError) -> Int64 {
        try EventStoreChecks.stream(stream)
        return try await host.read { try $0.readableStream(stream)?.version ?? 0 }
    }

    public func head() async throws(EventStoreError) -> Int64 {
        try await host.read { try $0.head() }
    }

    public func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await host.read { try $0.outcome(of: command) }
    }
}

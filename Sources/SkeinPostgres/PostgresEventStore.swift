public import Skein

/// Keeps events in a PostgreSQL database, for any number of processes at a time.
///
/// Appends that arrive while others are being committed go out together in one statement and one commit, so that the more
/// there are, the less each costs. Positions are given in commit order, also over several processes, and have no gaps.
///
/// The tables are in a schema of their own, whose comments say what they hold; the view `log` shows the events in readable
/// form. Event rows can be neither changed nor deleted with plain SQL.
///
/// A connection that breaks is made anew, with growing pauses. What was under way is `connectionLost` if nothing was
/// sent that could have been committed, and otherwise `outcomeUnknown`.
public final class PostgresEventStore: EventStore {
    public let limits: EventStoreLimits
    private let scanLimit: Int
    private let allowsHardDelete: Bool
    let host: PostgresHost

    /// Connects to a database, looks whether it can keep what the store promises, and brings its schema up to date.
    ///
    /// Throws `unreachable` if there is no such server or database, `permission` if the password is wrong or a right is
    /// missing, `unsuitable` or `readOnly` if the server cannot keep events safely, `notMigrated` and `newerSchema`.
    ///
    /// - Parameters:
    ///   - connection: A connection string or URI as libpq takes it, TLS included. What it does not say comes from libpq's
    ///     environment variables, such as `PGHOST`, its password file and its service file.
    ///   - configuration: The settings.
    public init(
        _ connection: String = "",
        configuration: PostgresConfiguration = PostgresConfiguration()
    ) async throws(EventStoreError) {
        limits = configuration.limits
        scanLimit = configuration.scanLimit
        allowsHardDelete = configuration.allowsHardDelete
        host = try await PostgresHost.open(connection, configuration)
    }

    deinit { host.abandon() }

    public func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try validate(append)
        return try await host.append(PlannedAppend(append))
    }

    func validate(_ append: StreamAppend) throws(EventStoreError) {
        do { try append.validate(limits: limits) } catch { throw EventStoreError(error) }
        if let recordedAt = append.recordedAt, recordedAt < Timestamp.firstInPostgres {
            throw EventStoreError(InvalidInput(field: "recorded at", reason: "PostgreSQL's times begin in 4713 BC"))
        }
    }

    public func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try EventStoreChecks.read(stream, from: version, limit: limit, limits: limits)
        let page = try await host.read { connection, deadline in
            try connection.read(stream, from: version, direction: direction, limit: limit, until: deadline)
        }
        if let latest = direction == .forward ? page.events.last : page.events.first {
            host.known.note(latest.version, of: stream, deletions: page.deletions)
        }
        return page.events
    }

    public func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        try EventStoreChecks.readLog(from: position, limit: limit, limits: limits)
        let scanLimit = scanLimit
        return try await host.read { connection, deadline in
            try connection.readLog(
                from: position,
                direction: direction,
                filter: filter,
                limit: limit,
                scanLimit: scanLimit,
                until: deadline
            )
        }
    }

    public func version(of stream: StreamID) async throws(EventStoreError) -> Int64 {
        try EventStoreChecks.stream(stream)
        return try await host.read { try $0.version(of: stream, until: $1) }
    }

    public func head() async throws(EventStoreError) -> Int64 {
        try await host.read { try $0.head(until: $1).position }
    }

    public func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await host.read { try $0.outcomes(of: [command], until: $1)[command] }
    }

    public func commits() -> AsyncStream<Void> {
        host.signals.subscribe()
    }

    public func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError) {
        try EventStoreChecks.delete(stream, mode: mode, expecting: expected, allowsHardDelete: allowsHardDelete)
        try await host.write { try $0.delete(stream, mode: mode, expecting: expected, until: $1) }
    }

    public func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        try EventStoreChecks.stream(stream)
        return try await host.read { try $0.snapshot(of: stream, until: $1) }
    }

    public func save(_ snapshot: Snapshot) async throws(EventStoreError) {
        try EventStoreChecks.stream(snapshot.stream)
        try await host.write { try $0.save(snapshot, until: $1) }
    }

    public func deleteSnapshot(of stream: StreamID) async throws(EventStoreError) {
        try EventStoreChecks.stream(stream)
        try await host.write { try $0.deleteSnapshot(of: stream, until: $1) }
    }

    public func migrate() async throws(EventStoreError) {
        let host = host
        try await host.write { connection, _ in try host.migrate(connection) }
    }

    public func close() async {
        await host.close()
    }
}

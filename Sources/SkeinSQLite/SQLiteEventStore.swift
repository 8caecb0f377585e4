public import Skein

/// Keeps events in an SQLite database, for one process at a time.
///
/// Appends that arrive while another one is being committed share the next transaction, so that the more there are, the
/// less each costs. Readers have connections of their own and never wait for the writer.
///
/// The tables' names begin with `skein_`; other tables in the same file are left alone. The view `skein_log` shows the
/// events in readable form. Event rows can be neither changed nor deleted with SQL.
///
/// Beside the database are its `-wal` and `-shm` files, and a `-host` file that names the process that holds it.
public final class SQLiteEventStore: EventStore {
    public let limits: EventStoreLimits
    let scanLimit: Int
    private let allowsHardDelete: Bool
    let host: DatabaseHost

    /// Opens a database, creates it if there is none, and brings its schema up to date.
    ///
    /// Files that are created can be read and written by their owner only. Throws `unreachable`, `readOnly`, `permission`
    /// or `corrupt` if the path is no place for a store, `inUse` if another store holds it, and `newerSchema`.
    ///
    /// - Parameters:
    ///   - path: The path of the database's file; its folder must exist.
    ///   - configuration: The settings.
    public init(
        path: String,
        configuration: SQLiteConfiguration = SQLiteConfiguration()
    ) async throws(EventStoreError) {
        limits = configuration.limits
        scanLimit = configuration.scanLimit
        allowsHardDelete = configuration.allowsHardDelete
        host = try await DatabaseHost.open(path, configuration: configuration)
    }

    deinit { host.abandon() }

    public func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        do { try append.validate(limits: limits) } catch { throw EventStoreError(error) }
        let planned = PlannedAppend(append)
        return try await host.write(bytes: planned.bytes) { writer, checksFirst in
            try writer.append(planned, checksFirst: checksFirst)
        }
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
        try await host.write { writer, _ in try writer.delete(stream, mode: mode, expecting: expected) }
    }

    public func migrate() async throws(EventStoreError) {
        try await host.write { writer, _ in try writer.connection.migrate() }
    }

    public func close() async {
        await host.close()
    }
}

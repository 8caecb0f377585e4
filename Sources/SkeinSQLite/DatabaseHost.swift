import Dispatch
import Skein

/// An open database: its lock, its writer and its readers, which are let go of together.
final class DatabaseHost: Sendable {
    let signals: CommitSignals
    private let lock: HostLock
    private let writes: GroupQueue<PendingWrite>
    private let reads: ReadQueue

    private init(path: String, configuration: SQLiteConfiguration, queue: DispatchQueue) throws(EventStoreError) {
        try configuration.validate()
        let path = try DatabaseFile.prepare(path)
        let lock = try HostLock(database: path)
        let signals = CommitSignals()
        do {
            let connection = try SQLiteConnection.writer(path: path, configuration: configuration)
            let readers: [SQLiteConnection]
            let writer: EventWriter
            do {
                try connection.writing { try connection.migrate() }
                writer = try EventWriter(connection, time: configuration.time)
                readers = try (0..<configuration.readerCount).map { _ in
                    try SQLiteConnection.reader(path: path, configuration: configuration)
                }
            } catch {
                connection.close()
                throw error
            }
            reads = ReadQueue(readers, limit: configuration.queueLimit)
            let committer = GroupCommitter(writer, configuration: configuration, signals: signals)
            writes = GroupQueue(on: queue, limits: configuration.groupLimits) { group, _ in
                committer.commit(group)
                return group.count
            } letGo: {
                // The readers have gone: as the last connection, the writer empties the write-ahead log.
                connection.close()
                lock.release()
                signals.finish()
            }
        } catch {
            lock.release()
            throw EventStoreError(sqlite: error, during: .opening)
        }
        self.lock = lock
        self.signals = signals
    }

    /// Opens a database on a thread that may block.
    static func open(
        _ path: String,
        configuration: SQLiteConfiguration
    ) async throws(EventStoreError) -> DatabaseHost {
        let queue = DispatchQueue(label: "skein.sqlite.writer")
        return try await withCheckedContinuation { continuation in
            queue.async {
                let host = Result { () throws(EventStoreError) in
                    try DatabaseHost(path: path, configuration: configuration, queue: queue)
                }
                continuation.resume(returning: host)
            }
        }.get()
    }

    func write<Value: Sendable>(
        bytes: Int = 256,
        _ body: @escaping @Sendable (inout EventWriter, _ checksFirst: Bool) throws -> Value
    ) async throws(EventStoreError) -> Value {
        try await withCheckedContinuation { continuation in
            writes.submit(PendingWrite(bytes: bytes, continuation: continuation, body))
        }.get()
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws -> Value
    ) async throws(EventStoreError) -> Value {
        try await withCheckedContinuation { continuation in
            reads.submit(PendingRead(continuation: continuation, body))
        }.get()
    }

    func close() async {
        await withCheckedContinuation { continuation in
            close { continuation.resume() }
        }
    }

    /// Lets go without waiting. Who opens the database next waits instead.
    func abandon() {
        lock.willRelease()
        close {}
    }

    private func close(_ whenClosed: @escaping Reply) {
        // The writer goes last, but takes nothing more from now on.
        reads.close { [writes] in writes.close(whenClosed) }
        writes.refuseFurther()
    }
}

import Dispatch
import Skein

/// A store's connections, which are let go of together.
final class PostgresHost: Sendable {
    let signals = CommitSignals()
    let known = KnownVersions()
    let source: ConnectionSource
    private let pool: ConnectionPool
    private let writes: GroupQueue<PendingAppend>
    private let listener: CommitListener

    private init(_ target: ConnectionTarget, _ configuration: PostgresConfiguration) throws {
        let source = ConnectionSource(target, configuration)
        let listener = try CommitListener(source, signals)
        let committer = GroupCommitter(
            AppendWriter(source, known),
            pace: CommitPace(takesTurns: configuration.groupsTakeTurns),
            logger: configuration.logger
        ) { [signals] in
            signals.signal()
            listener.notifyOthers()
        }
        self.source = source
        self.listener = listener
        pool = ConnectionPool(source)
        writes = GroupQueue(
            on: DispatchQueue(label: "skein.postgres.writer"),
            limits: GroupLimits(
                writes: configuration.groupLimit,
                bytes: configuration.groupBytes,
                waiting: configuration.queueLimit
            )
        ) { appends, queue in
            committer.commit(appends, from: queue)
        } letGo: {
            committer.close()
        }
        try prepare()
        try listener.start()
    }

    /// Looks at the server and brings the schema up to date.
    private func prepare() throws {
        let configuration = source.configuration
        do {
            let connection = try source.open(until: Deadline(in: configuration.connectTimeout))
            try ServerCheck.run(connection, configuration, until: source.answerDeadline)
            let version = try PostgresSchema.version(in: connection, until: source.answerDeadline)
            if configuration.migratesOnOpening, version < PostgresSchema.latestVersion {
                try migrate(connection)
            } else {
                try PostgresSchema.check(version)
            }
        } catch {
            throw EventStoreError(postgres: error, during: .opening)
        }
    }

    func migrate(_ connection: PostgresConnection) throws {
        let configuration = source.configuration
        try PostgresSchema.migrate(connection, schema: configuration.schema, within: configuration.migrationTimeout)
    }

    /// Opens a store on a thread that may block.
    static func open(
        _ connection: String,
        _ configuration: PostgresConfiguration
    ) async throws(EventStoreError) -> PostgresHost {
        try configuration.validate()
        let target = try ConnectionTarget(connection)
        return try await withCheckedContinuation { continuation in
            DispatchQueue(label: "skein.postgres.opening").async {
                let host = Result { try PostgresHost(target, configuration) }
                    .mapError { EventStoreError(postgres: $0, during: .opening) }
                continuation.resume(returning: host)
            }
        }.get()
    }

    func append(
        _ planned: PlannedAppend,
        running body: AppendBody? = nil
    ) async throws(EventStoreError) -> AppendResult {
        try await withCheckedContinuation { continuation in
            writes.submit(PendingAppend(planned, running: body, continuation))
        }.get()
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection, Deadline) throws -> Value
    ) async throws(EventStoreError) -> Value {
        let source = source
        return try await pool.use(for: .reading) { try body($0, source.answerDeadline) }
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection, Deadline) throws -> Value
    ) async throws(EventStoreError) -> Value {
        let source = source
        return try await pool.use(for: .writing) { try body($0, source.answerDeadline) }
    }

    func close() async {
        await withCheckedContinuation { continuation in close { continuation.resume() } }
    }

    /// Lets go without waiting.
    func abandon() {
        close {}
    }

    /// Appends go first, then what else was accepted, and the listener last: it has their notification to send.
    private func close(_ whenClosed: @escaping Reply) {
        let (pool, listener, signals) = (pool, listener, signals)
        // Who waits for a lost connection to come back waits no longer.
        source.stop()
        writes.close {
            pool.close {
                listener.stop {
                    signals.finish()
                    whenClosed()
                }
            }
        }
        pool.refuseFurther()
    }
}

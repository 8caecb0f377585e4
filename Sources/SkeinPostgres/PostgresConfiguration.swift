public import Logging
public import Skein

/// The settings of a ``PostgresEventStore``. Each has a default that suits a server.
public struct PostgresConfiguration: Sendable {
    /// The database schema that the tables are in, at most 63 UTF-8 bytes. Several stores can share a database.
    public var schema = "skein"

    /// How much the store takes at a time.
    public var limits = EventStoreLimits()

    /// Whether streams may be deleted for good.
    public var allowsHardDelete = false

    /// Whether opening the store brings its schema up to date. Without it a schema that is missing or old is refused as
    /// `notMigrated`, and the database user needs no right to create anything.
    public var migratesOnOpening = true

    /// How many connections serve everything but appends and wake-ups, which have one each; from 1 to 100. They are made
    /// when they are needed.
    public var connectionCount = 4

    /// How long connecting may take. While the store is open, it is tried again and again for as long, with pauses that
    /// grow, before a call fails as `connectionLost`; opening the store tries once.
    public var connectTimeout: Duration = .seconds(10)

    /// How long a call waits for one of the connections before it fails as `timeout`.
    public var connectionWait: Duration = .seconds(10)

    /// How long the server works on one statement before the call fails as `timeout`. A server that is silent for longer
    /// is given up: reads fail as `connectionLost`, writes as `outcomeUnknown`.
    public var statementTimeout: Duration = .seconds(30)

    /// How long a statement waits for another process's lock before the call fails as `transient`.
    public var lockTimeout: Duration = .seconds(10)

    /// How long a migration's statements may take, one of them being the wait for another process that migrates, in place of
    /// ``statementTimeout`` and ``lockTimeout``.
    public var migrationTimeout: Duration = .seconds(600)

    /// How long the thread that appends looks for the answer to a single append, giving way to other threads, before it
    /// sleeps: waking it up takes some 40 µs. Where answers usually take longer, and with zero, it sleeps at once. At most
    /// 10 ms.
    public var answerWatch: Duration = .microseconds(500)

    /// How often the store looks for commits of other processes by itself, beside being notified of them.
    public var pollInterval: Duration = .seconds(1)

    /// The most appends that one transaction takes.
    public var groupLimit = 1_024

    /// How many bytes of payload one transaction takes, roughly; a single larger append is still taken, alone.
    public var groupBytes = 4 * 1_048_576

    /// The most appends that wait, and as many other calls; a further one fails as `transient`.
    public var queueLimit = 16_384

    /// Whether two groups take turns, one at the server while the other is written down; nil finds out which way stores more.
    package var groupsTakeTurns: Bool?

    /// Whether an append may take the log to end where this process's last append ended it, while nobody else writes; false
    /// asks the server each time.
    package var reliesOnLogEnd = true

    /// How many positions a filtered read of the log looks at before it returns what it has.
    public var scanLimit = 50_000

    /// Whether a server is taken that may lose what it has acknowledged, because its setting `fsync` or
    /// `full_page_writes` is off. For tests.
    public var toleratesDataLoss = false

    /// Where ``StoredEvent/recordedAt`` comes from.
    public var time: any TimeSource = SystemTime()

    /// Told about lost connections, settings that may surprise, and appends that failed.
    public var logger = Logger(label: "skein.postgres")

    /// Creates the default settings.
    public init() {}

    func validate() throws(EventStoreError) {
        try validateSchema()
        try Self.check("connection count", connectionCount, in: 1...100)
        try Self.check("group limit", groupLimit, in: 1...100_000)
        try Self.check("group bytes", groupBytes, in: 1...256 * 1_048_576)
        try Self.check("queue limit", queueLimit, in: 1...10_000_000)
        try Self.check("scan limit", scanLimit, in: 1...Int(Int32.max))
        try Self.check("connect time-out", connectTimeout, in: .milliseconds(100) ... .seconds(3_600))
        try Self.check("connection wait", connectionWait, in: .milliseconds(1) ... .seconds(3_600))
        try Self.check("statement time-out", statementTimeout, in: .milliseconds(1) ... .seconds(86_400))
        try Self.check("lock time-out", lockTimeout, in: .milliseconds(1) ... .seconds(86_400))
        try Self.check("migration time-out", migrationTimeout, in: .milliseconds(1) ... .seconds(86_400))
        try Self.check("answer watch", answerWatch, in: .zero ... .milliseconds(10))
        try Self.check("poll interval", pollInterval, in: .milliseconds(1) ... .seconds(3_600))
    }

    private func validateSchema() throws(EventStoreError) {
        let reason: String
        if schema.isEmpty {
            reason = "it is empty"
        } else if schema.utf8.count > 63 {
            reason = "it has \(schema.utf8.count) UTF-8 bytes; PostgreSQL would cut it after 63"
        } else if schema.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || $0 == UInt8(ascii: "\"") }) {
            reason = "it holds a quotation mark or a control character"
        } else if schema.hasPrefix("pg_") {
            reason = "names that begin with pg_ are PostgreSQL's own"
        } else {
            return
        }
        throw EventStoreError(InvalidInput(field: "schema", reason: reason))
    }

    private static func check<Value: Comparable>(
        _ field: String,
        _ value: Value,
        in range: ClosedRange<Value>
    ) throws(EventStoreError) {
        guard range.contains(value) else {
            let reason = "\(value) is not between \(range.lowerBound) and \(range.upperBound)"
            throw EventStoreError(InvalidInput(field: field, reason: reason))
        }
    }
}

public import Logging
public import Skein

/// The settings of a ``SQLiteEventStore``. Each has a default that suits a server.
public struct SQLiteConfiguration: Sendable {
    /// What a commit waits for.
    public enum Synchronous: Hashable, Sendable {
        /// The commit is on the disk: it survives a crash of the process, of the system and a loss of power.
        case full

        /// The commit is with the operating system: it survives a crash of the process. A crash of the system or a loss
        /// of power may lose the last commits, though acknowledged; what is left is whole and in order.
        case normal
    }

    /// How much the store takes at a time.
    public var limits = EventStoreLimits()

    /// Whether streams may be deleted for good. What was deleted is then also overwritten in the file; the write-ahead
    /// log keeps it until it is reused.
    public var allowsHardDelete = false

    /// How many connections read at the same time, from 1 to 64.
    public var readerCount = 4

    /// What a commit waits for.
    public var synchronous = Synchronous.full

    /// How long to wait for another program's lock, such as a backup's, before a call fails as `transient`.
    public var busyTimeout: Duration = .seconds(5)

    /// The most pages, mostly of 4,096 bytes, that the file may have; beyond it, appends fail as `full`. Nil: no limit.
    public var maximumPageCount: Int?

    /// The most writes that one transaction takes.
    public var groupLimit = 1_024

    /// How many bytes of payload one transaction takes, roughly; a single larger append is still taken, alone.
    public var groupBytes = 4 * 1_048_576

    /// The most calls that wait for the writer, and as many for the readers; a further one fails as `transient`.
    public var queueLimit = 16_384

    /// How many events a filtered read of the log looks at before it returns what it has.
    public var scanLimit = 50_000

    /// Where ``StoredEvent/recordedAt`` comes from.
    public var time: any TimeSource = SystemTime()

    /// Told about transactions that had to be rolled back.
    public var logger = Logger(label: "skein.sqlite")

    /// Creates the default settings.
    public init() {}

    var groupLimits: GroupLimits { GroupLimits(writes: groupLimit, bytes: groupBytes, waiting: queueLimit) }

    func validate() throws(EventStoreError) {
        try Self.check("reader count", readerCount, in: 1...64)
        try Self.check("group limit", groupLimit, in: 1...1_000_000)
        try Self.check("group bytes", groupBytes, in: 1...Int(Int32.max))
        try Self.check("queue limit", queueLimit, in: 1...10_000_000)
        try Self.check("scan limit", scanLimit, in: 1...Int(Int32.max))
        if let maximumPageCount { try Self.check("maximum page count", maximumPageCount, in: 1...Int(Int32.max)) }
        guard busyTimeout >= .zero, busyTimeout <= .seconds(3_600) else {
            throw EventStoreError(InvalidInput(field: "busy time-out", reason: "it is not between 0 and 1 hour"))
        }
    }

    private static func check(
        _ field: String,
        _ value: Int,
        in range: ClosedRange<Int>
    ) throws(EventStoreError) {
        guard range.contains(value) else {
            let reason = "\(value) is not between \(range.lowerBound) and \(range.upperBound)"
            throw EventStoreError(InvalidInput(field: field, reason: reason))
        }
    }
}

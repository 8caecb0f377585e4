import GRDB
import Skein

/// The writing connection, and what it knows of the database; as only one process hosts a database, that stays true.
///
/// Between ``begin()`` and ``commit()`` it takes any number of writes. Each checks before it writes, so that one that
/// throws an `EventStoreError` has written nothing; after any other error the whole transaction is rolled back.
struct EventWriter: Sendable {
    let connection: SQLiteConnection
    private(set) var now = Timestamp(microseconds: 0)
    private(set) var storesEvents = false
    var head: Int64
    /// A nil inside means that there is no such stream.
    var streams = RecentStreams<StreamState?>()
    /// Whether the table skein_commands has a row; mostly it has none, and nothing has to be looked up in it.
    var hasSeparateOutcomes: Bool
    /// When leases end, by the bytes of their subscriptions' names. An owner that the database knows without an end here
    /// died with a process before.
    var leaseEnds: [[UInt8]: Duration] = [:]
    let time: any TimeSource
    private var committedHead: Int64
    private var committedLeaseEnds: [[UInt8]: Duration] = [:]

    /// Reads where the log ends.
    init(_ connection: SQLiteConnection, time: any TimeSource) throws {
        self.connection = connection
        self.time = time
        (head, hasSeparateOutcomes) = try connection.reading {
            (try connection.head(), try Self.hasCommands(connection))
        }
        committedHead = head
    }

    mutating func begin() throws {
        let now = time.now()
        connection.rollBack()
        try connection.run(.beginWriting)
        self.now = now
        storesEvents = false
    }

    mutating func commit() throws {
        try connection.run(.commit)
        storesEvents = head != committedHead
        committedHead = head
        committedLeaseEnds = leaseEnds
    }

    /// Undoes everything since ``begin()``.
    mutating func rollBack() {
        connection.rollBack()
        head = committedHead
        streams.removeAll()
        // A stream that did not come to be leaves its key to another one.
        connection.names.removeAll(keepingCapacity: true)
        hasSeparateOutcomes = true
        leaseEnds = committedLeaseEnds
    }

    mutating func state(of stream: StreamID) throws -> StreamState? {
        if let known = streams.state(of: stream) { return known }
        let state = try connection.stream(stream)
        streams.keep(state, of: stream)
        return state
    }

    private static func hasCommands(_ connection: SQLiteConnection) throws -> Bool {
        try connection.first(.hasCommands, read: { $0.integer(0) != 0 }) ?? false
    }
}

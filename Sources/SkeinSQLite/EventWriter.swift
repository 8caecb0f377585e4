import GRDB
import Skein

/// The writing connection, and what it knows of the database; as only one process hosts a database, that stays true.
///
/// Between ``begin(at:)`` and ``commit()`` it takes any number of writes. Each checks before it writes, so that one that
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
    private var committedHead: Int64

    /// Reads where the log ends.
    init(_ connection: SQLiteConnection) throws {
        self.connection = connection
        (head, hasSeparateOutcomes) = try connection.reading {
            (try connection.head(), try Self.hasCommands(connection))
        }
        committedHead = head
    }

    mutating func begin(at now: Timestamp) throws {
        connection.rollBack()
        try connection.run(.beginWriting)
        self.now = now
        storesEvents = false
    }

    mutating func commit() throws {
        try connection.run(.commit)
        storesEvents = head != committedHead
        committedHead = head
    }

    /// Undoes everything since ``begin(at:)``.
    mutating func rollBack() {
        connection.rollBack()
        head = committedHead
        streams.removeAll()
        hasSeparateOutcomes = true
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

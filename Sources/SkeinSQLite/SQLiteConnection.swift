import GRDB
import GRDBSQLite
import Skein

/// A connection and its prepared statements.
///
/// Unchecked: it wraps SQLite's handles. Whoever uses it has taken it out of the one place where it is kept, so that no
/// two threads are in it at the same time, and all use is inside ``perform(_:)``, on GRDB's own serial queue.
final class SQLiteConnection: @unchecked Sendable {
    private let queue: DatabaseQueue
    let database: Database
    private var statements: [PreparedStatement?] = Array(repeating: nil, count: Query.allCases.count)
    /// The names of streams by their keys, which never name another stream.
    var names: [Int64: StreamID] = [:]
    let userStatements = UserStatements()
    let statementGuard = StatementGuard()

    private init(_ queue: DatabaseQueue) {
        self.queue = queue
        database = queue.inDatabase { $0 }
    }

    /// Opens the connection that writes and checkpoints; there is one.
    static func writer(path: String, configuration: SQLiteConfiguration) throws -> SQLiteConnection {
        var settings = common(configuration)
        settings.journalMode = .wal
        settings.label = "skein.sqlite.writer"
        let connection = SQLiteConnection(try DatabaseQueue(path: path, configuration: settings))
        try connection.perform { try connection.setUpWriter(configuration) }
        return connection
    }

    /// Opens a connection that cannot write; the writer's comes first.
    static func reader(path: String, configuration: SQLiteConfiguration) throws -> SQLiteConnection {
        var settings = common(configuration)
        settings.readonly = true
        settings.label = "skein.sqlite.reader"
        return SQLiteConnection(try DatabaseQueue(path: path, configuration: settings))
    }

    private static func common(_ configuration: SQLiteConfiguration) -> Configuration {
        var settings = Configuration()
        let timeout = configuration.busyTimeout.components
        settings.busyMode = .timeout(Double(timeout.seconds) + Double(timeout.attoseconds) / 1e18)
        // GRDB ends the process over a transaction that is left open; here the next use rolls it back.
        settings.allowsUnsafeTransactions = true
        return settings
    }

    private func setUpWriter(_ configuration: SQLiteConfiguration) throws {
        let level = configuration.synchronous == .full ? 2 : 1
        // GRDB sets NORMAL when it turns on the write-ahead log, so this comes after it.
        try database.execute(
            sql: """
                PRAGMA synchronous = \(level);
                PRAGMA fullfsync = \(level == 2);
                PRAGMA checkpoint_fullfsync = \(level == 2);
                PRAGMA journal_size_limit = 67108864;
                PRAGMA cache_size = -32768;
                PRAGMA secure_delete = \(configuration.allowsHardDelete);
                """
        )
        if let pages = configuration.maximumPageCount {
            try database.execute(sql: "PRAGMA max_page_count = \(pages)")
        }
        guard try setting("synchronous") == level else {
            throw EventStoreError(.unreachable, "SQLite did not accept synchronous = \(level)")
        }
    }

    /// The value of a numeric PRAGMA. Only inside ``perform(_:)``.
    func setting(_ name: String) throws -> Int? {
        try Int.fetchOne(database, sql: "PRAGMA \(name)")
    }

    /// Uses the connection. Not re-entrant.
    func perform<Result>(_ body: () throws -> Result) rethrows -> Result {
        try queue.inDatabase { _ in try body() }
    }

    /// A statement, prepared when it is first needed. Only inside ``perform(_:)``.
    func statement(_ query: Query) throws -> PreparedStatement {
        if let statement = statements[query.rawValue] { return statement }
        let statement = try PreparedStatement.prepare(query.sql, in: database)
        statements[query.rawValue] = statement
        return statement
    }

    func run(_ query: Query, _ bind: (PreparedStatement) -> Void = { _ in }) throws {
        let statement = try statement(query)
        bind(statement)
        try statement.run()
    }

    /// The first row of a statement's result, read by a closure; nil without a row.
    func first<Value>(
        _ query: Query,
        _ bind: (PreparedStatement) -> Void = { _ in },
        read: (PreparedStatement) throws -> Value
    ) throws -> Value? {
        let statement = try statement(query)
        bind(statement)
        defer { statement.reset() }
        return try statement.step() ? read(statement) : nil
    }

    /// Brings the schema up to date, in the transaction that the writer has begun.
    func migrate() throws {
        try SQLiteSchema.migrate(database)
    }

    var isInTransaction: Bool {
        database.sqliteConnection.map { sqlite3_get_autocommit($0) == 0 } ?? false
    }

    /// Rolls back what is open. After some errors SQLite has done so by itself.
    func rollBack() {
        guard isInTransaction else { return }
        try? run(.rollback)
    }

    /// Runs several writes as one, while no other program can write.
    func writing(_ body: () throws -> Void) throws {
        try perform {
            defer { rollBack() }
            try run(.beginWriting)
            try body()
            try run(.commit)
        }
    }

    /// Runs several reads on one state of the database.
    func reading<Result>(_ body: () throws -> Result) throws -> Result {
        try perform {
            rollBack()
            try run(.begin)
            defer { rollBack() }
            return try body()
        }
    }

    /// Closes the connection. May be called again.
    func close() {
        perform {
            rollBack()
            statements = []
            userStatements.removeAll()
        }
        try? queue.close()
    }
}

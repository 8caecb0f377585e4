public import Skein

/// The transaction of a ``SQLiteEventStore``, lent for one call: what is written is committed with the events or with the
/// checkpoint, or not at all.
///
/// It is not `Sendable`, and refuses to be used after the call. While it is lent, no other append is committed: be brief. The
/// call may be repeated if the database failed under it, or under another one of its group; what it wrote is rolled back then.
///
/// It refuses what would end or nest the transaction, `ATTACH`, `PRAGMA`, temporary tables, and writes to the store's own tables.
/// A statement that fails changes nothing, and a body that handles the error may go on.
public final class SQLiteTransaction: SQLiteReader {
    /// How many rows the last statement that was executed has changed; 0 if it was no `INSERT`, `UPDATE` or `DELETE`.
    public private(set) var changes = 0

    init(_ connection: SQLiteConnection) {
        super.init(connection, scope: .transaction)
    }

    /// Runs a statement; without arguments, the text may hold several. Returns ``changes``.
    ///
    /// The statement is prepared once and then kept. Throws a ``SQLiteQueryError``, or an `EventStoreError` if the database
    /// failed; that ends the call, also if the error is swallowed.
    @discardableResult
    public func execute(_ sql: String, _ arguments: SQLiteValue...) throws -> Int {
        try execute(sql, arguments)
    }

    /// Runs a statement, with its arguments in an array.
    @discardableResult
    public func execute(_ sql: String, _ arguments: [SQLiteValue]) throws -> Int {
        try perform {
            let before = connection.totalChanges
            if arguments.isEmpty {
                try connection.forEachUserStatement(in: sql) { statement in
                    try statement.bind([])
                    try statement.run()
                }
            } else {
                let statement = try connection.userStatement(sql)
                try statement.bind(arguments)
                try statement.run()
            }
            changes = connection.totalChanges == before ? 0 : connection.changes
            return changes
        }
    }
}

extension SQLiteTransaction: ReadModelTransaction {
    public func show(table: String, as name: String) throws {
        try hide(name)
        try execute("CREATE VIEW \(Self.quoted(name)) AS SELECT * FROM \(Self.quoted(table))")
    }

    public func hide(_ name: String) throws {
        try execute("DROP VIEW IF EXISTS \(Self.quoted(name))")
    }

    public func drop(table: String) throws {
        try execute("DROP TABLE IF EXISTS \(Self.quoted(table))")
    }

    private static func quoted(_ name: String) -> String {
        "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }
}

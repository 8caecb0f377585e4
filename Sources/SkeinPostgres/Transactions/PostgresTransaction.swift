public import Skein

/// A transaction of a ``PostgresEventStore``, lent to a body for the time of its call, on a thread where it may block.
///
/// **Statements** are written with `$1`, `$2` … for the parameters, one statement in a text, and stay prepared on their
/// connection. Unqualified names are looked for in the store's schema, then in `public`; name other schemas. What would
/// end the transaction, such as COMMIT, or change the connection for those who use it next, such as SET without LOCAL, is
/// refused and not sent.
///
/// **Errors.** A statement that the server refuses throws a ``PostgresError`` and is the end of the transaction, as it is
/// in PostgreSQL: the call fails as `handlerFailed` with it, also if the body catches it. Ask for ON CONFLICT where
/// something may be there already. When the server or the connection fails, the store's own error is thrown.
///
/// **Time.** A statement has the store's statement time-out, and so has the time between two of them.
public final class PostgresTransaction {
    private let lent: LentConnection

    init(_ lent: LentConnection) {
        self.lent = lent
    }

    /// Runs a statement, and returns how many rows it has changed, or returned.
    @discardableResult
    public func execute(_ sql: String, _ parameters: PostgresValue...) throws -> Int {
        try lent.run(sql, parameters).affected
    }

    /// Runs a statement that returns rows, which are all read into memory.
    public func query(_ sql: String, _ parameters: PostgresValue...) throws -> [PostgresRow] {
        try lent.query(sql, parameters)
    }

    /// Runs a statement that returns rows, and returns the first of them; nil if there is none.
    public func first(_ sql: String, _ parameters: PostgresValue...) throws -> PostgresRow? {
        try lent.query(sql, parameters).first
    }
}

extension PostgresTransaction: ReadModelTransaction {
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

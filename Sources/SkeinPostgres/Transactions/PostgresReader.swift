/// Reads tables beside the events, such as read models, at one moment; lent to a body for the time of its call.
///
/// All that ``PostgresTransaction`` says of statements, names and errors holds here too. Statements that write are refused
/// by the server.
public final class PostgresReader {
    private let lent: LentConnection

    init(_ lent: LentConnection) {
        self.lent = lent
    }

    /// Runs a statement, and returns its rows, which are all read into memory.
    public func query(_ sql: String, _ parameters: PostgresValue...) throws -> [PostgresRow] {
        try lent.query(sql, parameters)
    }

    /// Runs a statement, and returns its first row; nil if there is none.
    public func first(_ sql: String, _ parameters: PostgresValue...) throws -> PostgresRow? {
        try lent.query(sql, parameters).first
    }
}

import GRDB
import GRDBSQLite

/// What a connection does for those whom it is lent to. All only inside ``perform(_:)``.
extension SQLiteConnection {
    /// Runs something whose statements are looked at before they may run.
    func lent<Result>(_ scope: StatementGuard.Scope, _ body: () throws -> Result) rethrows -> Result {
        statementGuard.install(on: database.sqliteConnection)
        statementGuard.scope = scope
        defer { statementGuard.scope = .store }
        return try body()
    }

    /// Runs a statement of a body; what SQLite throws is judged together with why the guard has refused it, if it has.
    func tryingStatement<Result>(
        _ body: () throws -> Result,
        orThrow failure: (DatabaseError, _ refusal: String?) -> any Error
    ) throws -> Result {
        statementGuard.forgetRefusal()
        do {
            return try body()
        } catch let error as DatabaseError {
            throw failure(error, statementGuard.refusal)
        }
    }

    func userStatement(_ sql: String) throws -> PreparedStatement {
        try userStatements.single(sql, in: database)
    }

    func forEachUserStatement(in sql: String, _ body: (PreparedStatement) throws -> Void) throws {
        try userStatements.forEach(in: sql, of: database, body)
    }

    /// How many rows the last statement that changed some has changed.
    var changes: Int { database.sqliteConnection.map { Int(sqlite3_changes($0)) } ?? 0 }

    /// How many rows were changed since the connection was opened.
    var totalChanges: Int { database.sqliteConnection.map { Int(sqlite3_total_changes($0)) } ?? 0 }

    /// Whether a foreign key that is checked with the commit is broken now.
    var hasBrokenReferences: Bool {
        var count: Int32 = 0
        var highest: Int32 = 0
        let code = sqlite3_db_status(
            database.sqliteConnection,
            SQLITE_DBSTATUS_DEFERRED_FKS,
            &count,
            &highest,
            0
        )
        return code == SQLITE_OK && count != 0
    }
}

import GRDB
import Skein

/// Reads tables of the database, lent for one call: ``SQLiteEventStore/read(_:)``.
///
/// It sees one state of the database. It is not `Sendable`, and refuses to be used after the call.
public class SQLiteReader {
    let connection: SQLiteConnection
    private let scope: StatementGuard.Scope
    private var isOver = false
    /// What ended the transaction, or will.
    private var failure: EventStoreError?

    init(_ connection: SQLiteConnection, scope: StatementGuard.Scope = .reader) {
        self.connection = connection
        self.scope = scope
    }

    /// The rows of a query.
    ///
    /// The statement is prepared once and then kept. Its parameters are written `?` or `?1`. Throws a ``SQLiteQueryError``, or
    /// an `EventStoreError` if the database failed.
    public func query(_ sql: String, _ arguments: SQLiteValue...) throws -> [SQLiteRow] {
        try query(sql, arguments)
    }

    /// The rows of a query, with its arguments in an array.
    public func query(_ sql: String, _ arguments: [SQLiteValue]) throws -> [SQLiteRow] {
        try rows(sql, arguments, limit: .max)
    }

    /// The first row of a query; nil if there is none.
    public func first(_ sql: String, _ arguments: SQLiteValue...) throws -> SQLiteRow? {
        try first(sql, arguments)
    }

    /// The first row of a query, with its arguments in an array; nil if there is none.
    public func first(_ sql: String, _ arguments: [SQLiteValue]) throws -> SQLiteRow? {
        try rows(sql, arguments, limit: 1).first
    }

    private func rows(_ sql: String, _ arguments: [SQLiteValue], limit: Int) throws -> [SQLiteRow] {
        try perform {
            let statement = try connection.userStatement(sql)
            defer { statement.reset() }
            try statement.bind(arguments)
            var rows: [SQLiteRow] = []
            var columns: [String]?
            while rows.count < limit, try statement.step() {
                let names = columns ?? statement.columnNames
                columns = names
                rows.append(SQLiteRow(columns: names, values: try statement.values(of: names)))
            }
            return rows
        }
    }

    /// Lets the body of the call go on only as long as there is a transaction for it.
    func perform<Result>(_ body: () throws -> Result) throws -> Result {
        guard !isOver else { throw EventStoreError.transactionIsOver }
        if let failure { throw failure }
        return try connection.tryingStatement(body, orThrow: judged)
    }

    private func judged(_ error: DatabaseError, refusal: String?) -> any Error {
        guard let query = SQLiteQueryError(error, refusal: refusal) else {
            return fail(EventStoreError(sqlite: error))
        }
        // A statement may have ended the transaction in spite of all, such as with `ON CONFLICT ROLLBACK`.
        return connection.isInTransaction ? query : fail(EventStoreError(handler: query))
    }

    private func fail(_ error: EventStoreError) -> EventStoreError {
        failure = error
        return error
    }

    /// Runs the body of the call, and ends the loan.
    ///
    /// Throws what the body throws, or ``SpoiltTransaction`` if the transaction is lost, whatever the body thinks of it.
    func lend<Result>(_ body: () throws -> Result) throws -> Result {
        defer { isOver = true }
        let result = Swift.Result { try connection.lent(scope, body) }
        if let failure { throw SpoiltTransaction(failure) }
        return try result.get()
    }
}

/// The transaction is lost with all that went on in it, through what a body did or met.
struct SpoiltTransaction: Error {
    let error: EventStoreError

    init(_ error: EventStoreError) {
        self.error = error
    }
}

extension SQLiteQueryError {
    /// Nil for errors that are the database's and not the statement's.
    init?(_ error: DatabaseError, refusal: String?) {
        let code = error.extendedResultCode.rawValue
        let message = error.message ?? "SQLite gave the code \(code)"
        // A refusal may come in other clothes, such as the one of a schema that has to be read again.
        if let refusal, [.SQLITE_AUTH, .SQLITE_ERROR, .SQLITE_SCHEMA].contains(error.resultCode) {
            self.init(.refused, refusal, resultCode: code)
            return
        }
        switch error.resultCode {
        case .SQLITE_CONSTRAINT: self.init(.constraint, message, resultCode: code)
        case .SQLITE_ERROR, .SQLITE_MISMATCH, .SQLITE_RANGE, .SQLITE_TOOBIG, .SQLITE_LOCKED, .SQLITE_SCHEMA:
            self.init(.invalid, message, resultCode: code)
        default: return nil
        }
    }
}

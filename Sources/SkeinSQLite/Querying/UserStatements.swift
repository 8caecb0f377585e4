import GRDB
import Skein

/// The statements that users have prepared on a connection, of which those used lately are kept.
final class UserStatements {
    private static let limit = 128
    private var kept: [String: Entry] = [:]

    private struct Entry {
        let sql: String
        let statement: PreparedStatement
    }

    /// The statement of a text that holds just one.
    func single(_ sql: String, in database: Database) throws -> PreparedStatement {
        guard let statement = try firstIfSingle(sql, in: database) else {
            throw SQLiteQueryError(.arguments, "the text holds several statements; give them one by one")
        }
        return statement
    }

    /// Calls a closure with each statement of a text, which is prepared once the one before is done.
    func forEach(in sql: String, of database: Database, _ body: (PreparedStatement) throws -> Void) throws {
        if let statement = try firstIfSingle(sql, in: database) { return try body(statement) }
        try sql.utf8CString.withUnsafeBufferPointer { text in
            var offset = 0
            while !Self.isBlank(text, from: offset) {
                let (statement, end) = try PreparedStatement.prepare(text, from: offset, in: database)
                if let statement { try body(statement) }
                offset = end
            }
        }
    }

    func removeAll() {
        kept = [:]
    }

    /// Nil if there are several statements.
    private func firstIfSingle(_ sql: String, in database: Database) throws -> PreparedStatement? {
        // Texts that are only canonically equivalent are different statements.
        if let entry = kept[sql], entry.sql.hasSameBytes(as: sql) { return entry.statement }
        let (statement, isSingle) = try sql.utf8CString.withUnsafeBufferPointer { text in
            let (statement, end) = try PreparedStatement.prepare(text, from: 0, in: database)
            return (statement, Self.isBlank(text, from: end))
        }
        guard isSingle else { return nil }
        guard let statement else { throw SQLiteQueryError(.arguments, "there is no statement") }
        if kept.count >= Self.limit { kept.removeAll(keepingCapacity: true) }
        kept[sql] = Entry(sql: sql, statement: statement)
        return statement
    }

    /// Whether only blanks, comments and semicolons follow.
    private static func isBlank(_ text: UnsafeBufferPointer<CChar>, from offset: Int) -> Bool {
        var rest = text[min(offset, text.count)...].prefix { $0 != 0 }
        while let first = rest.first {
            let pair = rest.prefix(2).map { UInt8(bitPattern: $0) }
            if pair == Array("--".utf8) {
                rest = rest.drop { $0 != 10 }
            } else if pair == Array("/*".utf8) {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.starts(with: [42, 47]) { rest = rest.dropFirst() }
                rest = rest.dropFirst(2)
            } else if [9, 10, 12, 13, 32, 59].contains(first) {
                rest = rest.dropFirst()
            } else {
                return false
            }
        }
        return true
    }
}

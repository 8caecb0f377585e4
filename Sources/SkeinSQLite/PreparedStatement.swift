import GRDB
import GRDBSQLite
import Skein

/// A statement that is prepared, bound and stepped with SQLite's own functions; GRDB's arguments and rows cost more than
/// the insert itself.
///
/// Values are bound first; what goes wrong with them is thrown by the step.
final class PreparedStatement {
    private let handle: OpaquePointer
    /// Sixteen bytes for each parameter, where ids stand while they are bound.
    private let scratch: UnsafeMutableRawBufferPointer
    private var bindingCode = SQLITE_OK

    /// Tells SQLite to copy what is bound.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private init(_ handle: OpaquePointer) {
        self.handle = handle
        let count = Int(sqlite3_bind_parameter_count(handle))
        scratch = .allocate(byteCount: (count + 1) * 16, alignment: 8)
    }

    deinit {
        scratch.deallocate()
        sqlite3_finalize(handle)
    }

    /// Prepares a text that holds one statement, which is meant to be used often.
    static func prepare(_ sql: String, in database: Database) throws -> PreparedStatement {
        let statement = try sql.utf8CString.withUnsafeBufferPointer { text in
            try prepare(text, from: 0, in: database).statement
        }
        guard let statement else { throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "there is no statement") }
        return statement
    }

    /// Prepares the first statement of a text that ends with a zero, from an offset on, and tells where it ends; nil if there
    /// are blanks and comments only.
    static func prepare(
        _ text: UnsafeBufferPointer<CChar>,
        from offset: Int,
        in database: Database
    ) throws -> (statement: PreparedStatement?, end: Int) {
        var handle: OpaquePointer?
        var tail: UnsafePointer<CChar>?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard let start = text.baseAddress, let count = Int32(exactly: text.count - offset) else {
            throw DatabaseError(resultCode: .SQLITE_TOOBIG, message: "the text is too long")
        }
        let code = sqlite3_prepare_v3(database.sqliteConnection, start + offset, count, flags, &handle, &tail)
        guard code == SQLITE_OK else { throw failure(code, on: database.sqliteConnection) }
        let end = tail.map { $0 - start } ?? text.count - 1
        return (handle.map { PreparedStatement($0) }, end)
    }

    // MARK: Binding; the first parameter is 1

    func bind(_ value: Int64, at index: Int32) {
        note(sqlite3_bind_int64(handle, index, value))
    }

    func bind<Kind>(_ id: UniqueID<Kind>, at index: Int32) {
        let offset = Int(index) * 16
        guard let start = scratch.baseAddress, offset + 16 <= scratch.count else { return note(SQLITE_RANGE) }
        scratch.storeBytes(of: id.high.bigEndian, toByteOffset: offset, as: UInt64.self)
        scratch.storeBytes(of: id.low.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
        note(sqlite3_bind_blob(handle, index, start + offset, 16, nil))
    }

    func bind<Kind>(_ id: UniqueID<Kind>?, at index: Int32) {
        if let id { bind(id, at: index) } else { note(sqlite3_bind_null(handle, index)) }
    }

    func bind(_ text: String, at index: Int32) {
        var text = text
        text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // Without an address SQLite would bind NULL.
                guard let start = characters.baseAddress else {
                    return note(sqlite3_bind_text(handle, index, "", 0, Self.transient))
                }
                note(
                    sqlite3_bind_text64(
                        handle,
                        index,
                        start,
                        UInt64(characters.count),
                        Self.transient,
                        UInt8(SQLITE_UTF8)
                    )
                )
            }
        }
    }

    func bind(_ bytes: [UInt8], at index: Int32) {
        guard !bytes.isEmpty else { return note(sqlite3_bind_zeroblob(handle, index, 0)) }
        bytes.withUnsafeBytes { bytes in
            note(sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), Self.transient))
        }
    }

    func bindNull(at index: Int32) {
        note(sqlite3_bind_null(handle, index))
    }

    /// Binds all parameters.
    func bind(_ values: [SQLiteValue]) throws {
        let count = Int(sqlite3_bind_parameter_count(handle))
        guard values.count == count else {
            throw SQLiteQueryError(.arguments, "the statement takes \(count) arguments, \(values.count) were given")
        }
        for (index, value) in zip(Int32(1)..., values) {
            switch value {
            case .integer(let value): bind(value, at: index)
            case .real(let value): note(sqlite3_bind_double(handle, index, value))
            case .text(let text): bind(text, at: index)
            case .blob(let bytes): bind(bytes, at: index)
            case .null: bindNull(at: index)
            }
        }
    }

    // MARK: Running

    /// Steps to the next row; false after the last. An error resets the statement.
    func step() throws -> Bool {
        guard bindingCode == SQLITE_OK else { throw failure(bindingCode) }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    /// Runs the statement to its end.
    func run() throws {
        defer { reset() }
        while try step() {}
    }

    /// Makes the statement ready for its next use; until then it holds its place in the database.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        bindingCode = SQLITE_OK
    }

    private func note(_ code: Int32) {
        if code != SQLITE_OK, bindingCode == SQLITE_OK { bindingCode = code }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        let failure = Self.failure(code, on: sqlite3_db_handle(handle))
        reset()
        return failure
    }

    private static func failure(_ code: Int32, on connection: OpaquePointer?) -> DatabaseError {
        // The message is SQLite's own: it names tables and columns, never values.
        let message = sqlite3_errmsg(connection).map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }

    // MARK: Columns, from 0; nil if the value is not of the kind

    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func integer(_ column: Int32) -> Int64? {
        guard sqlite3_column_type(handle, column) == SQLITE_INTEGER else { return nil }
        return sqlite3_column_int64(handle, column)
    }

    func id<Kind>(_ column: Int32, as kind: UniqueID<Kind>.Type = UniqueID<Kind>.self) -> UniqueID<Kind>? {
        guard
            sqlite3_column_type(handle, column) == SQLITE_BLOB,
            let start = sqlite3_column_blob(handle, column),
            sqlite3_column_bytes(handle, column) == 16
        else { return nil }
        return UniqueID(
            high: UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    func text(_ column: Int32) -> String? {
        guard
            sqlite3_column_type(handle, column) == SQLITE_TEXT,
            let start = sqlite3_column_text(handle, column)
        else { return nil }
        let count = Int(sqlite3_column_bytes(handle, column))
        return String(validating: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    func bytes(_ column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(handle, column) == SQLITE_BLOB else { return nil }
        let start = sqlite3_column_blob(handle, column)
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    // MARK: Whole rows

    var columnNames: [String] {
        (0..<sqlite3_column_count(handle)).map { column in
            sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
        }
    }

    func values(of columns: [String]) throws -> [SQLiteValue] {
        try zip(Int32(0)..., columns).map { index, name throws -> SQLiteValue in
            switch sqlite3_column_type(handle, index) {
            case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
            case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index))
            case SQLITE_TEXT:
                guard let text = text(index) else {
                    throw SQLiteQueryError(.wrongType, "the column \(name) holds text that is not UTF-8")
                }
                return .text(text)
            case SQLITE_BLOB: return .blob(bytes(index) ?? [])
            default: return .null
            }
        }
    }
}

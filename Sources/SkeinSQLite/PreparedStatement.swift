import GRDB
import GRDBSQLite
import Skein

/// A prepared statement that is bound and stepped with SQLite's own functions; GRDB's arguments and rows cost more than
/// the insert itself.
///
/// Values are bound first; what goes wrong with them is thrown by the step.
final class PreparedStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    /// Sixteen bytes for each parameter, where ids stand while they are bound.
    private let scratch: UnsafeMutableRawBufferPointer
    private var bindingCode = SQLITE_OK

    /// Tells SQLite to copy what is bound.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ sql: String, in database: Database) throws {
        statement = try database.makeStatement(sql: sql)
        handle = statement.sqliteStatement
        let count = Int(sqlite3_bind_parameter_count(handle))
        scratch = .allocate(byteCount: (count + 1) * 16, alignment: 8)
    }

    deinit { scratch.deallocate() }

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
        // The message is SQLite's own: it names tables and columns, never values.
        let message = sqlite3_errmsg(sqlite3_db_handle(handle)).map { String(cString: $0) }
        reset()
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
}

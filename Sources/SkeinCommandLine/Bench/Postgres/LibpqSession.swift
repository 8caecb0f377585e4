import CLibpq

/// A connection with nothing around it, which blocks its thread: what libpq costs by itself.
final class LibpqSession {
    private let handle: OpaquePointer

    /// Connects as libpq reads the text.
    init(_ connection: String) throws {
        guard let handle = PQconnectdb(connection) else { throw LibpqFailure(description: "libpq has no memory") }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else { throw failure() }
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    /// Runs statements without parameters.
    func run(_ sql: String) throws {
        try check(PQexec(handle, sql))
    }

    func prepare(_ name: String, _ sql: String) throws {
        try check(PQprepare(handle, name, sql, 0, nil))
    }

    /// Runs a prepared statement with parameters in binary form, and throws its rows away.
    func run(prepared name: String, _ parameters: borrowing RawParameters) throws {
        let result = parameters.withPointers { values, lengths, formats in
            PQexecPrepared(handle, name, Int32(values.count), values, lengths, formats, 1)
        }
        try check(result)
    }

    private func check(_ result: OpaquePointer?) throws {
        defer { PQclear(result) }
        guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else { throw failure() }
    }

    private func failure() -> LibpqFailure {
        LibpqFailure(description: PQerrorMessage(handle).map { String(cString: $0) } ?? "libpq failed")
    }
}

struct LibpqFailure: Error, CustomStringConvertible {
    let description: String
}

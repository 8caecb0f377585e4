import CLibpq

/// A connection of a test's own, past everything that Skein has, in which SQL is run step by step.
public actor PostgresSession {
    private final class Handle {
        let connection: OpaquePointer

        init(_ connection: OpaquePointer) {
            self.connection = connection
        }

        deinit { PQfinish(connection) }
    }

    private let executor = QueueExecutor("skein.test.session")
    private var handle: Handle?

    /// Where the session's calls block.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init() {}

    /// Connects as libpq reads the text.
    public static func connect(_ connection: String) async throws -> PostgresSession {
        let session = PostgresSession()
        try await session.open(connection)
        return session
    }

    private func open(_ text: String) throws {
        guard let connection = PQconnectdb(text) else { throw SQLFailure(state: "", message: "out of memory") }
        handle = Handle(connection)
        guard PQstatus(connection) == CONNECTION_OK else { throw SQLFailure(connection) }
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
    }

    /// Runs one or more statements and returns the rows of the last one; null is nil.
    @discardableResult
    public func run(_ sql: String) throws -> [[String?]] {
        guard let connection = handle?.connection else { throw SQLFailure(state: "", message: "the session is closed") }
        guard let result = PQexec(connection, sql) else { throw SQLFailure(connection) }
        defer { PQclear(result) }
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return []
        case PGRES_TUPLES_OK: break
        default:
            let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
            throw SQLFailure(state: state ?? "", message: String(cString: PQresultErrorMessage(result)))
        }
        var rows: [[String?]] = []
        for row in 0..<PQntuples(result) {
            rows.append(
                (0..<PQnfields(result)).map { column in
                    PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
                }
            )
        }
        return rows
    }

    /// The first column of the first row.
    public func value(_ sql: String) throws -> String? {
        try run(sql).first?.first ?? nil
    }

    /// Asks again and again until the first column of the first row is true; false if that is not so in time.
    public func wait(until condition: String, within limit: Duration = .seconds(10)) throws -> Bool {
        let end = ContinuousClock.now + limit
        while try value("SELECT (\(condition))::text") != "true" {
            guard ContinuousClock.now < end else { return false }
            try run("SELECT pg_sleep(0.003)")
        }
        return true
    }

    /// Closes the connection.
    public func close() {
        handle = nil
    }
}

/// An error of the database.
public struct SQLFailure: Error, CustomStringConvertible {
    /// The SQLSTATE; empty if the connection broke.
    public let state: String

    /// What the server, or libpq, says.
    public let message: String

    init(state: String, message: String) {
        self.state = state
        self.message = message
    }

    init(_ connection: OpaquePointer) {
        self.init(state: "", message: String(cString: PQerrorMessage(connection)))
    }

    public var description: String { "\(state) \(message)" }
}

import CLibpq
import Skein

/// A connection to a server, through libpq's calls that do not block and waits that have a deadline.
///
/// Unchecked: it wraps libpq's handle. Whoever uses it has taken it out of the one place where it is kept, so that no two
/// threads are in it at the same time, and does so on a thread that may block.
final class PostgresConnection: @unchecked Sendable {
    let handle: OpaquePointer
    private var prepared: Set<Statement> = []
    /// The statements of those whom the connection was lent to.
    var lentStatements = LentStatements()
    private let target: ConnectionTarget

    private init(_ handle: OpaquePointer, _ target: ConnectionTarget) {
        self.handle = handle
        self.target = target
    }

    deinit { PQfinish(handle) }

    /// Connects and signs in.
    static func open(
        _ target: ConnectionTarget,
        connectTimeout: Duration,
        until deadline: Deadline
    ) throws(PostgresFailure) -> PostgresConnection {
        let parameters = target.parameters(connectTimeout: connectTimeout)
        let handle = withCStrings(parameters.map(\.name)) { names in
            withCStrings(parameters.map(\.value)) { values in PQconnectStartParams(names, values, 0) }
        }
        guard let handle else { throw .lost("libpq has no memory for a connection") }
        let connection = PostgresConnection(handle, target)
        // The only way to learn the server's code for refusing a connection.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try connection.finishConnecting(until: deadline)
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        // What the server says beside its answers is no one's output.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        guard PQsetnonblocking(handle, 1) == 0 else { throw connection.lost() }
        return connection
    }

    private func finishConnecting(until deadline: Deadline) throws(PostgresFailure) {
        var state = PGRES_POLLING_WRITING
        while true {
            guard PQstatus(handle) != CONNECTION_BAD else { throw refusal() }
            let socket = PQsocket(handle)
            guard
                SocketWait.wait(
                    for: socket,
                    to: state == PGRES_POLLING_READING ? .readable : .writable,
                    until: deadline
                )
            else { throw .lost("the server did not answer in time") }
            state = PQconnectPoll(handle)
            if state == PGRES_POLLING_OK { return }
            guard state != PGRES_POLLING_FAILED else { throw refusal() }
        }
    }

    /// The number of the server's process that serves this connection.
    var serverProcessID: Int32 { PQbackendPID(handle) }

    var socket: Int32 { PQsocket(handle) }

    var serverVersion: Int32 { PQserverVersion(handle) }

    /// The value of a setting that the server reports by itself, such as `server_encoding`.
    func reported(_ setting: String) -> String? {
        PQparameterStatus(handle, setting).map { String(cString: $0) }
    }

    /// Whether the connection still stands, as far as can be seen without asking the server.
    var isAlive: Bool {
        guard PQstatus(handle) == CONNECTION_OK else { return false }
        guard SocketWait.isReadable(socket) else { return true }
        // Something came unasked: a notification, a change of a setting, or the end.
        return PQconsumeInput(handle) == 1 && PQisBusy(handle) == 0 && !SocketWait.isReadable(socket)
    }

    /// Runs statements that take no parameters, all in one transaction; what they return is thrown away.
    func run(_ sql: String, until deadline: Deadline) throws(PostgresFailure) {
        guard PQsendQuery(handle, sql) == 1 else { throw lost() }
        _ = try lastResult(until: deadline)
    }

    /// Runs a prepared statement.
    func run(
        _ statement: Statement,
        _ parameters: Parameters = Parameters(),
        until deadline: Deadline
    ) throws(PostgresFailure) -> Rows {
        try send(statement, parameters, until: deadline)
        return try receive(until: deadline)
    }

    /// Sends a prepared statement, and leaves its result to ``receive(until:)``.
    func send(_ statement: Statement, _ parameters: Parameters, until deadline: Deadline) throws(PostgresFailure) {
        if !prepared.contains(statement) { try prepare(statement, until: deadline) }
        guard hand(statement.name, parameters) else { throw lost() }
        try flush(until: deadline)
    }

    /// Waits for the result of what was sent.
    func receive(until deadline: Deadline) throws(PostgresFailure) -> Rows {
        try lastResult(until: deadline)
    }

    /// Whether the result of what was sent is here, now or before so long; also if none will come any more.
    func isAnswered(within milliseconds: Int32) -> Bool {
        guard PQisBusy(handle) == 1 else { return true }
        guard SocketWait.isReadable(socket, within: milliseconds) else { return false }
        return PQconsumeInput(handle) != 1 || PQisBusy(handle) == 0
    }

    /// Runs what was prepared under a name.
    func run(
        prepared name: String,
        _ parameters: Parameters,
        until deadline: Deadline
    ) throws(PostgresFailure) -> Rows {
        guard hand(name, parameters) else { throw lost() }
        return try lastResult(until: deadline)
    }

    private func prepare(_ statement: Statement, until deadline: Deadline) throws(PostgresFailure) {
        try prepare(statement.sql, as: statement.name, until: deadline)
        prepared.insert(statement)
    }

    /// Prepares a statement.
    ///
    /// - Parameter types: The types of its parameters; 0, or missing, lets the server infer one.
    func prepare(
        _ sql: String,
        as name: String,
        types: [UInt32] = [],
        until deadline: Deadline
    ) throws(PostgresFailure) {
        guard PQsendPrepare(handle, name, sql, Int32(types.count), types) == 1 else { throw lost() }
        _ = try lastResult(until: deadline)
    }

    /// Hands what was prepared under a name to libpq, which sends as much of it as can be sent at once.
    private func hand(_ name: String, _ parameters: Parameters) -> Bool {
        parameters.bytes.withUnsafeBytes { bytes in
            // An empty value still needs an address: without one it would be NULL.
            var nothing: CChar = 0
            return withUnsafePointer(to: &nothing) { empty in
                let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? empty
                let values: [UnsafePointer<CChar>?] = parameters.offsets.map { offset in offset.map { start + $0 } }
                return PQsendQueryPrepared(
                    handle,
                    name,
                    Int32(values.count),
                    values,
                    parameters.lengths,
                    parameters.formats,
                    1
                ) == 1
            }
        }
    }

    /// Sends what was written, and waits for the last result of what was asked; the first error wins.
    private func lastResult(until deadline: Deadline) throws(PostgresFailure) -> Rows {
        try flush(until: deadline)
        var last: OpaquePointer?
        var failure: PostgresFailure?
        while let result = try nextResult(until: deadline) {
            if failure == nil, let found = Self.failure(in: result, of: handle) {
                failure = found
            }
            PQclear(last)
            last = result
        }
        guard let last else { throw failure ?? lost() }
        if let failure {
            PQclear(last)
            throw failure
        }
        return Rows(last)
    }

    private func flush(until deadline: Deadline) throws(PostgresFailure) {
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1:
                guard SocketWait.wait(for: socket, to: .writable, until: deadline) else { throw .late }
                // The server may be stuck writing to us; reading frees it.
                guard PQconsumeInput(handle) == 1 else { throw lost() }
            default: throw lost()
            }
        }
    }

    private func nextResult(until deadline: Deadline) throws(PostgresFailure) -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            guard SocketWait.wait(for: socket, to: .readable, until: deadline) else { throw .late }
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        return PQgetResult(handle)
    }

    private static func failure(in result: OpaquePointer, of handle: OpaquePointer) -> PostgresFailure? {
        let status = PQresultStatus(result)
        guard status != PGRES_COMMAND_OK, status != PGRES_TUPLES_OK, status != PGRES_EMPTY_QUERY else {
            // A transaction that had failed is rolled back by its COMMIT, which does not count as an error.
            guard let tag = PQcmdStatus(result), String(cString: tag) == "ROLLBACK" else { return nil }
            return PostgresFailure(
                sqlState: "25P02",
                message: "the transaction was rolled back",
                losesConnection: false
            )
        }
        let state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        let message = PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
        let isFatal = state.map { ["57P01", "57P02", "57P05", "25P03"].contains($0) || $0.hasPrefix("08") } ?? true
        return PostgresFailure(
            sqlState: state,
            message: message ?? "the server closed the connection",
            losesConnection: isFatal || PQstatus(handle) == CONNECTION_BAD
        )
    }

    /// What libpq says about a connection that broke.
    private func lost() -> PostgresFailure {
        let text = said.joined(separator: "; ")
        return .lost(text.isEmpty ? "the connection broke" : text)
    }

    /// Why the server, or libpq, did not let this connection come about.
    private func refusal() -> PostgresFailure {
        guard PQconnectionNeedsPassword(handle) == 0 else {
            return PostgresFailure(sqlState: "28P01", message: "no password was given", losesConnection: true)
        }
        let lines = said.filter { !$0.hasPrefix("LOCATION:") }
        guard let code = lines.lazy.compactMap(Self.code).first else { return .lost(Self.reason(in: lines)) }
        return PostgresFailure(sqlState: code, message: lines.joined(separator: "; "), losesConnection: true)
    }

    /// libpq's own reason, without the values that it quotes: what looks like a port or a host to it may be part of a
    /// password, if somebody forgot to escape it.
    private static func reason(in lines: [String]) -> String {
        let known = [
            ("Connection refused", "nothing listens at the host's port"),
            ("No such file or directory", "there is no such socket, or one of the files that TLS needs is missing"),
            ("could not translate host name", "the host's name is not known"),
            ("timeout expired", "the server did not answer in time"),
            ("server closed the connection", "the server closed the connection"),
            ("invalid", "one of the connection's settings is malformed"),
            ("certificate", "TLS: a certificate was not accepted"),
            ("SSL", "TLS could not be agreed upon"),
            ("GSSAPI", "GSSAPI encryption could not be agreed upon"),
            ("Permission denied", "the socket, or a file that is needed, may not be used"),
            ("Network is unreachable", "the network is unreachable"),
            ("No route to host", "there is no route to the host"),
            ("session is read-only", "no host takes writes"),
            ("session is not read-only", "no host is read-only"),
        ]
        let text = lines.joined(separator: " ")
        return known.first { text.contains($0.0) }?.1 ?? "libpq could not connect"
    }

    /// The code in a line such as `FATAL:  28P01: password authentication failed`.
    private static func code(in line: String) -> String? {
        let parts = line.split(separator: ":").map { $0.drop { $0 == " " } }
        let code = parts.first { part in
            part.utf8.count == 5 && part.utf8.contains { (0x30...0x39).contains($0) }
                && part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        }
        return code.map(String.init)
    }

    /// The lines of libpq's last message, without the password.
    private var said: [String] {
        let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        return target.redacting(message).split(whereSeparator: \.isNewline).map { line in
            String(line.drop(while: \.isWhitespace))
        }
    }

    /// Whether other processes have notified this one since the last call. Reads what has arrived, without waiting.
    func takeNotifications() throws(PostgresFailure) -> Bool {
        guard PQconsumeInput(handle) == 1 else { throw lost() }
        var hasForeign = false
        while let notification = PQnotifies(handle) {
            hasForeign = hasForeign || notification.pointee.be_pid != serverProcessID
            PQfreemem(notification)
        }
        return hasForeign
    }
}

extension PostgresFailure {
    fileprivate static var late: PostgresFailure { .lost("the server did not answer in time") }
}

/// Calls a closure with an array of C strings that ends with a null pointer.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: ([UnsafePointer<CChar>?]) -> Result
) -> Result {
    let text = strings.map { Array($0.utf8CString) }
    func collect(_ pointers: [UnsafePointer<CChar>?]) -> Result {
        guard pointers.count < text.count else { return body(pointers + [nil]) }
        return text[pointers.count].withUnsafeBufferPointer { collect(pointers + [$0.baseAddress]) }
    }
    return collect([])
}

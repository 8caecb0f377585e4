/// What a body is told when one of its statements does not work out. Its text holds no values, unless the database's own
/// functions raise errors that do.
public struct PostgresError: Error, Hashable, Sendable {
    /// What was wrong.
    public let code: Code

    /// The server's message, or what was wrong in words.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What can be wrong.
    public enum Code: Hashable, Sendable {
        /// The server refused the statement with this SQLSTATE. The transaction fails, whatever the body does.
        case statement(sqlState: String)

        /// The statement would end the transaction or change the connection; it was not sent.
        case notAllowed

        /// A parameter cannot be sent.
        case invalidParameter

        /// The row has no such column.
        case noSuchColumn

        /// The column's value cannot be had as the type that was asked for.
        case wrongType
    }

    /// The server's code, if it was the server that refused the statement.
    public var sqlState: String? {
        if case .statement(let state) = code { state } else { nil }
    }
}

extension PostgresError: CustomStringConvertible {
    public var description: String { sqlState.map { "\($0): \(message)" } ?? message }
}

extension PostgresError {
    /// What the server has refused. Its messages about data that it cannot read quote them.
    init(_ failure: PostgresFailure) {
        let state = failure.sqlState ?? ""
        self.init(
            .statement(sqlState: state),
            state.hasPrefix("22") ? Self.withoutQuotation(failure.message) : failure.message
        )
    }

    private static func withoutQuotation(_ message: String) -> String {
        guard
            let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last
        else { return message }
        return message[...first] + "…" + message[last...]
    }
}

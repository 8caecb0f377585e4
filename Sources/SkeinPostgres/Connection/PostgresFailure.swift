import Skein

/// What libpq or the server said when something did not work out. It holds no values and no password.
struct PostgresFailure: Error, Hashable, CustomStringConvertible {
    /// The server's code; nil if the connection broke, or there never was one.
    let sqlState: String?

    /// The server's primary message, which names tables and constraints but no values.
    let message: String

    /// Whether the connection cannot be used any more.
    let losesConnection: Bool

    var description: String { sqlState.map { "\($0): \(message)" } ?? message }

    static func lost(_ message: String) -> PostgresFailure {
        PostgresFailure(sqlState: nil, message: message, losesConnection: true)
    }
}

/// What was going on when a call failed, which decides what the failure means.
enum PostgresStep {
    /// The store is being opened.
    case opening

    /// A new connection is made for a store that is open; nothing was sent yet.
    case connecting

    /// Nothing that changes anything was sent.
    case reading

    /// Something was sent in a transaction whose commit was not.
    case inTransaction

    /// Something was sent that commits by itself, or a commit.
    case writing
}

extension EventStoreError {
    /// Puts an error into its class; one that is in a class already stays as it is.
    init(postgres error: any Error, during step: PostgresStep) {
        switch error {
        case let error as EventStoreError: self = error
        case let failure as PostgresFailure: self.init(failure, during: step)
        case let failure as TransactionFailure: self = failure.error
        default: self.init(.unreachable, "the database could not be used", cause: error)
        }
    }

    /// Puts a failure into its class.
    init(_ failure: PostgresFailure, during step: PostgresStep) {
        let (code, message) = Self.classify(failure, during: step)
        self.init(code, message, cause: failure)
    }

    private static func classify(_ failure: PostgresFailure, during step: PostgresStep) -> (Code, String) {
        guard let state = failure.sqlState, !failure.losesConnection else {
            return lost(failure.sqlState, during: step)
        }
        switch state {
        case "40001", "40P01", "55P03", "53000", "53200", "53300", "57P03":
            return (.transient, "the server gave up for now")
        case "53100", "53400":
            return (.full, "the server's disk is full")
        case "25006":
            return (.readOnly, "the server takes no writes: it is a standby, or its transactions are read-only")
        case "57014":
            return (.timeout, "the statement took longer than the store's statement time-out")
        case "42P01", "3F000", "42883":
            return (.notMigrated, "the schema is missing; migrate() creates it")
        case "42501":
            return (.permission, "this database user lacks a right on the store's schema")
        case "22P05", "22021", "22P02", "22007", "22008", "54000":
            return (
                .invalidInput(InvalidInput(field: "value", reason: "PostgreSQL cannot keep it (SQLSTATE \(state))")),
                "a value cannot be kept"
            )
        case "22003":
            return (.full, "there is no position or version behind the last one")
        case "XX001", "XX002":
            return (.corrupt, "the server found damaged data")
        default:
            return (.corrupt, "the database is not as the store left it")
        }
    }

    /// What a server says to a connection that it does not let in.
    private static func refusal(_ state: String) -> (Code, String)? {
        switch state {
        case "28P01": (.permission, "the password is wrong, or none was given")
        case "42501": (.permission, "this database user may not connect to the database")
        case "28000": (.permission, "the server does not let this user in; see its pg_hba.conf")
        case "3D000": (.unreachable, "there is no such database; create it with createdb")
        default: nil
        }
    }

    private static func lost(_ state: String?, during step: PostgresStep) -> (Code, String) {
        if let state, let refused = refusal(state) { return refused }
        return switch step {
        case .opening where state == "53300" || state == "57P03",
            .connecting where state == "53300" || state == "57P03":
            (.transient, "the server takes no connection now")
        case .opening: (.unreachable, "the server cannot be reached")
        case .connecting: (.connectionLost, "the server cannot be reached now")
        case .reading, .inTransaction: (.connectionLost, "the connection to the server broke")
        case .writing: (.outcomeUnknown, "the connection broke before the server answered")
        }
    }
}

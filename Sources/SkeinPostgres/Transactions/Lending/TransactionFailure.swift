import Skein

/// Why a transaction was not committed, and whether its connection can still be used.
struct TransactionFailure: Error {
    let error: EventStoreError
    let losesConnection: Bool
    /// Whether the server refused the commit, as deferred constraints make it do.
    let isRefusedCommit: Bool

    init(_ error: EventStoreError, losesConnection: Bool = false, isRefusedCommit: Bool = false) {
        self.error = error
        self.losesConnection = losesConnection
        self.isRefusedCommit = isRefusedCommit
    }

    /// Puts an error into its class; one that is in a class already stays as it is.
    init(_ error: any Error, during step: PostgresStep) {
        self.init(EventStoreError(postgres: error, during: step), losesConnection: error.losesConnection)
    }

    /// What a commit came to that did not succeed.
    init(commit failure: PostgresFailure) {
        // The server had given the idle transaction up before the commit came.
        guard failure.sqlState != "25P03" else {
            self.init(failure, during: .inTransaction)
            return
        }
        guard !failure.losesConnection, !failure.isTheStores else {
            self.init(failure, during: .writing)
            return
        }
        self.init(EventStoreError(handler: PostgresError(failure)), isRefusedCommit: true)
    }
}

extension Error {
    /// Whether the connection over which it came cannot be used any more.
    var losesConnection: Bool {
        switch self {
        case let failure as PostgresFailure: failure.losesConnection
        case let failure as TransactionFailure: failure.losesConnection
        default: false
        }
    }
}

extension PostgresFailure {
    /// Whether it tells of the server's state rather than of a body's statement.
    ///
    /// Class 08 and no code at all: the connection; 40: conflicts; 53: resources; 57: an operator; 58: the system.
    var isTheStores: Bool {
        guard let sqlState, !losesConnection else { return true }
        return ["08", "40", "53", "57", "58"].contains(sqlState.prefix(2))
            || ["55P03", "XX001", "XX002"].contains(sqlState)
    }
}

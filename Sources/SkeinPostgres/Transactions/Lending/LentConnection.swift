import Skein

/// A connection, with a transaction open on it, that a body has for the time of a call.
final class LentConnection {
    /// Why a statement did not work out, after which the transaction cannot be committed.
    enum Failure {
        case body(PostgresError)
        case store(TransactionFailure)

        var isTheStores: Bool {
            if case .store = self { true } else { false }
        }

        /// What the body is told.
        var inTheBody: any Error {
            switch self {
            case .body(let error): error
            case .store(let failure): failure.error
            }
        }

        /// What the call ends with, also if the body has swallowed the error.
        var atTheEnd: TransactionFailure {
            switch self {
            case .body(let error): TransactionFailure(EventStoreError(handler: error))
            case .store(let failure): failure
            }
        }
    }

    private let connection: PostgresConnection
    private let source: ConnectionSource
    private let isReading: Bool
    private var isOver = false
    private(set) var failure: Failure?
    /// Whether settings were changed that hold until the end of the transaction.
    private(set) var hasChangedSettings = false

    init(_ connection: PostgresConnection, _ source: ConnectionSource, isReading: Bool) {
        self.connection = connection
        self.source = source
        self.isReading = isReading
    }

    /// Refuses all further use.
    func end() { isOver = true }

    func query(_ sql: String, _ values: [PostgresValue]) throws -> [PostgresRow] {
        let rows = try run(sql, values)
        let columns = ResultColumns(rows)
        var found: [PostgresRow] = []
        found.reserveCapacity(rows.count)
        for row in 0..<rows.count { found.append(PostgresRow(rows, row, columns)) }
        return found
    }

    func run(_ sql: String, _ values: [PostgresValue]) throws -> Rows {
        guard !isOver else { throw EventStoreError.transactionIsOver }
        if let failure { throw failure.inTheBody }
        let text = try StatementText(sql)
        try Self.check(values)
        if text.changesSettings { hasChangedSettings = true }
        let deadline = source.answerDeadline
        let rows: Rows
        do {
            rows = try connection.run(sql, values, until: deadline)
        } catch {
            let failure = failure(for: error)
            self.failure = failure
            throw failure.inTheBody
        }
        guard connection.isInTransaction else {
            let error = EventStoreError(.outcomeUnknown, "a statement has ended the transaction that was lent")
            failure = .store(TransactionFailure(error, losesConnection: true))
            throw error
        }
        return rows
    }

    private func failure(for failure: PostgresFailure) -> Failure {
        guard failure.isTheStores || (failure.sqlState == "25006" && !isReading) else {
            return .body(PostgresError(failure))
        }
        return .store(TransactionFailure(failure, during: isReading ? .reading : .inTransaction))
    }

    private static func check(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= 65_535 else {
            throw PostgresError(.invalidParameter, "\(values.count) parameters are more than 65535")
        }
        for (value, number) in zip(values, 1...) {
            let hasNUL =
                switch value {
                case .text(let text): text.utf8.contains(0)
                case .texts(let texts): texts.contains { $0.utf8.contains(0) }
                default: false
                }
            guard !hasNUL else { throw PostgresError(.invalidParameter, "parameter \(number) holds U+0000") }
        }
    }
}

import CLibpq
import Skein

extension PostgresConnection {
    /// Whether a transaction is open in which statements can be run.
    var isInTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }

    /// Runs a statement of a body, which is prepared and kept under its text.
    func run(_ sql: String, _ values: [PostgresValue], until deadline: Deadline) throws(PostgresFailure) -> Rows {
        var parameters = Parameters()
        for value in values { value.write(to: &parameters) }
        let name = try prepareLent(sql, values.map(\.type), until: deadline)
        do {
            return try run(prepared: name, parameters, until: deadline)
        } catch {
            // A table that was changed meanwhile may return other columns than the statement was prepared for.
            if error.sqlState == "0A000" || error.sqlState == "26000" { lentStatements.forget(sql) }
            throw error
        }
    }

    private func prepareLent(
        _ sql: String,
        _ types: [UInt32?],
        until deadline: Deadline
    ) throws(PostgresFailure) -> String {
        if let name = lentStatements.name(of: sql, types) { return name }
        let plan = lentStatements.plan(sql, types)
        try prepare(sql, as: plan.name, types: plan.types.map { $0 ?? 0 }, until: deadline)
        lentStatements.add(sql, as: plan)
        for name in lentStatements.takeLeft() { try run("DEALLOCATE \(name)", until: deadline) }
        return plan.name
    }

    /// Lends the open transaction to a body. What it throws is a ``TransactionFailure``, as is what went wrong below it.
    func lend<Value>(
        _ source: ConnectionSource,
        reading: Bool = false,
        to body: (LentConnection) throws -> Value
    ) throws(TransactionFailure) -> Value {
        let lent = LentConnection(self, source, isReading: reading)
        let result = Result { try body(lent) }
        lent.end()
        if let failure = lent.failure, failure.isTheStores { throw failure.atTheEnd }
        switch (result, lent.failure) {
        case (.failure(let error), _): throw TransactionFailure(EventStoreError(handler: error))
        case (.success, let failure?): throw failure.atTheEnd
        case (.success(let value), nil): return value
        }
    }

    /// Runs steps in a transaction: whatever they throw rolls it back.
    ///
    /// - Parameter opening: What begins the transaction, with settings for it.
    func inTransaction<Value>(
        _ opening: String = "BEGIN",
        _ source: ConnectionSource,
        _ steps: () throws -> Value
    ) throws(TransactionFailure) -> Value {
        let value: Value
        do {
            try run(opening, until: source.answerDeadline)
            value = try steps()
            // A commit over a connection that is known to be dead would leave a doubt that is not there.
            guard isAlive else { throw PostgresFailure.lost("the connection broke during the transaction") }
        } catch {
            throw rolledBack(TransactionFailure(error, during: .inTransaction), source)
        }
        do {
            try run("COMMIT", until: source.answerDeadline)
        } catch {
            throw TransactionFailure(commit: error)
        }
        return value
    }

    /// Takes back what was done since a savepoint, or the transaction.
    func rollBack(_ statement: String, _ source: ConnectionSource) throws(PostgresFailure) {
        do {
            try run(statement, until: source.answerDeadline)
        } catch {
            // The tag ROLLBACK, which elsewhere says that a commit was none.
            if error.sqlState != "25P02" { throw error }
        }
    }

    private func rolledBack(_ failure: TransactionFailure, _ source: ConnectionSource) -> TransactionFailure {
        guard !failure.losesConnection else { return failure }
        do {
            try rollBack("ROLLBACK", source)
            return failure
        } catch {
            return TransactionFailure(failure.error, losesConnection: true)
        }
    }
}

extension PostgresValue {
    /// The number of the type with which a statement is prepared, 0 to have it inferred; nil if any will do.
    fileprivate var type: UInt32? {
        switch self {
        case .null: nil
        case .text, .texts: 0
        case .integer: Int64.oid
        case .real: Double.oid
        case .bool: Bool.oid
        case .bytes: [UInt8].oid
        case .timestamp: Timestamp.oid
        case .uuid: UniqueID<Never>.oid
        // An array of int8.
        case .integers: 1016
        }
    }

    fileprivate func write(to parameters: inout Parameters) {
        switch self {
        case .null: parameters.add(String?.none)
        case .integer(let value): parameters.add(value)
        case .text(let value): parameters.addText(value)
        case .real(let value): parameters.add(value)
        case .bool(let value): parameters.add(value)
        case .bytes(let value): parameters.add(value)
        case .timestamp(let value): parameters.add(value)
        case .uuid(let high, let low): parameters.add(UniqueID<Never>(high: high, low: low))
        case .integers(let values): parameters.addArray(values)
        case .texts(let values): parameters.addText(Self.array(values))
        }
    }

    /// Texts as PostgreSQL reads an array.
    private static func array(_ values: [String]) -> String {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for value in values {
            if text.count > 1 { text.append(UInt8(ascii: ",")) }
            text.append(UInt8(ascii: "\""))
            for byte in value.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { text.append(UInt8(ascii: "\\")) }
                text.append(byte)
            }
            text.append(UInt8(ascii: "\""))
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }
}

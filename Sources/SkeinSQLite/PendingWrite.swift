import Skein

/// A write that waits for a transaction.
struct PendingWrite: QueuedWrite {
    /// Roughly what it adds to a transaction.
    let bytes: Int

    /// Writes, and returns what to tell the caller once the transaction is committed.
    let run: @Sendable (inout EventWriter, _ checksFirst: Bool) throws -> Reply

    private let refuse: @Sendable (EventStoreError) -> Void

    init<Value: Sendable>(
        bytes: Int,
        continuation: CheckedContinuation<Result<Value, EventStoreError>, Never>,
        _ body: @escaping @Sendable (inout EventWriter, _ checksFirst: Bool) throws -> Value
    ) {
        self.bytes = bytes
        run = { writer, checksFirst in
            let value = try body(&writer, checksFirst)
            return { continuation.resume(returning: .success(value)) }
        }
        refuse = { continuation.resume(returning: .failure($0)) }
    }

    func fail(_ error: EventStoreError) { refuse(error) }
}

/// A read that waits for a connection.
struct PendingRead: Sendable {
    /// Reads, and returns what to tell the caller once the connection is free again.
    let run: @Sendable (SQLiteConnection) -> Reply

    /// Tells the caller that it was not tried.
    let fail: @Sendable (EventStoreError) -> Void

    init<Value: Sendable>(
        continuation: CheckedContinuation<Result<Value, EventStoreError>, Never>,
        _ body: @escaping @Sendable (SQLiteConnection) throws -> Value
    ) {
        run = { connection in
            let result = Result { try connection.reading { try body(connection) } }
                .mapError { EventStoreError(sqlite: $0) }
            return { continuation.resume(returning: result) }
        }
        fail = { continuation.resume(returning: .failure($0)) }
    }
}

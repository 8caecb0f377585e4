import Dispatch
import Skein
import Synchronization

/// One of a pool's connections, made when it is first needed and made anew when it broke.
final class PooledConnection: Sendable {
    /// Where it is used.
    let queue = DispatchQueue(label: "skein.postgres.connection")
    private let source: ConnectionSource
    private let connection = Mutex<PostgresConnection?>(nil)

    init(_ source: ConnectionSource) {
        self.source = source
    }

    /// Runs a call. One that only reads is repeated once if the connection, which may have stood idle, turns out broken.
    func run<Value: Sendable>(
        _ step: PostgresStep,
        _ body: @Sendable (PostgresConnection) throws -> Value
    ) -> Result<Value, EventStoreError> {
        connection.withLock { connection in
            let first = attempt(step, &connection, body)
            guard step == .reading, case .failure(let error) = first, error.code == .connectionLost, connection == nil
            else { return first }
            return attempt(step, &connection, body)
        }
    }

    private func attempt<Value: Sendable>(
        _ step: PostgresStep,
        _ connection: inout PostgresConnection?,
        _ body: (PostgresConnection) throws -> Value
    ) -> Result<Value, EventStoreError> {
        do {
            if connection?.isAlive != true {
                connection = nil
                connection = try source.reopen()
            }
            guard let connection else { throw EventStoreError(.connectionLost, "there is no connection") }
            return .success(try body(connection))
        } catch {
            if error.losesConnection { connection = nil }
            return .failure(EventStoreError(postgres: error, during: step))
        }
    }

    func close() {
        connection.withLock { $0 = nil }
    }
}

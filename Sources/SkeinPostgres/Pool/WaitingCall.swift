import Skein
import Synchronization

/// A call that waits for a connection. It is answered once: with its result, or with the reason why it was not tried.
final class WaitingCall: Sendable {
    private let isTaken = Atomic(false)
    private let perform: @Sendable (PooledConnection) -> Reply
    private let fail: @Sendable (EventStoreError) -> Void

    init<Value: Sendable>(
        _ continuation: CheckedContinuation<Result<Value, EventStoreError>, Never>,
        _ step: PostgresStep,
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) {
        perform = { connection in
            let result = connection.run(step, body)
            return { continuation.resume(returning: result) }
        }
        fail = { continuation.resume(returning: .failure($0)) }
    }

    /// Whether this is the one who may answer.
    private func take() -> Bool { !isTaken.exchange(true, ordering: .acquiringAndReleasing) }

    /// Runs the call, and returns what tells the caller; nil if it waits no longer.
    func run(on connection: PooledConnection) -> Reply? {
        take() ? perform(connection) : nil
    }

    /// Tells the caller why the call was not tried, if it still waits.
    func refuse(_ error: EventStoreError) {
        if take() { fail(error) }
    }
}

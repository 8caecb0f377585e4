import Skein

/// What runs in an append's transaction, with the events that it stores.
typealias AppendBody = @Sendable ([StoredEvent], PostgresTransaction) throws -> Void

/// An append that waits for the writer.
///
/// A class: it goes through several queues and groups, and its parts are many to copy.
final class PendingAppend: QueuedWrite {
    let planned: PlannedAppend
    let body: AppendBody?
    private let continuation: CheckedContinuation<Result<AppendResult, EventStoreError>, Never>

    var bytes: Int { planned.bytes }
    var append: StreamAppend { planned.append }

    init(
        _ planned: PlannedAppend,
        running body: AppendBody?,
        _ continuation: CheckedContinuation<Result<AppendResult, EventStoreError>, Never>
    ) {
        self.planned = planned
        self.body = body
        self.continuation = continuation
    }

    func answer(_ result: Result<AppendResult, EventStoreError>) {
        continuation.resume(returning: result)
    }

    func fail(_ error: EventStoreError) {
        continuation.resume(returning: .failure(error))
    }
}

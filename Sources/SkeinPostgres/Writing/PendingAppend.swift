import Skein

/// An append that waits for the writer.
///
/// A class: it goes through several queues and groups, and its parts are many to copy.
final class PendingAppend: QueuedWrite {
    let planned: PlannedAppend
    private let continuation: CheckedContinuation<Result<AppendResult, EventStoreError>, Never>

    var bytes: Int { planned.bytes }
    var append: StreamAppend { planned.append }

    init(
        _ planned: PlannedAppend,
        _ continuation: CheckedContinuation<Result<AppendResult, EventStoreError>, Never>
    ) {
        self.planned = planned
        self.continuation = continuation
    }

    func answer(_ result: Result<AppendResult, EventStoreError>) {
        continuation.resume(returning: result)
    }

    func fail(_ error: EventStoreError) {
        continuation.resume(returning: .failure(error))
    }
}

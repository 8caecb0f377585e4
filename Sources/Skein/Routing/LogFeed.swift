import Synchronization

/// The recent end of the log in memory, shared by all subscriptions of a bus: who is near the end gets events from here, so
/// that they are read once for all.
///
/// What is here is contiguous for the filter that it is read with; ``LogTail`` holds it and says who is to read on. Who is
/// further behind reads from the store with a filter of its own.
final class LogFeed: Sendable {
    private let store: any EventStore
    /// What at least one subscription wants.
    private let interest: EventFilter
    private let pageSize: Int
    private let tail: Mutex<LogTail>

    init(_ store: any EventStore, interest: EventFilter, capacity: Int, pageSize: Int) {
        self.store = store
        self.interest = interest
        self.pageSize = pageSize
        tail = Mutex(LogTail(capacity: capacity))
    }

    /// How many wait for the reading under way.
    var waitingCount: Int { tail.withLock { $0.waiting.count } }

    /// Notes that something may have been stored.
    func noteCommit() {
        tail.withLock { $0.isStale = true }
    }

    /// Notes where the log ends.
    func note(head: Int64) {
        tail.withLock { $0.note(head: head) }
    }

    /// Does what ``EventStore/readLog(from:direction:filter:limit:)`` does forward, from memory where that is possible.
    ///
    /// At the end of what is known it may answer with nothing without having looked, if no commit was noted since.
    func page(
        after position: Int64,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        var hasLooked = false
        while true {
            switch tail.withLock({ $0.answer(after: position, filter, limit, hasLooked: hasLooked) }) {
            case .page(let page):
                return page
            case .waitForReading:
                await readingEnded()
            case .readOn(let end):
                try await readOn(after: end)
                hasLooked = true
            case .elsewhere:
                let page = try await store.readLog(from: position, direction: .forward, filter: filter, limit: limit)
                tail.withLock { $0.head = max($0.head, page.head) }
                return page
            }
        }
    }

    private func readingEnded() async {
        await withCheckedContinuation { continuation in
            let isOver = tail.withLock { tail in
                guard tail.isReading else { return true }
                tail.waiting.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    private func readOn(after position: Int64) async throws(EventStoreError) {
        do throws(EventStoreError) {
            let page = try await store.readLog(from: position, direction: .forward, filter: interest, limit: pageSize)
            wake(tail.withLock { $0.endReading(with: page, after: position) })
        } catch {
            wake(tail.withLock { $0.endReading(with: nil, after: position) })
            throw error
        }
    }

    private func wake(_ waiting: [CheckedContinuation<Void, Never>]) {
        for waiter in waiting { waiter.resume() }
    }
}

extension EventFilter {
    /// Lets through what one of the filters does, and perhaps more.
    init(anyOf filters: [EventFilter]) {
        self.init(
            aggregates: filters.contains { $0.aggregates.isEmpty }
                ? [] : filters.reduce(into: []) { $0.formUnion($1.aggregates) },
            events: filters.contains { $0.events.isEmpty } ? [] : filters.reduce(into: []) { $0.formUnion($1.events) }
        )
    }
}

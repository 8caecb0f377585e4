/// Reads the log for one partition, a page at a time.
struct LogReader: Sendable {
    let filter: EventFilter
    let calls: StoreCalls
    /// The most events of a page; whole batches, if there are any.
    let limit: Int

    init(_ filter: EventFilter, batches: BatchSize?, _ calls: StoreCalls) {
        self.filter = filter
        self.calls = calls
        let buffer = calls.runtime.configuration.subscriptionBuffer
        let batch = batches?.count ?? 1
        limit = min(batch < buffer ? buffer - buffer % batch : batch, calls.runtime.limits.pageSize)
    }

    func page(after position: Int64) async throws(RunEnd) -> LogPage {
        try await calls.retrying { store throws(EventStoreError) in
            guard let feed = calls.feed else {
                return try await store.readLog(from: position, direction: .forward, filter: filter, limit: limit)
            }
            return try await feed.page(after: position, filter: filter, limit: limit)
        }
    }

    /// The same as a value, for reading ahead.
    func result(after position: Int64) async -> Result<LogPage, RunEnd> {
        do throws(RunEnd) { return .success(try await page(after: position)) } catch { return .failure(error) }
    }

    /// One event, by its position; nil if it was deleted for good.
    func event(at position: Int64) async throws(RunEnd) -> StoredEvent? {
        let page = try await calls.retrying { store throws(EventStoreError) in
            try await store.readLog(from: position - 1, direction: .forward, filter: .all, limit: 1)
        }
        return page.events.first.flatMap { $0.position == position ? $0 : nil }
    }
}

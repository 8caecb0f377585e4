/// Reads a stream's events page by page.
///
/// Where a page begins is known before the one in front of it is there, for versions have no gaps. Of a long stream, the
/// store is at work on two pages while another one is handled.
struct StreamReading: Sendable {
    private struct Page: Sendable {
        let number: Int
        let events: Result<[StoredEvent], LoadError>
    }

    private let stream: StreamID
    private let store: any EventStore
    private let pageSize: Int

    init(_ stream: StreamID, _ store: any EventStore, limits: EventStoreLimits) {
        self.stream = stream
        self.store = store
        pageSize = min(1_000, limits.pageSize)
    }

    /// Hands over all events after a version, in order.
    func read(
        after version: Int64,
        handle: (_ events: [StoredEvent]) throws(LoadError) -> Void
    ) async throws(LoadError) {
        let first = await page(0, after: version)
        var events = try first.events.get()
        guard events.count == pageSize else { return try handle(events) }
        let result: Result<Void, LoadError> = await withTaskGroup(of: Page.self) { group in
            var (asked, handled) = (0, 0)
            var waiting: [Int: Page] = [:]
            do throws(LoadError) {
                while events.count == pageSize {
                    // The second page may well be the last.
                    while asked < min(handled + 2, 2 * handled + 1) {
                        asked += 1
                        let number = asked
                        group.addTask { await page(number, after: version) }
                    }
                    try handle(events)
                    handled += 1
                    while waiting[handled] == nil, let page = await group.next() { waiting[page.number] = page }
                    guard let next = waiting.removeValue(forKey: handled) else { return .success(()) }
                    events = try next.events.get()
                }
                try handle(events)
                group.cancelAll()
                return .success(())
            } catch {
                group.cancelAll()
                return .failure(error)
            }
        }
        try result.get()
    }

    private func page(_ number: Int, after version: Int64) async -> Page {
        let start = version + Int64(number * pageSize)
        do {
            let events = try await store.read(stream, from: start + 1, direction: .forward, limit: pageSize)
            return Page(number: number, events: .success(events))
        } catch  where error.code == .streamNotFound {
            return Page(number: number, events: start == 0 ? .success([]) : .failure(.beyondEnd))
        } catch {
            return Page(number: number, events: .failure(.store(error)))
        }
    }
}

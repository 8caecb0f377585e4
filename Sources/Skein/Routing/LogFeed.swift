import DequeModule

/// The recent end of the log in memory, shared by all subscriptions of a bus: who is near the end gets events from here, so
/// that they are read once for all.
///
/// What is here is contiguous for the filter that it is read with: every event between ``start`` and ``end`` that passes it.
/// Who is further behind reads from the store with a filter of its own.
actor LogFeed {
    private let store: any EventStore
    /// What at least one subscription wants.
    private let interest: EventFilter
    private let capacity: Int
    private let pageSize: Int

    private var events: Deque<StoredEvent> = []
    private var bytes = 0
    /// Every event of interest after this position and up to ``end`` is here.
    private var start: Int64 = 0
    private var end: Int64 = 0
    /// Where the log ended when somebody last looked.
    private var head: Int64 = 0
    /// Whether something may have been stored since the end was last read.
    private var isStale = true
    private var isReading = false
    private(set) var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ store: any EventStore, interest: EventFilter, capacity: Int, pageSize: Int) {
        self.store = store
        self.interest = interest
        self.capacity = capacity
        self.pageSize = pageSize
    }

    /// The most bytes of payloads that are kept.
    private static var byteLimit: Int { 16 * 1_024 * 1_024 }

    /// Notes that something may have been stored.
    func noteCommit() {
        isStale = true
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
            if position >= start, position < end {
                let page = kept(after: position, filter, limit)
                // Who is told that this was all goes to sleep: that must be as true as what it was woken up for.
                if page.scannedThrough < page.head || !isStale || hasLooked { return page }
            } else if position < start || !isNearHead(position) {
                break
            }
            // First: what a reading under way will find may be what a commit was noted for.
            guard !isReading else {
                await withCheckedContinuation { waiting.append($0) }
                continue
            }
            // A head beyond the end was seen by somebody who is far behind: it is not here yet.
            guard position != end || isStale || end < head else {
                return LogPage(events: [], scannedThrough: position, head: end)
            }
            try await readOn(after: max(position, end))
            hasLooked = true
            if end == position { return LogPage(events: [], scannedThrough: position, head: head) }
        }
        let page = try await store.readLog(from: position, direction: .forward, filter: filter, limit: limit)
        head = max(head, page.head)
        return page
    }

    /// Whether the end of the log is so near that others are likely to come by. The first look tells where it is.
    private func isNearHead(_ position: Int64) -> Bool {
        position >= head - Int64(capacity)
    }

    private func kept(after position: Int64, _ filter: EventFilter, _ limit: Int) -> LogPage {
        var found: [StoredEvent] = []
        var index = self.index(after: position)
        while index < events.count, found.count < limit {
            let event = events[index]
            if filter.matches(aggregate: event.stream.aggregate, event: event.name) { found.append(event) }
            index += 1
        }
        let isWhole = index == events.count
        let scanned = isWhole ? end : events[index - 1].position
        return LogPage(events: found, scannedThrough: scanned, head: max(head, end))
    }

    /// The index of the first event after a position.
    private func index(after position: Int64) -> Int {
        var (low, high) = (0, events.count)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].position > position { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func readOn(after position: Int64) async throws(EventStoreError) {
        isReading = true
        // Before the look: what is stored during it is looked for again.
        isStale = false
        defer {
            isReading = false
            let woken = waiting
            waiting = []
            for waiter in woken { waiter.resume() }
        }
        let page: LogPage
        do throws(EventStoreError) {
            page = try await store.readLog(from: position, direction: .forward, filter: interest, limit: pageSize)
        } catch {
            isStale = true
            throw error
        }
        if position != end {
            events.removeAll()
            bytes = 0
            start = position
        }
        head = max(head, page.head)
        end = page.scannedThrough
        if end < page.head { isStale = true }
        for event in page.events {
            events.append(event)
            bytes += event.payload.count
        }
        trim()
    }

    private func trim() {
        while events.count > capacity || bytes > Self.byteLimit && events.count > 1, let first = events.popFirst() {
            bytes -= first.payload.count
            start = first.position
        }
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

import DequeModule

/// The recent end of the log, and who may read on when. What it says is done outside of the lock that it lies under.
struct LogTail {
    /// What becomes of a wish for a page.
    enum Answer {
        case page(LogPage)
        /// Somebody reads; what is found may be what is wanted.
        case waitForReading
        /// Whoever asked is to read after a position, and to call ``endReading(with:after:)``.
        case readOn(after: Int64)
        /// Whoever asked is far behind, and reads by itself.
        case elsewhere
    }

    private let capacity: Int
    private var events: Deque<StoredEvent> = []
    private var bytes = 0
    /// Every event of interest after this position and up to ``end`` is here.
    private var start: Int64 = 0
    private var end: Int64 = 0
    /// Where the log ended when somebody last looked.
    var head: Int64 = 0
    /// Whether something may have been stored since the end was last read.
    var isStale = true
    private(set) var isReading = false
    var waiting: [CheckedContinuation<Void, Never>] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// The most bytes of payloads that are kept.
    private static var byteLimit: Int { 16 * 1_024 * 1_024 }

    /// Notes where the log ends: what is beyond the end of what is here must be looked for.
    mutating func note(head: Int64) {
        if head > end { isStale = true }
    }

    /// - Parameter hasLooked: Whether who asks has just read on.
    mutating func answer(after position: Int64, _ filter: EventFilter, _ limit: Int, hasLooked: Bool) -> Answer {
        if hasLooked, end == position { return .page(LogPage(events: [], scannedThrough: position, head: head)) }
        if position >= start, position < end {
            let page = kept(after: position, filter, limit)
            // Who is told that this was all goes to sleep: that must be as true as what it was woken up for.
            if page.scannedThrough < page.head || !isStale || hasLooked { return .page(page) }
        } else if position < start || !isNearHead(position) {
            return .elsewhere
        }
        // First: what a reading under way will find may be what a commit was noted for.
        guard !isReading else { return .waitForReading }
        // A head beyond the end was seen by somebody who is far behind: it is not here yet.
        guard position != end || isStale || end < head else {
            return .page(LogPage(events: [], scannedThrough: position, head: end))
        }
        isReading = true
        // Before the look: what is stored during it is looked for again.
        isStale = false
        return .readOn(after: max(position, end))
    }

    /// Takes what was read, nil if that has failed, and returns who waits for it.
    mutating func endReading(with page: LogPage?, after position: Int64) -> [CheckedContinuation<Void, Never>] {
        isReading = false
        if let page { add(page, after: position) } else { isStale = true }
        defer { waiting = [] }
        return waiting
    }

    private mutating func add(_ page: LogPage, after position: Int64) {
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
        while events.count > capacity || bytes > Self.byteLimit && events.count > 1, let first = events.popFirst() {
            bytes -= first.payload.count
            start = first.position
        }
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
}

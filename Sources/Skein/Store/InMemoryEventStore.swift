import Synchronization

/// The reference store: complete, deterministic, and gone with the process.
///
/// Every call finishes without suspending, so that a seeded executor decides alone what happens in which order.
public final class InMemoryEventStore: ImmediateEventStore {
    public let limits: EventStoreLimits
    private let allowsHardDelete: Bool
    let time: any TimeSource
    private let log = Mutex(InMemoryLog())
    private let signals = CommitSignals()

    /// Creates an empty store.
    ///
    /// - Parameters:
    ///   - limits: How much the store takes at a time.
    ///   - allowsHardDelete: Whether streams may be deleted for good.
    ///   - time: Where ``StoredEvent/recordedAt`` comes from.
    public init(
        limits: EventStoreLimits = EventStoreLimits(),
        allowsHardDelete: Bool = false,
        time: any TimeSource = SystemTime()
    ) {
        self.limits = limits
        self.allowsHardDelete = allowsHardDelete
        self.time = time
    }

    public func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        do { try append.validate(limits: limits) } catch { throw EventStoreError(error) }
        return try appendAtOnce(append)
    }

    package func appendAtOnce(_ append: StreamAppend) throws(EventStoreError) -> AppendResult {
        try appendAtOnce(append, running: nil)
    }

    func appendAtOnce(
        _ append: StreamAppend,
        running body: (@Sendable ([StoredEvent], InMemoryTransaction) throws -> Void)?
    ) throws(EventStoreError) -> AppendResult {
        let now = append.recordedAt ?? time.now()
        // Made before the lock is taken: it is held by one writer at a time.
        var contents: [StoredEvent.Content] = []
        contents.reserveCapacity(append.commands.count)
        for command in append.commands {
            for event in command.events {
                contents.append(StoredEvent.Content(event, of: command, in: append.stream, at: now))
            }
        }
        let result = try withLog { log throws(EventStoreError) in
            try log.append(append, contents, at: now, running: body)
        }
        if case .stored = result { signals.signal() }
        return result
    }

    public func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try EventStoreChecks.read(stream, from: version, limit: limit, limits: limits)
        return try withLog { log throws(EventStoreError) in
            try log.read(stream, from: version, direction: direction, limit: limit)
        }
    }

    public func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        try EventStoreChecks.readLog(from: position, limit: limit, limits: limits)
        return try withLog { log throws(EventStoreError) in
            log.readLog(from: position, direction: direction, filter: filter, limit: limit)
        }
    }

    public func version(of stream: StreamID) async throws(EventStoreError) -> Int64 {
        try EventStoreChecks.stream(stream)
        return try withLog { log throws(EventStoreError) in try log.version(of: stream) }
    }

    public func head() async throws(EventStoreError) -> Int64 {
        try withLog { log throws(EventStoreError) in log.head }
    }

    public func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try withLog { log throws(EventStoreError) in log.outcome(of: command) }
    }

    public func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError) {
        try EventStoreChecks.delete(stream, mode: mode, expecting: expected, allowsHardDelete: allowsHardDelete)
        try withLog { log throws(EventStoreError) in try log.delete(stream, mode: mode, expecting: expected) }
    }

    public func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        try EventStoreChecks.stream(stream)
        return try withLog { log throws(EventStoreError) in log.snapshots[stream] }
    }

    public func save(_ snapshot: Snapshot) async throws(EventStoreError) {
        try EventStoreChecks.stream(snapshot.stream)
        try withLog { log throws(EventStoreError) in log.save(snapshot) }
    }

    public func deleteSnapshot(of stream: StreamID) async throws(EventStoreError) {
        try EventStoreChecks.stream(stream)
        try withLog { log throws(EventStoreError) in log.snapshots[stream] = nil }
    }

    public func commits() -> AsyncStream<Void> {
        signals.subscribe()
    }

    public func migrate() async throws(EventStoreError) {
        try withLog { log throws(EventStoreError) in }
    }

    public func close() async {
        log.withLock { $0.isClosed = true }
        signals.finish()
    }

    /// Empties the store; for tests.
    public func reset() {
        log.withLock { log in
            let isClosed = log.isClosed
            log = InMemoryLog()
            log.isClosed = isClosed
        }
    }

    func withLog<Result>(
        _ body: (inout InMemoryLog) throws(EventStoreError) -> sending Result
    ) throws(EventStoreError) -> sending Result {
        try log.withLock { log throws(EventStoreError) in
            guard !log.isClosed else { throw EventStoreError(.closed, "the store was closed") }
            return try body(&log)
        }
    }
}

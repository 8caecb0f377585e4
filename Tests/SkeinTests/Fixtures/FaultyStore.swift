import Skein
import Synchronization

/// An in-memory store that fails, waits or is overtaken as a test wants, and counts what it is asked.
final class FaultyStore: EventStore {
    enum Call: Hashable {
        case append, read, readLog, version, head, outcome, delete
        case snapshot, saveSnapshot, deleteSnapshot, checkpoint, claim, move, deleteCheckpoint
        case acquireLease, renewLease, releaseLease, change, notes
    }

    typealias Fault = @Sendable () async throws(EventStoreError) -> Void

    private struct State {
        var counts: [Call: Int] = [:]
        var before: [Call: [Fault]] = [:]
        var after: [Call: [Fault]] = [:]
        var always: [Call: Fault] = [:]
        var appends: [StreamAppend] = []
        var largestPage = 0
    }

    let base: InMemoryEventStore
    private let state = Mutex(State())

    private let isSilent: Bool

    /// - Parameter isSilent: Whether commits are not signalled.
    init(_ base: InMemoryEventStore = InMemoryEventStore(), isSilent: Bool = false) {
        self.base = base
        self.isSilent = isSilent
    }

    var limits: EventStoreLimits { base.limits }

    /// The appends that were asked for, whatever came of them.
    var appends: [StreamAppend] { state.withLock { $0.appends } }

    /// The most events that one reading of the log has given.
    var largestPage: Int { state.withLock { $0.largestPage } }

    func count(_ call: Call) -> Int {
        state.withLock { $0.counts[call, default: 0] }
    }

    /// Does something before the next such call, once; what is said several times is done by one call after the other.
    func before(_ call: Call, _ fault: @escaping Fault) {
        state.withLock { $0.before[call, default: []].append(fault) }
    }

    /// Does something after the next such call that got so far, once.
    func after(_ call: Call, _ fault: @escaping Fault) {
        state.withLock { $0.after[call, default: []].append(fault) }
    }

    /// Does something before each such call that has nothing else before it; nil ends that.
    func always(_ call: Call, _ fault: Fault?) {
        state.withLock { $0.always[call] = fault }
    }

    /// Lets the next such call fail before it does anything.
    func fail(_ call: Call, _ code: EventStoreError.Code, times: Int = 1) {
        for _ in 0..<times {
            before(call) { () throws(EventStoreError) in throw EventStoreError(code, "as the test wants") }
        }
    }

    /// Lets the next such calls happen, and then fail.
    func failAfterwards(_ call: Call, _ code: EventStoreError.Code, times: Int = 1) {
        for _ in 0..<times {
            after(call) { () throws(EventStoreError) in throw EventStoreError(code, "as the test wants") }
        }
    }

    /// Holds the next such call up.
    func hold(_ call: Call, at gate: Gate) {
        before(call) { () throws(EventStoreError) in await gate.pass() }
    }

    private func perform<Value: Sendable>(
        _ call: Call,
        _ body: () async throws(EventStoreError) -> Value
    ) async throws(EventStoreError) -> Value {
        let before: Fault? = state.withLock { state in
            state.counts[call, default: 0] += 1
            if state.before[call]?.isEmpty == false { return state.before[call]?.removeFirst() }
            return state.always[call]
        }
        try await before?()
        let value = try await body()
        let after: Fault? = state.withLock { state in
            state.after[call]?.isEmpty == false ? state.after[call]?.removeFirst() : nil
        }
        try await after?()
        return value
    }

    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        state.withLock { $0.appends.append(append) }
        return try await perform(.append) { () throws(EventStoreError) in try await base.append(append) }
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try await perform(.read) { () throws(EventStoreError) in
            try await base.read(stream, from: version, direction: direction, limit: limit)
        }
    }

    func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        let page = try await perform(.readLog) { () throws(EventStoreError) in
            try await base.readLog(from: position, direction: direction, filter: filter, limit: limit)
        }
        state.withLock { $0.largestPage = max($0.largestPage, page.events.count) }
        return page
    }

    func version(of stream: StreamID) async throws(EventStoreError) -> Int64 {
        try await perform(.version) { () throws(EventStoreError) in try await base.version(of: stream) }
    }

    func head() async throws(EventStoreError) -> Int64 {
        try await perform(.head) { () throws(EventStoreError) in try await base.head() }
    }

    func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await perform(.outcome) { () throws(EventStoreError) in try await base.outcome(of: command) }
    }

    func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError) {
        try await perform(.delete) { () throws(EventStoreError) in
            try await base.delete(stream, mode: mode, expecting: expected)
        }
    }

    func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        try await perform(.snapshot) { () throws(EventStoreError) in try await base.snapshot(of: stream) }
    }

    func save(_ snapshot: Snapshot) async throws(EventStoreError) {
        try await perform(.saveSnapshot) { () throws(EventStoreError) in try await base.save(snapshot) }
    }

    func deleteSnapshot(of stream: StreamID) async throws(EventStoreError) {
        try await perform(.deleteSnapshot) { () throws(EventStoreError) in try await base.deleteSnapshot(of: stream) }
    }

    func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try await perform(.checkpoint) { () throws(EventStoreError) in try await base.checkpoint(of: subscription) }
    }

    func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try await perform(.claim) { () throws(EventStoreError) in try await base.claimCheckpoint(of: subscription) }
    }

    func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try await perform(.acquireLease) { () throws(EventStoreError) in
            try await base.acquireLease(on: subscription, for: owner, lasting: duration)
        }
    }

    func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try await perform(.renewLease) { () throws(EventStoreError) in
            try await base.renewLease(of: checkpoint, lasting: duration)
        }
    }

    func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {
        try await perform(.releaseLease) { () throws(EventStoreError) in try await base.releaseLease(of: checkpoint) }
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try await perform(.move) { () throws(EventStoreError) in
            try await base.move(checkpoint, to: position, changing: notes)
        }
    }

    func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try await perform(.change) { () throws(EventStoreError) in try await base.change(notes, of: subscription) }
    }

    func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try await perform(.notes) { () throws(EventStoreError) in
            try await base.notes(of: subscription, topic: topic, from: key, limit: limit)
        }
    }

    func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try await perform(.deleteCheckpoint) { () throws(EventStoreError) in
            try await base.deleteCheckpoint(of: subscription)
        }
    }

    func commits() -> AsyncStream<Void> { isSilent ? AsyncStream { _ in } : base.commits() }

    func migrate() async throws(EventStoreError) { try await base.migrate() }

    func close() async { await base.close() }
}

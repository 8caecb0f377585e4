import Skein
import Synchronization

/// One simulated process's way to the store that all share: it fails and is slow as the seed wants.
///
/// It keeps the contract of ``EventStore``: what it does to the caller, a real store may do.
final class SimulatedStore: EventStore {
    let base: DurableStore
    private let scheduler: Scheduler
    let faults: FaultSource
    private let executor: Int
    let name: String
    let trace: SimulationTrace
    private let world: SimulatedWorld
    private let history: HistoryRecorder
    private let outageEnd = Mutex(Duration.zero)
    private let isOver = Atomic(false)

    init(_ world: SimulatedWorld, executor: Int, name: String) {
        self.world = world
        base = world.durable
        scheduler = world.scheduler
        faults = world.faults
        trace = world.trace
        history = world.history
        self.executor = executor
        self.name = name
    }

    var limits: EventStoreLimits { base.store.limits }

    /// Breaks the connection for good.
    func end() {
        isOver.store(true, ordering: .relaxed)
    }

    func append(_ append: StreamAppend) async throws(EventStoreError) -> AppendResult {
        try await arrive(at: "append")
        if faults.occurs(.conflict) { await letOthersPass(append) }
        if faults.occurs(.lostAnswer) {
            try await lose(append)
        }
        let result = try await base.append(append)
        trace.note(name, "\(append.stream) expecting \(append.expected): \(result.summary)")
        await leave()
        return result
    }

    func read(
        _ stream: StreamID,
        from version: Int64,
        direction: ReadDirection,
        limit: Int
    ) async throws(EventStoreError) -> [StoredEvent] {
        try await call("read") { store throws(EventStoreError) in
            try await store.read(stream, from: version, direction: direction, limit: limit)
        }
    }

    func readLog(
        from position: Int64,
        direction: ReadDirection,
        filter: EventFilter,
        limit: Int
    ) async throws(EventStoreError) -> LogPage {
        try await call("readLog") { store throws(EventStoreError) in
            try await store.readLog(from: position, direction: direction, filter: filter, limit: limit)
        }
    }

    func version(of stream: StreamID) async throws(EventStoreError) -> Int64 {
        try await call("version") { store throws(EventStoreError) in try await store.version(of: stream) }
    }

    func head() async throws(EventStoreError) -> Int64 {
        try await call("head") { store throws(EventStoreError) in try await store.head() }
    }

    func outcome(of command: CommandID) async throws(EventStoreError) -> KnownCommand? {
        try await call("outcome") { store throws(EventStoreError) in try await store.outcome(of: command) }
    }

    func delete(
        _ stream: StreamID,
        mode: DeleteMode,
        expecting expected: ExpectedVersion
    ) async throws(EventStoreError) {
        try await call("delete") { store throws(EventStoreError) in
            try await store.delete(stream, mode: mode, expecting: expected)
        }
    }

    func snapshot(of stream: StreamID) async throws(EventStoreError) -> Snapshot? {
        let snapshot = try await call("snapshot") { store throws(EventStoreError) in
            try await store.snapshot(of: stream)
        }
        guard let snapshot, faults.occurs(.damagedSnapshot) else { return snapshot }
        trace.note(name, "the snapshot of \(stream) is read damaged")
        return snapshot.damaged(faults.pick(4))
    }

    func save(_ snapshot: Snapshot) async throws(EventStoreError) {
        try await call("save") { store throws(EventStoreError) in try await store.save(snapshot) }
    }

    func deleteSnapshot(of stream: StreamID) async throws(EventStoreError) {
        try await call("deleteSnapshot") { store throws(EventStoreError) in try await store.deleteSnapshot(of: stream) }
    }

    func checkpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint? {
        try await call("checkpoint") { store throws(EventStoreError) in try await store.checkpoint(of: subscription) }
    }

    func claimCheckpoint(of subscription: String) async throws(EventStoreError) -> Checkpoint {
        try await call("claimCheckpoint") { store throws(EventStoreError) in
            let claimed = try await store.claimCheckpoint(of: subscription)
            world.note(subscription: subscription)
            history.claimed(claimed, by: name)
            return claimed
        }
    }

    func acquireLease(
        on subscription: String,
        for owner: String,
        lasting duration: Duration
    ) async throws(EventStoreError) -> LeaseAnswer {
        try await call("acquireLease") { store throws(EventStoreError) in
            let answer = try await store.acquireLease(on: subscription, for: owner, lasting: duration)
            if case .acquired(let claimed, _) = answer {
                world.note(subscription: subscription)
                history.claimed(claimed, by: name)
            }
            return answer
        }
    }

    func renewLease(of checkpoint: Checkpoint, lasting duration: Duration) async throws(EventStoreError) {
        try await call("renewLease") { store throws(EventStoreError) in
            try await store.renewLease(of: checkpoint, lasting: duration)
        }
    }

    func releaseLease(of checkpoint: Checkpoint) async throws(EventStoreError) {
        try await call("releaseLease") { store throws(EventStoreError) in
            try await store.releaseLease(of: checkpoint)
        }
    }

    func move(
        _ checkpoint: Checkpoint,
        to position: Int64,
        changing notes: [NoteChange]
    ) async throws(EventStoreError) -> Checkpoint {
        try await movement(of: checkpoint) { store throws(EventStoreError) in
            try await store.move(checkpoint, to: position, changing: notes)
        }
    }

    func change(_ notes: [NoteChange], of subscription: String) async throws(EventStoreError) {
        try await call("change") { store throws(EventStoreError) in
            try await store.change(notes, of: subscription)
        }
    }

    func notes(
        of subscription: String,
        topic: String,
        from key: Int64,
        limit: Int
    ) async throws(EventStoreError) -> [SubscriptionNote] {
        try await call("notes") { store throws(EventStoreError) in
            try await store.notes(of: subscription, topic: topic, from: key, limit: limit)
        }
    }

    func deleteCheckpoint(of subscription: String) async throws(EventStoreError) {
        try await call("deleteCheckpoint") { store throws(EventStoreError) in
            try await store.deleteCheckpoint(of: subscription)
        }
    }

    func commits() -> AsyncStream<Void> { base.commits(for: executor) }

    func migrate() async throws(EventStoreError) {
        try await call("migrate") { store throws(EventStoreError) in try await store.migrate() }
    }

    /// The store itself stays open: others use it.
    func close() async {
        end()
    }
}

extension SimulatedStore {
    /// Moves a checkpoint, unless the answer is lost, and perhaps the move with it.
    func movement(
        of checkpoint: Checkpoint,
        _ body: (InMemoryEventStore) async throws(EventStoreError) -> Checkpoint
    ) async throws(EventStoreError) -> Checkpoint {
        try await arrive(at: "move")
        if faults.occurs(.lostAnswer) {
            trace.note(name, "the answer to moving the checkpoint of \(checkpoint.subscription) is lost")
            if faults.pick(2) == 0 { history.moved(try await body(base.store), by: name) }
            throw EventStoreError(.outcomeUnknown, "the answer was lost")
        }
        let moved = try await body(base.store)
        history.moved(moved, by: name)
        trace.note(name, "checkpoint \(moved.subscription) at \(moved.position), epoch \(moved.epoch)")
        await leave()
        return moved
    }

    func call<Value: Sendable>(
        _ what: String,
        _ body: (InMemoryEventStore) async throws(EventStoreError) -> Value
    ) async throws(EventStoreError) -> Value {
        try await arrive(at: what)
        let value = try await body(base.store)
        await leave()
        return value
    }

    /// What may happen on the way to the store.
    func arrive(at what: String) async throws(EventStoreError) {
        scheduler.checkThread("a task called the store's \(what)")
        await pause()
        guard !isOver.load(ordering: .relaxed) else { throw EventStoreError(.closed, "the process has ended") }
        if faults.occurs(.outage) {
            let end = scheduler.now + faults.duration(upTo: .milliseconds(500))
            outageEnd.withLock { $0 = end }
            trace.note(name, "the store cannot be reached until \(end)")
        }
        if scheduler.now < outageEnd.withLock({ $0 }) {
            throw EventStoreError(.connectionLost, "the store cannot be reached")
        }
        if faults.occurs(.failure) {
            let codes: [EventStoreError.Code] = [.transient, .connectionLost, .timeout]
            let code = codes[Int(faults.pick(UInt64(codes.count)))]
            trace.note(name, "\(what) fails with \(code)")
            throw EventStoreError(code, "as the seed wants")
        }
    }

    /// What may happen on the way back.
    func leave() async {
        await pause()
    }

    private func pause() async {
        if faults.occurs(.delay) {
            // A call that is under way is not hurried by its caller's cancellation.
            await scheduler.pause(for: faults.duration(upTo: .milliseconds(20)), executor)
        } else if faults.pick(2) == 0 {
            await scheduler.yield(executor)
        }
    }

    /// Waits for another writer to the same stream, so that the conflict is a real one; not for ever, nor in vain.
    func letOthersPass(_ append: StreamAppend) async {
        trace.note(name, "the append to \(append.stream) is held up")
        let before = try? await base.store.version(of: append.stream)
        for _ in 0..<10 {
            await scheduler.pause(for: .milliseconds(5), executor)
            guard let version = try? await base.store.version(of: append.stream), version == before else { return }
        }
    }

    private func lose(_ append: StreamAppend) async throws(EventStoreError) {
        switch faults.pick(3) {
        case 0:
            trace.note(name, "the append to \(append.stream) is lost")
        case 1:
            let result = try await base.append(append)
            trace.note(name, "the answer to the append to \(append.stream) is lost: \(result.summary)")
            await leave()
        default:
            trace.note(name, "the append to \(append.stream) is still under way when its sender is told so")
            base.appendLater(append, within: faults.duration(upTo: .milliseconds(100)))
        }
        throw EventStoreError(.outcomeUnknown, "the answer was lost")
    }
}

extension AppendResult {
    var summary: String {
        switch self {
        case .stored(let receipt): "stored, version \(receipt.version), position \(receipt.position)"
        case .known(let known): "known, \(known.count) commands"
        }
    }
}

extension Snapshot {
    fileprivate func damaged(_ way: UInt64) -> Snapshot {
        switch way {
        case 0:
            Snapshot(
                stream: stream,
                version: version,
                shapeVersion: shapeVersion,
                payload: payload.dropLast() + [(payload.last ?? 0) ^ 1],
                checksum: checksum
            )
        case 1:
            Snapshot(
                stream: stream,
                version: version,
                shapeVersion: shapeVersion,
                payload: Array(payload.prefix(payload.count / 2)),
                checksum: checksum
            )
        case 2:
            Snapshot(stream: stream, version: version, shapeVersion: shapeVersion + 1, payload: payload)
        default:
            Snapshot(stream: stream, version: version + 1_000, shapeVersion: shapeVersion, payload: payload)
        }
    }
}

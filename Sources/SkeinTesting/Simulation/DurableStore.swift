import Skein
import Synchronization

/// What survives every crash: the one store that all simulated processes share, and the appends that are still under way.
final class DurableStore: Sendable {
    private struct State {
        /// Appends whose sender was told that their outcome is unknown, and which have not happened yet.
        var late: [(key: Int, append: StreamAppend)] = []
        var listeners: [(executor: Int, continuation: AsyncStream<Void>.Continuation)] = []
    }

    let store: InMemoryEventStore
    private let scheduler: Scheduler
    private let faults: FaultSource
    private let trace: SimulationTrace
    private let executor: SimulatedExecutor
    private let state = Mutex(State())

    init(
        store: InMemoryEventStore,
        _ scheduler: Scheduler,
        _ faults: FaultSource,
        _ trace: SimulationTrace,
        _ executor: SimulatedExecutor
    ) {
        self.store = store
        self.scheduler = scheduler
        self.faults = faults
        self.trace = trace
        self.executor = executor
    }

    /// Appends, after what is under way with one of the same commands: a store makes a repetition wait for its original.
    func append(
        _ append: StreamAppend,
        running body: (@Sendable ([StoredEvent], InMemoryTransaction) throws -> Void)? = nil
    ) async throws(EventStoreError) -> AppendResult {
        let commands = Set(append.commands.map(\.id))
        for (key, late) in state.withLock({ $0.late }) where late.commands.contains(where: { commands.contains($0.id) })
        {
            await settle(key, faults.pick(2) == 0)
        }
        let result =
            if let body {
                try await store.append(append, running: body)
            } else {
                try await store.append(append)
            }
        if case .stored(let receipt) = result {
            scheduler.mixIn(UInt64(bitPattern: receipt.position))
            signal()
        }
        return result
    }

    /// Appends at some later time, unless the store crashes first, so to speak.
    func appendLater(_ append: StreamAppend, within delay: Duration) {
        let key = scheduler.makeKey()
        state.withLock { $0.late.append((key, append)) }
        _ = scheduler.schedule(
            after: delay,
            Scheduler.Work(executor: executor.key) {
                Task(executorPreference: self.executor) { await self.settle(key, self.faults.pick(8) > 0) }
            }
        )
    }

    private func settle(_ key: Int, _ isStored: Bool) async {
        let append = state.withLock { state -> StreamAppend? in
            guard let index = state.late.firstIndex(where: { $0.key == key }) else { return nil }
            return state.late.remove(at: index).append
        }
        guard let append else { return }
        guard isStored else { return trace.note("store", "the append to \(append.stream) was lost after all") }
        do throws(EventStoreError) {
            let result = try await store.append(append)
            trace.note("store", "the append to \(append.stream) has happened late: \(result)")
            signal()
        } catch {
            trace.note("store", "the append to \(append.stream) has failed late: \(error)")
        }
    }

    /// Signals of commits, for one process.
    func commits(for executor: Int) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.listeners.append((executor, continuation)) }
        continuation.yield()
        return stream
    }

    private func signal() {
        for (executor, listener) in state.withLock({ $0.listeners }) {
            if faults.occurs(.lateWakeUp) {
                let delay = faults.duration(upTo: .seconds(2))
                _ = scheduler.schedule(after: delay, Scheduler.Work(executor: executor) { listener.yield() })
            } else {
                listener.yield()
            }
        }
    }

    /// Ends the signals for a process that is gone.
    func forget(_ executor: Int) {
        let gone = state.withLock { state in
            let gone = state.listeners.filter { $0.executor == executor }
            state.listeners.removeAll { $0.executor == executor }
            return gone
        }
        for listener in gone { listener.continuation.finish() }
    }
}

import Dispatch
import Logging
import Skein
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Group commit: writes that arrive while a transaction is running go into the next one together.
///
/// Each stands for itself: what one of them runs into does not touch the others.
final class WriteQueue: Sendable {
    private struct State {
        var waiting = FIFO<PendingWrite>()
        var isRunning = false
        var isClosed = false
        var closers: [Answer] = []
    }

    private let state = Mutex(State())
    private let writer: Mutex<EventWriter>
    private let queue: DispatchQueue
    private let configuration: SQLiteConfiguration
    private let signals: CommitSignals
    /// Frees everything, once and last.
    private let letGo: Answer

    init(
        _ writer: EventWriter,
        on queue: DispatchQueue,
        configuration: SQLiteConfiguration,
        signals: CommitSignals,
        letGo: @escaping Answer
    ) {
        self.writer = Mutex(writer)
        self.queue = queue
        self.configuration = configuration
        self.signals = signals
        self.letGo = letGo
    }

    func submit(_ write: PendingWrite) {
        enum Admission { case refused(EventStoreError), waits, starts }
        let admission: Admission = state.withLock { state in
            guard !state.isClosed else { return .refused(.storeClosed) }
            guard state.waiting.count < configuration.queueLimit else { return .refused(.queueFull) }
            state.waiting.append(write)
            return Self.start(&state) ? .starts : .waits
        }
        switch admission {
        case .refused(let error): write.fail(error)
        case .waits: break
        case .starts: queue.async { [self] in drain() }
        }
    }

    func refuseFurther() {
        state.withLock { $0.isClosed = true }
    }

    /// Finishes what was accepted, lets go of everything, and then calls the closure.
    func close(_ whenClosed: @escaping Answer) {
        let starts = state.withLock { state in
            state.isClosed = true
            state.closers.append(whenClosed)
            return Self.start(&state)
        }
        if starts { queue.async { [self] in drain() } }
    }

    private static func start(_ state: inout State) -> Bool {
        defer { state.isRunning = true }
        return !state.isRunning
    }

    private func drain() {
        var last = 0
        while let group = nextGroup(after: last) {
            last = group.count
            if !group.isEmpty {
                commit(group, checksFirst: false)
                continue
            }
            letGo()
            let closers = state.withLock { state in
                defer { state.closers = [] }
                return state.closers
            }
            for closer in closers { closer() }
        }
    }

    /// The writes of the next transaction; empty when it is time to let go, nil when there is nothing to do.
    private func nextGroup(after last: Int) -> [PendingWrite]? {
        if last > 1 { letCallersReturn(last) }
        if last > 0 { stayAwake() }
        return state.withLock { state in
            var group: [PendingWrite] = []
            var bytes = 0
            while group.count < configuration.groupLimit, let next = state.waiting.first {
                bytes += next.bytes
                guard group.isEmpty || bytes <= configuration.groupBytes else { break }
                group.append(next)
                _ = state.waiting.popFirst()
            }
            if group.isEmpty, state.closers.isEmpty {
                state.isRunning = false
                return nil
            }
            return group
        }
    }

    /// Gives way as long as that brings in more writes, up to as many as there were in the last group.
    ///
    /// Callers that come back with their next write would else just miss the transaction, and wait for two.
    private func letCallersReturn(_ last: Int) {
        var count = state.withLock { $0.waiting.count }
        while count < last {
            sched_yield()
            let now = state.withLock { $0.waiting.count }
            guard now > count else { return }
            count = now
        }
    }

    /// Keeps the thread for up to a tenth of a millisecond, giving way to others: a lone caller comes back sooner than
    /// that, and waking a sleeping thread up would cost it another 30 µs.
    private func stayAwake() {
        let end = DispatchTime.now().uptimeNanoseconds + 100_000
        while state.withLock({ $0.waiting.count == 0 && $0.closers.isEmpty }),
            DispatchTime.now().uptimeNanoseconds < end
        {
            sched_yield()
        }
    }

    private func commit(_ group: [PendingWrite], checksFirst: Bool) {
        let outcome = writer.withLock { writer in
            writer.connection.perform { transaction(group, in: &writer, checksFirst: checksFirst) }
        }
        switch outcome {
        case .committed(let answers, let storesEvents):
            for answer in answers { answer() }
            if storesEvents { signals.signal() }
        case .failed(let error):
            configuration.logger.warning(
                "a transaction failed",
                metadata: ["writes": "\(group.count)", "error": "\(error)"]
            )
            for write in group { write.fail(error) }
        case .spoilt(let error):
            if !checksFirst {
                commit(group, checksFirst: true)
            } else if group.count > 1 {
                // By halves, so that the others soon have a transaction without the one that failed.
                let half = group.count / 2
                commit(Array(group[..<half]), checksFirst: true)
                commit(Array(group[half...]), checksFirst: true)
            } else {
                configuration.logger.warning("a write failed", metadata: ["error": "\(error)"])
                for write in group { write.fail(error) }
            }
        }
    }

    private enum Outcome {
        case committed([Answer], storesEvents: Bool)
        /// The transaction as such did not work out.
        case failed(EventStoreError)
        /// One of the writes failed half way, and took the transaction with it.
        case spoilt(EventStoreError)
    }

    private func transaction(
        _ group: [PendingWrite],
        in writer: inout EventWriter,
        checksFirst: Bool
    ) -> Outcome {
        var answers: [Answer] = []
        answers.reserveCapacity(group.count)
        do {
            try writer.begin(at: configuration.time.now())
        } catch {
            writer.rollBack()
            return .failed(EventStoreError(sqlite: error))
        }
        for write in group {
            do {
                answers.append(try write.run(&writer, checksFirst))
            } catch let error as EventStoreError {
                answers.append { write.fail(error) }
            } catch {
                writer.rollBack()
                return .spoilt(EventStoreError(sqlite: error))
            }
        }
        do {
            try writer.commit()
        } catch {
            writer.rollBack()
            return .failed(EventStoreError(sqlite: error, during: .committing))
        }
        return .committed(answers, storesEvents: writer.storesEvents)
    }
}

extension EventStoreError {
    static var storeClosed: EventStoreError { EventStoreError(.closed, "the store was closed") }
    static var queueFull: EventStoreError { EventStoreError(.transient, "too many calls wait for the database") }
}

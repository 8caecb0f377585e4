package import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Hands a caller its result; called outside of all locks.
package typealias Reply = @Sendable () -> Void

/// A write that waits for its turn in a ``GroupQueue``.
package protocol QueuedWrite: Sendable {
    /// Roughly what it adds to a transaction.
    var bytes: Int { get }

    /// Tells the caller that it did not work out.
    func fail(_ error: EventStoreError)
}

/// How much a ``GroupQueue`` takes.
package struct GroupLimits: Sendable {
    let writes: Int
    let bytes: Int
    let waiting: Int

    package init(writes: Int, bytes: Int, waiting: Int) {
        self.writes = writes
        self.bytes = bytes
        self.waiting = waiting
    }
}

/// Group commit: writes that arrive while a group is being committed go into the next one together.
package final class GroupQueue<Write: QueuedWrite>: Sendable {
    private struct State {
        var waiting = FIFO<Write>()
        var isRunning = false
        var isClosed = false
        var closers: [Reply] = []
    }

    private let state = Mutex(State())
    private let queue: DispatchQueue
    private let limits: GroupLimits
    private let commit: @Sendable ([Write]) -> Void
    private let letGo: Reply

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - queue: A serial queue, on which everything is called and may block.
    ///   - limits: How much it takes.
    ///   - commit: Writes a group and answers each of its callers.
    ///   - letGo: Frees everything, once and last.
    package init(
        on queue: DispatchQueue,
        limits: GroupLimits,
        commit: @escaping @Sendable ([Write]) -> Void,
        letGo: @escaping Reply
    ) {
        self.queue = queue
        self.limits = limits
        self.commit = commit
        self.letGo = letGo
    }

    package func submit(_ write: Write) {
        let admission: Admission = state.withLock { state in
            guard !state.isClosed else { return .refused(.storeClosed) }
            guard state.waiting.count < limits.waiting else { return .refused(.queueFull) }
            state.waiting.append(write)
            return Self.start(&state) ? .starts : .waits
        }
        switch admission {
        case .refused(let error): write.fail(error)
        case .waits: break
        case .starts: queue.async { [self] in drain() }
        }
    }

    package func refuseFurther() {
        state.withLock { $0.isClosed = true }
    }

    /// Finishes what was accepted, lets go of everything, and then calls the closure.
    package func close(_ whenClosed: @escaping Reply) {
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
                commit(group)
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
    private func nextGroup(after last: Int) -> [Write]? {
        if last > 1 { letCallersReturn(last) }
        if last > 0 { stayAwake() }
        return state.withLock { state in
            var group: [Write] = []
            var bytes = 0
            while group.count < limits.writes, let next = state.waiting.first {
                bytes += next.bytes
                guard group.isEmpty || bytes <= limits.bytes else { break }
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
}

extension EventStoreError {
    package static var storeClosed: EventStoreError { EventStoreError(.closed, "the store was closed") }
    package static var queueFull: EventStoreError {
        EventStoreError(.transient, "too many calls wait for the database")
    }
}

private enum Admission {
    case refused(EventStoreError)
    case waits
    case starts
}

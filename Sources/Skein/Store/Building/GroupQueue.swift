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
    private let commit: @Sendable ([Write], GroupQueue<Write>) -> Int
    private let letGo: Reply

    /// Creates a queue.
    ///
    /// - Parameters:
    ///   - queue: A serial queue, on which everything is called and may block.
    ///   - limits: How much it takes.
    ///   - commit: Writes a group and answers each of its callers. It may take further writes from the queue and go on.
    ///     Returns for how many callers to give way before the next group, as they will come back with their next write.
    ///   - letGo: Frees everything, once and last.
    package init(
        on queue: DispatchQueue,
        limits: GroupLimits,
        commit: @escaping @Sendable ([Write], GroupQueue<Write>) -> Int,
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
        var expected = 0
        while let group = nextGroup(expecting: expected) {
            if !group.isEmpty {
                expected = commit(group, self)
                continue
            }
            expected = 0
            letGo()
            let closers = state.withLock { state in
                defer { state.closers = [] }
                return state.closers
            }
            for closer in closers { closer() }
        }
    }

    /// The writes of the next transaction; empty when it is time to let go, nil when there is nothing to do.
    private func nextGroup(expecting expected: Int) -> [Write]? {
        if expected > 1 { letCallersReturn(expected) }
        if expected > 0 { stayAwake() }
        return state.withLock { state in
            let group = take(from: &state, beside: 0, bytes: 0)
            if group.isEmpty, state.closers.isEmpty {
                state.isRunning = false
                return nil
            }
            return group
        }
    }

    /// Takes out what fits into a transaction beside writes that were taken out before.
    package func takeFurther(beside count: Int, bytes: Int) -> [Write] {
        state.withLock { take(from: &$0, beside: count, bytes: bytes) }
    }

    private func take(from state: inout State, beside count: Int, bytes: Int) -> [Write] {
        var taken: [Write] = []
        var bytes = bytes
        while count + taken.count < limits.writes, let next = state.waiting.first {
            bytes += next.bytes
            guard count + taken.count == 0 || bytes <= limits.bytes else { break }
            taken.append(next)
            _ = state.waiting.popFirst()
        }
        return taken
    }

    /// Gives way as long as that brings in more writes, up to as many as are expected.
    ///
    /// Callers that come back with their next write would else just miss the transaction, and wait for two.
    private func letCallersReturn(_ expected: Int) {
        var count = state.withLock { $0.waiting.count }
        while count < expected {
            sched_yield()
            let now = state.withLock { $0.waiting.count }
            guard now > count else { return }
            count = now
        }
    }

    /// Keeps the thread for up to a tenth of a millisecond: a lone caller comes back sooner than that, and waking a sleeping
    /// thread up would cost it another 30 µs.
    private func stayAwake() {
        BusyWait.wait(atMost: 100_000) { state.withLock { $0.waiting.count > 0 || !$0.closers.isEmpty } }
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

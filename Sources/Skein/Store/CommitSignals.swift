import Synchronization

/// Tells any number of listeners that something was committed; what they miss while busy is merged into one signal.
package final class CommitSignals: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextKey = 0
        var isFinished = false

        /// The same order in every process, which makes a simulated run repeatable.
        var inOrder: [AsyncStream<Void>.Continuation] {
            listeners.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private let state = Mutex(State())
    /// So that a commit that nobody listens for costs next to nothing.
    private let hasListeners = Atomic(false)

    package init() {}

    /// A new listener's signals; the first one comes at once.
    package func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key: Int? = state.withLock { state in
            guard !state.isFinished else { return nil }
            state.nextKey += 1
            state.listeners[state.nextKey] = continuation
            hasListeners.store(true, ordering: .releasing)
            return state.nextKey
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            state.withLock { state in
                state.listeners[key] = nil
                hasListeners.store(!state.listeners.isEmpty, ordering: .releasing)
            }
        }
        continuation.yield()
        return stream
    }

    package func signal() {
        guard hasListeners.load(ordering: .acquiring) else { return }
        // Yielded outside the lock: it may run a listener's continuation.
        let listeners = state.withLock { $0.inOrder }
        for listener in listeners { listener.yield() }
    }

    package func finish() {
        let listeners = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return state.inOrder
        }
        for listener in listeners { listener.finish() }
    }
}

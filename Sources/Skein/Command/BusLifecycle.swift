import Synchronization

/// Counts the commands in progress, and turns new ones away once the bus stops.
final class BusLifecycle: Sendable {
    /// The life of a bus. Each case leads to the next one only.
    private enum Phase {
        /// Commands are taken; ``CommandBus/run()`` has not been called.
        case idle
        /// Commands are taken; ``CommandBus/run()`` is running.
        case running
        /// No more commands are taken; those in progress go on.
        case stopping
        /// Nothing is in progress.
        case stopped
    }

    private struct State {
        var phase = Phase.idle
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// The commands in progress; the top bit is set once the bus stops, so that one step counts and looks.
    private let commands = Atomic<UInt>(0)
    private let state = Mutex(State())

    private static var closed: UInt { 1 << (UInt.bitWidth - 1) }

    /// How many commands are in progress.
    var commandCount: Int { Int(commands.load(ordering: .sequentiallyConsistent) & ~Self.closed) }

    /// Lets a command in; false if the bus stops.
    func enter() -> Bool {
        let before = commands.add(1, ordering: .acquiringAndReleasing).oldValue
        guard before & Self.closed == 0 else {
            leave()
            return false
        }
        return true
    }

    func leave() {
        if commands.subtract(1, ordering: .acquiringAndReleasing).newValue == Self.closed { wake() }
    }

    /// Notes that the bus runs; false if it does or did already.
    func start() -> Bool {
        state.withLock { state in
            guard case .idle = state.phase else { return false }
            state.phase = .running
            return true
        }
    }

    /// Turns new commands away.
    func stop() {
        state.withLock { state in
            if case .stopped = state.phase { return }
            state.phase = .stopping
        }
        commands.bitwiseOr(Self.closed, ordering: .sequentiallyConsistent)
    }

    /// Notes that ``CommandBus/run()`` is over.
    func finish() {
        stop()
        state.withLock { $0.phase = .stopped }
    }

    /// Waits until no command is in progress, or the task is cancelled. For one caller at a time, after ``stop()``.
    func drained() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if commandCount == 0 || Task.isCancelled { return true }
                    state.waiter = continuation
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            wake()
        }
    }

    private func wake() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }
}

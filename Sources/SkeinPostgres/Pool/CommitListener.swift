import Logging
import Skein
import Synchronization

/// Tells this process of other processes' commits, and the others of this one's.
///
/// Notifications are hints and may be lost: the log's end is also looked at from time to time. They are sent from here
/// after the commit, and merged, so that they cost the writer nothing.
final class CommitListener: Sendable {
    private struct State {
        var hasNews = false
        var isStopped = false
        var hasEnded = false
        var closers: [Reply] = []
    }

    /// At most so many notifications are sent in a second, divided into this pause.
    private static let pause: Duration = .milliseconds(2)

    private let source: ConnectionSource
    private let signals: CommitSignals
    private let wakeUp: WakeUp
    private let state = Mutex(State())

    init(_ source: ConnectionSource, _ signals: CommitSignals) throws(PostgresFailure) {
        self.source = source
        self.signals = signals
        wakeUp = try WakeUp()
    }

    func start() throws(PostgresFailure) {
        let hasStarted = OwnThread.start { [self] in
            run()
            let closers = state.withLock { state in
                state.hasEnded = true
                defer { state.closers = [] }
                return state.closers
            }
            for closer in closers { closer() }
        }
        guard hasStarted else { throw .lost("the process may not have another thread") }
    }

    /// Tells other processes that something was committed; returns at once.
    func notifyOthers() {
        state.withLock { $0.hasNews = true }
        wakeUp.signal()
    }

    /// Ends the thread, and then calls the closure.
    func stop(_ whenStopped: @escaping Reply) {
        let hasEnded = state.withLock { state in
            state.isStopped = true
            if !state.hasEnded { state.closers.append(whenStopped) }
            return state.hasEnded
        }
        if hasEnded { whenStopped() } else { wakeUp.signal() }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func run() {
        var failures = 0
        while !isStopped {
            do {
                try listen { failures = 0 }
            } catch {
                guard !isStopped else { return }
                failures += 1
                source.configuration.logger.warning(
                    "no wake-ups from other processes until the connection is back",
                    metadata: ["error": "\(error)"]
                )
                // What was committed meanwhile would else wait for the connection.
                signals.signal()
                wakeUp.wait(orFor: nil, milliseconds: Int32(min(50 << min(failures, 7), 5_000)))
            }
        }
    }

    private func listen(whenConnected: () -> Void) throws {
        let configuration = source.configuration
        let connection = try source.open(until: Deadline(in: configuration.connectTimeout))
        // A notification is a commit of its own, and need not wait for the disk: it is only a hint.
        try connection.run("SET synchronous_commit TO off", until: source.answerDeadline)
        try connection.run("LISTEN \"\(configuration.schema)\"", until: source.answerDeadline)
        whenConnected()
        var head: Int64 = -1
        while !isStopped {
            let nextLook = Deadline(in: configuration.pollInterval)
            let found = try connection.head(until: source.answerDeadline).position
            // Something may have been committed before this connection listened.
            if found != head { signals.signal() }
            head = found
            while !nextLook.hasPassed, !isStopped {
                wakeUp.wait(orFor: connection.socket, milliseconds: nextLook.milliseconds)
                if try connection.takeNotifications() { signals.signal() }
                try sendNews(over: connection)
            }
        }
        try sendNews(over: connection)
    }

    private func sendNews(over connection: PostgresConnection) throws {
        let hasNews = state.withLock { state in
            defer { state.hasNews = false }
            return state.hasNews
        }
        guard hasNews else { return }
        try connection.run("NOTIFY \"\(source.configuration.schema)\"", until: source.answerDeadline)
        if try connection.takeNotifications() { signals.signal() }
        guard !isStopped else { return }
        SocketWait.pause(Self.pause)
    }
}

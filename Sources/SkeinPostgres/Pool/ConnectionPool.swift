import Dispatch
import Skein
import Synchronization

/// The connections for everything but appends: each serves one call at a time, first come, first served.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [PooledConnection]
        var waiting = FIFO<WaitingCall>()
        var isClosed = false
        var closers: [Reply] = []
    }

    private let state: Mutex<State>
    private let connections: [PooledConnection]
    private let configuration: PostgresConfiguration

    init(_ source: ConnectionSource) {
        configuration = source.configuration
        connections = (0..<configuration.connectionCount).map { _ in PooledConnection(source) }
        state = Mutex(State(idle: connections.reversed()))
    }

    /// Runs a call on a connection. If `repeats` is true, a connection that turns out to be broken is replaced once.
    func use<Value: Sendable>(
        for step: PostgresStep,
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws(EventStoreError) -> Value {
        try await withCheckedContinuation { continuation in
            submit(WaitingCall(continuation, step, body))
        }.get()
    }

    private func submit(_ call: WaitingCall) {
        enum Admission { case refused(EventStoreError), waits, starts(PooledConnection) }
        let admission: Admission = state.withLock { state in
            guard !state.isClosed else { return .refused(.storeClosed) }
            if let connection = state.idle.popLast() { return .starts(connection) }
            guard state.waiting.count < configuration.queueLimit else { return .refused(.queueFull) }
            state.waiting.append(call)
            return .waits
        }
        switch admission {
        case .refused(let error): call.refuse(error)
        case .starts(let connection): start(call, on: connection)
        case .waits:
            let wait = configuration.connectionWait
            DispatchQueue.global().asyncAfter(deadline: .now() + wait.interval) {
                call.refuse(EventStoreError(.timeout, "no connection became free within \(wait)"))
            }
        }
    }

    private func start(_ call: WaitingCall, on connection: PooledConnection) {
        connection.queue.async { [self] in
            var next: WaitingCall? = call
            while let call = next {
                let answer = call.run(on: connection)
                next = release(connection)
                answer?()
            }
            closeIfIdle()
        }
    }

    private func release(_ connection: PooledConnection) -> WaitingCall? {
        state.withLock { state in
            if let call = state.waiting.popFirst() { return call }
            state.idle.append(connection)
            return nil
        }
    }

    func refuseFurther() {
        state.withLock { $0.isClosed = true }
    }

    /// Finishes what was accepted, closes the connections, and then calls the closure, on any thread.
    func close(_ whenClosed: @escaping Reply) {
        state.withLock { state in
            state.isClosed = true
            state.closers.append(whenClosed)
        }
        connections.first?.queue.async { [self] in closeIfIdle() }
    }

    private func closeIfIdle() {
        let closers: [Reply] = state.withLock { state in
            guard state.isClosed, state.idle.count == connections.count else { return [] }
            defer { state.closers = [] }
            return state.closers
        }
        guard !closers.isEmpty else { return }
        for connection in connections { connection.close() }
        for closer in closers { closer() }
    }
}

extension Duration {
    fileprivate var interval: DispatchTimeInterval {
        let (seconds, attoseconds) = components
        return .microseconds(Int(clamping: seconds * 1_000_000 + attoseconds / 1_000_000_000_000))
    }
}

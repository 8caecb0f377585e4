import Dispatch
import Skein
import Synchronization

/// Spreads reads over the reading connections, first come, first served; none of them waits for the writer.
final class ReadQueue: Sendable {
    private struct State {
        var idle: [SQLiteConnection]
        var waiting = FIFO<PendingRead>()
        var isClosed = false
        var closers: [Reply] = []
    }

    private let state: Mutex<State>
    private let queue = DispatchQueue(label: "skein.sqlite.readers", attributes: .concurrent)
    private let connections: [SQLiteConnection]
    private let limit: Int

    init(_ connections: [SQLiteConnection], limit: Int) {
        self.connections = connections
        self.limit = limit
        state = Mutex(State(idle: connections))
    }

    func submit(_ read: PendingRead) {
        enum Admission { case refused(EventStoreError), waits, starts(SQLiteConnection) }
        let admission: Admission = state.withLock { state in
            guard !state.isClosed else { return .refused(.storeClosed) }
            if let connection = state.idle.popLast() { return .starts(connection) }
            guard state.waiting.count < limit else { return .refused(.queueFull) }
            state.waiting.append(read)
            return .waits
        }
        switch admission {
        case .refused(let error): read.fail(error)
        case .waits: break
        case .starts(let connection): queue.async { [self] in work(with: connection, on: read) }
        }
    }

    /// Finishes what was accepted, closes the connections, and then calls the closure, on any thread.
    func close(_ whenClosed: @escaping Reply) {
        let isIdle = state.withLock { state in
            state.isClosed = true
            state.closers.append(whenClosed)
            return state.idle.count == connections.count
        }
        if isIdle { queue.async { [self] in closeIfIdle() } }
    }

    private func work(with connection: SQLiteConnection, on read: PendingRead) {
        var next: PendingRead? = read
        while let read = next {
            let answer = read.run(connection)
            next = state.withLock { state in
                if let waiting = state.waiting.popFirst() { return waiting }
                state.idle.append(connection)
                return nil
            }
            answer()
        }
        closeIfIdle()
    }

    private func closeIfIdle() {
        let closers: [Reply] = state.withLock { state in
            guard state.idle.count == connections.count else { return [] }
            defer { state.closers = [] }
            return state.closers
        }
        guard !closers.isEmpty else { return }
        for connection in connections { connection.close() }
        for closer in closers { closer() }
    }
}

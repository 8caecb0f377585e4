import Foundation

/// The proxy's thread.
final class ProxyLoop {
    private let listener: Int32
    private let target: String
    private let control: ProxyControl
    private var connections: [ProxiedConnection] = []

    init(listener: Int32, target: String, _ control: ProxyControl) {
        self.listener = listener
        self.target = target
        self.control = control
        Self.prepare(listener)
    }

    func run() {
        while !control.read({ $0.isStopped }) {
            let stalls = control.read { $0.stalls }
            wait(stalls: stalls)
            closeOnDemand()
        }
        for connection in connections { connection.close(abruptly: true) }
        close(listener)
        let cutting = control.update { state in
            defer { state.cutting = [] }
            return state.cutting
        }
        for (_, done) in cutting { done.resume(returning: 0) }
    }

    /// Waits for something to do and does it.
    private func wait(stalls: Bool) {
        var polled = [
            pollfd(fd: control.wakeUp, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
        ]
        var timeout: Int32 = -1
        if !stalls {
            for connection in connections {
                let interest = connection.interest
                polled.append(pollfd(fd: connection.client, events: interest.client, revents: 0))
                polled.append(pollfd(fd: connection.server, events: interest.server, revents: 0))
            }
            if let due = connections.compactMap(\.due).min() {
                let left = ContinuousClock.now.duration(to: due)
                // What is due already waits for a socket, which the poll tells.
                if left > .zero { timeout = Int32(left / .milliseconds(1)) + 1 }
            }
        }
        guard poll(&polled, nfds_t(polled.count), timeout) >= 0 else { return }
        if polled[0].revents != 0 { control.drainWakeUps() }
        if polled[1].revents != 0 { acceptClient() }
        // It may have been told while this waited.
        guard !stalls, !control.read({ $0.stalls }) else { return }
        let delay = control.read { $0.delay }
        for index in connections.indices where polled.count > 3 + 2 * index {
            let connection = connections[index]
            let (client, server) = (polled[2 + 2 * index].revents, polled[3 + 2 * index].revents)
            control.update { state in
                connection.serve(client: client, server: server, delay: delay, cuts: &state.cuts)
            }
        }
        removeBroken()
    }

    private func removeBroken() {
        var kept: [ProxiedConnection] = []
        for connection in connections {
            guard connection.isBroken else {
                kept.append(connection)
                continue
            }
            // Counted before anybody can notice it.
            let cut = connection.cut
            control.update { state in
                guard let cut else { return }
                state.tally.cuts += 1
                state.tally.statementCuts[cut.moment, default: 0] += 1
            }
            connection.close(abruptly: cut != nil)
        }
        connections = kept
        let count = kept.count
        control.update { $0.openConnections = count }
    }

    private func closeOnDemand() {
        let cutting = control.update { state in
            defer { state.cutting = [] }
            return state.cutting
        }
        for (abruptly, done) in cutting {
            let count = connections.count
            for connection in connections { connection.close(abruptly: abruptly) }
            connections = []
            control.update { state in
                state.tally.cuts += count
                state.openConnections = 0
            }
            done.resume(returning: count)
        }
    }

    private func acceptClient() {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        guard !control.read({ $0.refuses }), let server = connect() else {
            close(client)
            control.update { $0.tally.refusals += 1 }
            return
        }
        Self.prepare(client)
        var one: Int32 = 1
        setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        connections.append(ProxiedConnection(client: client, server: server))
        let count = connections.count
        control.update { state in
            state.tally.connections += 1
            state.openConnections = count
        }
    }

    private func connect() -> Int32? {
        let server = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard server >= 0 else { return nil }
        Self.prepare(server)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array(target.utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { buffer in
            buffer.copyBytes(from: path.prefix(buffer.count - 1))
        }
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                Foundation.connect(server, generic, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        if isConnected { return server }
        close(server)
        return nil
    }

    private static func prepare(_ socket: Int32) {
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    }
}

import Foundation

/// A client's connection and the server's, with what is on the way between them.
final class ProxiedConnection {
    /// The end that a cut has doomed the connection to.
    private enum Doom {
        /// As soon as the server has got all that waits for it, up to this sync.
        case forwarded(sync: Int)
        /// As soon as the server has been ready so often.
        case ready(count: Int)
    }

    let client: Int32
    let server: Int32
    private(set) var isBroken = false
    private(set) var cut: ProxyCut?
    private var toServer = Lane()
    private var toClient = Lane()
    private var requests = RequestStream()
    private var answers = AnswerStream()
    private var syncs = 0
    private var doom: Doom?
    private var hasEnded = false

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    /// What to wait for on the client's socket and on the server's.
    var interest: (client: Int16, server: Int16) {
        let now = ContinuousClock.now
        var client: Int16 = 0
        var server: Int16 = 0
        if !hasEnded {
            if !toServer.isFull { client |= Int16(POLLIN) }
            if !toClient.isFull { server |= Int16(POLLIN) }
        }
        if let due = toServer.due, due <= now { server |= Int16(POLLOUT) }
        if let due = toClient.due, due <= now { client |= Int16(POLLOUT) }
        return (client, server)
    }

    /// When the next bytes may go.
    var due: ContinuousClock.Instant? { [toServer.due, toClient.due].compactMap { $0 }.min() }

    /// Takes what has come and passes on what is due.
    func serve(client: Int16, server: Int16, delay: Duration, cuts: inout [ProxyCut]) {
        let now = ContinuousClock.now
        if client & Int16(POLLIN | POLLHUP | POLLERR) != 0, !hasEnded { takeRequests(due: now + delay, &cuts) }
        if server & Int16(POLLIN | POLLHUP | POLLERR) != 0, !hasEnded { takeAnswers(due: now + delay) }
        guard !isBroken else { return }
        if !toServer.flush(to: self.server, at: now) || !toClient.flush(to: self.client, at: now) { isBroken = true }
        if case .forwarded(let sync) = doom, syncs >= sync, toServer.isEmpty { isBroken = true }
        if hasEnded, toServer.isEmpty, toClient.isEmpty { isBroken = true }
    }

    /// Closes both sockets; abruptly, the client sees a reset.
    func close(abruptly: Bool) {
        if abruptly {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        Foundation.close(client)
        Foundation.close(server)
    }

    private func takeRequests(due: ContinuousClock.Instant, _ cuts: inout [ProxyCut]) {
        guard let bytes = read(client) else { return }
        for found in requests.take(bytes[...]) {
            switch found {
            case .sync: syncs += 1
            case .encryption: answers.singleBytes += 1
            case .statement(let text):
                guard doom == nil, !isBroken, let index = cuts.firstIndex(where: { $0.matches(text) }) else { continue }
                guard cuts[index].skipping == 0 else {
                    cuts[index].skipping -= 1
                    continue
                }
                let cut = cuts.remove(at: index)
                self.cut = cut
                switch cut.moment {
                case .beforeRequest: isBroken = true
                case .afterRequest: doom = .forwarded(sync: syncs + 1)
                case .afterAnswer: doom = .ready(count: syncs + 1)
                }
            }
        }
        if !isBroken { toServer.add(bytes, due: due) }
    }

    private func takeAnswers(due: ContinuousClock.Instant) {
        guard let bytes = read(server) else { return }
        answers.take(bytes[...])
        if case .ready(let count) = doom, answers.ready >= count { isBroken = true }
        if doom == nil { toClient.add(bytes, due: due) }
    }

    private func read(_ socket: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        if count > 0 { return Array(buffer[..<count]) }
        if count == 0 { hasEnded = true } else if errno != EAGAIN, errno != EINTR { isBroken = true }
        return nil
    }
}

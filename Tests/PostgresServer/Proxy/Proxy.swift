import Foundation
import Synchronization

/// Stands between a client and a server's Unix socket, and breaks what goes through it as a test wants.
///
/// It listens on a port of the loopback interface and runs on a thread of its own, until it is let go.
public final class Proxy: Sendable {
    /// What a proxy has seen.
    public struct Tally: Hashable, Sendable {
        /// Connections that were made.
        public var connections = 0
        /// Connections that were refused.
        public var refusals = 0
        /// Connections that were cut, for whatever reason.
        public var cuts = 0
        /// Cuts around statements that took place.
        public var statementCuts: [ProxyCut.Moment: Int] = [:]

        /// Creates a tally.
        public init(connections: Int = 0) {
            self.connections = connections
        }
    }

    /// The port to connect to, on 127.0.0.1.
    public let port: UInt16

    private let control: ProxyControl

    /// Starts to listen.
    public init(to socket: String) throws {
        let (listener, port) = try Self.listen()
        self.port = port
        control = try ProxyControl()
        let control = control
        Thread.detachNewThread { ProxyLoop(listener: listener, target: socket, control).run() }
    }

    deinit { control.change { $0.isStopped = true } }

    /// What was seen until now.
    public var tally: Tally { control.read { $0.tally } }

    /// How many connections there are.
    public var openConnections: Int { control.read { $0.openConnections } }

    /// Breaks all connections and returns how many there were.
    @discardableResult
    public func cutConnections(abruptly: Bool = true) async -> Int {
        await withCheckedContinuation { continuation in
            control.change { $0.cutting.append((abruptly, continuation)) }
        }
    }

    /// Whether connections that come are broken at once.
    public func refuseConnections(_ refuses: Bool) {
        control.change { $0.refuses = refuses }
    }

    /// Holds all bytes back for a while, in both directions.
    public func delay(_ delay: Duration) {
        control.change { $0.delay = delay }
    }

    /// Lets nothing through in either direction and keeps the connections, until it is told otherwise.
    public func stall(_ stalls: Bool) {
        control.change { $0.stalls = stalls }
    }

    /// Breaks the connection that next runs a statement, once.
    public func cut(_ cut: ProxyCut) {
        control.change { $0.cuts.append(cut) }
    }

    /// Forgets the cuts that have not taken place, and delays, stalls and refuses nothing any more.
    public func calm() {
        control.change { state in
            state.cuts = []
            state.delay = .zero
            state.stalls = false
            state.refuses = false
        }
    }

    private static func listen() throws -> (Int32, UInt16) {
        let listener = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw ProgramFailed(description: "no socket: errno \(errno)") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(listener, generic, length) == 0 && Foundation.listen(listener, 128) == 0
                    && getsockname(listener, generic, &length) == 0
            }
        }
        guard isListening else { throw ProgramFailed(description: "cannot listen: errno \(errno)") }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}

/// What the proxy's thread and its users share.
final class ProxyControl: Sendable {
    struct State {
        var tally = Proxy.Tally()
        var openConnections = 0
        var refuses = false
        var stalls = false
        var isStopped = false
        var delay = Duration.zero
        var cuts: [ProxyCut] = []
        var cutting: [(abruptly: Bool, done: CheckedContinuation<Int, Never>)] = []
    }

    /// Readable when something was changed.
    let wakeUp: Int32
    private let waker: Int32
    private let state = Mutex(State())

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw ProgramFailed(description: "no pipe: errno \(errno)") }
        (wakeUp, waker) = (ends[0], ends[1])
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    deinit {
        close(wakeUp)
        close(waker)
    }

    func read<Value>(_ body: (State) -> Value) -> Value { state.withLock { body($0) } }

    /// Changes something and wakes the thread.
    func change(_ body: (inout sending State) -> Void) {
        state.withLock { body(&$0) }
        var byte: UInt8 = 1
        _ = write(waker, &byte, 1)
    }

    /// Changes something on the thread itself.
    func update<Value: Sendable>(_ body: (inout sending State) -> sending Value) -> Value {
        state.withLock { body(&$0) }
    }

    func drainWakeUps() {
        var buffer = [UInt8](repeating: 0, count: 256)
        while Foundation.read(wakeUp, &buffer, buffer.count) > 0 {}
    }
}

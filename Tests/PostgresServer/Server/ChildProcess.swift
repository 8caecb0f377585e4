public import Foundation
import Synchronization

/// A program that runs beside this one. Nothing here blocks Swift's cooperative threads.
///
/// Foundation's `Process` takes a program for running for as long as something that it has started runs, such as a server.
public final class ChildProcess: Sendable {
    private struct State {
        var exit: ProcessExit?
        var waiting: [CheckedContinuation<ProcessExit, Never>] = []
    }

    /// The process's number.
    public let id: pid_t

    private let input: FileHandle
    private let state = Mutex(State())

    /// What the program writes to standard output, line by line. It ends with the program.
    public let lines: AsyncStream<String>

    /// Starts a program. It is told by the end of its standard input when this process ends, however that happens.
    public init(
        _ path: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:]
    ) throws {
        // A program that has ended must not end this one.
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
        let (input, output) = (try Pipe.ends(), try Pipe.ends())
        defer {
            close(input.read)
            close(output.write)
        }
        id = try Self.spawn(path, arguments, environment, input: input.read, output: output.write)
        self.input = FileHandle(fileDescriptor: input.write, closeOnDealloc: true)
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        let handle = FileHandle(fileDescriptor: output.read, closeOnDealloc: true)
        Thread.detachNewThread {
            var rest = Data()
            while let piece = nextPiece(of: handle) {
                rest += piece
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
                    rest = rest[(end + 1)...]
                }
            }
            if !rest.isEmpty { continuation.yield(String(decoding: rest, as: UTF8.self)) }
            continuation.finish()
        }
        Thread.detachNewThread { [self] in
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            ended(status & 0x7F == 0 ? ProcessExit(code: status >> 8 & 0xFF) : ProcessExit(signal: status & 0x7F))
        }
    }

    private static func spawn(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String],
        input: Int32,
        output: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own, so that an interrupt at the keyboard ends this process first; signals as they come.
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        let texts = ([path] + arguments).map { strdup($0) } + [nil]
        let pairs = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in texts + pairs { free(text) } }
        var id: pid_t = 0
        let error = posix_spawn(&id, path, &actions, &attributes, texts, pairs)
        guard error == 0 else { throw ProgramFailed(description: "\(path) could not be started: errno \(error)") }
        return id
    }

    /// Whether the process has not ended yet.
    public var isRunning: Bool { state.withLock { $0.exit == nil } }

    /// Waits until it ends.
    public func exit() async -> ProcessExit {
        await withCheckedContinuation { continuation in
            let exit = state.withLock { state in
                if state.exit == nil { state.waiting.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// Writes a line to its standard input.
    public func send(_ line: String) {
        try? input.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Ends its standard input.
    public func closeInput() {
        try? input.close()
    }

    /// Sends it a signal, unless it has ended.
    public func signal(_ number: Int32) {
        if isRunning { kill(id, number) }
    }

    private func ended(_ exit: ProcessExit) {
        let waiting = state.withLock { state in
            state.exit = exit
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: exit) }
    }
}

/// How a program has ended: with a code or by a signal.
public struct ProcessExit: Hashable, Sendable {
    /// Its exit code.
    public var code: Int32?

    /// The signal that ended it.
    public var signal: Int32?

    /// Creates an exit.
    public init(code: Int32? = nil, signal: Int32? = nil) {
        self.code = code
        self.signal = signal
    }
}

/// What has arrived, waiting if nothing has; nil at the end. `availableData` traps when a signal interrupts it.
private func nextPiece(of handle: FileHandle) -> Data? {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    while true {
        let count = read(handle.fileDescriptor, &bytes, bytes.count)
        if count > 0 { return Data(bytes[..<count]) }
        guard count < 0, errno == EINTR else { return nil }
    }
}

extension Pipe {
    /// The ends of a pipe that no other program gets by accident.
    fileprivate static func ends() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw ProgramFailed(description: "no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}

/// A program that did not do what it should.
public struct ProgramFailed: Error, CustomStringConvertible {
    /// What went wrong, with the program's output.
    public let description: String
}

extension ChildProcess {
    /// Runs a program to its end and returns what it has written; both outputs are merged. It must end with 0.
    @discardableResult
    public static func run(
        _ path: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        folder: URL? = nil
    ) async throws -> String {
        let script = "cd \"$1\" && shift && exec \"$@\" 2>&1 </dev/null"
        let shell = ["-c", script, "sh", folder?.path ?? "/", path] + arguments
        let child = try ChildProcess("/bin/sh", shell, environment: environment)
        var output: [String] = []
        for await line in child.lines { output.append(line) }
        let exit = await child.exit()
        let text = output.joined(separator: "\n")
        guard exit.code == 0 else {
            throw ProgramFailed(description: "\(path) \(arguments) ended with \(exit): \(text)")
        }
        return text
    }
}

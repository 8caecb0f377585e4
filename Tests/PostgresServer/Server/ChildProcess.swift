public import Foundation
import Synchronization

/// A program that runs beside this one. Nothing here blocks Swift's cooperative threads.
public final class ChildProcess: Sendable {
    private struct State {
        var exit: ProcessExit?
        var waiting: [CheckedContinuation<ProcessExit, Never>] = []
    }

    private let process: Process
    private let input: Pipe
    private let state: Mutex<State>

    /// What the program writes to standard output, line by line. It ends with the program.
    public let lines: AsyncStream<String>

    /// Starts a program. It is told by the end of its standard input when this process ends, however that happens.
    public init(
        _ path: String,
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        folder: URL? = nil,
        errors: FileHandle? = nil
    ) throws {
        // A program that has ended must not end this one.
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
        process = Process()
        input = Pipe()
        state = Mutex(State())
        let output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
        process.currentDirectoryURL = folder
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors ?? FileHandle.standardError
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        process.terminationHandler = { [weak self] process in
            let exit = ProcessExit(
                code: process.terminationReason == .exit ? process.terminationStatus : nil,
                signal: process.terminationReason == .exit ? nil : process.terminationStatus
            )
            self?.ended(exit)
        }
        try process.run()
        // Only the program is to hold this end, so that reading ends with it.
        try? output.fileHandleForWriting.close()
        let handle = output.fileHandleForReading
        Thread.detachNewThread {
            var rest = Data()
            while case let piece = handle.availableData, !piece.isEmpty {
                rest += piece
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
                    rest = rest[(end + 1)...]
                }
            }
            if !rest.isEmpty { continuation.yield(String(decoding: rest, as: UTF8.self)) }
            continuation.finish()
        }
    }

    /// The process's number.
    public var id: Int32 { process.processIdentifier }

    /// Whether it has not ended yet.
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
        try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Ends its standard input.
    public func closeInput() {
        try? input.fileHandleForWriting.close()
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
        let shell = ["-c", "exec \"$@\" 2>&1 </dev/null", "sh", path] + arguments
        let child = try ChildProcess("/bin/sh", shell, environment: environment, folder: folder)
        var output: [String] = []
        for await line in child.lines { output.append(line) }
        let exit = await child.exit()
        let text = output.joined(separator: "\n")
        guard exit.code == 0 else { throw ProgramFailed(description: "\(path) \(arguments) ended with \(exit): \(text)") }
        return text
    }
}

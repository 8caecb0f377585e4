import ArgumentParser
import Foundation
import Skein
import SkeinPostgres
import Synchronization

/// A further process of a measurement, which this program starts as itself.
struct BenchChildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-child", shouldDisplay: false)

    enum Role: String, ExpressibleByArgument, Sendable {
        case send, handle
    }

    @Argument var role: Role
    @Option var store: String
    @Option var schema: String
    @Option var senders = 1
    @Option var seconds: Double = 1

    @concurrent
    func run() async throws {
        let store = try await BenchSchema(server: BenchServer(connection: store), name: schema).store()
        switch role {
        case .send:
            let senders = try await PostgresSenders(store, aggregates: "tally-\(getpid())", count: 1_000)
            try Self.emit("ready")
            _ = readLine()
            try Self.emit("\(try await senders.send(from: self.senders, seconds: seconds).value)")
        case .handle:
            try await handle(store)
        }
        await store.close()
    }

    /// Says of each event when it was handled, until standard input ends.
    private func handle(_ store: some EventStore) async throws {
        let bus = CommandBus(store: store) {
            Subscription("bench-child", HandlingClock(), durability: .ephemeral)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            try Self.emit("ready")
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    while readLine() != nil {}
                    continuation.resume()
                }
            }
            group.cancelAll()
        }
    }

    static func emit(_ line: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }
}

private struct HandlingClock: EventHandler {
    func handle(_ event: RecordedEvent<Tally>) async throws {
        let now = DispatchTime.now().uptimeNanoseconds
        try BenchChildCommand.emit("\(event.position) \(now)")
    }
}

/// A child of this process that runs ``BenchChildCommand``.
final class BenchChild: Sendable {
    private let process: Mutex<Process>
    private let input: FileHandle
    private let lines: AsyncStream<String>

    init(_ role: BenchChildCommand.Role, _ schema: BenchSchema, senders: Int = 1, seconds: Double = 1) throws {
        let process = Process()
        process.executableURL = try Self.ownProgram
        process.arguments = [
            "bench-child", role.rawValue, "--store", schema.server.connection, "--schema", schema.name,
            "--senders", "\(senders)", "--seconds", "\(seconds)",
        ]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        self.input = input.fileHandleForWriting
        try process.run()
        let reader = output.fileHandleForReading
        Thread.detachNewThread {
            var rest = Data()
            while case let piece = reader.availableData, !piece.isEmpty {
                rest += piece
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
                    rest = rest[(end + 1)...]
                }
            }
            continuation.finish()
        }
        self.process = Mutex(process)
    }

    private static var ownProgram: URL {
        get throws {
            guard let url = Bundle.main.executableURL else {
                throw LibpqFailure(description: "the path to this program is unknown")
            }
            return url
        }
    }

    /// Lets it begin.
    func start() throws { try input.write(contentsOf: Data("\n".utf8)) }

    /// Lets it end.
    func finish() throws { try input.close() }

    /// What it says, line by line; one reader at a time.
    func makeLines() -> AsyncStream<String>.Iterator { lines.makeAsyncIterator() }

    func waitUntilEnd() async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [self] in
                process.withLock { $0.waitUntilExit() }
                continuation.resume()
            }
        }
    }
}

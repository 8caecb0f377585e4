import Foundation
import Skein
import SkeinTesting
import Synchronization

/// Writes a history as it is made: what was written survives the death of the process.
final class HistoryFile: Sendable {
    private let file: FileHandle

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
        file = try FileHandle(forWritingTo: URL(filePath: path))
    }

    func write(_ entry: History.Entry) {
        try? file.write(contentsOf: Data(entry.jsonLine.utf8))
    }

    /// Reads a file, of which the last line may have been cut off.
    static func read(_ path: String) throws -> History {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let end = text.lastIndex(of: "\n") ?? text.startIndex
        return try History(jsonLines: text[..<end])
    }
}

/// The clocks of the machine, the same for all processes on it.
struct MachineTime: TimeSource {
    private let system = SystemTime()

    func now() -> Timestamp { system.now() }

    func uptime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    func sleep(for duration: Duration) async throws { try await system.sleep(for: duration) }
}

extension RuntimeEnvironment {
    /// What a process of a run uses: histories of several processes can be put in one order.
    static var machine: RuntimeEnvironment {
        var environment = RuntimeEnvironment.system
        environment.time = MachineTime()
        return environment
    }
}

extension History {
    /// The histories of several processes of one machine as one, in the order of their clock.
    init(merging histories: [History]) {
        var all: [(entry: Entry, process: Int)] = []
        var offset = 0
        for (process, history) in histories.enumerated() {
            var highest = 0
            for var entry in history.entries {
                switch entry.observation {
                case .invoked(let operation, let call):
                    highest = max(highest, operation)
                    entry.observation = .invoked(operation: offset + operation, call)
                case .completed(let operation, let answer):
                    entry.observation = .completed(operation: offset + operation, answer)
                default: break
                }
                all.append((entry, process))
            }
            offset += highest
        }
        all.sort { ($0.entry.time, $0.process, $0.entry.sequence) < ($1.entry.time, $1.process, $1.entry.sequence) }
        self.init()
        for (index, var item) in all.enumerated() {
            item.entry.sequence = index + 1
            entries.append(item.entry)
        }
    }
}

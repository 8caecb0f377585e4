import Foundation
import PostgresServer
import Synchronization

/// A worker process as the controller sees it.
final class Worker: Sendable {
    let slot: Int
    let node: String
    let history: String
    let child: ChildProcess
    private let heard = Mutex<[String]>([])
    private let listening = Mutex<Task<Void, Never>?>(nil)

    init(slot: Int, node: String, folder: String, connection: String, seed: UInt64, keepsEntries: Bool) throws {
        self.slot = slot
        self.node = node
        history = "\(folder)/\(node).jsonl"
        guard let program = Bundle.main.executablePath else { throw CocoaError(.executableNotLoadable) }
        child = try ChildProcess(
            program,
            [
                "worker", connection, "--node", node, "--history", history, "--seed", "\(seed)", "--slot", "\(slot)",
            ] + (keepsEntries ? ["--keeps-entries"] : [])
        )
        listening.withLock { task in
            task = Task { [weak self, lines = child.lines] in
                for await line in lines { self?.heard.withLock { $0.append(line) } }
            }
        }
    }

    /// What the worker complains about.
    var complaints: [String] {
        heard.withLock { lines in lines.filter { !["ready", "drained", "stopped"].contains($0) } }
    }

    /// Waits until it has said something; false if it has ended or the time has passed.
    func wait(for line: String, within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while !heard.withLock({ $0.contains(line) }) {
            guard child.isRunning, ContinuousClock.now < end else { return heard.withLock { $0.contains(line) } }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return true
    }
}

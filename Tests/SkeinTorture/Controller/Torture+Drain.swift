import Foundation
import PostgresServer
import Skein
import SkeinPostgres
import SkeinTesting

extension Torture {
    /// Ends the faults, lets everything come to rest, and stops the workers.
    func drain() async throws {
        for proxy in proxies { proxy.calm() }
        for worker in workers {
            worker.child.signal(SIGCONT)
            worker.child.send("drain")
        }
        for worker in workers where await !worker.wait(for: "drained", within: .seconds(60)) {
            problems.append("\(worker.node) did not drain: \(worker.complaints)")
        }
        try await settle()
        if try await !subscriptionsAreThrough(within: .seconds(60)) {
            problems.append("a subscription did not come to the end of the log")
        }
        for worker in workers {
            worker.child.send("stop")
            if await !worker.wait(for: "stopped", within: .seconds(30)) {
                problems.append("\(worker.node) did not stop: \(worker.complaints)")
                worker.child.signal(SIGKILL)
            }
            let exit = await worker.child.exit()
            if exit.code != 0 { problems.append("\(worker.node) ended with \(exit): \(worker.complaints)") }
            remove(worker)
        }
    }

    /// Sends again what dead workers have left without an answer: then every command is carried out or was turned down.
    private func settle() async throws {
        let store = try await openStore()
        let bus = recorder.recording(makeBus(store), as: "controller/settling")
        let histories = try (workers + finished).map { try HistoryFile.read($0.history) }
        for call in Self.unanswered(in: histories) {
            let command = try JSONDecoder().decode(Account.Command.self, from: Data(call.command.text.utf8))
            do {
                try await bus.send(command, to: Account.ID(call.stream.id), options: CommandOptions(id: call.id))
            } catch {
                guard case .rejected = error else {
                    problems.append("a command without an answer could not be settled: \(error)")
                    continue
                }
            }
        }
        await store.close()
    }

    /// The commands of which nobody has heard what they came to, in the order in which they were first sent.
    private static func unanswered(in histories: [History]) -> [History.CommandCall] {
        var calls: [CommandID: History.CommandCall] = [:]
        var order: [CommandID] = []
        var known: Set<CommandID> = []
        for history in histories {
            var ids: [Int: CommandID] = [:]
            for entry in history.entries {
                switch entry.observation {
                case .invoked(let operation, .command(let call)):
                    guard let id = call.id, call.expected == .any else { continue }
                    ids[operation] = id
                    if calls.updateValue(call, forKey: id) == nil { order.append(id) }
                case .completed(let operation, .acknowledged), .completed(let operation, .rejected):
                    if let id = ids[operation] { known.insert(id) }
                default: break
                }
            }
        }
        return order.filter { !known.contains($0) }.compactMap { calls[$0] }
    }

    private func subscriptionsAreThrough(within limit: Duration) async throws -> Bool {
        let session = try await server.session(to: database)
        let names = proxies.indices.map(Bank.subscription) + [AccountTotals().name]
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        let isThrough = try await session.wait(
            until: """
                (SELECT count(*) FROM skein.checkpoints WHERE subscription IN (\(list))
                    AND position = (SELECT max(position) FROM skein.events)) = \(names.count)
                """,
            within: limit
        )
        if !isThrough {
            let rows = try await session.run("SELECT subscription, position, epoch FROM skein.checkpoints")
            let head = try await session.value("SELECT max(position) FROM skein.events") ?? ""
            problems.append("checkpoints: \(rows), head: \(head)")
        }
        await session.close()
        return isThrough
    }
}

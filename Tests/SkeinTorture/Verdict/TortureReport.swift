import Foundation
import Skein
import SkeinTesting

/// What a run came to.
struct TortureReport: Codable {
    struct FaultCount: Codable {
        var injected = 0
        var hits = 0
    }

    struct Commands: Codable {
        /// Sends, repetitions included.
        var sends = 0
        /// Ids among them.
        var distinct = 0
        var acknowledged = 0
        var rejected = 0
        var failed = 0
        var unknown = 0
        /// Sends whose process was killed before it heard anything.
        var unanswered = 0
    }

    struct Unknown: Codable {
        /// Appends of which a store said that it does not know what became of them.
        var appends = 0
        /// Of these, the repetition found them stored.
        var appendsStored = 0
        /// Of these, the repetition found them not stored.
        var appendsNotStored = 0
        /// Ids of commands that some sender was not told the outcome of.
        var commands = 0
        /// Of these, what the tables say.
        var commandsStored = 0
        var commandsNotStored = 0
    }

    var seed: UInt64
    var seconds: Double
    var faults: [String: FaultCount]
    var events: Int
    var commands = Commands()
    var unknown = Unknown()
    var deliveries = 0
    var redeliveries = 0
    /// How many forgeries the checker has noticed, of how many.
    var forgeriesNoticed = 0
    var forgeries = 0
    var violations: [String]

    var isClean: Bool { violations.isEmpty }

    var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    var text: String {
        var lines = ["seed \(seed), \(Int(seconds)) s"]
        lines += faults.sorted { $0.key < $1.key }.map { name, count in
            "  \(name): \(count.injected) times, hit \(count.hits)"
        }
        lines.append(
            """
            commands: \(commands.sends) sends of \(commands.distinct) commands; \(commands.acknowledged) acknowledged, \
            \(commands.rejected) rejected, \(commands.failed) failed, \(commands.unknown) unknown, \
            \(commands.unanswered) without an answer
            events: \(events); deliveries: \(deliveries), \(redeliveries) of them again
            unknown appends: \(unknown.appends), of which \(unknown.appendsStored) turned out to be stored and \
            \(unknown.appendsNotStored) not stored; the others' processes were killed or told their senders
            unknown commands: \(unknown.commands), of which the tables have \(unknown.commandsStored) and lack \
            \(unknown.commandsNotStored)
            forgeries noticed by the checker: \(forgeriesNoticed) of \(forgeries)
            """
        )
        lines.append(isClean ? "Nothing lost, nothing twice, no gaps." : "\(violations.count) violations:")
        lines += violations.prefix(50).map { "  \($0)" }
        return lines.joined(separator: "\n")
    }

    /// Counts what clients and subscribers saw.
    mutating func count(_ history: History, _ tables: RawTables) {
        var open: [Int: CommandID] = [:]
        var distinct: Set<CommandID> = []
        var uncertain: Set<CommandID> = []
        var delivered: Set<History.Delivery> = []
        for entry in history.entries {
            switch entry.observation {
            case .invoked(let operation, .command(let call)):
                commands.sends += 1
                open[operation] = call.id
                if let id = call.id { distinct.insert(id) }
            case .completed(let operation, let answer):
                guard let id = open.removeValue(forKey: operation) else { continue }
                switch answer {
                case .acknowledged: commands.acknowledged += 1
                case .rejected: commands.rejected += 1
                case .failed: commands.failed += 1
                case .unknown:
                    commands.unknown += 1
                    uncertain.insert(id)
                case .state, .outcome: break
                }
            case .delivered(let delivery):
                deliveries += 1
                if !delivered.insert(delivery).inserted { redeliveries += 1 }
            case .noted(let text):
                if text.hasPrefix(UnknownNote.unknown.rawValue) { unknown.appends += 1 }
                if text == UnknownNote.stored.rawValue { unknown.appendsStored += 1 }
                if text == UnknownNote.notStored.rawValue { unknown.appendsNotStored += 1 }
            default: break
            }
        }
        commands.distinct = distinct.count
        commands.unanswered = open.count
        uncertain.formUnion(open.values)
        unknown.commands = uncertain.count
        unknown.commandsStored = uncertain.count { tables.commands.contains($0) }
        unknown.commandsNotStored = unknown.commands - unknown.commandsStored
    }
}

import PostgresServer
import Skein
import SkeinTesting

/// What is in the tables, read with plain SQL and past the framework.
struct RawTables {
    /// All events in the order of their positions.
    let log: [StoredEvent]

    /// The commands of which the tables know an outcome.
    let commands: Set<CommandID>

    /// What is wrong with the tables alone.
    let problems: [String]

    static func read(from session: PostgresSession, withEntries: Bool) async throws -> RawTables {
        let rows = try await session.run(
            """
            SELECT position, aggregate, aggregate_id, version, id, name, schema_version, encode(payload, 'hex'),
                   command, fingerprint
            FROM skein.events ORDER BY position
            """
        )
        let log = try rows.map(event)
        var commands = Set(log.map(\.commandID))
        for row in try await session.run("SELECT id FROM skein.commands") {
            if let id = row[0].flatMap({ CommandID($0) }) { commands.insert(id) }
        }
        var problems: [String] = []
        for (rule, query) in rules + ReadModelRules.all(withEntries: withEntries) {
            let broken = try await session.run(query)
            guard !broken.isEmpty else { continue }
            problems.append("\(rule): \(broken.prefix(5).map { $0.map { $0 ?? "null" }.joined(separator: " ") })")
        }
        return RawTables(log: log, commands: commands, problems: problems)
    }

    private static func event(_ row: [String?]) throws -> StoredEvent {
        guard let position = row[0].flatMap({ Int64($0) }), let aggregate = row[1], let id = row[2],
            let version = row[3].flatMap({ Int64($0) }), let event = row[4].flatMap({ EventID($0) }),
            let name = row[5], let schemaVersion = row[6].flatMap({ Int($0) }), let payload = row[7],
            let command = row[8].flatMap({ CommandID($0) }), let fingerprint = row[9].flatMap({ Int64($0) })
        else { throw UnreadableRow(row: row) }
        return StoredEvent(
            position: position,
            stream: StreamID(aggregate: aggregate, id: id),
            version: version,
            id: event,
            name: name,
            schemaVersion: schemaVersion,
            payload: bytes(ofHex: payload),
            metadata: EventMetadata(),
            commandID: command,
            commandFingerprint: UInt64(bitPattern: fingerprint),
            recordedAt: Timestamp(microseconds: 0)
        )
    }

    private static func bytes(ofHex text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var digits = text.utf8.makeIterator()
        while let high = digits.next(), let low = digits.next() {
            let value = [high, low].map { $0 > 0x39 ? $0 - 0x57 : $0 - 0x30 }
            bytes.append(value[0] << 4 | value[1])
        }
        return bytes
    }

    /// What must have no rows. In a run each command that stores something stores one event.
    private static let rules = [
        "positions are 1, 2, 3 …": """
        SELECT position, place FROM (SELECT position, row_number() OVER (ORDER BY position) AS place FROM skein.events) e
        WHERE position <> place
        """,
        "versions are 1, 2, 3 …": """
        SELECT aggregate_id, version, place FROM (
            SELECT aggregate_id, version,
                   row_number() OVER (PARTITION BY aggregate, aggregate_id ORDER BY version) AS place
            FROM skein.events) e
        WHERE version <> place
        """,
        "versions rise with positions": """
        SELECT a.position, b.position FROM skein.events a JOIN skein.events b
            ON a.aggregate = b.aggregate AND a.aggregate_id = b.aggregate_id AND a.version = b.version - 1
        WHERE a.position > b.position
        """,
        "a command stores its event once": """
        SELECT command, count(*) FROM skein.events GROUP BY command HAVING count(*) > 1
        """,
        "a command that stored nothing has no event": """
        SELECT c.id FROM skein.commands c JOIN skein.events e ON e.command = c.id WHERE c.events = 0
        """,
        "the head is not written, for nothing was deleted": """
        SELECT position, deletions FROM skein.head WHERE position <> 0 OR deletions <> 0
        """,
        "no connection is left": """
        SELECT pid, state, query FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
        """,
    ].sorted { $0.key < $1.key }
}

/// A row that is no event.
struct UnreadableRow: Error {
    let row: [String?]
}

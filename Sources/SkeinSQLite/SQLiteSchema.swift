import GRDB
import Skein

/// The tables, and how they came to be.
///
/// A migration that was released never changes; a further one is added.
enum SQLiteSchema {
    /// Number 1 is the first.
    private static let migrations = [firstVersion, secondVersion]

    /// Brings the schema up to date; the caller's transaction keeps every other program from doing the same.
    static func migrate(_ database: Database) throws {
        let found = try version(in: database)
        guard found <= migrations.count else {
            throw EventStoreError(
                .newerSchema(found: found, supported: migrations.count),
                "the schema has version \(found), this program knows \(migrations.count); update the program"
            )
        }
        for (number, sql) in zip(1..., migrations) where number > found {
            try database.execute(sql: sql)
            try database.execute(sql: "INSERT INTO skein_schema (version) VALUES (?)", arguments: [number])
        }
    }

    private static func version(in database: Database) throws -> Int {
        let table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'skein_schema'"
        guard try Int.fetchOne(database, sql: table) != nil else { return 0 }
        return try Int.fetchOne(database, sql: "SELECT max(version) FROM skein_schema") ?? 0
    }

    private static let firstVersion = """
        -- The migrations that were carried out.
        CREATE TABLE skein_schema (
            version INTEGER PRIMARY KEY,
            migrated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
        ) STRICT;

        -- One row. Written only when events are deleted for good: appends need not write it, for the log's end is the
        -- last event's position, or this one if it is higher.
        CREATE TABLE skein_head (
            row INTEGER PRIMARY KEY CHECK (row = 1),
            position INTEGER NOT NULL,  -- no event will get this position or a lower one
            deleting INTEGER            -- the stream that is just being deleted for good
        ) STRICT;
        INSERT INTO skein_head (row, position) VALUES (1, 0);

        CREATE TABLE skein_streams (
            key INTEGER PRIMARY KEY,    -- the position of the stream's first event, so it is never used twice
            aggregate TEXT NOT NULL,
            aggregate_id TEXT NOT NULL,
            deleted INTEGER NOT NULL DEFAULT 0,  -- 1: softly
            UNIQUE (aggregate_id, aggregate)
        ) STRICT;

        -- Every event, in commit order. The long columns come last: who looks at the first does not read the others.
        CREATE TABLE skein_events (
            position INTEGER PRIMARY KEY,
            stream INTEGER NOT NULL,          -- skein_streams.key
            version INTEGER NOT NULL,         -- 1, 2, 3 … in its stream
            name TEXT NOT NULL,               -- of the event's type
            schema_version INTEGER NOT NULL,  -- of the payload
            recorded_at INTEGER NOT NULL,     -- microseconds since 1970
            fingerprint INTEGER NOT NULL,     -- the 64 bits as a signed number
            id BLOB NOT NULL,                 -- 16 bytes, as all ids
            command BLOB NOT NULL,
            correlation BLOB,
            causation BLOB,
            metadata TEXT,                    -- the other entries as a JSON object; NULL for none
            payload BLOB NOT NULL             -- byte for byte as it was written, mostly JSON
        ) STRICT;
        CREATE UNIQUE INDEX skein_events_by_stream ON skein_events (stream, version);
        CREATE UNIQUE INDEX skein_events_by_id ON skein_events (id);

        CREATE TRIGGER skein_events_are_not_changed BEFORE UPDATE ON skein_events
        BEGIN
            SELECT RAISE(ABORT, 'events are never changed');
        END;
        CREATE TRIGGER skein_events_are_not_deleted BEFORE DELETE ON skein_events
        WHEN OLD.stream IS NOT (SELECT deleting FROM skein_head)
        BEGIN
            SELECT RAISE(ABORT, 'events are deleted by the store only');
        END;

        -- Outcomes of commands that cannot be told from an event's id.
        CREATE TABLE skein_commands (
            id BLOB PRIMARY KEY,
            aggregate TEXT NOT NULL,
            aggregate_id TEXT NOT NULL,
            fingerprint INTEGER NOT NULL,
            version INTEGER NOT NULL,
            position INTEGER NOT NULL,
            recorded_at INTEGER NOT NULL,
            events INTEGER NOT NULL,  -- how many, the last of them at the position
            rejection BLOB            -- NULL if the command was fine
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX skein_commands_by_stream ON skein_commands (aggregate_id, aggregate);

        CREATE TABLE skein_snapshots (
            aggregate_id TEXT NOT NULL,
            aggregate TEXT NOT NULL,
            version INTEGER NOT NULL,
            shape_version INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            payload BLOB NOT NULL,
            PRIMARY KEY (aggregate_id, aggregate)
        ) STRICT;

        CREATE TABLE skein_checkpoints (
            subscription TEXT PRIMARY KEY,
            position INTEGER NOT NULL,
            epoch INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- The log for people: ids as UUIDs, times as ISO 8601, payloads as text.
        CREATE VIEW skein_log AS
        SELECT
            e.position, s.aggregate, s.aggregate_id, e.version, e.name, e.schema_version,
            CAST(e.payload AS TEXT) AS payload, e.metadata,
            \(time("e.recorded_at")) AS recorded_at,
            \(uuid("e.id")) AS id, \(uuid("e.command")) AS command,
            \(uuid("e.correlation")) AS correlation, \(uuid("e.causation")) AS causation
        FROM skein_events AS e JOIN skein_streams AS s ON s.key = e.stream;
        """

    private static let secondVersion = """
        -- Who has a lease on the checkpoint; NULL if the last one was released, or there was none. When it ends is known to
        -- the process that hosts the database: an owner from before it was opened has died with its process.
        ALTER TABLE skein_checkpoints ADD COLUMN owner TEXT;

        -- What subscriptions keep beside their checkpoints.
        CREATE TABLE skein_notes (
            subscription TEXT NOT NULL,
            topic TEXT NOT NULL,
            key INTEGER NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (subscription, topic, key)
        ) STRICT, WITHOUT ROWID;
        """

    private static func uuid(_ column: String) -> String {
        let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)]
        let text = parts.map { "substr(hex(\(column)), \($0), \($1))" }.joined(separator: " || '-' || ")
        return "CASE WHEN \(column) IS NOT NULL THEN lower(\(text)) END"
    }

    private static func time(_ column: String) -> String {
        // Rounded down also before 1970.
        let fraction = "((\(column) % 1000000 + 1000000) % 1000000)"
        let seconds = "(\(column) - \(fraction)) / 1000000"
        return "strftime('%Y-%m-%dT%H:%M:%S', \(seconds), 'unixepoch') || printf('.%06dZ', \(fraction))"
    }
}

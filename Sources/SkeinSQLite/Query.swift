/// The statements that are prepared once for each connection.
enum Query: Int, CaseIterable {
    case begin, beginWriting, commit, rollback
    case savepoint, rollBackToSavepoint, releaseSavepoint
    case head, keepHead, markDeleting
    case stream, streamName, insertStream, deleteStreamSoftly, deleteStream
    case streamForward, streamBackward, logForward, logBackward
    case insertEvent, eventByID, hasEvent, deleteEvents
    case command, hasCommands, insertCommand, deleteCommands
    case snapshot, saveSnapshot, deleteSnapshot
    case checkpoint, claimCheckpoint, moveCheckpoint, deleteCheckpoint
    case leaseOwner, latestLease, releaseLease
    case notes, keepNote, dropNote, dropNotes

    /// The columns of an event, in the order in which ``EventRow`` reads them.
    private static let event = """
        SELECT position, stream, version, name, schema_version, recorded_at, fingerprint,
            id, command, correlation, causation, metadata, payload
        FROM skein_events
        """

    var sql: String {
        switch self {
        case .begin: "BEGIN"
        case .beginWriting: "BEGIN IMMEDIATE"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .savepoint: "SAVEPOINT skein"
        case .rollBackToSavepoint: "ROLLBACK TO skein"
        case .releaseSavepoint: "RELEASE skein"
        case .head:
            """
            SELECT CASE WHEN position >= 0
                THEN max(position, (SELECT coalesce(max(position), 0) FROM skein_events)) END
            FROM skein_head
            """
        case .keepHead: "UPDATE skein_head SET position = ?"
        case .markDeleting: "UPDATE skein_head SET deleting = ?"
        case .stream:
            """
            SELECT key, deleted, coalesce((SELECT max(version) FROM skein_events WHERE stream = key), 0)
            FROM skein_streams WHERE aggregate_id = ? AND aggregate = ?
            """
        case .streamName: "SELECT aggregate, aggregate_id FROM skein_streams WHERE key = ?"
        case .insertStream: "INSERT INTO skein_streams (key, aggregate, aggregate_id) VALUES (?, ?, ?)"
        case .deleteStreamSoftly: "UPDATE skein_streams SET deleted = 1 WHERE key = ?"
        case .deleteStream: "DELETE FROM skein_streams WHERE key = ?"
        case .streamForward: "\(Self.event) WHERE stream = ? AND version >= ? ORDER BY version LIMIT ?"
        case .streamBackward: "\(Self.event) WHERE stream = ? AND version <= ? ORDER BY version DESC LIMIT ?"
        case .logForward: "\(Self.event) WHERE position > ? ORDER BY position LIMIT ?"
        case .logBackward: "\(Self.event) WHERE position < ? ORDER BY position DESC LIMIT ?"
        case .insertEvent: "INSERT INTO skein_events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        case .eventByID: "\(Self.event) WHERE id = ?"
        case .hasEvent: "SELECT 1 FROM skein_events WHERE id = ?"
        case .deleteEvents: "DELETE FROM skein_events WHERE stream = ?"
        case .command:
            """
            SELECT aggregate, aggregate_id, fingerprint, version, position, recorded_at, events, rejection
            FROM skein_commands WHERE id = ?
            """
        case .hasCommands: "SELECT EXISTS (SELECT 1 FROM skein_commands)"
        case .insertCommand: "INSERT INTO skein_commands VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        case .deleteCommands: "DELETE FROM skein_commands WHERE aggregate_id = ? AND aggregate = ?"
        case .snapshot:
            """
            SELECT version, shape_version, checksum, payload FROM skein_snapshots
            WHERE aggregate_id = ? AND aggregate = ?
            """
        case .saveSnapshot:
            """
            INSERT INTO skein_snapshots (aggregate_id, aggregate, version, shape_version, checksum, payload)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET version = excluded.version, shape_version = excluded.shape_version,
                checksum = excluded.checksum, payload = excluded.payload
            WHERE NOT (shape_version = excluded.shape_version AND version > excluded.version)
            """
        case .deleteSnapshot: "DELETE FROM skein_snapshots WHERE aggregate_id = ? AND aggregate = ?"
        case .checkpoint:
            "SELECT position, epoch FROM skein_checkpoints WHERE subscription = ? AND position >= 0"
        case .claimCheckpoint:
            """
            INSERT INTO skein_checkpoints (subscription, position, epoch, owner) VALUES (?, 0, 1, ?)
            ON CONFLICT DO UPDATE SET epoch = epoch + 1, position = max(position, 0), owner = excluded.owner
            RETURNING position, epoch
            """
        case .moveCheckpoint:
            """
            UPDATE skein_checkpoints SET position = ?
            WHERE subscription = ? AND position = ? AND epoch = ? AND position >= 0
            RETURNING position
            """
        // The row stays at a position that no checkpoint has, so that its epochs are not given again.
        case .deleteCheckpoint: "UPDATE skein_checkpoints SET position = -1, owner = NULL WHERE subscription = ?"
        case .leaseOwner: "SELECT owner FROM skein_checkpoints WHERE subscription = ?"
        case .latestLease:
            "SELECT owner FROM skein_checkpoints WHERE subscription = ? AND epoch = ? AND position >= 0"
        case .releaseLease:
            """
            UPDATE skein_checkpoints SET owner = NULL WHERE subscription = ? AND epoch = ? AND position >= 0
            RETURNING epoch
            """
        case .notes:
            """
            SELECT key, content FROM skein_notes WHERE subscription = ? AND topic = ? AND key >= ?
            ORDER BY key LIMIT ?
            """
        case .keepNote:
            """
            INSERT INTO skein_notes (subscription, topic, key, content) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET content = excluded.content
            """
        case .dropNote: "DELETE FROM skein_notes WHERE subscription = ? AND topic = ? AND key = ?"
        case .dropNotes: "DELETE FROM skein_notes WHERE subscription = ?"
        }
    }
}

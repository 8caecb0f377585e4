/// The statements for what is kept beside events.
enum KeepStatement {
    static let delete = Statement("skein_delete", "SELECT status, version FROM delete_stream($1, $2, $3, $4)")

    static let snapshot = Statement(
        "skein_snapshot",
        "SELECT version, shape_version, checksum, payload FROM snapshots WHERE aggregate_id = $1 AND aggregate = $2"
    )

    static let saveSnapshot = Statement(
        "skein_save_snapshot",
        """
        INSERT INTO snapshots AS s (aggregate_id, aggregate, version, shape_version, checksum, payload)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (aggregate_id, aggregate) DO UPDATE SET version = excluded.version,
            shape_version = excluded.shape_version, checksum = excluded.checksum, payload = excluded.payload
        WHERE NOT (s.shape_version = excluded.shape_version AND s.version > excluded.version)
        """
    )

    static let deleteSnapshot = Statement(
        "skein_delete_snapshot",
        "DELETE FROM snapshots WHERE aggregate_id = $1 AND aggregate = $2"
    )

    static let checkpoint = Statement(
        "skein_checkpoint",
        "SELECT position, epoch FROM checkpoints WHERE subscription = $1 AND position >= 0"
    )

    static let claimCheckpoint = Statement(
        "skein_claim_checkpoint",
        """
        INSERT INTO checkpoints AS c (subscription, position, epoch) VALUES ($1, 0, 1)
        ON CONFLICT (subscription) DO UPDATE SET epoch = c.epoch + 1, position = greatest(c.position, 0)
        RETURNING position, epoch
        """
    )

    static let moveCheckpoint = Statement(
        "skein_move_checkpoint",
        """
        UPDATE checkpoints SET position = $1
        WHERE subscription = $2 AND position = $3 AND epoch = $4 AND position >= 0
        RETURNING position, epoch
        """
    )

    /// The row stays at a position that no checkpoint has, so that its epochs are not given again.
    static let deleteCheckpoint = Statement(
        "skein_delete_checkpoint",
        "UPDATE checkpoints SET position = -1 WHERE subscription = $1"
    )
}

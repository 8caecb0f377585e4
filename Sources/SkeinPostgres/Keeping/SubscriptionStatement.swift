/// The statements for checkpoints, leases and notes.
enum SubscriptionStatement {
    static let checkpoint = Statement(
        "skein_checkpoint",
        "SELECT position, epoch FROM checkpoints WHERE subscription = $1 AND position >= 0"
    )

    static let claim = Statement(
        "skein_claim_checkpoint",
        """
        INSERT INTO checkpoints AS c (subscription, position, epoch) VALUES ($1, 0, 1)
        ON CONFLICT (subscription) DO UPDATE SET epoch = c.epoch + 1, position = greatest(c.position, 0),
            lease_owner = NULL, lease_end = NULL
        RETURNING position, epoch
        """
    )

    static let move = Statement(
        "skein_move_checkpoint",
        """
        UPDATE checkpoints SET position = $4
        WHERE subscription = $1 AND epoch = $2 AND position = $3 AND position >= 0
        RETURNING true
        """
    )

    static let moveWithNotes = Statement(
        "skein_move_with_notes",
        "SELECT move_checkpoint($1, $2, $3, $4, $5, $6, $7)"
    )

    /// The same, before a body runs in the same transaction.
    static let moveRunning = Statement("skein_move_running", "\(move.sql), \(LentSettings.columns(searchPath: 5))")

    static let moveWithNotesRunning = Statement(
        "skein_move_with_notes_running",
        """
        SELECT m.moved, \(LentSettings.columns(searchPath: 8))
        FROM move_checkpoint($1, $2, $3, $4, $5, $6, $7) AS m (moved)
        """
    )

    static let delete = Statement("skein_delete_checkpoint", "SELECT FROM delete_checkpoint($1)")

    static let acquireLease = Statement(
        "skein_acquire_lease",
        "SELECT position, epoch, was_released, held_by, remaining FROM acquire_lease($1, $2, $3)"
    )

    /// A checkpoint that was claimed, or whose lease was released, has no end that could be moved.
    static let renewLease = Statement(
        "skein_renew_lease",
        """
        UPDATE checkpoints
        SET lease_end = CASE WHEN lease_owner IS NOT NULL
            THEN clock_timestamp() + $3::bigint * interval '1 microsecond' END
        WHERE subscription = $1 AND epoch = $2 AND position >= 0
        RETURNING true
        """
    )

    static let releaseLease = Statement(
        "skein_release_lease",
        """
        UPDATE checkpoints SET lease_owner = NULL, lease_end = NULL
        WHERE subscription = $1 AND epoch = $2 AND position >= 0
        RETURNING true
        """
    )

    static let changeNotes = Statement("skein_change_notes", "SELECT FROM change_notes($1, $2, $3, $4)")

    static let notes = Statement(
        "skein_notes",
        """
        SELECT key, content FROM notes WHERE subscription = $1 AND topic = $2 AND key >= $3 ORDER BY key LIMIT $4
        """
    )
}

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
}

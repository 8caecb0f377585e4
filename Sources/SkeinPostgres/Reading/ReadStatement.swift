import Skein

/// The statements that read.
enum ReadStatement {
    static let head = Statement("skein_head", "SELECT h.position, h.deletions FROM \(end) AS h")

    /// The log's end; the row of head is written only when the last events are deleted.
    private static let end = """
        (
            SELECT greatest(h.position, (SELECT max(e.position) FROM events AS e)) AS position, h.deletions
            FROM head AS h LIMIT 1
        )
        """

    /// Whether a view that this transaction sees in a schema is there no more. Rows of the catalogue are seen as of the
    /// transaction's moment, and what its functions say holds now.
    static let replacedViews = Statement(
        "skein_replaced_views",
        """
        SELECT EXISTS (
            SELECT FROM pg_catalog.pg_class AS c
            WHERE c.relnamespace = (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = $1::text)
                AND c.relkind = 'v' AND pg_catalog.pg_table_is_visible(c.oid) IS NULL
        )
        """
    )

    static let stream = Statement(
        "skein_stream",
        """
        SELECT coalesce((SELECT max(e.version) FROM events AS e WHERE e.aggregate_id = $1 AND e.aggregate = $2), 0),
            EXISTS (SELECT FROM deleted_streams AS d WHERE d.aggregate_id = $1 AND d.aggregate = $2)
        """
    )

    static let streamForward = stream("skein_stream_forward", ">=", "ASC")
    static let streamBackward = stream("skein_stream_backward", "<=", "DESC")

    static let logForward = log("skein_log_forward", "e.position > $1", "ASC")
    static let logBackward = log("skein_log_backward", "e.position < $1", "DESC")

    static let filteredLogForward = log(
        "skein_filtered_log_forward",
        "e.position > $1 AND e.position <= least($1, h.position) + $3 AND \(filter)",
        "ASC"
    )
    static let filteredLogBackward = log(
        "skein_filtered_log_backward",
        "e.position < $1 AND e.position >= least($1, h.position + 1) - $3 AND \(filter)",
        "DESC"
    )

    /// For each command that is known: what is kept of it, if anything is, beside each of its events, if there are any.
    ///
    /// With LATERAL and LIMIT, a plan that was made when the table was small does not scan it when it is large.
    static let outcomes = Statement(
        "skein_outcomes",
        """
        SELECT i.command, o.*
        FROM unnest($1::uuid[], $2::uuid[]) AS i (command, first) CROSS JOIN LATERAL (
            WITH RECURSIVE kept AS MATERIALIZED (
                SELECT * FROM commands WHERE id = i.command
            ), run AS (
                SELECT e.* FROM events AS e
                WHERE e.id = i.first AND e.command = i.command AND NOT EXISTS (SELECT FROM kept)
                UNION ALL
                SELECT n.* FROM run AS r CROSS JOIN LATERAL (
                    SELECT * FROM events AS e
                    WHERE e.aggregate_id = r.aggregate_id AND e.aggregate = r.aggregate AND e.version = r.version + 1
                    LIMIT 1
                ) AS n
                WHERE n.command = i.command
            ), stored AS (
                SELECT * FROM run
                UNION ALL
                SELECT e.* FROM kept AS k
                JOIN events AS e ON e.position > k.position - k.events AND e.position <= k.position
            )
            SELECT k.fingerprint, k.version, k.position, k.recorded_at, k.aggregate, k.aggregate_id, k.rejection,
                e.position IS NOT NULL, \(EventColumns.sql)
            FROM (VALUES (1)) AS one LEFT JOIN kept AS k ON true LEFT JOIN stored AS e ON true
            WHERE k.id IS NOT NULL OR e.id IS NOT NULL
            ORDER BY e.position
        ) AS o (
            fingerprint, version, position, recorded_at, aggregate, aggregate_id, rejection, has_event,
            \(EventColumns.names)
        )
        ORDER BY i.command, o.e_position
        """
    )

    private static let filter =
        "($4::text[] IS NULL OR e.aggregate = ANY ($4)) AND ($5::text[] IS NULL OR e.name = ANY ($5))"

    private static func stream(_ name: String, _ comparison: String, _ order: String) -> Statement {
        Statement(
            name,
            """
            SELECT (SELECT deletions FROM head), \(EventColumns.sqlOfKnownStream)
            FROM events AS e
            WHERE e.aggregate_id = $1 AND e.aggregate = $2 AND e.version \(comparison) $3
                AND NOT EXISTS (SELECT FROM deleted_streams AS d WHERE d.aggregate_id = $1 AND d.aggregate = $2)
            ORDER BY e.version \(order) LIMIT $4
            """
        )
    }

    /// One statement, so that the log's end and the events are of one moment. Without events there is one row of NULLs.
    ///
    /// The events come in the order of the inner query: an outer ORDER BY would sort them all once more. That rests on
    /// the table `head` having one row, and is checked with each event.
    private static func log(_ name: String, _ condition: String, _ order: String) -> Statement {
        Statement(
            name,
            """
            SELECT h.position, e.*
            FROM \(end) AS h LEFT JOIN LATERAL (
                SELECT \(EventColumns.sql) FROM events AS e WHERE \(condition) ORDER BY e.position \(order) LIMIT $2
            ) AS e ON true
            """
        )
    }
}

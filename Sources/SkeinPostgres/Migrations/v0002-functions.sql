-- The functions that write events. Each locks the row of head first: from then on, until the commit, nobody else writes
-- events, and every further statement sees all that was committed before. That relies on READ COMMITTED.
--
-- Plans are kept while the tables grow. So that none reads a whole table, tables are looked into by = ANY (array) or in a
-- LATERAL subquery with LIMIT, which cannot become a hash join.
--
-- Arrays are indexed, not unnested: PL/pgSQL keeps its array arguments taken apart, so that costs the same for any index.

CREATE FUNCTION take_turn(k_deletions bigint, k_command uuid) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    last_position bigint;
    deletions_now bigint;
    base bigint;
    is_known boolean;
BEGIN
    SELECT h.position, h.deletions INTO STRICT last_position, deletions_now FROM head AS h FOR UPDATE;
    -- Another statement, so that it sees what was committed while this one waited. The statement that calls the function
    -- does not: it may only insert.
    SELECT greatest(last_position, (SELECT max(e.position) FROM events AS e)),
        EXISTS (SELECT FROM commands AS k WHERE k.id = k_command)
    INTO base, is_known;
    RETURN CASE WHEN NOT is_known AND deletions_now = k_deletions THEN base END;
END
$$;
COMMENT ON FUNCTION take_turn(bigint, uuid) IS
    'Locks head for this transaction, which may then insert events behind the position that is returned. Null: head.deletions is another, or the command is in the table commands.';

CREATE FUNCTION is_kept(k_command uuid) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN EXISTS (SELECT FROM commands AS k WHERE k.id = k_command);
END
$$;
COMMENT ON FUNCTION is_kept(uuid) IS
    'Whether a command is in the table commands now: also if it was committed after the calling statement began, such as while it waited for head.';

CREATE FUNCTION append_known(
    k_deletions bigint,
    k_commands uuid[],
    -- One entry for each event.
    e_aggregate text[],
    e_aggregate_id text[],
    e_version bigint[],
    e_name text[],
    e_schema_version integer[],
    e_recorded_at timestamptz[],
    e_fingerprint bigint[],
    e_id uuid[],
    e_command uuid[],
    e_correlation uuid[],
    e_causation uuid[],
    e_metadata json[],
    e_payload bytea[]
)
RETURNS TABLE (base bigint, stored bigint)
LANGUAGE plpgsql
AS $$
DECLARE
    last_position bigint;
    deletions_now bigint;
    is_known boolean;
BEGIN
    SELECT h.position, h.deletions INTO STRICT last_position, deletions_now FROM head AS h FOR UPDATE;
    -- Another statement, so that it sees what was committed while this one waited.
    SELECT greatest(last_position, (SELECT max(e.position) FROM events AS e)),
        EXISTS (SELECT FROM commands AS k WHERE k.id = ANY (k_commands))
    INTO base, is_known;
    IF is_known OR deletions_now <> k_deletions THEN
        RETURN;
    END IF;

    INSERT INTO events (
        position, version, fingerprint, recorded_at, id, command, schema_version, aggregate, aggregate_id, name,
        correlation, causation, metadata, payload
    )
    SELECT base + i, e_version[i], e_fingerprint[i], e_recorded_at[i], e_id[i], e_command[i], e_schema_version[i],
        e_aggregate[i], e_aggregate_id[i], e_name[i], e_correlation[i], e_causation[i], e_metadata[i], e_payload[i]
    FROM generate_series(1, cardinality(e_id)) AS i;
    GET DIAGNOSTICS stored = ROW_COUNT;
    IF stored <> cardinality(e_id) THEN
        RAISE 'not all events were stored: the table events has a trigger of somebody else''s';
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION append_known(
    bigint, uuid[], text[], text[], bigint[], text[], integer[], timestamptz[], bigint[], uuid[], uuid[], uuid[], uuid[],
    json[], bytea[]
) IS
    'Stores events whose versions the caller knows, all or none. No row, and nothing stored: head.deletions is another, or one of the commands is in the table commands. A version or an id that exists is a unique violation. The events stand at base + 1, base + 2, …';

CREATE FUNCTION append_events(
    -- One entry for each append.
    a_aggregate text[],
    a_aggregate_id text[],
    a_expected bigint[],
    -- One entry for each command, in the order of the appends.
    c_append integer[],
    c_id uuid[],
    c_first_event uuid[],
    c_fingerprint bigint[],
    c_events integer[],
    c_keeps boolean[],
    c_recorded_at timestamptz[],
    c_rejection bytea[],
    -- One entry for each event, in the order of the commands.
    e_command integer[],
    e_name text[],
    e_schema_version integer[],
    e_id uuid[],
    e_correlation uuid[],
    e_causation uuid[],
    e_metadata json[],
    e_payload bytea[]
)
RETURNS TABLE (append integer, status integer, version bigint, "position" bigint, event uuid)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    base bigint;               -- the log's end before
    deletions_before bigint;
    actual bigint[];           -- per append: the stream's version before
    found integer[];           -- per append: the status
    culprits uuid[];           -- per append: the event id that is stored already
    stored bigint;             -- events that are stored now
BEGIN
    SELECT h.position, h.deletions INTO STRICT base, deletions_before FROM head AS h FOR UPDATE;
    -- Another statement, so that it sees what was committed while this one waited.
    base := greatest(base, (SELECT max(e.position) FROM events AS e));

    SELECT array_agg(coalesce(v.version, 0) ORDER BY a.append),
        array_agg(CASE WHEN CASE a_expected[a.append]
            WHEN -1 THEN true
            WHEN -2 THEN coalesce(v.version, 0) > 0
            ELSE coalesce(v.version, 0) = a_expected[a.append] END THEN 0 ELSE 3 END ORDER BY a.append)
    INTO actual, found
    FROM generate_series(1, cardinality(a_aggregate)) AS a (append)
    LEFT JOIN LATERAL (
        SELECT e.version FROM events AS e
        WHERE e.aggregate_id = a_aggregate_id[a.append] AND e.aggregate = a_aggregate[a.append]
        ORDER BY e.version DESC LIMIT 1
    ) AS v ON true;

    -- Rare: something is known, deleted or stored already.
    IF EXISTS (SELECT FROM events AS e WHERE e.id = ANY (e_id || c_first_event))
        OR (SELECT count(DISTINCT e.id) FROM unnest(e_id) AS e (id)) < cardinality(e_id)
        OR EXISTS (SELECT FROM commands AS k WHERE k.id = ANY (c_id))
        OR (deletions_before > 0 AND EXISTS (
            SELECT FROM generate_series(1, cardinality(a_aggregate)) AS a (append)
            CROSS JOIN LATERAL (
                SELECT FROM deleted_streams AS d
                WHERE d.aggregate_id = a_aggregate_id[a.append] AND d.aggregate = a_aggregate[a.append] LIMIT 1
            ) AS d))
    THEN
        WITH stored AS MATERIALIZED (
            SELECT e.id, e.command FROM events AS e WHERE e.id = ANY (e_id || c_first_event)
        ), kept AS MATERIALIZED (
            SELECT k.id FROM commands AS k WHERE k.id = ANY (c_id)
        ), known AS (
            SELECT DISTINCT c_append[c.command] AS append
            FROM generate_series(1, cardinality(c_id)) AS c (command)
            WHERE EXISTS (SELECT FROM kept WHERE kept.id = c_id[c.command])
                OR EXISTS (
                    SELECT FROM stored WHERE stored.id = c_first_event[c.command] AND stored.command = c_id[c.command])
        ), repeated AS (
            SELECT DISTINCT ON (append) c_append[e_command[i.event]] AS append, e_id[i.event] AS id
            FROM generate_series(1, cardinality(e_id)) AS i (event)
            WHERE EXISTS (SELECT FROM stored WHERE stored.id = e_id[i.event])
                OR e_id[i.event] = ANY (e_id[1:i.event - 1])
            ORDER BY append, i.event
        )
        SELECT array_agg(CASE
                WHEN known.append IS NOT NULL THEN 1
                WHEN d.aggregate IS NOT NULL THEN 2
                WHEN found[a.append] = 3 THEN 3
                WHEN repeated.append IS NOT NULL THEN 4
                ELSE 0 END ORDER BY a.append),
            array_agg(repeated.id ORDER BY a.append)
        INTO found, culprits
        FROM generate_series(1, cardinality(a_aggregate)) AS a (append)
        LEFT JOIN known ON known.append = a.append
        LEFT JOIN repeated ON repeated.append = a.append
        LEFT JOIN LATERAL (
            SELECT d.aggregate FROM deleted_streams AS d
            WHERE d.aggregate_id = a_aggregate_id[a.append] AND d.aggregate = a_aggregate[a.append] LIMIT 1
        ) AS d ON true;
    END IF;

    INSERT INTO events (
        position, version, fingerprint, recorded_at, id, command, schema_version, aggregate, aggregate_id, name,
        correlation, causation, metadata, payload
    )
    SELECT
        base + row_number() OVER (ORDER BY e.event),
        actual[e.append] + row_number() OVER (PARTITION BY e.append ORDER BY e.event),
        c_fingerprint[e.command], c_recorded_at[e.command], e_id[e.event], c_id[e.command], e_schema_version[e.event],
        a_aggregate[e.append], a_aggregate_id[e.append], e_name[e.event],
        e_correlation[e.event], e_causation[e.event], e_metadata[e.event], e_payload[e.event]
    FROM (
        SELECT i.event, e_command[i.event] AS command, c_append[e_command[i.event]] AS append
        FROM generate_series(1, cardinality(e_id)) AS i (event)
    ) AS e
    WHERE found[e.append] = 0
    ORDER BY e.event;
    GET DIAGNOSTICS stored = ROW_COUNT;
    IF stored <> (SELECT count(*) FROM unnest(e_command) AS e (command) WHERE found[c_append[e.command]] = 0) THEN
        RAISE 'not all events were stored: the table events has a trigger of somebody else''s';
    END IF;

    IF true = ANY (c_keeps) THEN
        INSERT INTO commands (
            id, fingerprint, version, position, recorded_at, events, aggregate, aggregate_id, rejection
        )
        SELECT c_id[c.command], c_fingerprint[c.command], actual[c.append] + c.in_stream, base + c.in_log,
            c_recorded_at[c.command], c_events[c.command], a_aggregate[c.append], a_aggregate_id[c.append],
            c_rejection[c.command]
        FROM (
            SELECT i.command, c_append[i.command] AS append,
                sum(c_events[i.command]) OVER (PARTITION BY c_append[i.command] ORDER BY i.command) AS in_stream,
                sum(c_events[i.command]) OVER (ORDER BY i.command) AS in_log
            FROM generate_series(1, cardinality(c_id)) AS i (command)
            WHERE found[c_append[i.command]] = 0
        ) AS c
        WHERE c_keeps[c.command];
    END IF;

    RETURN QUERY
    SELECT a.append, found[a.append],
        actual[a.append] + CASE found[a.append] WHEN 0 THEN a.events ELSE 0 END,
        CASE found[a.append] WHEN 0
            THEN base + (sum(a.events) FILTER (WHERE found[a.append] = 0) OVER (ORDER BY a.append))::bigint END,
        CASE found[a.append] WHEN 4 THEN culprits[a.append] END
    FROM (
        SELECT i.append, coalesce(sum(c.events), 0)::bigint AS events
        FROM generate_series(1, cardinality(a_aggregate)) AS i (append)
        LEFT JOIN unnest(c_append, c_events) AS c (append, events) ON c.append = i.append
        GROUP BY i.append
    ) AS a
    ORDER BY a.append;
END
$$;

CREATE FUNCTION delete_stream(s_aggregate text, s_aggregate_id text, s_hard boolean, s_expected bigint)
RETURNS TABLE (status integer, version bigint)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    last_position bigint;
    actual bigint;
    is_deleted boolean;
BEGIN
    SELECT h.position INTO STRICT last_position FROM head AS h FOR UPDATE;
    last_position := greatest(last_position, (SELECT max(e.position) FROM events AS e));
    actual := coalesce((
        SELECT max(e.version) FROM events AS e WHERE e.aggregate_id = s_aggregate_id AND e.aggregate = s_aggregate), 0);
    is_deleted := EXISTS (
        SELECT FROM deleted_streams AS d WHERE d.aggregate_id = s_aggregate_id AND d.aggregate = s_aggregate);
    IF actual = 0 AND NOT is_deleted THEN
        RETURN QUERY SELECT 5, actual;
        RETURN;
    END IF;
    IF NOT (CASE s_expected WHEN -1 THEN true WHEN -2 THEN actual > 0 ELSE actual = s_expected END) THEN
        RETURN QUERY SELECT 3, actual;
        RETURN;
    END IF;

    DELETE FROM snapshots AS s WHERE s.aggregate_id = s_aggregate_id AND s.aggregate = s_aggregate;
    IF s_hard THEN
        PERFORM set_config('skein.deleting', s_aggregate || '/' || s_aggregate_id, true);
        DELETE FROM events AS e WHERE e.aggregate_id = s_aggregate_id AND e.aggregate = s_aggregate;
        PERFORM set_config('skein.deleting', '', true);
        DELETE FROM deleted_streams AS d WHERE d.aggregate_id = s_aggregate_id AND d.aggregate = s_aggregate;
        DELETE FROM commands AS k WHERE k.aggregate_id = s_aggregate_id AND k.aggregate = s_aggregate;
        -- The log's last event may be among those that went; its position is not given again.
        UPDATE head AS h SET position = last_position, deletions = h.deletions + 1;
    ELSIF NOT is_deleted THEN
        INSERT INTO deleted_streams (aggregate_id, aggregate) VALUES (s_aggregate_id, s_aggregate);
        UPDATE head AS h SET deletions = h.deletions + 1;
    END IF;
    RETURN QUERY SELECT 0, actual;
END
$$;

COMMENT ON FUNCTION append_events(
    text[], text[], bigint[],
    integer[], uuid[], uuid[], bigint[], integer[], boolean[], timestamptz[], bytea[],
    integer[], text[], integer[], uuid[], uuid[], uuid[], json[], bytea[]
) IS
    'Stores several appends, each wholly or not at all; one row for each. Status 0: stored; 1: a command is known; 2: the stream is deleted; 3: not at the expected version; 4: the event id is stored already. Streams, command ids and event ids of a call are distinct.';
COMMENT ON FUNCTION delete_stream(text, text, boolean, bigint) IS
    'Deletes a stream, softly or (hard) for good. Status 0: done; 3: not at the expected version (−1 any, −2 at least one event); 5: no such stream.';

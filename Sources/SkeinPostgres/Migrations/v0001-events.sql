-- The tables of an event store.
--
-- Runs with search_path set to the store's schema, which exists already; no name here is qualified, so that the schema
-- may have any name. PostgreSQL 15 or later. A file that was released never changes; a further one is added.

-- ── head ────────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    position bigint NOT NULL DEFAULT 0 CHECK (position >= 0),
    deletions bigint NOT NULL DEFAULT 0 CHECK (deletions >= 0)
);
INSERT INTO head DEFAULT VALUES;

-- Appends lock the row and do not write it: a row that each commit writes anew leaves a dead version each time, which
-- cannot be cleared away, and is visited by each later commit, for as long as any transaction of the server stays open.
COMMENT ON TABLE head IS
    'One row. Whoever writes events locks it first and until the commit: so positions have no gaps and are in commit order.';
COMMENT ON COLUMN head.one IS 'Keeps the table at one row.';
COMMENT ON COLUMN head.position IS
    'No event will get this position or a lower one. Written by deletions for good; the log ends here or with its last event, whichever is later.';
COMMENT ON COLUMN head.deletions IS
    'How many times a stream was deleted, softly or for good; a writer that knows another figure forgets what it knows of streams.';

-- ── events ──────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE events (
    -- The order of the columns keeps the gaps for alignment small.
    position bigint NOT NULL,
    version bigint NOT NULL,
    fingerprint bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    id uuid NOT NULL,
    command uuid NOT NULL,
    schema_version integer NOT NULL,
    aggregate text COLLATE "C" NOT NULL,
    aggregate_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    correlation uuid,
    causation uuid,
    metadata json,
    payload bytea NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (position),
    CONSTRAINT events_by_stream UNIQUE (aggregate_id, aggregate, version),
    CONSTRAINT events_by_id UNIQUE (id)
) WITH (
    -- Rows are only added: vacuum has nothing to remove, but it marks pages as visible to all and freezes them, which
    -- makes later reads and the vacuum against wraparound cheap. It comes each 100,000 rows, not each fifth of the table.
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 100000,
    autovacuum_analyze_scale_factor = 0.05
);
-- Long payloads are compressed and kept out of the row by PostgreSQL; what is read is byte for byte what was written.
ALTER TABLE events ALTER COLUMN payload SET STORAGE EXTENDED;

COMMENT ON TABLE events IS 'Every event, in commit order. Rows are added and never changed; only delete_stream removes any.';
COMMENT ON COLUMN events.position IS 'The place in the whole log: 1, 2, 3 … in commit order; only streams that were deleted for good leave gaps.';
COMMENT ON COLUMN events.version IS 'The place in the stream: 1, 2, 3 …';
COMMENT ON COLUMN events.fingerprint IS 'Tells commands that share an id apart, 64 bits as a signed number; 0 if the sender did not choose the id.';
COMMENT ON COLUMN events.recorded_at IS 'When it was stored, by the program''s clock; for imports, when it happened.';
COMMENT ON COLUMN events.id IS 'The identity of the event; follows from the command''s id and the number of the event.';
COMMENT ON COLUMN events.command IS 'The id of the command that led to the event.';
COMMENT ON COLUMN events.schema_version IS 'The version of the payload''s schema, from 1.';
COMMENT ON COLUMN events.aggregate IS 'The kind of aggregate; with aggregate_id it names the stream. Compared byte by byte.';
COMMENT ON COLUMN events.aggregate_id IS 'The aggregate''s id among its kind.';
COMMENT ON COLUMN events.name IS 'The stored name of the event''s type.';
COMMENT ON COLUMN events.correlation IS 'What the event belongs to, such as a request; null for none.';
COMMENT ON COLUMN events.causation IS 'What caused the command, such as another event; null for none.';
COMMENT ON COLUMN events.metadata IS 'The other metadata, an object of strings; null for none.';
COMMENT ON COLUMN events.payload IS 'The event''s content byte for byte, mostly JSON in UTF-8. The view log shows it as text.';
COMMENT ON CONSTRAINT events_by_stream ON events IS 'No version twice in a stream: the last line of defence. Also finds a stream''s events and its version.';
COMMENT ON CONSTRAINT events_by_id ON events IS 'No event twice, and so no command twice: also finds what a command led to.';

-- ── What belongs to streams ─────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE deleted_streams (
    aggregate_id text COLLATE "C" NOT NULL,
    aggregate text COLLATE "C" NOT NULL,
    PRIMARY KEY (aggregate_id, aggregate)
);
COMMENT ON TABLE deleted_streams IS 'Streams that were deleted softly: neither read nor written any more; their events stay in the log.';
COMMENT ON COLUMN deleted_streams.aggregate_id IS 'As in events.';
COMMENT ON COLUMN deleted_streams.aggregate IS 'As in events.';

CREATE TABLE commands (
    id uuid PRIMARY KEY,
    fingerprint bigint NOT NULL,
    version bigint NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    events integer NOT NULL CHECK (events >= 0),
    aggregate text COLLATE "C" NOT NULL,
    aggregate_id text COLLATE "C" NOT NULL,
    rejection bytea
);
CREATE INDEX commands_by_stream ON commands (aggregate_id, aggregate);

COMMENT ON TABLE commands IS 'What commands came to where no event''s id tells it: rejections, commands that changed nothing, events with ids of their own.';
COMMENT ON COLUMN commands.id IS 'The command''s id.';
COMMENT ON COLUMN commands.fingerprint IS 'As in events.';
COMMENT ON COLUMN commands.version IS 'The stream''s version after the command.';
COMMENT ON COLUMN commands.position IS 'The position of the command''s last event; without events, where the log ended.';
COMMENT ON COLUMN commands.recorded_at IS 'When it was stored.';
COMMENT ON COLUMN commands.events IS 'How many events it stored; they end at position, without a gap.';
COMMENT ON COLUMN commands.aggregate IS 'The stream the command went to, as in events.';
COMMENT ON COLUMN commands.aggregate_id IS 'The stream the command went to, as in events.';
COMMENT ON COLUMN commands.rejection IS 'The encoded rejection; null if the command was fine.';
COMMENT ON INDEX commands_by_stream IS 'For deleting a stream for good.';

CREATE TABLE snapshots (
    aggregate_id text COLLATE "C" NOT NULL,
    aggregate text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    shape_version bigint NOT NULL,
    checksum bigint NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (aggregate_id, aggregate)
) WITH (
    -- Rows are replaced all the time; the next version goes into the same page.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.05
);
COMMENT ON TABLE snapshots IS 'The latest snapshot of a stream: only to load it sooner. May be emptied at any time.';
COMMENT ON COLUMN snapshots.aggregate_id IS 'As in events.';
COMMENT ON COLUMN snapshots.aggregate IS 'As in events.';
COMMENT ON COLUMN snapshots.version IS 'The version of the stream''s last event that is in it.';
COMMENT ON COLUMN snapshots.shape_version IS 'The version of the state''s shape; another one is ignored when loading.';
COMMENT ON COLUMN snapshots.checksum IS 'Of the payload, 64 bits as a signed number.';
COMMENT ON COLUMN snapshots.payload IS 'The encoded state.';

-- ── What belongs to subscriptions ───────────────────────────────────────────────────────────────────────────────────

CREATE TABLE checkpoints (
    subscription text COLLATE "C" PRIMARY KEY,
    position bigint NOT NULL CHECK (position >= -1),
    epoch bigint NOT NULL CHECK (epoch > 0)
) WITH (
    -- Few rows, written all the time: with most of a page left free, new versions stay in it (HOT), and each access
    -- clears the dead ones away. Vacuum comes by the number of rows, not by their share.
    fillfactor = 10,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000
);
COMMENT ON TABLE checkpoints IS 'How far each subscription has come, and who may move it.';
COMMENT ON COLUMN checkpoints.subscription IS 'The subscription''s name.';
COMMENT ON COLUMN checkpoints.position IS 'The last position that was handled; −1 if the checkpoint was deleted: it stays so that its epochs are not given again.';
COMMENT ON COLUMN checkpoints.epoch IS 'Grows by one with each take-over; who holds an older one cannot move the checkpoint.';

-- ── log, for people ─────────────────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION readable_text(bytes bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION readable_text(bytea) IS 'The bytes as text; null if they are not UTF-8.';

CREATE FUNCTION readable_json(bytes bytea) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    RETURN convert_from(bytes, 'UTF8')::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded OR statement_too_complex THEN
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION readable_json(bytea) IS 'The bytes as JSON to look into with -> and @>; null if they are no JSON.';

CREATE VIEW log AS
SELECT
    e.position, e.aggregate, e.aggregate_id, e.version, e.name, e.schema_version, e.recorded_at,
    readable_json(e.payload) AS payload,
    readable_text(e.payload) AS payload_text,
    e.metadata, e.id, e.command, e.correlation, e.causation
FROM events AS e;

COMMENT ON VIEW log IS 'The events for people, payloads readable. Programs read events.';
COMMENT ON COLUMN log.payload IS 'The payload as JSON; null if it is none. Numbers and the order of keys may be shown differently than stored.';
COMMENT ON COLUMN log.payload_text IS 'The payload as it was written; null if it is not UTF-8.';

-- ── Protection ──────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE insufficient_privilege USING
        MESSAGE = format('%s of %I.%I is refused: events are never changed', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME),
        HINT = 'Streams are deleted with the function delete_stream.';
END
$$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger: refuses what would change the log.';

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER events_are_not_truncated BEFORE TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- delete_stream says for the time of its DELETE which stream goes.
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
    FOR EACH ROW
    WHEN (current_setting('skein.deleting', true) IS DISTINCT FROM OLD.aggregate || '/' || OLD.aggregate_id)
    EXECUTE FUNCTION refuse_change();
COMMENT ON TRIGGER events_are_not_changed ON events IS 'Events are never changed.';
COMMENT ON TRIGGER events_are_not_truncated ON events IS 'The log is never emptied.';
COMMENT ON TRIGGER events_are_not_deleted ON events IS 'Only delete_stream deletes events.';

-- The row that all writers lock must not vanish; without it nothing can be stored.
CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON head
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
COMMENT ON TRIGGER head_stays ON head IS 'The row stays.';

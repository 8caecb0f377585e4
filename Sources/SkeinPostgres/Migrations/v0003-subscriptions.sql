-- Leases on checkpoints, and the notes that subscriptions keep.
--
-- The functions lock the checkpoint's row before they look at it, and decide in a further statement, which sees what was
-- committed while they waited. That relies on READ COMMITTED.

-- ── Leases ──────────────────────────────────────────────────────────────────────────────────────────────────────────

ALTER TABLE checkpoints
    ADD COLUMN lease_owner text COLLATE "C",
    ADD COLUMN lease_end timestamptz,
    ADD CONSTRAINT checkpoints_lease_is_whole CHECK ((lease_owner IS NULL) = (lease_end IS NULL));

COMMENT ON COLUMN checkpoints.lease_owner IS
    'Who handles the subscription; null if nobody ever did or the last one ended in good order. Stays when the lease runs out: then the owner may have died at work.';
COMMENT ON COLUMN checkpoints.lease_end IS
    'Until when nobody else gets the subscription, by this server''s clock; null if nobody holds it.';
COMMENT ON CONSTRAINT checkpoints_lease_is_whole ON checkpoints IS 'A lease has an owner and an end, or neither.';

CREATE FUNCTION acquire_lease(l_subscription text, l_owner text, l_microseconds bigint)
RETURNS TABLE ("position" bigint, epoch bigint, was_released boolean, held_by text, remaining bigint)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    before checkpoints;
    right_now timestamptz;
BEGIN
    -- Rows of checkpoints are never deleted: one that is in the way of the insert is there to be locked.
    INSERT INTO checkpoints AS c (subscription, position, epoch, lease_owner, lease_end)
    VALUES (l_subscription, 0, 1, l_owner, clock_timestamp() + l_microseconds * interval '1 microsecond')
    ON CONFLICT (subscription) DO NOTHING
    RETURNING c.position, c.epoch INTO position, epoch;
    IF FOUND THEN
        was_released := true;
        RETURN NEXT;
        RETURN;
    END IF;

    SELECT c.* INTO STRICT before FROM checkpoints AS c WHERE c.subscription = l_subscription FOR UPDATE;
    right_now := clock_timestamp();
    IF before.lease_end > right_now AND before.lease_owner <> l_owner THEN
        held_by := before.lease_owner;
        remaining := ceil(extract(epoch FROM before.lease_end - right_now) * 1000000);
        RETURN NEXT;
        RETURN;
    END IF;

    UPDATE checkpoints AS c SET position = greatest(c.position, 0), epoch = c.epoch + 1, lease_owner = l_owner,
        lease_end = right_now + l_microseconds * interval '1 microsecond'
    WHERE c.subscription = l_subscription
    RETURNING c.position, c.epoch INTO STRICT position, epoch;
    was_released := before.lease_owner IS NULL;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION acquire_lease(text, text, bigint) IS
    'Takes a checkpoint over for so many microseconds unless another owner''s lease lasts. One row: the checkpoint, and whether the owner before ended in good order; or who has it, and for how many microseconds.';

-- ── Notes ───────────────────────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE notes (
    subscription text COLLATE "C" NOT NULL,
    topic text COLLATE "C" NOT NULL,
    key bigint NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (subscription, topic, key)
) WITH (
    -- Some are kept and dropped again with each move of a checkpoint. Vacuum comes by the number of rows.
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_threshold = 1000
);
COMMENT ON TABLE notes IS 'What subscriptions keep beside their checkpoints, such as events that were parked.';
COMMENT ON COLUMN notes.subscription IS 'As in checkpoints; a note does not need a checkpoint.';
COMMENT ON COLUMN notes.topic IS 'What kind of note it is. Compared byte by byte.';
COMMENT ON COLUMN notes.key IS 'What it is about, mostly the position of an event.';
COMMENT ON COLUMN notes.content IS 'What it says, byte for byte. The view readable_notes shows it as text.';

CREATE VIEW readable_notes AS
SELECT
    n.subscription, n.topic, n.key,
    readable_json(n.content) AS content,
    readable_text(n.content) AS content_text,
    octet_length(n.content) AS bytes
FROM notes AS n;

COMMENT ON VIEW readable_notes IS 'The notes for people. Programs read notes.';
COMMENT ON COLUMN readable_notes.content IS 'The content as JSON; null if it is none.';
COMMENT ON COLUMN readable_notes.content_text IS 'The content as it was written; null if it is not UTF-8.';
COMMENT ON COLUMN readable_notes.bytes IS 'How long it is.';

CREATE FUNCTION change_notes(n_subscription text, n_topic text[], n_key bigint[], n_content bytea[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- One after the other, in the order that the callers all keep, so that two of them cannot wait for each other.
    FOR i IN 1..cardinality(n_key) LOOP
        IF n_content[i] IS NULL THEN
            DELETE FROM notes AS n WHERE n.subscription = n_subscription AND n.topic = n_topic[i] AND n.key = n_key[i];
        ELSE
            INSERT INTO notes AS n (subscription, topic, key, content)
            VALUES (n_subscription, n_topic[i], n_key[i], n_content[i])
            ON CONFLICT (subscription, topic, key) DO UPDATE SET content = excluded.content;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION change_notes(text, text[], bigint[], bytea[]) IS
    'Keeps notes, and drops those without content. Callers sort them by topic and key and name none twice.';

CREATE FUNCTION move_checkpoint(
    m_subscription text,
    m_epoch bigint,
    m_from bigint,
    m_to bigint,
    n_topic text[],
    n_key bigint[],
    n_content bytea[]
)
RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE checkpoints AS c SET position = m_to
    WHERE c.subscription = m_subscription AND c.position = m_from AND c.epoch = m_epoch AND c.position >= 0;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM change_notes(m_subscription, n_topic, n_key, n_content);
    RETURN true;
END
$$;
COMMENT ON FUNCTION move_checkpoint(text, bigint, bigint, bigint, text[], bigint[], bytea[]) IS
    'Moves a checkpoint and changes notes with it. False, and nothing is changed: the checkpoint is not as given.';

CREATE FUNCTION delete_checkpoint(d_subscription text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- The row stays at a position that no checkpoint has, so that its epochs are not given again.
    UPDATE checkpoints AS c SET position = -1, lease_owner = NULL, lease_end = NULL
    WHERE c.subscription = d_subscription;
    DELETE FROM notes AS n WHERE n.subscription = d_subscription;
END
$$;
COMMENT ON FUNCTION delete_checkpoint(text) IS 'Forgets a subscription''s checkpoint, lease and notes; its epochs go on.';

-- The event table is the outbox. Its primary key is the optimistic lock of a stream.
CREATE TABLE event (
  stream      text        NOT NULL,
  version     bigint      NOT NULL CHECK (version > 0),
  -- Commit order is not the order of a sequence: readers take only what is below the oldest
  -- transaction still running, in order of (txid, position).
  txid        xid8        NOT NULL DEFAULT pg_current_xact_id(),
  position    bigint      GENERATED ALWAYS AS IDENTITY,
  -- Version of the last event of the same append: a reader knows when it has a command's whole effect.
  append_end  bigint      NOT NULL,
  type        text        NOT NULL,
  payload     bytea       NOT NULL,
  occurred_at timestamptz NOT NULL,
  actor       text        NOT NULL,
  request_id  text,
  cause       text,
  PRIMARY KEY (stream, version)
);

CREATE INDEX event_order ON event (txid, position);

-- A transaction gets its id at its first write. With an id older than the versions it has read, its
-- events would be published before those they build on.
CREATE FUNCTION append_is_first_write() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_current_xact_id_if_assigned() IS NOT NULL THEN
    RAISE EXCEPTION 'the append must be the first write of its transaction, and the only append'
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER append_is_first_write BEFORE INSERT ON event
  FOR EACH STATEMENT EXECUTE FUNCTION append_is_first_write();

CREATE FUNCTION event_appended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('event_appended', '');
  RETURN NULL;
END $$;

CREATE TRIGGER event_appended AFTER INSERT ON event
  FOR EACH STATEMENT EXECUTE FUNCTION event_appended();

-- How far the relay has come; everything up to here is acknowledged by Kafka.
CREATE TABLE outbox_checkpoint (
  topic    text   PRIMARY KEY,
  txid     xid8   NOT NULL,
  position bigint NOT NULL
);

-- What a request id was used for: the same id and digest gets the state of that stream at that version.
-- Kept for a day.
CREATE TABLE request (
  request_id  text        PRIMARY KEY,
  digest      bytea       NOT NULL,
  stream      text        NOT NULL,
  version     bigint      NOT NULL,
  occurred_at timestamptz NOT NULL
);

CREATE INDEX request_age ON request (occurred_at);

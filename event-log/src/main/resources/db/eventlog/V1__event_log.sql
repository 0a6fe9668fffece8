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
CREATE TABLE request (
  request_id  text        PRIMARY KEY,
  digest      bytea       NOT NULL,
  stream      text        NOT NULL,
  version     bigint      NOT NULL,
  occurred_at timestamptz NOT NULL
);

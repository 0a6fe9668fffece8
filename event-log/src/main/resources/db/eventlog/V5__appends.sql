-- The events of an append were a row each; now they are a row together, in parts of bounded size (docs/adr/0010).
-- That is a sixth of the write-ahead log and of the time, and what they share is said once.
CREATE TABLE append (
  stream        text        COLLATE "C" NOT NULL,
  -- Of the events in this row. Who appends first takes the first version: the optimistic lock of a stream.
  first_version bigint      NOT NULL CHECK (first_version > 0),
  last_version  bigint      NOT NULL,
  -- Commit order is not the order of a sequence: readers take only what is below the oldest
  -- transaction still running, in order of (txid, position).
  txid          xid8        NOT NULL DEFAULT pg_current_xact_id(),
  position      bigint      GENERATED ALWAYS AS IDENTITY,
  -- Version of the last event of the same append: a reader knows when it has a command's whole effect.
  append_end    bigint      NOT NULL,
  -- One of each for every event, in order of version.
  types         text[]      NOT NULL,
  payloads      bytea[]     NOT NULL,
  occurred_at   timestamptz NOT NULL,
  actor         text        NOT NULL,
  request_id    text,
  cause         text,
  PRIMARY KEY (stream, first_version),
  CHECK (cardinality(types) = last_version - first_version + 1),
  CHECK (cardinality(payloads) = last_version - first_version + 1)
);

-- Protobuf hardly shrinks, and what is stored as it is can be read in slices.
ALTER TABLE append ALTER COLUMN payloads SET STORAGE EXTERNAL;

INSERT INTO append
  (stream, first_version, last_version, txid, position, append_end, types, payloads, occurred_at, actor, request_id,
   cause)
OVERRIDING SYSTEM VALUE
SELECT stream, version, version, txid, position, append_end, ARRAY[type], ARRAY[payload], occurred_at, actor,
  request_id, cause
FROM event;

SELECT setval(pg_get_serial_sequence('append', 'position'), coalesce(max(position), 0) + 1, false) FROM append;

DROP TABLE event;

CREATE INDEX append_order ON append (txid, position);

CREATE TRIGGER append_is_first_write BEFORE INSERT ON append
  FOR EACH STATEMENT EXECUTE FUNCTION append_is_first_write();

-- Event by event, for people and for queries over many streams.
CREATE VIEW event AS
SELECT a.stream, a.first_version + e.n - 1 AS version, a.txid, a.position, a.append_end, e.type, e.payload,
  a.occurred_at, a.actor, a.request_id, a.cause
FROM append a CROSS JOIN LATERAL unnest(a.types, a.payloads) WITH ORDINALITY AS e (type, payload, n);

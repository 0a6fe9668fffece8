-- Where a projection continues in each partition, written in the transaction that applied the records.
CREATE TABLE kafka_offset (
  projection  text   NOT NULL,
  topic       text   NOT NULL,
  partition   int    NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (projection, topic, partition)
);

-- The version up to which a projection reflects a stream; older ones are refused.
CREATE TABLE projected_stream (
  projection text   NOT NULL,
  topic      text   NOT NULL,
  stream     text   NOT NULL,
  version    bigint NOT NULL,
  PRIMARY KEY (projection, topic, stream)
);

-- Events that could not be applied yet: a poison event, those behind it in its stream, or those behind a gap.
CREATE TABLE parked_event (
  projection  text        NOT NULL,
  topic       text        NOT NULL,
  stream      text        NOT NULL,
  version     bigint      NOT NULL,
  append_end  bigint      NOT NULL,
  type        text        NOT NULL,
  payload     bytea       NOT NULL,
  occurred_at timestamptz NOT NULL,
  actor       text        NOT NULL,
  request_id  text,
  cause       text,
  error       text        NOT NULL,
  parked_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (projection, topic, stream, version)
);

-- Projections whose parked events are to be tried again by whichever replica is active.
CREATE TABLE replay_request (
  projection text PRIMARY KEY
);

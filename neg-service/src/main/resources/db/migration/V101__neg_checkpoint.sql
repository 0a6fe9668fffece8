-- How a group was at some versions, so that none is far from one of them: a past version is a checkpoint and the
-- events since. Without any, it is all events.
CREATE TABLE neg_checkpoint (
  neg         text    COLLATE "C" NOT NULL,
  -- Of the stream.
  version     bigint  NOT NULL,
  -- The event NegCreated of the group.
  definition  bytea   NOT NULL,
  -- Of its endpoints, each array in the same order.
  ips         inet[]  NOT NULL,
  ports       int[]   NOT NULL,
  instances   text[]  NOT NULL,
  annotations jsonb[] NOT NULL,
  PRIMARY KEY (neg, version)
);

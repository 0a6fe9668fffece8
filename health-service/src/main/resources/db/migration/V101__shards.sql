-- Every replica follows the marks with a cursor of its own, so they stay for a while. Only the one projector writes
-- them, so their ids are committed in order.
ALTER TABLE changed_endpoint ADD COLUMN marked_at timestamptz NOT NULL DEFAULT now();

CREATE INDEX changed_endpoint_age ON changed_endpoint (marked_at);

-- Marks up to here are gone: who has not followed them must look at everything again.
CREATE TABLE changed_endpoint_floor (
  id bigint NOT NULL
);

INSERT INTO changed_endpoint_floor VALUES (0);

-- Which replica may announce the verdicts on the targets of a shard: the one that claimed it last.
CREATE TABLE shard_owner (
  shard int  PRIMARY KEY,
  owner text NOT NULL
);

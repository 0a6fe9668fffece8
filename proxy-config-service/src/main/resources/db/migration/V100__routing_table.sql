-- The routing table over time: a row holds from one revision until just before another; without an end it
-- holds now. Keys are compared byte by byte, as the code does.
CREATE TABLE routing_row (
  kind          text        NOT NULL,
  key           text        NOT NULL COLLATE "C",
  from_revision bigint      NOT NULL,
  to_revision   bigint      CHECK (to_revision > from_revision),
  -- When the row ends by itself, if it does.
  expires_at    timestamptz,
  -- Protobuf; the kind says which message.
  content       bytea       NOT NULL,
  PRIMARY KEY (kind, key, from_revision)
);

CREATE UNIQUE INDEX routing_row_current ON routing_row (kind, key) WHERE to_revision IS NULL;
CREATE INDEX routing_row_begun ON routing_row (from_revision) WHERE to_revision IS NULL;
CREATE INDEX routing_row_ended ON routing_row (to_revision) WHERE to_revision IS NOT NULL;
CREATE INDEX routing_row_expiry ON routing_row (expires_at)
  WHERE to_revision IS NULL AND expires_at IS NOT NULL;

CREATE TABLE revision (
  revision bigint      PRIMARY KEY,
  -- When its cause happened, which need not be in the order of revisions.
  at       timestamptz NOT NULL,
  cause    text        NOT NULL,
  actor    text        NOT NULL
);

CREATE FUNCTION revision_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('revision_added', '');
  RETURN NULL;
END $$;

CREATE TRIGGER revision_added AFTER INSERT ON revision
  FOR EACH STATEMENT EXECUTE FUNCTION revision_added();

-- One row. Whoever writes the routing table locks it first, so revisions become visible in their order.
-- Revisions of different epochs have nothing to do with each other: the table was made anew in between.
CREATE TABLE routing_head (
  single   boolean PRIMARY KEY DEFAULT true CHECK (single),
  revision bigint  NOT NULL,
  epoch    uuid    NOT NULL
);

INSERT INTO routing_head (revision, epoch) VALUES (0, gen_random_uuid());

-- Which backend service uses which group, and how long it lets detached endpoints finish.
CREATE TABLE backend_use (
  neg                  text NOT NULL,
  backend_service      text NOT NULL,
  draining_timeout_sec int  NOT NULL,
  PRIMARY KEY (neg, backend_service)
);

-- Endpoints detached so lately that a backend service whose events come later may still let them finish.
CREATE TABLE detached_endpoint (
  neg         text        NOT NULL,
  address     text        NOT NULL,
  detached_at timestamptz NOT NULL,
  PRIMARY KEY (neg, address)
);

CREATE INDEX detached_endpoint_age ON detached_endpoint (detached_at);

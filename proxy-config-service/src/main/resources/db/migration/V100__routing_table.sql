-- One row per change of the routing table, numbered without gaps.
CREATE TABLE revision (
  revision bigint      PRIMARY KEY,
  at       timestamptz NOT NULL,
  cause    text        NOT NULL,
  actor    text        NOT NULL
);

-- The routing table as of every revision: a row holds from from_revision until before to_revision.
CREATE TABLE routing_row (
  kind          text   NOT NULL,
  key           text   COLLATE "C" NOT NULL,
  from_revision bigint NOT NULL,
  to_revision   bigint,
  content       bytea  NOT NULL,
  PRIMARY KEY (kind, key, from_revision)
);

CREATE UNIQUE INDEX routing_row_current ON routing_row (kind, key) WHERE to_revision IS NULL;
CREATE INDEX routing_row_from ON routing_row (from_revision);
CREATE INDEX routing_row_to ON routing_row (to_revision) WHERE to_revision IS NOT NULL;

CREATE FUNCTION revision_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('revision_added', '');
  RETURN NULL;
END $$;

CREATE TRIGGER revision_added AFTER INSERT ON revision
  FOR EACH STATEMENT EXECUTE FUNCTION revision_added();

-- Who held the proxies at a revision, and who let them go again. The newest one says how it is now.
CREATE TABLE pin_change (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at       timestamptz NOT NULL,
  actor    text        NOT NULL,
  reason   text        NOT NULL,
  -- Of the routing table; none: it was unpinned.
  revision bigint
);

-- The routing table that the proxies are held at, a copy: it outlives the history, and a table that is made anew.
CREATE TABLE pinned_row (
  kind    text  NOT NULL,
  key     text  NOT NULL COLLATE "C",
  content bytea NOT NULL,
  PRIMARY KEY (kind, key)
);

CREATE TRIGGER pin_changed AFTER INSERT ON pin_change
  FOR EACH STATEMENT EXECUTE FUNCTION revision_added();

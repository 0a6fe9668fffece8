-- Every resource as it is now. The content has no change_token; version is the stream's.
CREATE TABLE resource (
  name    text   COLLATE "C" PRIMARY KEY,
  kind    text   NOT NULL,
  content bytea  NOT NULL,
  version bigint NOT NULL
);

-- Who uses what. The foreign keys decide the race between using a resource and deleting it.
CREATE TABLE reference (
  user_name text COLLATE "C" NOT NULL REFERENCES resource (name) ON DELETE CASCADE,
  used_name text COLLATE "C" NOT NULL REFERENCES resource (name),
  PRIMARY KEY (user_name, used_name)
);

CREATE INDEX reference_used ON reference (used_name);

-- One rule on an address and port, and 0.0.0.0 is every address: a rule takes the numbers
-- port * 2^32 + address, from its first address to its last.
CREATE TABLE listening (
  rule      text      COLLATE "C" PRIMARY KEY REFERENCES resource (name) ON DELETE CASCADE,
  addresses int8range NOT NULL,
  EXCLUDE USING gist (addresses WITH &&)
);

-- The groups that neg-service has told of.
CREATE TABLE known_neg (
  name    text    COLLATE "C" PRIMARY KEY,
  id      bigint  NOT NULL,
  deleted boolean NOT NULL
);

-- A group that was ever referenced or fenced. Fencing it and referencing it exclude each other:
-- a reference names the row with fenced = false, so the update to true fails while one is there,
-- and no reference can be added afterwards.
CREATE TABLE neg_fence (
  name   text    COLLATE "C" NOT NULL,
  id     bigint  NOT NULL,
  fenced boolean NOT NULL,
  PRIMARY KEY (name, id),
  UNIQUE (name, id, fenced)
);

CREATE TABLE neg_reference (
  backend_service text    COLLATE "C" NOT NULL REFERENCES resource (name) ON DELETE CASCADE,
  neg             text    COLLATE "C" NOT NULL,
  neg_id          bigint  NOT NULL,
  fenced          boolean NOT NULL DEFAULT false CHECK (NOT fenced),
  PRIMARY KEY (backend_service, neg),
  -- Deferrable, because a replay passes through references to groups that are fenced by now.
  FOREIGN KEY (neg, neg_id, fenced) REFERENCES neg_fence (name, id, fenced)
    DEFERRABLE INITIALLY IMMEDIATE
);

CREATE INDEX neg_reference_neg ON neg_reference (neg, neg_id);

-- The groups there are. Names are compared by bytes, so that lists have one order everywhere.
CREATE TABLE neg (
  name         text        COLLATE "C" PRIMARY KEY,
  project      text        NOT NULL,
  id           bigint      NOT NULL UNIQUE,
  created_at   timestamptz NOT NULL,
  description  text        NOT NULL,
  type         text        NOT NULL,
  network      text        NOT NULL,
  default_port int,
  annotations  jsonb       NOT NULL,
  size         int         NOT NULL,
  -- Of the stream.
  version      bigint      NOT NULL,
  -- Its deletion is recorded and not decided.
  deleting     boolean     NOT NULL
);

CREATE INDEX neg_project ON neg (project);
CREATE INDEX neg_deleting ON neg (name) WHERE deleting;

CREATE TABLE neg_endpoint (
  neg         text  COLLATE "C" NOT NULL,
  ip          inet  NOT NULL,
  port        int   NOT NULL,
  instance    text  NOT NULL,
  annotations jsonb NOT NULL,
  PRIMARY KEY (neg, ip, port)
);

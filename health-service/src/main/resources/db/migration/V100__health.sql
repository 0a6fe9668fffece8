-- Who is probed, and with what: what neg-service and backend-service say, as far as probing needs it.
CREATE TABLE endpoint (
  neg              text   NOT NULL,
  ip               inet   NOT NULL,
  port             int    NOT NULL,
  instance         text   NOT NULL,
  -- The group's version that brought it: another one means it was detached and attached again.
  attached_version bigint NOT NULL,
  PRIMARY KEY (neg, ip, port)
);

CREATE INDEX endpoint_address ON endpoint (ip, port);

CREATE TABLE health_check (
  name       text  PRIMARY KEY,
  -- openneg.backend.v1.HealthCheck
  definition bytea NOT NULL
);

CREATE TABLE backend_service (
  name         text PRIMARY KEY,
  health_check text
);

CREATE TABLE backend (
  backend_service text NOT NULL,
  neg             text NOT NULL,
  PRIMARY KEY (backend_service, neg)
);

CREATE INDEX backend_neg ON backend (neg);

-- Endpoints whose targets may have changed, for the prober to look at again. Rows are only ever added, so a
-- change that commits while the prober takes the rows before it is not lost.
CREATE TABLE changed_endpoint (
  id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  ip   inet   NOT NULL,
  port int    NOT NULL
);

-- Verdicts, from this service's own log. No row: no verdict.
CREATE TABLE endpoint_health (
  health_check text        NOT NULL,
  ip           inet        NOT NULL,
  port         int         NOT NULL,
  state        text        NOT NULL,
  reason       text        NOT NULL,
  probe_text   text        NOT NULL,
  observed_at  timestamptz NOT NULL,
  PRIMARY KEY (health_check, ip, port)
);

-- How long an endpoint that goes may finish what it has, in seconds.
ALTER TABLE backend_service ADD COLUMN draining_sec int NOT NULL DEFAULT 0;

-- Endpoints that went and may still finish what they have. They are not probed.
CREATE TABLE draining_endpoint (
  backend_service text        NOT NULL,
  neg             text        NOT NULL,
  ip              inet        NOT NULL,
  port            int         NOT NULL,
  instance        text        NOT NULL,
  until           timestamptz NOT NULL,
  PRIMARY KEY (backend_service, neg, ip, port)
);

CREATE INDEX draining_endpoint_neg ON draining_endpoint (neg);
CREATE INDEX draining_endpoint_until ON draining_endpoint (until);

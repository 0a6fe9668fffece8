-- Private keys of certificates, sealed (SealedSecrets). No event has them, so a rebuild leaves them alone.
CREATE TABLE sealed_key (
  certificate text        COLLATE "C" NOT NULL,
  id          bigint      NOT NULL,
  sealed      bytea       NOT NULL,
  kept_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (certificate, id)
);

-- An IP address that somebody has for himself: an address resource, or a forwarding rule that was given one of a
-- pool. The number is the address' four bytes. One primary key decides between all of them.
CREATE TABLE held_address (
  number bigint PRIMARY KEY,
  holder text   COLLATE "C" NOT NULL UNIQUE REFERENCES resource (name) ON DELETE CASCADE
);

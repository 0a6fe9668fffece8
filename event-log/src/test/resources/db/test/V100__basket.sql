CREATE TABLE basket (
  stream  text        PRIMARY KEY,
  size    bigint      NOT NULL,
  last    text        NOT NULL,
  last_at timestamptz NOT NULL
);

-- Without a key on purpose: what is applied twice is in it twice.
CREATE TABLE basket_thing (
  applied bigint GENERATED ALWAYS AS IDENTITY,
  stream  text   NOT NULL,
  version bigint NOT NULL,
  thing   text   NOT NULL
);

CREATE TABLE resource (
  name text PRIMARY KEY
);

CREATE TABLE reference (
  user_name text NOT NULL,
  used      text NOT NULL REFERENCES resource
);

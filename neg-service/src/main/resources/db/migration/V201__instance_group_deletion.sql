-- A deletion that is recorded and not decided.
ALTER TABLE instance_group ADD COLUMN deleting boolean NOT NULL DEFAULT false;

CREATE INDEX instance_group_deleting ON instance_group (name) WHERE deleting;

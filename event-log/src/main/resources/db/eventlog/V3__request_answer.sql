-- What the client was told, when that does not follow from the state of the stream; a repeat is told the same.
ALTER TABLE request ADD COLUMN answer bytea;

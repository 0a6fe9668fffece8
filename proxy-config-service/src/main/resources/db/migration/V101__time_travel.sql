-- Differences between two revisions look for rows that begin in between, also when they have ended since.
DROP INDEX routing_row_begun;
CREATE INDEX routing_row_begun ON routing_row (from_revision);

-- The table as of a time.
CREATE INDEX revision_at ON revision (at);

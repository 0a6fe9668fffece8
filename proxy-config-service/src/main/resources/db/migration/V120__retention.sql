-- Revisions before this one are no longer kept; 0: all are. What compaction deletes is behind it already, so
-- whoever reads it in the same snapshot as the rows has either all of a revision or an error.
ALTER TABLE routing_head ADD COLUMN oldest_revision bigint NOT NULL DEFAULT 0;

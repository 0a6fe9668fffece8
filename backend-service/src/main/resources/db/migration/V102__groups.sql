-- Instance groups are known, referenced and fenced as network endpoint groups are.
ALTER TABLE known_neg RENAME TO known_group;
ALTER TABLE neg_fence RENAME TO group_fence;
ALTER TABLE neg_reference RENAME TO group_reference;
ALTER TABLE group_reference RENAME COLUMN neg TO group_name;
ALTER TABLE group_reference RENAME COLUMN neg_id TO group_id;
ALTER INDEX neg_reference_neg RENAME TO group_reference_group;

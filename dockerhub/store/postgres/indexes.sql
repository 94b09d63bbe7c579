-- What PostgreSQL indexes in another way: one entry of its trees holds 2,704 bytes at most, and the
-- value of a label may be longer. A hash index holds none of the value.
-- Source: https://www.postgresql.org/docs/15/btree-limits.html (read 2026-11-22)
DROP INDEX IF EXISTS annotation_name;
CREATE INDEX IF NOT EXISTS annotation_key ON annotation (name);
CREATE INDEX IF NOT EXISTS annotation_value ON annotation USING hash (value);
DROP INDEX IF EXISTS label_name;
CREATE INDEX IF NOT EXISTS label_key ON label (name);
CREATE INDEX IF NOT EXISTS label_value ON label USING hash (value);
-- Rows that name a row which goes are looked for; SQLite's upkeep sees to that itself.
CREATE INDEX IF NOT EXISTS event_base_tag ON event (base_tag_id) WHERE base_tag_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS usage_from ON usage (machine_id);
CREATE INDEX IF NOT EXISTS absence_repository ON absence (repository_id);
CREATE INDEX IF NOT EXISTS image_platform ON image (platform_id);
CREATE INDEX IF NOT EXISTS build_step_instruction ON build_step (instruction_id);

-- What stands for SQLite's full-text index where there is none: the texts that it is made of.
CREATE OR REPLACE VIEW repository_search AS
SELECT r.namespace || '/' || r.name AS full_name, r.description, d.full_description
FROM repository AS r
LEFT JOIN repository_detail AS d ON d.repository_id = r.id;

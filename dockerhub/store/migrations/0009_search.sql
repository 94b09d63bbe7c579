-- Words in names and descriptions, found without reading every description.

-- repository_search: full-text index of names and descriptions; its text stays in its own tables
CREATE VIRTUAL TABLE repository_search USING fts5 (
    full_name,                          -- namespace/name
    description,                        -- the short description
    full_description,                   -- the long description, Markdown
    content = 'repository_texts',
    content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO repository_search (rowid, full_name, description, full_description)
SELECT r.id, r.namespace || '/' || r.name, r.description, d.full_description
FROM repository AS r
LEFT JOIN repository_detail AS d ON d.repository_id = r.id;

-- The index is kept in step by the tables themselves, and touched only where a text changes:
-- every night's pull counts leave it alone.
CREATE TRIGGER repository_search_new AFTER INSERT ON repository
BEGIN
    INSERT INTO repository_search (rowid, full_name, description, full_description)
    VALUES (new.id, new.namespace || '/' || new.name, new.description, NULL);
END;
CREATE TRIGGER repository_search_changed
AFTER UPDATE OF namespace, name, description ON repository
WHEN old.description IS NOT new.description
    OR old.namespace IS NOT new.namespace OR old.name IS NOT new.name
BEGIN
    INSERT INTO repository_search (
        repository_search, rowid, full_name, description, full_description
    )
    SELECT
        'delete', old.id, old.namespace || '/' || old.name, old.description,
        (SELECT d.full_description FROM repository_detail AS d WHERE d.repository_id = old.id);
    INSERT INTO repository_search (rowid, full_name, description, full_description)
    SELECT
        new.id, new.namespace || '/' || new.name, new.description,
        (SELECT d.full_description FROM repository_detail AS d WHERE d.repository_id = new.id);
END;
CREATE TRIGGER repository_search_gone AFTER DELETE ON repository
BEGIN
    INSERT INTO repository_search (
        repository_search, rowid, full_name, description, full_description
    )
    VALUES ('delete', old.id, old.namespace || '/' || old.name, old.description, NULL);
END;
CREATE TRIGGER repository_search_detail_new AFTER INSERT ON repository_detail
WHEN new.full_description IS NOT NULL
BEGIN
    INSERT INTO repository_search (
        repository_search, rowid, full_name, description, full_description
    )
    SELECT 'delete', r.id, r.namespace || '/' || r.name, r.description, NULL
    FROM repository AS r WHERE r.id = new.repository_id;
    INSERT INTO repository_search (rowid, full_name, description, full_description)
    SELECT r.id, r.namespace || '/' || r.name, r.description, new.full_description
    FROM repository AS r WHERE r.id = new.repository_id;
END;
CREATE TRIGGER repository_search_detail_changed
AFTER UPDATE OF full_description ON repository_detail
WHEN old.full_description IS NOT new.full_description
BEGIN
    INSERT INTO repository_search (
        repository_search, rowid, full_name, description, full_description
    )
    SELECT 'delete', r.id, r.namespace || '/' || r.name, r.description, old.full_description
    FROM repository AS r WHERE r.id = new.repository_id;
    INSERT INTO repository_search (rowid, full_name, description, full_description)
    SELECT r.id, r.namespace || '/' || r.name, r.description, new.full_description
    FROM repository AS r WHERE r.id = new.repository_id;
END;
CREATE TRIGGER repository_search_detail_gone AFTER DELETE ON repository_detail
WHEN old.full_description IS NOT NULL
BEGIN
    INSERT INTO repository_search (
        repository_search, rowid, full_name, description, full_description
    )
    SELECT 'delete', r.id, r.namespace || '/' || r.name, r.description, old.full_description
    FROM repository AS r WHERE r.id = old.repository_id;
    INSERT INTO repository_search (rowid, full_name, description, full_description)
    SELECT r.id, r.namespace || '/' || r.name, r.description, NULL
    FROM repository AS r WHERE r.id = old.repository_id;
END;

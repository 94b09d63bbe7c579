-- What changed while we looked. A row is written together with the rows that it is about.

-- event: what changed while we looked, in the order in which it was noticed
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- number of the event; rises, never used again
    kind TEXT NOT NULL,                 -- tag_created, tag_moved, tag_deleted, repository_appeared, repository_gone or base_outdated
    repository_id INTEGER NOT NULL REFERENCES repository (id), -- the repository
    tag_id INTEGER REFERENCES tag (id), -- the tag; NULL if it is about the repository
    seen_at INTEGER NOT NULL,           -- when we noticed
    hub_at INTEGER,                     -- when Hub says that it happened; NULL where it does not say
    old_digest BLOB,                    -- what the tag showed before (tag_moved, tag_deleted); base_outdated: what the base tag has left
    new_digest BLOB,                    -- what the tag shows now (tag_created, tag_moved); base_outdated: what the base tag shows now
    base_tag_id INTEGER REFERENCES tag (id) -- base_outdated: the base's tag; else NULL
);
CREATE INDEX event_seen ON event (seen_at);
CREATE INDEX event_repository ON event (repository_id, id);
CREATE INDEX event_appeared ON event (repository_id) WHERE kind = 'repository_appeared';
-- The readable view writes the moment so; questions by that text go through this index.
CREATE INDEX event_seen_text ON event (
    (strftime('%Y-%m-%dT%H:%M:%S', (seen_at - (seen_at % 1000000 + 1000000) % 1000000) / 1000000, 'unixepoch') || printf('.%06dZ', (seen_at % 1000000 + 1000000) % 1000000))
);

CREATE INDEX absence_tag ON absence (tag_id) WHERE tag_id IS NOT NULL;

-- outdated_base: of which images of a tag it was said that their base has moved on: once is enough
CREATE TABLE outdated_base (
    tag_id INTEGER NOT NULL REFERENCES tag (id), -- the tag
    image_set_id INTEGER NOT NULL REFERENCES image_set (id), -- the images that it showed then
    repository_id INTEGER NOT NULL REFERENCES repository (id), -- the repository of the base
    PRIMARY KEY (tag_id, image_set_id, repository_id)
) WITHOUT ROWID;

-- event_mark: how far the search for outdated bases has come
CREATE TABLE event_mark (
    name TEXT PRIMARY KEY,              -- a table whose rows are looked at as they come
    value INTEGER NOT NULL              -- number of the last row that was looked at
) WITHOUT ROWID;

-- What an older version of this database knows of the past, in the order in which it was noticed.
-- What a tag showed at a moment is what its first move after that left, or what it shows now.
INSERT INTO event (
    kind, repository_id, tag_id, seen_at, hub_at, old_digest, new_digest
)
SELECT p.kind, p.repository_id, p.tag_id, p.seen_at, p.hub_at, p.old_digest, p.new_digest
FROM (
    SELECT
        'repository_gone' AS kind, a.repository_id AS repository_id, NULL AS tag_id,
        a.gone_at AS seen_at, NULL AS hub_at, NULL AS old_digest, NULL AS new_digest,
        0 AS rank, a.id AS place
    FROM absence AS a WHERE a.tag_id IS NULL
    UNION ALL
    SELECT 'repository_gone', r.id, NULL, r.gone_at, NULL, NULL, NULL, 0, r.id
    FROM repository AS r WHERE r.gone_at IS NOT NULL
    UNION ALL
    SELECT 'repository_appeared', a.repository_id, NULL, a.back_at, r.registered_at, NULL, NULL, 1, a.id
    FROM absence AS a INNER JOIN repository AS r ON r.id = a.repository_id
    WHERE a.tag_id IS NULL
    UNION ALL
    SELECT
        'tag_deleted', a.repository_id, a.tag_id, a.gone_at, NULL,
        COALESCE(
            (
                SELECT s.digest FROM tag_move AS m INNER JOIN image_set AS s ON s.id = m.image_set_id
                WHERE m.id = (
                    SELECT MIN(n.id) FROM tag_move AS n
                    WHERE n.tag_id = a.tag_id AND n.moved_at >= a.back_at
                )
            ),
            CASE
                WHEN NOT EXISTS (
                    SELECT 1 FROM tag_move AS n
                    WHERE n.tag_id = a.tag_id AND n.moved_at >= a.back_at
                )
                    THEN COALESCE(s.digest, t.registry_digest)
            END
        ),
        NULL, 4, a.id
    FROM absence AS a
    INNER JOIN tag AS t ON t.id = a.tag_id
    INNER JOIN image_set AS s ON s.id = t.image_set_id
    UNION ALL
    SELECT
        'tag_deleted', t.repository_id, t.id, t.gone_at, NULL,
        COALESCE(s.digest, t.registry_digest), NULL, 4, t.id
    FROM tag AS t
    INNER JOIN repository AS r ON r.id = t.repository_id
    INNER JOIN image_set AS s ON s.id = t.image_set_id
    WHERE t.gone_at IS NOT NULL AND (r.gone_at IS NULL OR r.gone_at > t.gone_at)
    UNION ALL
    SELECT
        'tag_created', a.repository_id, a.tag_id, a.back_at,
        CASE
            WHEN COALESCE(t.last_pushed_at, t.last_updated_at) BETWEEN a.gone_at AND a.back_at
                THEN COALESCE(t.last_pushed_at, t.last_updated_at)
        END,
        NULL,
        COALESCE(
            (
                SELECT s.digest FROM tag_move AS m INNER JOIN image_set AS s ON s.id = m.image_set_id
                WHERE m.id = (
                    SELECT MIN(n.id) FROM tag_move AS n
                    WHERE n.tag_id = a.tag_id AND n.moved_at > a.back_at
                )
            ),
            CASE
                WHEN NOT EXISTS (
                    SELECT 1 FROM tag_move AS n
                    WHERE n.tag_id = a.tag_id AND n.moved_at > a.back_at
                )
                    THEN COALESCE(s.digest, t.registry_digest)
            END
        ),
        3, a.id
    FROM absence AS a
    INNER JOIN tag AS t ON t.id = a.tag_id
    INNER JOIN image_set AS s ON s.id = t.image_set_id
    UNION ALL
    SELECT
        'tag_moved', t.repository_id, t.id, m.moved_at,
        CASE
            WHEN t.image_set_seen_at = m.moved_at
                AND COALESCE(t.last_pushed_at, t.last_updated_at) <= m.moved_at
                THEN COALESCE(t.last_pushed_at, t.last_updated_at)
        END,
        s.digest,
        CASE
            WHEN EXISTS (SELECT 1 FROM tag_move AS n WHERE n.tag_id = m.tag_id AND n.id > m.id)
                THEN (
                    SELECT z.digest FROM tag_move AS n
                    INNER JOIN image_set AS z ON z.id = n.image_set_id
                    WHERE n.tag_id = m.tag_id AND n.id > m.id
                    ORDER BY n.id LIMIT 1
                )
            ELSE COALESCE(x.digest, t.registry_digest)
        END,
        2, m.id
    FROM tag_move AS m
    INNER JOIN tag AS t ON t.id = m.tag_id
    INNER JOIN image_set AS s ON s.id = m.image_set_id
    INNER JOIN image_set AS x ON x.id = t.image_set_id
    -- One that was away and shows other images now has come again; that is said above.
    WHERE NOT EXISTS (
        SELECT 1 FROM absence AS a WHERE a.tag_id = m.tag_id AND a.back_at = m.moved_at
    )
) AS p
ORDER BY p.seen_at, p.rank, p.place;

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
CREATE INDEX event_tag ON event (tag_id, seen_at) WHERE tag_id IS NOT NULL;
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
    value INTEGER NOT NULL,             -- number of the last row that was looked at
    first INTEGER NOT NULL DEFAULT 0    -- number of the last row before events were written
) WITHOUT ROWID;
-- What is outdated in an older version of this database is no event: the look begins after it.
-- Where nothing is known yet of what images are made of, everything is still to come.
INSERT INTO event_mark (name, value, first)
SELECT e.name, e.last, e.last
FROM (
    SELECT 'tag' AS name, (SELECT MAX(id) FROM tag) AS last
    UNION ALL SELECT 'tag_move', (SELECT MAX(id) FROM tag_move)
    UNION ALL SELECT 'absence', (SELECT MAX(id) FROM absence)
    UNION ALL SELECT 'manifest', (SELECT MAX(id) FROM manifest)
    UNION ALL SELECT 'config', (SELECT MAX(id) FROM config)
    UNION ALL SELECT 'attestation', (SELECT MAX(id) FROM attestation)
) AS e
WHERE e.last IS NOT NULL AND EXISTS (SELECT 1 FROM manifest);

-- What an older version of this database knows of the past, in the order in which it was noticed.
-- What a tag showed at a moment is what its first move after that left, or what it shows now.
--
-- A tag is created if it was first seen after the first walk over all tags of its repository, or
-- after its repository appeared; after a first walk over some of them if Hub's moment, which must
-- not have changed since, says so. A repository appears if it was first seen while its namespace was
-- listed, after the first whole list. What cannot be told: which repositories were new among the
-- hits of a search, whether one that was named by a user at that very time was also in the list,
-- new tags that were known by name only or pushed again where some were known, and Hub's moments of
-- what was pushed again.
INSERT INTO event (
    kind, repository_id, tag_id, seen_at, hub_at, old_digest, new_digest
)
WITH look AS MATERIALIZED (
    SELECT
        r.id AS repository_id,
        MIN(
            CASE
                WHEN w.arguments = '' AND w.stop_reason = 'complete' AND w.refused_count = 0
                    THEN w.finished_at
            END
        ) AS whole_at,
        MIN(CASE WHEN w.stop_reason <> 'interrupted' AND w.pages > 0 THEN w.finished_at END)
            AS partly_at,
        MIN(CASE WHEN w.stop_reason <> 'interrupted' AND w.pages > 0 THEN w.started_at END)
            AS since
    FROM walk AS w
    INNER JOIN repository AS r ON r.namespace || '/' || r.name = w.subject
    WHERE w.kind IN ('tags', 'names') AND w.finished_at IS NOT NULL
    GROUP BY r.id
),

came AS MATERIALIZED (
    SELECT
        r.id AS repository_id, r.first_seen_at AS seen_at, r.registered_at AS registered_at,
        -1 AS absence_id, r.first_seen_at AS hub_until, NULL AS hub_from
    FROM repository AS r
    WHERE r.first_seen_at > (
        SELECT MIN(w.finished_at) FROM walk AS w
        WHERE w.kind = 'repositories' AND w.subject = r.namespace AND w.stop_reason = 'complete'
    )
    AND EXISTS (
        SELECT 1 FROM walk AS w
        WHERE w.kind = 'repositories' AND w.subject = r.namespace AND w.pages > 0
            AND w.started_at <= r.first_seen_at
            AND COALESCE(w.finished_at, r.first_seen_at) >= r.first_seen_at
    )
    UNION ALL
    SELECT a.repository_id, a.back_at, r.registered_at, a.id, a.back_at, a.gone_at
    FROM absence AS a INNER JOIN repository AS r ON r.id = a.repository_id
    WHERE a.tag_id IS NULL
)

SELECT p.kind, p.repository_id, p.tag_id, p.seen_at, p.hub_at, p.old_digest, p.new_digest
FROM (
    SELECT
        'repository_gone' AS kind, a.repository_id AS repository_id,
        CAST(NULL AS INTEGER) AS tag_id, a.gone_at AS seen_at, CAST(NULL AS INTEGER) AS hub_at,
        CAST(NULL AS BLOB) AS old_digest, CAST(NULL AS BLOB) AS new_digest,
        0 AS rank, a.id AS place
    FROM absence AS a WHERE a.tag_id IS NULL
    UNION ALL
    SELECT 'repository_gone', r.id, NULL, r.gone_at, NULL, NULL, NULL, 0, r.id
    FROM repository AS r WHERE r.gone_at IS NOT NULL
    UNION ALL
    SELECT
        'repository_appeared', c.repository_id, NULL, c.seen_at,
        CASE
            WHEN c.registered_at <= c.hub_until AND (c.hub_from IS NULL OR c.registered_at > c.hub_from)
                THEN c.registered_at
        END,
        NULL, NULL, 1, c.absence_id
    FROM came AS c
    UNION ALL
    SELECT
        'tag_created', t.repository_id, t.id, t.first_seen_at,
        CASE
            WHEN t.image_set_seen_at <= t.first_seen_at
                AND COALESCE(t.last_pushed_at, t.last_updated_at) <= t.first_seen_at
                THEN COALESCE(t.last_pushed_at, t.last_updated_at)
        END,
        NULL,
        CASE
            WHEN EXISTS (SELECT 1 FROM tag_move AS n WHERE n.tag_id = t.id)
                THEN (
                    SELECT z.digest FROM tag_move AS n
                    INNER JOIN image_set AS z ON z.id = n.image_set_id
                    WHERE n.tag_id = t.id
                    ORDER BY n.id LIMIT 1
                )
            ELSE COALESCE(s.digest, t.registry_digest)
        END,
        3, t.id
    FROM tag AS t
    INNER JOIN image_set AS s ON s.id = t.image_set_id
    LEFT JOIN look AS k ON k.repository_id = t.repository_id
    LEFT JOIN (
        SELECT repository_id, MIN(seen_at) AS seen_at FROM came GROUP BY repository_id
    ) AS c ON c.repository_id = t.repository_id
    WHERE t.first_seen_at >= c.seen_at
        OR t.first_seen_at > k.whole_at
        OR (
            t.first_seen_at > k.partly_at
            AND t.last_updated_at > k.since AND t.last_updated_at <= t.first_seen_at
        )
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

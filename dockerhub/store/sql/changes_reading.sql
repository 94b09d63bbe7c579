-- said (e) --
-- What does an event say?
    e.id, e.kind, r.namespace, r.name, t.name AS tag_name, e.seen_at, e.hub_at, e.old_digest,
    e.new_digest, q.namespace || '/' || q.name || ':' || b.name AS base_image, r.description
FROM chosen AS c
CROSS JOIN event AS e ON e.id = c.id
CROSS JOIN repository AS r ON r.id = e.repository_id
LEFT JOIN tag AS t ON t.id = e.tag_id
LEFT JOIN tag AS b ON b.id = e.base_tag_id
LEFT JOIN repository AS q ON q.id = b.repository_id

-- wanted (e) --
-- Is an event of a wanted kind?
(:kinds IS NULL OR e.kind IN (SELECT k.value FROM json_each(:kinds) AS k))

-- matching (r) --
-- Which repositories match the patterns? Their names lie between two in the index.
    SELECT r.id
    FROM json_each(:globs) AS g
    CROSS JOIN repository AS r
        ON r.namespace || '/' || r.name >= json_extract(g.value, '$.low')
            AND r.namespace || '/' || r.name < json_extract(g.value, '$.high')
    WHERE r.namespace || '/' || r.name GLOB json_extract(g.value, '$.glob')

-- newest --
-- Which events of all repositories were seen since a moment, newest first?
WITH chosen AS MATERIALIZED (
    SELECT e.id, e.seen_at
    FROM event AS e
    WHERE e.seen_at >= :since AND {wanted e}
    ORDER BY e.seen_at DESC, e.id DESC
    LIMIT :limit
)
SELECT
{said e}
ORDER BY c.seen_at DESC, c.id DESC;

-- newest_of --
-- Which events of the repositories that match were seen since a moment, newest first?
WITH matches AS MATERIALIZED (
    SELECT DISTINCT m.id FROM (
{matching r}
    ) AS m
),
chosen AS MATERIALIZED (
    SELECT e.id, e.seen_at
    FROM matches AS m
    CROSS JOIN event AS e ON e.repository_id = m.id
    WHERE e.seen_at >= :since AND {wanted e}
    ORDER BY e.seen_at DESC, e.id DESC
    LIMIT :limit
)
SELECT
{said e}
ORDER BY c.seen_at DESC, c.id DESC;

-- next --
-- Which events after one and up to another are wanted, oldest first?
WITH chosen AS MATERIALIZED (
    SELECT e.id
    FROM event AS e
    CROSS JOIN repository AS r ON r.id = e.repository_id
    WHERE e.id > :after AND e.id <= :last AND {wanted e}
        AND (
            :globs IS NULL
            OR EXISTS (
                SELECT 1 FROM json_each(:globs) AS g
                WHERE r.namespace || '/' || r.name GLOB json_extract(g.value, '$.glob')
            )
        )
    ORDER BY e.id
    LIMIT :limit
)
SELECT
{said e}
ORDER BY c.id;

-- last --
-- Which is the last event?
SELECT COALESCE(MAX(id), 0) FROM event;

-- first_since --
-- Which is the first event that was seen since a moment?
SELECT MIN(id) FROM event WHERE seen_at >= ?;

-- any_event --
-- Was there ever an event?
SELECT 1 FROM event LIMIT 1;

-- any_event_of --
-- Was there ever an event of the repositories that match?
SELECT 1
FROM (
{matching r}
) AS m
CROSS JOIN event AS e ON e.repository_id = m.id
LIMIT 1;

-- second_look --
-- Did a crawl come to its end that has seen a repository again?
WITH finished AS MATERIALIZED (
    SELECT c.started_at FROM crawl AS c WHERE c.finish_reason = 'finished'
)
SELECT 1
FROM repository AS r
WHERE r.last_seen_at >= (SELECT MIN(f.started_at) FROM finished AS f)
    AND r.first_seen_at < (SELECT MAX(f.started_at) FROM finished AS f)
    AND r.last_seen_at > r.first_seen_at
    AND EXISTS (
        SELECT 1 FROM finished AS f
        WHERE f.started_at > r.first_seen_at AND f.started_at <= r.last_seen_at
    )
LIMIT 1;

-- second_look_of --
-- Did a crawl come to its end that has seen a repository again which matches?
SELECT 1
FROM (
{matching r}
) AS m
CROSS JOIN repository AS s ON s.id = m.id
WHERE EXISTS (
    SELECT 1 FROM crawl AS c
    WHERE c.finish_reason = 'finished' AND c.started_at > s.first_seen_at
        AND c.started_at <= s.last_seen_at
)
LIMIT 1;

-- last_crawl --
-- Which crawl was the last one that came to its end, and when?
SELECT spider, arguments, finished_at FROM crawl
WHERE finish_reason = 'finished'
ORDER BY id DESC
LIMIT 1;

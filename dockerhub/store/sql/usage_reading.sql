-- bounds --
-- How much do the reports say, from when to when?
SELECT
    COUNT(*) AS rows_read,
    COALESCE(SUM(u.pulls), 0) AS pulls,
    COALESCE(SUM(u.version_checks), 0) AS version_checks,
    MIN(u.hour) AS first_hour,
    MAX(u.hour) AS last_hour,
    COUNT(DISTINCT u.hour) AS hours,
    COUNT(DISTINCT u.report_id) AS reports,
    COUNT(DISTINCT u.caller_id) AS callers
FROM usage AS u
WHERE u.hour >= :since;

-- has_usage --
-- Was any report read?
SELECT 1 FROM usage LIMIT 1;

-- spent --
-- Who or what spends the pulls: a token, machine, repository or user, by :by?
WITH
machine AS (
    SELECT
        m.id,
        COALESCE(
            m.addresses,
            m.name || CASE
                WHEN (SELECT COUNT(*) FROM usage_report) > 1 THEN ' of report ' || m.report_id
                ELSE ''
            END
        ) AS name
    FROM usage_machine AS m
),
hourly AS (
    SELECT
        CASE :by
            WHEN 'repository' THEN i.repository_name
            WHEN 'machine' THEN m.name
            ELSE c.user_name
        END AS who,
        CASE :by WHEN 'token' THEN c.token_name END AS token,
        u.hour,
        SUM(u.pulls) AS pulls,
        SUM(u.version_checks) AS version_checks
    FROM usage AS u
    INNER JOIN usage_caller AS c ON c.id = u.caller_id
    INNER JOIN usage_image AS i ON i.id = u.image_id
    INNER JOIN machine AS m ON m.id = u.machine_id
    WHERE u.hour >= :since
    GROUP BY 1, 2, 3
),
daily AS (
    SELECT
        h.who,
        h.token,
        SUM(h.pulls) AS pulls,
        SUM(h.version_checks) AS version_checks,
        COUNT(*) AS hours,
        MAX(h.pulls) AS most_in_hour
    FROM hourly AS h
    GROUP BY h.who, h.token, h.hour / 86400000000
)
SELECT
    d.who,
    d.token,
    SUM(d.pulls) AS pulls,
    SUM(d.version_checks) AS version_checks,
    SUM(d.hours) AS hours,
    MAX(d.most_in_hour) AS most_in_hour,
    MAX(d.pulls) AS most_in_day
FROM daily AS d
GROUP BY d.who, d.token
ORDER BY 3 DESC, 4 DESC, 1 NULLS FIRST, 2 NULLS FIRST
LIMIT :most;

-- spans --
-- What did each hour or day, of :length microseconds, cost?
SELECT u.hour - u.hour % :length AS span, SUM(u.pulls) AS pulls, SUM(u.version_checks)
FROM usage AS u
WHERE u.hour >= :since
GROUP BY 1
ORDER BY CASE WHEN :most < 0 THEN 0 ELSE -SUM(u.pulls) END, 1
LIMIT :most;

-- spenders --
-- Which user's token, machine and repository spent most of one hour or day?
WITH spent AS (
    SELECT u.caller_id, u.image_id, u.machine_id, u.pulls
    FROM usage AS u
    WHERE u.hour >= :from AND u.hour < :until
)
SELECT * FROM (
    SELECT 'token' AS kind, c.user_name, c.token_name, SUM(s.pulls) AS pulls
    FROM spent AS s INNER JOIN usage_caller AS c ON c.id = s.caller_id
    GROUP BY c.user_name, c.token_name ORDER BY 4 DESC, 2 NULLS FIRST, 3 NULLS FIRST LIMIT 1
) AS token
UNION ALL
SELECT * FROM (
    SELECT 'machine', COALESCE(m.addresses, m.name), NULL, SUM(s.pulls)
    FROM spent AS s INNER JOIN usage_machine AS m ON m.id = s.machine_id
    GROUP BY m.report_id, COALESCE(m.addresses, m.name)
    ORDER BY 4 DESC, 2 NULLS FIRST, m.report_id
    LIMIT 1
) AS machine
UNION ALL
SELECT * FROM (
    SELECT 'repository', i.repository_name, NULL, SUM(s.pulls)
    FROM spent AS s INNER JOIN usage_image AS i ON i.id = s.image_id
    GROUP BY i.repository_name ORDER BY 4 DESC, 2 LIMIT 1
) AS repository;

-- charged --
-- How many pulls were charged to whom, hour by hour? :of is user, machine or account.
SELECT
    CASE :of
        WHEN 'user' THEN c.user_name
        WHEN 'machine' THEN COALESCE(m.addresses, m.name)
        ELSE r.account
    END AS who,
    CASE :of WHEN 'machine' THEN CASE WHEN m.addresses IS NULL THEN m.report_id END END AS report,
    u.hour,
    SUM(u.pulls) AS pulls
FROM usage AS u
INNER JOIN usage_caller AS c ON c.id = u.caller_id
INNER JOIN usage_machine AS m ON m.id = u.machine_id
INNER JOIN usage_report AS r ON r.id = u.report_id
WHERE u.hour >= :since
GROUP BY 1, 2, 3
ORDER BY 1 NULLS FIRST, 2 NULLS FIRST, 3;

-- several_machines --
-- Does a line with pulls name several machines?
SELECT 1 FROM usage AS u
INNER JOIN usage_machine AS m ON m.id = u.machine_id
WHERE u.hour >= :since AND u.pulls > 0 AND (m.name LIKE 'machines %' OR m.addresses LIKE '%,%')
LIMIT 1;

-- pulled_images --
-- What was pulled by its digest, how often, when first and when last? The most pulled first.
SELECT
    i.id,
    i.repository_name,
    i.is_private,
    i.tag_name,
    i.digest,
    SUM(u.pulls) AS pulls,
    MIN(u.hour) AS first_pulled_at,
    MAX(u.hour) AS last_pulled_at
FROM usage AS u
INNER JOIN usage_image AS i ON i.id = u.image_id
WHERE u.hour >= :since AND u.pulls > 0
GROUP BY i.id
ORDER BY 6 DESC, 2, 4 NULLS FIRST, 5 NULLS FIRST;

-- pulls_by_hour --
-- How often was an image pulled in the hours that began after a moment?
SELECT COALESCE(SUM(u.pulls), 0) FROM usage AS u
WHERE u.image_id = :image AND u.hour >= :since AND u.hour >= :moment;

-- repository_of --
-- Is a repository known, and until when do its stored tags stand for what it is?
SELECT
    r.id,
    r.gone_at,
    CASE WHEN EXISTS (
        SELECT 1 FROM walk AS w
        WHERE w.kind = 'tags' AND w.subject = :name AND w.arguments = ''
            AND w.finished_at IS NOT NULL AND w.subject_updated_at = r.last_updated_at
            AND w.stop_reason IN ('complete', 'unchanged', 'anonymous_cap')
    ) THEN r.last_seen_at END AS settled_at,
    EXISTS (
        SELECT 1 FROM walk AS w
        WHERE w.kind = 'tags' AND w.subject = :name AND w.arguments = ''
            AND w.is_full = 1 AND w.stop_reason = 'complete'
    ) AS is_whole
FROM repository AS r
WHERE r.namespace || '/' || r.name = :name;

-- indexes (q) --
-- The indexes that the digest is in
(
    SELECT x.digest FROM index_member AS n
    INNER JOIN manifest AS x ON x.id = n.index_id
    WHERE n.digest = :digest
)

-- held (q) --
-- The image sets that hold the digest: as their index or as one of their images
(
    SELECT s.id FROM image_set AS s WHERE s.digest = :digest
    UNION
    SELECT i.image_set_id FROM image AS i
    WHERE i.digest IS NOT NULL AND substr(i.digest, 1, 6) = substr(:digest, 1, 6)
        AND i.digest = :digest
    UNION
    SELECT s.id FROM image_set AS s WHERE s.digest IN {indexes q}
)

-- left_at (m) --
-- When a tag left what the move m says: as Hub told it, else when we saw it
COALESCE(
    (
        SELECT e.hub_at FROM event AS e INDEXED BY event_seen
        WHERE e.seen_at = m.moved_at AND e.tag_id = m.tag_id AND e.kind = 'tag_moved'
        ORDER BY e.id DESC
        LIMIT 1
    ),
    m.moved_at
)

-- pushed_at (t) --
-- When the tag t was pushed last, or since when we see what it shows
COALESCE(t.last_pushed_at, t.last_updated_at, t.image_set_seen_at)

-- tag_now --
-- What does a tag show now, since when, is it the digest, and when did it leave that?
SELECT
    COALESCE(s.digest, t.registry_digest) AS shows,
    {pushed_at t} AS shown_since,
    t.gone_at,
    t.last_seen_at,
    t.image_set_id IN {held q} OR (
        s.digest IS NULL
        AND (t.registry_digest = :digest OR COALESCE(t.registry_digest IN {indexes q}, false))
    ) AS is_current,
    (
        SELECT {left_at m} FROM tag_move AS m
        WHERE m.tag_id = t.id AND m.image_set_id IN {held q}
        ORDER BY m.id DESC
        LIMIT 1
    ) AS left_at
FROM tag AS t
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.repository_id = :repository AND t.name = :tag;

-- tag_showing --
-- Which tag of a repository shows the digest, a live one first, and when was it gone?
SELECT t.name, t.gone_at
FROM (
    SELECT t.id FROM tag AS t WHERE t.image_set_id IN {held q}
    UNION
    SELECT t.id FROM tag AS t WHERE t.registry_digest = :digest
    UNION
    SELECT t.id FROM tag AS t WHERE t.registry_digest IN {indexes q}
) AS f
CROSS JOIN tag AS t ON t.id = f.id
WHERE t.repository_id = :repository
ORDER BY t.gone_at IS NOT NULL, t.gone_at DESC, t.name
LIMIT 1;

-- tag_that_left --
-- Which tag of a repository was the last to leave the digest, when, and what does it show now?
SELECT
    t.name,
    COALESCE(s.digest, t.registry_digest) AS shows,
    {pushed_at t} AS shown_since,
    {left_at m} AS left_at,
    t.gone_at
FROM tag AS t
CROSS JOIN tag_move AS m ON m.tag_id = t.id
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.repository_id = :repository AND m.image_set_id IN {held q}
ORDER BY m.moved_at DESC, t.name
LIMIT 1;

-- left_bases --
-- Which images, which their tags have left, does a tag have the layers of? None of its own
-- repository: a tag is no base of another version of itself.
SELECT DISTINCT o.base_image, o.base_digest
FROM outdated_bases AS o
WHERE o.repo_name = :name AND o.tag_name = :tag
    AND substr(o.base_image, 1, length(:name) + 1) <> :name || ':';

-- layer_count --
-- How many layers has a manifest?
SELECT COUNT(*)
FROM manifest AS m
INNER JOIN manifest_layer AS l ON l.manifest_id = m.id
WHERE m.digest = :digest;

-- told_bases --
-- Which bases of what a tag shows were told to have moved on, and have not come back? Those that
-- are known by words alone are not among `left_bases`.
SELECT b.namespace || '/' || b.name || COALESCE(':' || bt.name, '') AS base_image
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN outdated_base AS o ON o.tag_id = t.id AND o.image_set_id = t.image_set_id
CROSS JOIN repository AS b ON b.id = o.repository_id
LEFT JOIN event AS e ON e.id = (
    SELECT MAX(+n.id)
    FROM event AS n
    INNER JOIN tag AS k ON k.id = n.base_tag_id
    WHERE n.tag_id = t.id AND n.kind = 'base_outdated' AND n.seen_at >= t.image_set_seen_at
        AND k.repository_id = b.id
)
LEFT JOIN tag AS bt ON bt.id = e.base_tag_id
LEFT JOIN image_set AS s ON s.id = bt.image_set_id
WHERE r.namespace || '/' || r.name = :name AND t.name = :tag
    AND b.gone_at IS NULL AND bt.gone_at IS NULL
    AND (
        e.id IS NULL
        OR (
            COALESCE(e.old_digest <> COALESCE(s.digest, bt.registry_digest), true)
            AND NOT EXISTS (
                SELECT 1 FROM image AS i
                WHERE i.image_set_id = s.id AND i.digest = e.old_digest
            )
        )
    )
ORDER BY b.namespace <> 'library', base_image
LIMIT 1;

-- watchers --
-- Who pulls the same image again and again, in many hours, more often than it looks whether it moved?
SELECT
    c.user_name,
    c.token_name,
    COALESCE(m.addresses, m.name) AS machine,
    i.repository_name,
    i.tag_name,
    i.digest,
    COUNT(DISTINCT u.hour) AS hours,
    SUM(u.pulls) AS pulls,
    SUM(u.version_checks) AS version_checks
FROM usage AS u
INNER JOIN usage_caller AS c ON c.id = u.caller_id
INNER JOIN usage_image AS i ON i.id = u.image_id
INNER JOIN usage_machine AS m ON m.id = u.machine_id
WHERE u.hour >= :since AND u.pulls > 0
GROUP BY c.id, m.id, i.id
HAVING COUNT(DISTINCT u.hour) >= :hours AND SUM(u.pulls) > SUM(u.version_checks)
ORDER BY
    8 DESC, 1 NULLS FIRST, 2 NULLS FIRST, 4, 5 NULLS FIRST, 6 NULLS FIRST, 3 NULLS FIRST
LIMIT :most;

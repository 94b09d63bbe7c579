-- organisations --
-- Which organisations have the most repositories?
SELECT namespace FROM repository
WHERE gone_at IS NULL
GROUP BY namespace
ORDER BY COUNT(*) DESC, namespace
LIMIT 200;

-- most_pulled --
-- Which repositories of an organisation are pulled most?
SELECT name AS repository, pull_count AS pulls
FROM repository
WHERE namespace = asked_org(:org) AND gone_at IS NULL AND pull_count > 0
ORDER BY pull_count DESC, name
LIMIT 15;

-- pushed_tags --
-- How many tags did the repositories of an organisation push a week, in the last year?
WITH pushed AS (
    SELECT
        date(t.last_pushed_at / 1000000, 'unixepoch', '-6 days', 'weekday 1') AS week,
        r.name AS name,
        COUNT(*) AS tags
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    WHERE r.namespace = asked_org(:org) AND r.gone_at IS NULL AND t.gone_at IS NULL
        AND t.last_pushed_at > since('52w')
    GROUP BY week, r.id
),
most AS (SELECT name FROM pushed GROUP BY name ORDER BY SUM(tags) DESC, name LIMIT 8)
SELECT
    p.week AS week,
    CASE WHEN p.name IN (SELECT m.name FROM most AS m) THEN p.name ELSE 'others' END AS repository,
    SUM(p.tags) AS tags
FROM pushed AS p
GROUP BY 1, 2
ORDER BY 1, 2;

-- weekly_events --
-- What did we see change in an organisation a week, in the last year?
SELECT
    date(e.seen_at / 1000000, 'unixepoch', '-6 days', 'weekday 1') AS week,
    e.kind AS kind,
    COUNT(*) AS events
FROM repository AS r
CROSS JOIN event AS e ON e.repository_id = r.id
WHERE r.namespace = asked_org(:org) AND e.seen_at > since('52w')
GROUP BY 1, 2
ORDER BY 1, 2;

-- sizes_over_time --
-- How big were the images of a repository when they were pushed?
SELECT
    t.name AS tag,
    p.os || '/' || p.architecture || CASE WHEN p.variant <> '' THEN '/' || p.variant ELSE '' END
        AS platform,
    i.size AS bytes,
    iso(t.last_pushed_at) AS pushed
FROM (
    SELECT t.name, t.image_set_id, t.last_pushed_at
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    WHERE r.namespace || '/' || r.name = asked_repo(:repo) AND t.gone_at IS NULL
        AND t.last_pushed_at IS NOT NULL
    ORDER BY t.last_pushed_at DESC, t.id DESC
    LIMIT 250
) AS t
CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
CROSS JOIN platform AS p ON p.id = i.platform_id
WHERE i.size > 0 AND p.os NOT IN ('', 'unknown')
ORDER BY t.last_pushed_at DESC
LIMIT 1000;

-- sizes_by_tag --
-- How big are the newest images of a repository?
SELECT
    t.name AS tag,
    p.os || '/' || p.architecture || CASE WHEN p.variant <> '' THEN '/' || p.variant ELSE '' END
        AS platform,
    MAX(i.size) AS bytes
FROM (
    SELECT t.name, t.image_set_id, t.last_pushed_at
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    WHERE r.namespace || '/' || r.name = asked_repo(:repo) AND t.gone_at IS NULL
    ORDER BY t.last_pushed_at DESC
    LIMIT 15
) AS t
CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
CROSS JOIN platform AS p ON p.id = i.platform_id
WHERE i.size > 0 AND p.os NOT IN ('', 'unknown')
GROUP BY t.name, 2
ORDER BY MAX(t.last_pushed_at) DESC, t.name, 2;

-- daily_pulls --
-- How many pulls a day had the most pulled repositories of an organisation, in the last 90 days?
WITH most AS (
    SELECT namespace || '/' || name AS repo_name, name FROM repository
    WHERE namespace = asked_org(:org) AND gone_at IS NULL
    ORDER BY pull_count DESC, name
    LIMIT 8
)
SELECT m.name AS repository, d.day AS day, d.pulls AS pulls
FROM most AS m
CROSS JOIN daily_pulls AS d ON d.repo_name = m.repo_name
WHERE d.sample_day >= since('90d') / 86400000000 AND d.pulls IS NOT NULL
ORDER BY m.name, d.day;

-- growing --
-- Which repositories of an organisation were pulled most in the last 30 days?
SELECT substr(d.repo_name, length(d.namespace) + 2) AS repository, SUM(d.pulls) AS pulls
FROM daily_pulls AS d
WHERE d.namespace = asked_org(:org) AND d.sample_day >= since('30d') / 86400000000
    AND d.day > substr(iso(since('30d')), 1, 10)
GROUP BY d.repo_name
HAVING SUM(d.pulls) > 0
ORDER BY pulls DESC, repository
LIMIT 15;

-- shared_bytes --
-- How many bytes of an organisation's layers are in several images, each layer counted once?
SELECT
    CASE WHEN h.images > 1 THEN 'in several images' ELSE 'in one image' END AS layers,
    SUM(l.size) AS bytes,
    COUNT(*) AS number
FROM (
    SELECT ml.layer_id AS layer_id, COUNT(*) AS images
    FROM (
        SELECT DISTINCT m.id AS id
        FROM (
            SELECT DISTINCT t.image_set_id AS image_set_id
            FROM repository AS r
            CROSS JOIN tag AS t ON t.repository_id = r.id
            WHERE r.namespace = asked_org(:org) AND r.gone_at IS NULL AND t.gone_at IS NULL
        ) AS s
        CROSS JOIN image AS i ON i.image_set_id = s.image_set_id
        CROSS JOIN manifest AS m ON m.digest = i.digest
        WHERE m.kind = 'image'
    ) AS d
    CROSS JOIN manifest_layer AS ml ON ml.manifest_id = d.id
    GROUP BY ml.layer_id
) AS h
CROSS JOIN layer AS l ON l.id = h.layer_id
WHERE l.size > 0
GROUP BY 1
ORDER BY 1;

-- shared_layers --
-- Which layers does an organisation save most by sharing?
SELECT
    substr(s.digest, 8, 12) AS layer,
    s.image_count AS images,
    s.repository_count AS repositories,
    s.size_bytes AS bytes,
    s.saved_bytes AS saved,
    (
        SELECT plain(n.text)
        FROM layer AS l
        CROSS JOIN manifest_layer AS ml ON ml.layer_id = l.id
        CROSS JOIN build_step AS b
            ON b.manifest_id = ml.manifest_id AND b.layer_position = ml.position
        CROSS JOIN instruction AS n ON n.id = b.instruction_id
        WHERE l.digest = digest_bytes(s.digest)
        LIMIT 1
    ) AS step
FROM (
    SELECT digest, image_count, repository_count, size_bytes, saved_bytes
    FROM shared_layers
    WHERE namespace = asked_org(:org) AND saved_bytes > 0
    ORDER BY saved_bytes DESC, digest
    LIMIT 15
) AS s
ORDER BY s.saved_bytes DESC, s.digest;

-- mine (x) --
-- The manifest of the image that is asked for, of its most usual platform.
mine AS MATERIALIZED (
    SELECT m.id AS id, m.chain AS chain, t.id AS tag_id
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id AND t.name = image_tag(:image)
    CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
    CROSS JOIN platform AS p ON p.id = i.platform_id
    CROSS JOIN manifest AS m ON m.digest = i.digest
    WHERE r.namespace || '/' || r.name = asked_repo(:image) AND t.gone_at IS NULL
        AND m.kind = 'image'
    ORDER BY p.os = 'linux' DESC, p.architecture = 'amd64' DESC, i.position
    LIMIT 1
)

-- bases (x) --
-- The images that its lowest layers are, each with the position of its uppermost one; tags that
-- show it now give it the name before those that have left it and those that are gone, official
-- ones and those with many pulls before others.
bases AS MATERIALIZED (
    SELECT
        mb.position AS top,
        COALESCE(
            (
                SELECT br.namespace || '/' || br.name || ':' || bt.name
                FROM manifest AS b
                CROSS JOIN image AS bi ON substr(bi.digest, 1, 6) = substr(b.digest, 1, 6)
                    AND bi.digest = b.digest
                CROSS JOIN tag AS bt ON bt.image_set_id = bi.image_set_id
                CROSS JOIN repository AS br ON br.id = bt.repository_id
                WHERE b.chain = mb.chain AND bt.id <> mine.tag_id
                    AND bt.gone_at IS NULL AND br.gone_at IS NULL
                ORDER BY br.namespace = 'library' DESC, br.pull_count DESC, bt.name
                LIMIT 1
            ),
            (
                SELECT
                    br.namespace || '/' || br.name || ':' || bt.name || ' until '
                    || substr(iso(v.moved_at), 1, 10)
                FROM manifest AS b
                CROSS JOIN image AS bi ON substr(bi.digest, 1, 6) = substr(b.digest, 1, 6)
                    AND bi.digest = b.digest
                CROSS JOIN tag_move AS v ON v.image_set_id = bi.image_set_id
                CROSS JOIN tag AS bt ON bt.id = v.tag_id
                CROSS JOIN repository AS br ON br.id = bt.repository_id
                WHERE b.chain = mb.chain AND bt.id <> mine.tag_id
                ORDER BY
                    br.namespace = 'library' DESC, br.pull_count DESC, bt.name, v.moved_at DESC
                LIMIT 1
            ),
            (
                SELECT
                    br.namespace || '/' || br.name || ':' || bt.name || ' gone since '
                    || substr(iso(COALESCE(bt.gone_at, br.gone_at)), 1, 10)
                FROM manifest AS b
                CROSS JOIN image AS bi ON substr(bi.digest, 1, 6) = substr(b.digest, 1, 6)
                    AND bi.digest = b.digest
                CROSS JOIN tag AS bt ON bt.image_set_id = bi.image_set_id
                CROSS JOIN repository AS br ON br.id = bt.repository_id
                WHERE b.chain = mb.chain AND bt.id <> mine.tag_id
                ORDER BY br.namespace = 'library' DESC, br.pull_count DESC, bt.name
                LIMIT 1
            )
        ) AS name
    FROM mine
    CROSS JOIN manifest_base AS mb ON mb.manifest_id = mine.id
)

-- dependents_of (x) --
-- Which repositories are built on one of the chains in `base`? Where ten thousand images are, the
-- most pulled repositories are looked at one by one instead.
many (number) AS (
    SELECT COUNT(*) FROM (
        SELECT 1 FROM base CROSS JOIN manifest_layer AS ml ON ml.chain = base.chain LIMIT 10001
    )
),
dependents (repo_name, pull_count, tags) AS (
    SELECT r.namespace || '/' || r.name, r.pull_count, COUNT(DISTINCT t.id)
    FROM many
    CROSS JOIN base
    CROSS JOIN manifest_layer AS ml ON ml.chain = base.chain
    CROSS JOIN manifest AS d ON d.id = ml.manifest_id AND d.chain <> base.chain
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(d.digest, 1, 6)
        AND i.digest = d.digest
    CROSS JOIN tag AS t ON t.image_set_id = i.image_set_id
    CROSS JOIN repository AS r ON r.id = t.repository_id
    WHERE many.number <= 10000 AND t.gone_at IS NULL AND r.gone_at IS NULL
    GROUP BY r.id
    UNION ALL
    SELECT r.namespace || '/' || r.name, r.pull_count, NULL
    FROM many
    CROSS JOIN (
        SELECT id, namespace, name, pull_count FROM repository
        WHERE gone_at IS NULL
        ORDER BY pull_count DESC
        LIMIT 200
    ) AS r
    WHERE many.number > 10000 AND EXISTS (
        SELECT 1
        FROM tag AS t
        CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
        CROSS JOIN manifest AS d ON d.digest = i.digest
        CROSS JOIN manifest_layer AS ml ON ml.manifest_id = d.id
        CROSS JOIN base ON base.chain = ml.chain AND base.chain <> d.chain
        WHERE t.repository_id = r.id AND t.gone_at IS NULL
    )
)

-- image_layers --
-- Which layers has an image, how big are they, and which image brought each first?
WITH {mine x}, {bases x}
SELECT
    ml.position AS place,
    COALESCE(ml.size, l.size) AS bytes,
    COALESCE(
        (
            SELECT b.name FROM bases AS b
            WHERE b.top >= ml.position AND b.name IS NOT NULL
            ORDER BY b.top
            LIMIT 1
        ),
        'the image itself'
    ) AS brought_by,
    (
        SELECT plain(n.text) FROM build_step AS s
        CROSS JOIN instruction AS n ON n.id = s.instruction_id
        WHERE s.manifest_id = ml.manifest_id AND s.layer_position = ml.position
    ) AS step
FROM mine
CROSS JOIN manifest_layer AS ml ON ml.manifest_id = mine.id
CROSS JOIN layer AS l ON l.id = ml.layer_id
ORDER BY ml.position;

-- image_bases --
-- On which images is an image built, from the root up, and how many bytes of it come from each?
WITH {mine x}, {bases x}
SELECT
    b.name AS base,
    COUNT(*) AS layers,
    SUM(COALESCE(ml.size, l.size)) AS bytes
FROM bases AS b
CROSS JOIN mine
CROSS JOIN manifest_layer AS ml ON ml.manifest_id = mine.id AND ml.position <= b.top
CROSS JOIN layer AS l ON l.id = ml.layer_id
WHERE b.name IS NOT NULL
GROUP BY b.top
ORDER BY b.top;

-- image_dependents --
-- Which repositories are built on an image?
WITH {mine x}, base (chain) AS (SELECT chain FROM mine WHERE chain IS NOT NULL),
{dependents_of x}
SELECT repo_name AS repository, pull_count AS pulls, tags
FROM dependents
ORDER BY pull_count DESC, repo_name
LIMIT 15;

-- views_reports --
-- Sizes, staleness, platforms and shared layers, as `scrapy report` looks at them.

-- The + keeps SQLite from making an index on the kind for a question, and reading all for that.

-- tag_sizes: how large each tag is on each platform; statements about images are left out
CREATE VIEW tag_sizes AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.os <> '' OR p.architecture <> '' THEN {platform p} END AS platform, -- linux/arm64/v8
    {iso t.last_pushed_at} AS pushed, -- last push
    i.size AS size_bytes, -- compressed bytes
    NULLIF(p.os_version, '') AS os_version, -- Windows build
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
CROSS JOIN platform AS p ON p.id = i.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
    AND NOT (p.os = 'unknown' AND p.architecture = 'unknown')
UNION ALL
SELECT
    r.namespace || '/' || r.name AS repo_name,
    t.name AS tag_name,
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform,
    {iso t.last_pushed_at} AS pushed,
    (
        SELECT SUM(COALESCE(ml.size, l.size)) FROM manifest_layer AS ml
        INNER JOIN layer AS l ON l.id = ml.layer_id
        WHERE ml.manifest_id = m.id
    ) AS size_bytes,
    NULLIF(p.os_version, '') AS os_version,
    r.namespace AS namespace
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL AND +m.kind = 'image'
    AND NOT EXISTS (SELECT 1 FROM image AS i WHERE i.image_set_id = t.image_set_id);

-- stale_repositories: how long ago each repository was pushed and pulled, where the push is known
CREATE VIEW stale_repositories AS
SELECT
    r.repo_name AS repo_name, -- full name of the repository
    {iso r.pushed_at} AS last_pushed, -- last push
    CAST((strftime('%s', 'now') - r.pushed_at / 1000000) / 86400 AS INTEGER)
        AS days_since_push, -- whole days since then
    {iso r.pulled_at} AS last_pulled, -- last pull, as its tags say; NULL: not known
    CAST((strftime('%s', 'now') - r.pulled_at / 1000000) / 86400 AS INTEGER)
        AS days_since_pull, -- whole days since then
    r.pull_count AS pull_count, -- pulls since it was registered
    r.namespace AS namespace -- user or organisation
FROM (
    SELECT
        r.namespace || '/' || r.name AS repo_name,
        COALESCE(r.last_updated_at, (
            SELECT MAX(t.last_pushed_at) FROM tag AS t
            WHERE t.repository_id = r.id AND t.gone_at IS NULL
        )) AS pushed_at,
        (
            SELECT MAX(t.last_pulled_at) FROM tag AS t
            WHERE t.repository_id = r.id AND t.gone_at IS NULL
        ) AS pulled_at,
        r.pull_count AS pull_count,
        r.namespace AS namespace
    FROM repository AS r
    WHERE r.gone_at IS NULL
) AS r
WHERE r.pushed_at IS NOT NULL;

-- platform_coverage: the platforms of each repository, and how many of its tags have them
CREATE VIEW platform_coverage AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    j.value ->> 0 AS platform, -- linux/arm64/v8, also where no v8 is said; Windows without build
    CAST(j.value ->> 1 AS INTEGER) AS tag_count, -- tags that have it
    j.value ->> 2 AS last_pushed, -- last push of one of them
    r.namespace AS namespace -- user or organisation
FROM repository AS r
-- What is reckoned for each repository by itself is not reckoned for all when one is asked for.
CROSS JOIN json_each((
    SELECT json_group_array(json_array(k.platform, k.tags, {iso k.pushed}))
    FROM (
        SELECT {platform p} AS platform, SUM(p.tags) AS tags, MAX(p.pushed) AS pushed
        FROM (
            SELECT DISTINCT
                s.tags, s.pushed, s.image_set_id, p.os, p.architecture,
                CASE
                    WHEN p.variant <> '' THEN p.variant
                    WHEN p.architecture = 'arm64' THEN 'v8'
                    WHEN p.architecture = 'arm' THEN 'v7'
                    ELSE ''
                END AS variant
            FROM (
                SELECT t.image_set_id, COUNT(*) AS tags, MAX(t.last_pushed_at) AS pushed
                FROM tag AS t
                WHERE t.repository_id = r.id AND t.gone_at IS NULL
                GROUP BY t.image_set_id
            ) AS s
            CROSS JOIN image AS i ON i.image_set_id = s.image_set_id
            CROSS JOIN platform AS p ON p.id = i.platform_id
            WHERE (p.os <> '' OR p.architecture <> '')
                AND NOT (p.os = 'unknown' AND p.architecture = 'unknown')
        ) AS p
        GROUP BY p.os, p.architecture, p.variant
    ) AS k
)) AS j
WHERE r.gone_at IS NULL;

-- shared_layers: the layers that several images of a namespace hold
CREATE VIEW shared_layers AS
SELECT
    n.namespace AS namespace, -- user or organisation
    {digest l.digest} AS digest, -- digest of the layer, sha256:...
    l.size AS size_bytes, -- compressed bytes
    CAST(j.value ->> 1 AS INTEGER) AS image_count, -- images that hold it: manifests, however many tags show them
    CAST(j.value ->> 2 AS INTEGER) AS repository_count, -- repositories whose tags show them
    l.size * (CAST(j.value ->> 1 AS INTEGER) - 1) AS saved_bytes -- bytes that are not stored again
FROM (SELECT DISTINCT r.namespace AS namespace FROM repository AS r WHERE r.gone_at IS NULL) AS n
CROSS JOIN json_each((
    SELECT json_group_array(json_array(c.layer_id, c.image_count, c.repository_count))
    FROM (
        SELECT
            ml.layer_id AS layer_id,
            COUNT(DISTINCT ml.manifest_id) AS image_count,
            COUNT(DISTINCT s.repository_id) AS repository_count
        FROM (
            SELECT s.repository_id, m.id AS manifest_id
            FROM (
                SELECT DISTINCT t.repository_id, t.image_set_id
                FROM repository AS r
                CROSS JOIN tag AS t ON t.repository_id = r.id
                WHERE r.namespace = n.namespace AND t.gone_at IS NULL AND r.gone_at IS NULL
            ) AS s
            CROSS JOIN image AS i ON i.image_set_id = s.image_set_id
            CROSS JOIN manifest AS m ON m.digest = i.digest
            WHERE +m.kind = 'image'
            UNION ALL
            SELECT t.repository_id, m.id
            FROM repository AS r
            CROSS JOIN tag AS t ON t.repository_id = r.id
            CROSS JOIN manifest AS m ON m.digest IN {shown t}
            WHERE r.namespace = n.namespace AND t.gone_at IS NULL AND r.gone_at IS NULL
                AND +m.kind = 'image'
                AND NOT EXISTS (
                    SELECT 1 FROM image AS i
                    WHERE i.image_set_id = t.image_set_id AND i.digest IS NOT NULL
                )
        ) AS s
        CROSS JOIN manifest_layer AS ml ON ml.manifest_id = s.manifest_id
        GROUP BY ml.layer_id
        HAVING COUNT(DISTINCT ml.manifest_id) > 1
    ) AS c
)) AS j
CROSS JOIN layer AS l ON l.id = CAST(j.value ->> 0 AS INTEGER);

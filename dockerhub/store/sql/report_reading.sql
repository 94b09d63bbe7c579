-- wanted (r) --
-- Is the repository r there, and asked for?
r.namespace BETWEEN :first AND :last
    AND r.namespace || '/' || r.name GLOB :glob AND r.gone_at IS NULL

-- below (x) --
-- Which manifests are shown where the manifest x is, which may be an index, or one with others in it?
(
    SELECT x.id
    UNION ALL
    SELECT k.id FROM index_member AS n
    INNER JOIN manifest AS k ON k.digest = n.digest
    WHERE n.index_id = x.id
    UNION ALL
    SELECT k2.id FROM index_member AS n
    INNER JOIN manifest AS k ON k.digest = n.digest AND k.kind = 'index'
    INNER JOIN index_member AS n2 ON n2.index_id = k.id
    INNER JOIN manifest AS k2 ON k2.digest = n2.digest
    WHERE n.index_id = x.id
)

-- bytes (x) --
-- How many compressed bytes have the layers of the manifest x together? NULL if one is not known.
(
    SELECT CASE WHEN COUNT(COALESCE(ml.size, l.size)) = COUNT(*)
        THEN SUM(COALESCE(ml.size, l.size)) END
    FROM manifest_layer AS ml
    INNER JOIN layer AS l ON l.id = ml.layer_id
    WHERE ml.manifest_id = x.id
)

-- any_repository --
-- Is there one of the repositories?
SELECT 1 FROM repository AS r WHERE {wanted r} LIMIT 1;

-- any_tag --
-- Is there a tag in one of the repositories?
SELECT 1 FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
WHERE {wanted r} AND t.gone_at IS NULL
LIMIT 1;

-- platforms --
-- Which platforms are there?
SELECT id, os, architecture, variant, os_version FROM platform;

-- repositories --
-- Which repositories are asked for?
SELECT
    r.id, r.namespace || '/' || r.name AS full_name, r.namespace, r.storage_size, r.pull_count,
    r.star_count, r.last_updated_at
FROM repository AS r
WHERE {wanted r}
ORDER BY r.namespace, r.name;

-- tags --
-- Which tags has a repository now?
SELECT t.id, t.name, t.image_set_id, t.last_pushed_at, t.registry_digest
FROM tag AS t
WHERE t.repository_id = ? AND t.gone_at IS NULL;

-- tags_to_look_at --
-- Which tags stand for a repository: latest, and then those pushed last?
SELECT t.id, t.name, t.image_set_id, COALESCE(s.digest, t.registry_digest) AS digest
FROM tag AS t
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.repository_id = ? AND t.gone_at IS NULL
ORDER BY t.name = 'latest' DESC, t.last_pushed_at DESC NULLS LAST, t.name DESC
LIMIT 20;

-- images --
-- Which images do the tags of a repository show, as Hub lists them?
SELECT i.image_set_id, i.platform_id, i.size
FROM (
    SELECT DISTINCT t.image_set_id FROM tag AS t
    WHERE t.repository_id = ? AND t.gone_at IS NULL
) AS s
CROSS JOIN image AS i ON i.image_set_id = s.image_set_id;

-- unlisted_images --
-- Which images do the tags show of which Hub lists none, but the registry?
SELECT t.id, m.platform_id, {bytes m} AS size
FROM tag AS t
CROSS JOIN image_set AS s ON s.id = t.image_set_id
CROSS JOIN manifest AS x ON x.digest = COALESCE(s.digest, t.registry_digest)
CROSS JOIN manifest AS m ON m.id IN {below x}
WHERE t.repository_id = ? AND t.gone_at IS NULL AND m.kind = 'image'
    AND NOT EXISTS (SELECT 1 FROM image AS i WHERE i.image_set_id = t.image_set_id)
ORDER BY t.id, m.id;

-- named_tags --
-- Which tags of one name are or were there, and what do they show?
SELECT
    r.namespace || '/' || r.name AS full_name, t.id, t.image_set_id,
    COALESCE(s.digest, t.registry_digest) AS digest, t.image_set_seen_at, t.last_pushed_at,
    t.gone_at
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id AND t.name = :tag
CROSS JOIN image_set AS s ON s.id = t.image_set_id
WHERE {wanted r}
ORDER BY r.namespace, r.name;

-- moves --
-- What has a tag left, first to last?
SELECT m.image_set_id, s.digest, m.seen_from, m.moved_at
FROM tag_move AS m
INNER JOIN image_set AS s ON s.id = m.image_set_id
WHERE m.tag_id = ?
ORDER BY m.moved_at, m.id;

-- digest_of_set --
-- Which digest has an image set?
SELECT s.digest FROM image_set AS s WHERE s.id = ?;

-- images_of_set --
-- Which images are in an image set, as Hub lists them?
SELECT i.platform_id, i.size FROM image AS i WHERE i.image_set_id = ? ORDER BY i.position;

-- images_of_digest --
-- Which images are behind a digest, as the registry shows them?
SELECT m.platform_id, {bytes m} AS size
FROM manifest AS x
CROSS JOIN manifest AS m ON m.id IN {below x}
WHERE x.digest = ? AND m.kind = 'image'
ORDER BY m.id;

-- set_at --
-- What did a tag show at a moment, if it has left it since?
SELECT m.image_set_id, s.digest
FROM tag_move AS m
INNER JOIN image_set AS s ON s.id = m.image_set_id
WHERE m.tag_id = ? AND m.seen_from <= ? AND m.moved_at > ?
ORDER BY m.moved_at
LIMIT 1;

-- pulled --
-- When was something of a repository pushed and pulled last, as its tags say?
SELECT MAX(t.last_pushed_at), MAX(t.last_pulled_at)
FROM tag AS t
WHERE t.repository_id = ? AND t.gone_at IS NULL;

-- samples --
-- How many pulls had a repository, day by day, from the last sample before a day on?
SELECT s.day, s.pull_count
FROM pull_sample AS s
WHERE s.repository_id = :id AND s.pull_count IS NOT NULL
    AND s.day >= COALESCE((
        SELECT MAX(b.day) FROM pull_sample AS b
        WHERE b.repository_id = :id AND b.pull_count IS NOT NULL AND b.day <= :day
    ), 0)
ORDER BY s.day;

-- stale_tags --
-- Which tags of a repository were not pushed since a moment, but pulled since another one?
SELECT t.name, t.last_pushed_at, t.last_pulled_at
FROM tag AS t
WHERE t.repository_id = ? AND t.gone_at IS NULL AND t.last_pushed_at < ? AND t.last_pulled_at >= ?;

-- unknown_pushes --
-- Of how many tags is the last push not known?
SELECT COUNT(*) FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
WHERE {wanted r} AND t.gone_at IS NULL AND t.last_pushed_at IS NULL;

-- held (q) --
-- How many images and repositories hold each layer, and which image is one of them?
sets AS MATERIALIZED (
    SELECT DISTINCT
        t.repository_id AS repository_id, t.image_set_id AS image_set_id,
        t.registry_digest AS registry_digest
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    WHERE {wanted r} AND t.gone_at IS NULL
),
shown AS MATERIALIZED (
    SELECT
        q.repository_id AS repository_id, m.id AS manifest_id,
        CASE WHEN m.id IS NULL THEN i.digest END AS unread
    FROM sets AS q
    CROSS JOIN image AS i ON i.image_set_id = q.image_set_id
    LEFT JOIN manifest AS m ON m.digest = i.digest
    WHERE i.digest IS NOT NULL AND (
        m.kind = 'image'
        OR (m.id IS NULL AND i.platform_id NOT IN (
            SELECT p.id FROM platform AS p WHERE p.os = 'unknown' AND p.architecture = 'unknown'
        ))
    )
    UNION ALL
    SELECT q.repository_id, m.id, NULL
    FROM sets AS q
    CROSS JOIN image_set AS s ON s.id = q.image_set_id
    CROSS JOIN manifest AS x ON x.digest = COALESCE(s.digest, q.registry_digest)
    CROSS JOIN manifest AS m ON m.id IN {below x}
    WHERE m.kind = 'image'
        AND NOT EXISTS (
            SELECT 1 FROM image AS i
            WHERE i.image_set_id = q.image_set_id AND i.digest IS NOT NULL
        )
),
counted AS MATERIALIZED (
    SELECT
        ml.layer_id AS layer_id, MIN(ml.manifest_id) AS manifest_id,
        COUNT(DISTINCT ml.manifest_id) AS image_count,
        COUNT(DISTINCT shown.repository_id) AS repository_count
    FROM shown
    CROSS JOIN manifest_layer AS ml ON ml.manifest_id = shown.manifest_id
    GROUP BY ml.layer_id
)

-- told (c) --
-- How many bytes has the layer l, as one of the images that hold it says, if nobody else does?
COALESCE(l.size, (
    SELECT MAX(ml.size) FROM manifest_layer AS ml
    WHERE ml.manifest_id = c.manifest_id AND ml.layer_id = c.layer_id
))

-- layers --
-- How much of the layers is the same, and which save most? The first row, without a digest,
-- is about all of them.
WITH {held q},
several AS MATERIALIZED (
    SELECT
        l.digest AS digest, {told c} AS size, c.image_count AS image_count,
        c.repository_count AS repository_count, c.manifest_id AS manifest_id,
        c.layer_id AS layer_id
    FROM counted AS c
    CROSS JOIN layer AS l ON l.id = c.layer_id
    WHERE c.image_count > 1 OR c.repository_count > 1
),
together AS (
    SELECT
        SUM(v.size * (v.image_count - 1)) AS saved_bytes,
        SUM(CASE WHEN v.image_count > 1 THEN v.size END) AS shared_bytes,
        SUM(CASE WHEN v.repository_count > 1 THEN v.size END) AS across_bytes,
        SUM(v.image_count > 1) AS shared_count
    FROM several AS v
),
once AS (
    SELECT COUNT(*) AS layer_count, SUM({told c}) AS bytes, COUNT({told c}) AS sized_count
    FROM counted AS c
    CROSS JOIN layer AS l ON l.id = c.layer_id
)
SELECT
    CAST(NULL AS BLOB) AS digest,
    (SELECT COUNT(DISTINCT shown.manifest_id) FROM shown) AS image_count,
    (SELECT COUNT(DISTINCT shown.unread) FROM shown) AS unread_count,
    o.layer_count, o.bytes, COALESCE(v.saved_bytes, 0), COALESCE(v.shared_bytes, 0),
    COALESCE(v.across_bytes, 0), COALESCE(v.shared_count, 0),
    o.layer_count - o.sized_count AS unsized_count
FROM once AS o
CROSS JOIN together AS v
UNION ALL
SELECT * FROM (
    SELECT
        v.digest, v.size, v.image_count, v.repository_count,
        v.size * (v.image_count - 1) AS saved, v.manifest_id, v.layer_id, 0, 0, 0
    FROM several AS v
    WHERE v.image_count > 1
    ORDER BY saved DESC NULLS LAST, v.digest
    LIMIT :limit
) AS most;

-- made --
-- Which build step made a layer of a manifest, and what stands for it and those below it?
SELECT
    ml.chain,
    (
        SELECT n.text FROM build_step AS b
        INNER JOIN instruction AS n ON n.id = b.instruction_id
        WHERE b.manifest_id = ml.manifest_id AND b.layer_position = ml.position
    ) AS instruction
FROM manifest_layer AS ml
WHERE ml.manifest_id = ? AND ml.layer_id = ?
ORDER BY ml.position
LIMIT 1;

-- named_by_chain --
-- Which live tag shows an image whose layers together are a chain? Official ones first, and names
-- that say more than latest.
WITH
tops AS MATERIALIZED (
    SELECT m.id, m.digest FROM manifest AS m WHERE m.chain = ? ORDER BY m.id LIMIT 50
),
above AS MATERIALIZED (
    SELECT digest FROM tops
    UNION
    SELECT x.digest FROM tops
    CROSS JOIN index_member AS n ON n.digest = tops.digest
    CROSS JOIN manifest AS x ON x.id = n.index_id
),
named AS (
    SELECT t.id FROM tops
    CROSS JOIN image AS i
        ON substr(i.digest, 1, 6) = substr(tops.digest, 1, 6) AND i.digest = tops.digest
    CROSS JOIN tag AS t ON t.image_set_id = i.image_set_id
    UNION
    SELECT t.id FROM above
    CROSS JOIN image_set AS s ON s.digest = above.digest
    CROSS JOIN tag AS t ON t.image_set_id = s.id
    UNION
    SELECT t.id FROM above CROSS JOIN tag AS t ON t.registry_digest = above.digest
)
SELECT r.namespace, r.name, t.name
FROM named
CROSS JOIN tag AS t ON t.id = named.id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
ORDER BY r.namespace <> 'library', t.name = 'latest', LENGTH(t.name), r.namespace, r.name, t.name
LIMIT 1;

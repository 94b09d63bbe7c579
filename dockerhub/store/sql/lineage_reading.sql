-- Digests are 32 bytes. A chain is 16 bytes that stand for a layer and all below it.

-- up (x) --
-- Which indexes hold one of the manifests that are asked for, at any depth, and which image sets
-- show it? (x stands for nothing: a part has to have a name.)
above (base, digest) AS (
    SELECT asked.digest, asked.digest FROM asked
    UNION
    SELECT above.base, top.digest
    FROM above
    CROSS JOIN index_member AS n ON n.digest = above.digest
    CROSS JOIN manifest AS top ON top.id = n.index_id
),
sets (base, id) AS (
    SELECT asked.digest, i.image_set_id
    FROM asked
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(asked.digest, 1, 6)
        AND i.digest = asked.digest
    UNION
    SELECT above.base, s.id
    FROM above
    CROSS JOIN image_set AS s ON s.digest = above.digest
)

-- these (x) --
-- Which manifests have a digest, or one of the numbers?
asked (digest) AS (
    SELECT :digest WHERE :digest IS NOT NULL
    UNION ALL
    SELECT m.digest
    FROM json_each(:manifests) AS j
    CROSS JOIN manifest AS m ON m.id = CAST(j.value AS INTEGER)
)

-- manifest --
-- What is stored of a manifest?
SELECT m.kind, m.chain, m.evidence, m.platform_id, m.id
FROM manifest AS m
WHERE m.digest = :digest;

-- chains --
-- What stands for each layer of a manifest together with those below it, uppermost first?
SELECT ml.position, ml.chain
FROM manifest AS m
CROSS JOIN manifest_layer AS ml ON ml.manifest_id = m.id
WHERE m.digest = :digest AND ml.chain IS NOT NULL
ORDER BY ml.position DESC;

-- manifests_of_chain --
-- Which manifests have these layers and no more?
SELECT m.digest, m.evidence, m.id
FROM manifest AS m
WHERE m.chain = :chain
ORDER BY m.id
LIMIT :most;

-- best_of_chain --
-- Which of the very many manifests with these layers tell most: those of official images, those
-- that are said, those of repositories with many pulls? A rank is the pulls, and 10^18 for official.
SELECT f.digest, f.evidence, f.id
FROM (
    SELECT
        k.digest, k.evidence, k.id,
        COALESCE((
            SELECT MAX(
                CASE WHEN r.namespace = 'library' THEN 1000000000000000000 ELSE 0 END
                + COALESCE(r.pull_count, 0)
            )
            FROM image AS i
            CROSS JOIN tag AS t ON t.id IN (
                SELECT n.id FROM tag AS n WHERE n.image_set_id = i.image_set_id
                UNION ALL
                SELECT v.tag_id FROM tag_move AS v WHERE v.image_set_id = i.image_set_id
            )
            CROSS JOIN repository AS r ON r.id = t.repository_id
            WHERE substr(i.digest, 1, 6) = substr(k.digest, 1, 6) AND i.digest = k.digest
        ), -1) AS rank
    FROM (
        SELECT s.digest, s.evidence, s.id
        FROM (
            SELECT m.digest, m.evidence, m.id FROM manifest AS m
            WHERE m.chain = :chain
            ORDER BY m.id
            LIMIT :searched
        ) AS s
        UNION
        SELECT m.digest, m.evidence, m.id
        FROM manifest AS m
        WHERE m.chain = :chain AND hex(m.digest) IN (SELECT j.value FROM json_each(:said) AS j)
            AND :said <> '[]'
    ) AS k
) AS f
ORDER BY
    f.rank >= 1000000000000000000 DESC,
    hex(f.digest) IN (SELECT j.value FROM json_each(:said) AS j) DESC,
    f.rank DESC, f.id
LIMIT :most;

-- members --
-- Which manifests are in an index at any depth? One that is none stands for itself.
WITH RECURSIVE below (digest, platform_id) AS (
    SELECT :digest, CAST(NULL AS INTEGER)
    UNION
    SELECT n.digest, COALESCE(k.platform_id, n.platform_id)
    FROM below
    CROSS JOIN manifest AS m ON m.digest = below.digest AND m.kind = 'index'
    CROSS JOIN index_member AS n ON n.index_id = m.id
    LEFT JOIN manifest AS k ON k.digest = n.digest
    WHERE n.kind IN ('image', 'index')
)
SELECT below.digest, m.chain, COALESCE(m.platform_id, below.platform_id) AS platform_id
FROM below
LEFT JOIN manifest AS m ON m.digest = below.digest
WHERE COALESCE(m.kind, 'image') = 'image';

-- indexes --
-- Which indexes hold a manifest?
SELECT x.digest
FROM index_member AS n
CROSS JOIN manifest AS x ON x.id = n.index_id
WHERE n.digest = :digest
ORDER BY x.id DESC
LIMIT 20;

-- shown_now --
-- Which live tags show one of these manifests?
WITH RECURSIVE {these x}, {up x}
SELECT
    sets.base, t.id, r.namespace, r.name, t.name, t.image_set_seen_at, t.last_pushed_at
FROM sets
CROSS JOIN tag AS t ON t.image_set_id = sets.id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
UNION
SELECT
    above.base, t.id, r.namespace, r.name, t.name, t.image_set_seen_at, t.last_pushed_at
FROM above
CROSS JOIN tag AS t ON t.registry_digest = above.digest
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL;

-- shown_once --
-- Which tags have shown one of these manifests and have left it, or are gone themselves?
WITH RECURSIVE {these x}, {up x}
SELECT
    sets.base, t.id, r.namespace, r.name, t.name, m.id, m.seen_from, m.seen_until, m.moved_at,
    COALESCE(r.gone_at, t.gone_at) AS gone_at
FROM sets
CROSS JOIN tag_move AS m ON m.image_set_id = sets.id
CROSS JOIN tag AS t ON t.id = m.tag_id
CROSS JOIN repository AS r ON r.id = t.repository_id
UNION
SELECT
    gone.base, t.id, r.namespace, r.name, t.name, NULL, t.image_set_seen_at, t.last_seen_at, NULL,
    COALESCE(r.gone_at, t.gone_at) AS gone_at
FROM (
    SELECT sets.base, t.id FROM sets CROSS JOIN tag AS t ON t.image_set_id = sets.id
    UNION
    SELECT above.base, t.id FROM above CROSS JOIN tag AS t ON t.registry_digest = above.digest
) AS gone
CROSS JOIN tag AS t ON t.id = gone.id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE COALESCE(r.gone_at, t.gone_at) IS NOT NULL;

-- moved_on --
-- How often has a tag been seen to move since then, and when was it pushed last?
SELECT
    (SELECT COUNT(*) FROM tag_move AS m WHERE m.tag_id = t.id AND m.id >= :move) AS move_count,
    COALESCE(
        t.last_pushed_at, (SELECT MAX(m.moved_at) FROM tag_move AS m WHERE m.tag_id = t.id)
    ) AS pushed_at
FROM tag AS t
WHERE t.id = (SELECT m.tag_id FROM tag_move AS m WHERE m.id = :move);

-- tag --
-- Since when is a tag known, when was it pushed last, how often has it moved, is it gone?
SELECT
    t.first_seen_at,
    COALESCE(
        t.last_pushed_at, (SELECT MAX(m.moved_at) FROM tag_move AS m WHERE m.tag_id = t.id)
    ) AS pushed_at,
    (SELECT COUNT(*) FROM tag_move AS m WHERE m.tag_id = t.id) AS move_count,
    COALESCE(r.gone_at, t.gone_at) AS gone_at
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
WHERE r.namespace = :namespace AND r.name = :name AND t.name = :tag;

-- arrived --
-- When was pushed what a tag has left, as Hub says? The view outdated_bases asks the same.
SELECT e.hub_at
FROM tag_move AS m
CROSS JOIN tag AS t ON t.id = m.tag_id
CROSS JOIN image_set AS s ON s.id = m.image_set_id
CROSS JOIN event AS e ON e.seen_at IN (
    m.seen_from,
    t.first_seen_at,
    (SELECT MAX(w.moved_at) FROM tag_move AS w WHERE w.tag_id = m.tag_id AND w.id < m.id)
)
WHERE m.id = :move AND e.tag_id = t.id AND e.new_digest = s.digest
    AND e.kind IN ('tag_created', 'tag_moved') AND e.seen_at < m.moved_at
ORDER BY e.id DESC
LIMIT 1;

-- last_shown --
-- What has a tag shown last that is gone, or whose repository is, and since when is it gone?
SELECT
    COALESCE(
        s.digest, t.registry_digest,
        (
            SELECT i.digest FROM image AS i
            WHERE i.image_set_id = s.id AND i.digest IS NOT NULL
            ORDER BY i.position
            LIMIT 1
        )
    ) AS digest,
    COALESCE(r.gone_at, t.gone_at) AS gone_at
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN image_set AS s ON s.id = t.image_set_id
WHERE r.namespace = :namespace AND r.name = :name AND t.name = :tag
    AND COALESCE(r.gone_at, t.gone_at) IS NOT NULL AND digest IS NOT NULL;

-- left_by --
-- Which manifests has a tag shown and left, those that it left last first?
SELECT COALESCE(i.digest, s.digest), m.moved_at
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN tag_move AS m ON m.tag_id = t.id
CROSS JOIN image_set AS s ON s.id = m.image_set_id
LEFT JOIN image AS i ON i.image_set_id = s.id
WHERE r.namespace = :namespace AND r.name = :name AND t.name = :tag
    AND COALESCE(i.digest, s.digest) IS NOT NULL
ORDER BY m.id DESC
LIMIT 200;

-- platform (x) --
-- How is the platform x written?
CASE WHEN x.id IS NOT NULL THEN
    COALESCE(NULLIF(x.os, ''), 'unknown') || '/' || COALESCE(NULLIF(x.architecture, ''), 'unknown')
    || CASE WHEN x.variant <> '' THEN '/' || x.variant ELSE '' END
END

-- shown (x) --
-- Which manifests does the tag x show? (As the views have it: the macro of sqlite.py.)
(
    SELECT i.digest FROM image AS i
    WHERE i.image_set_id = x.image_set_id AND i.digest IS NOT NULL
    UNION ALL
    SELECT COALESCE(n3.digest, n2.digest, n.digest, k.digest)
    FROM manifest AS k
    LEFT JOIN index_member AS n ON n.index_id = k.id
    LEFT JOIN manifest AS k2 ON k2.digest = n.digest AND k2.kind = 'index'
    LEFT JOIN index_member AS n2 ON n2.index_id = k2.id
    LEFT JOIN manifest AS k3 ON k3.digest = n2.digest AND k3.kind = 'index'
    LEFT JOIN index_member AS n3 ON n3.index_id = k3.id
    WHERE k.digest = COALESCE(
            (SELECT s.digest FROM image_set AS s WHERE s.id = x.image_set_id), x.registry_digest
        )
        AND NOT EXISTS (
            SELECT 1 FROM image AS i
            WHERE i.image_set_id = x.image_set_id AND i.digest IS NOT NULL
        )
)

-- unlisted (x) --
-- Does Hub list no images of the tag x?
NOT EXISTS (
    SELECT 1 FROM image AS i WHERE i.image_set_id = x.image_set_id AND i.digest IS NOT NULL
)

-- said (x) --
-- Which manifests are said to be built on :digest, on an index that holds it, or on :names? By
-- whom, and in which way? An attestation counts if an index holds it together with its subject.
own (digest) AS (
    SELECT :digest
    UNION
    SELECT top.digest
    FROM own
    CROSS JOIN index_member AS n ON n.digest = own.digest
    CROSS JOIN manifest AS top ON top.id = n.index_id
),
words (name, value, way) AS (
    SELECT 'org.opencontainers.image.base.digest', 'sha256:' || lower(hex(own.digest)), 'digest'
    FROM own
    UNION ALL
    SELECT 'org.opencontainers.image.base.digest', j.value || hex(own.digest), 'digest'
    FROM own CROSS JOIN json_each('["sha256:", "SHA256:"]') AS j
    UNION ALL
    SELECT 'org.opencontainers.image.base.name', j.value, 'name' FROM json_each(:names) AS j
),
stated (id, way) AS (
    SELECT ab.attestation_id, 'digest'
    FROM own CROSS JOIN attestation_base AS ab ON ab.digest = own.digest
    UNION
    SELECT ab.attestation_id, 'name'
    FROM json_each(:names) AS j CROSS JOIN attestation_base AS ab ON ab.name = j.value
),
said (digest, evidence, way) AS (
    SELECT m.digest, 'annotation', words.way
    FROM words
    CROSS JOIN annotation AS a ON a.name = words.name AND a.value = words.value AND a.member = -1
    CROSS JOIN manifest AS m ON m.id = a.manifest_id
    UNION
    SELECT n.digest, 'annotation', words.way
    FROM words
    CROSS JOIN annotation AS a ON a.name = words.name AND a.value = words.value
    CROSS JOIN index_member AS n ON n.index_id = a.manifest_id AND n.position = a.member
    UNION
    SELECT m.digest, 'label', words.way
    FROM words
    CROSS JOIN label AS b ON b.name = words.name AND b.value = words.value
    CROSS JOIN config AS c ON c.id = b.config_id
    CROSS JOIN manifest AS m ON m.config_digest = c.digest
    UNION
    SELECT n.subject_digest, 'provenance', stated.way
    FROM stated
    CROSS JOIN attestation AS a ON a.id = stated.id
    CROSS JOIN manifest AS m ON m.id = a.manifest_id
    CROSS JOIN index_member AS n ON n.digest = m.digest
        AND n.subject_digest = COALESCE(a.subject_digest, m.subject_digest)
)

-- other (x) --
-- Is the manifest x none of the image's own ones, of any platform?
hex(x.digest) NOT IN (SELECT j.value FROM json_each(:own) AS j)

-- said_dependents --
-- Which manifests are said to be built on a manifest, or on a name?
WITH RECURSIVE {said x}
SELECT said.digest, said.evidence, said.way
FROM said
WHERE {other said}
ORDER BY said.digest, said.evidence, said.way;

-- stands_on_or_is --
-- How many stored images have the layers of a chain, whether they have more or not?
SELECT COUNT(*) FROM manifest_layer AS ml WHERE ml.chain = :chain;

-- is_above --
-- Does a manifest stand on the layers of a chain?
SELECT EXISTS (
    SELECT 1
    FROM manifest AS m
    CROSS JOIN manifest_layer AS ml ON ml.manifest_id = m.id AND ml.chain = :chain
    WHERE m.digest = :digest AND m.chain <> :chain
);

-- dependent_count --
-- How many stored images stand on the layers of a chain?
SELECT
    (SELECT COUNT(*) FROM manifest_layer AS ml WHERE ml.chain = :chain)
    - (SELECT COUNT(*) FROM manifest AS m WHERE m.chain = :chain);

-- grouped (x) --
-- Which live tags show one of the manifests asked for, how many of each repository?
up (id) AS (
    SELECT n.index_id FROM asked CROSS JOIN index_member AS n ON n.digest = asked.digest
    UNION
    SELECT n.index_id
    FROM up
    CROSS JOIN manifest AS k ON k.id = up.id
    CROSS JOIN index_member AS n ON n.digest = k.digest
),
found (id, repository_id) AS (
    SELECT t.id, t.repository_id
    FROM asked
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(asked.digest, 1, 6)
        AND i.digest = asked.digest
    CROSS JOIN tag AS t ON t.image_set_id = i.image_set_id
    WHERE t.gone_at IS NULL
    UNION ALL
    SELECT t.id, t.repository_id
    FROM up
    CROSS JOIN manifest AS k ON k.id = up.id
    CROSS JOIN image_set AS s ON s.digest = k.digest
    CROSS JOIN tag AS t ON t.image_set_id = s.id
    WHERE t.gone_at IS NULL AND {unlisted t}
    UNION ALL
    SELECT t.id, t.repository_id
    FROM up
    CROSS JOIN manifest AS k ON k.id = up.id
    CROSS JOIN tag AS t ON t.registry_digest = k.digest
    WHERE t.gone_at IS NULL AND {unlisted t}
    UNION ALL
    SELECT t.id, t.repository_id
    FROM asked
    CROSS JOIN image_set AS s ON s.digest = asked.digest
    CROSS JOIN tag AS t ON t.image_set_id = s.id
    WHERE t.gone_at IS NULL AND {unlisted t}
    UNION ALL
    SELECT t.id, t.repository_id
    FROM asked
    CROSS JOIN tag AS t ON t.registry_digest = asked.digest
    WHERE t.gone_at IS NULL AND {unlisted t}
)
SELECT r.id, r.namespace, r.name, r.pull_count, d.tag_count
FROM (
    SELECT found.repository_id AS id, COUNT(DISTINCT found.id) AS tag_count
    FROM found
    GROUP BY found.repository_id
) AS d
CROSS JOIN repository AS r ON r.id = d.id
WHERE r.gone_at IS NULL
ORDER BY r.pull_count DESC NULLS LAST, r.namespace, r.name

-- dependent_repositories --
-- Which repositories have live tags that stand on the layers of a chain, or are said to be built
-- on a manifest or a name? How many tags have they?
WITH RECURSIVE {said x},
asked (digest) AS NOT MATERIALIZED (
    SELECT m.digest
    FROM manifest_layer AS ml
    CROSS JOIN manifest AS m ON m.id = ml.manifest_id
    WHERE ml.chain = :chain AND m.chain <> :chain AND {other m}
    UNION ALL
    SELECT said.digest FROM said WHERE {other said}
),
{grouped x};

-- above (x) --
-- Do the layers of the manifest x go on after the chain?
(
    EXISTS (
        SELECT 1 FROM manifest_base AS mb WHERE mb.manifest_id = x.id AND mb.chain = :chain
    )
    AND {other x}
)

-- named (x) --
-- Is it said of the manifest with the digest of x that it is built on it?
hex(x.digest) IN (SELECT j.value FROM json_each(:said) AS j)

-- listed (x) --
-- Is x a live tag of one of the repositories?
(
    x.repository_id IN (SELECT CAST(j.value AS INTEGER) FROM json_each(:repositories) AS j)
    AND x.gone_at IS NULL
)

-- first_repositories --
-- Which repositories with most pulls have live tags that stand on the layers of a chain? They are
-- tried one after the other: fast where very many do.
SELECT r.id, r.namespace, r.name, r.pull_count, NULL
FROM (
    SELECT q.id, q.namespace, q.name, q.pull_count
    FROM repository AS q
    WHERE q.gone_at IS NULL
    ORDER BY q.pull_count DESC NULLS LAST, q.namespace, q.name
    LIMIT -1
) AS r
WHERE EXISTS (
        SELECT 1
        FROM tag AS t
        CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
        CROSS JOIN manifest AS m ON m.digest = i.digest
        WHERE t.repository_id = r.id AND t.gone_at IS NULL AND {above m}
    )
    OR EXISTS (
        SELECT 1
        FROM tag AS t
        CROSS JOIN manifest AS m ON m.digest IN {shown t}
        WHERE t.repository_id = r.id AND t.gone_at IS NULL AND {unlisted t} AND {above m}
    )
LIMIT :most;

-- dependent_tags --
-- Which live tags of repositories stand on the layers of a chain, or show manifests that are said
-- to? Through which stored image, the nearest one below? Those pushed last come first.
WITH
found (tag_id, digest, platform_id) AS (
    SELECT t.id, i.digest, i.platform_id
    FROM tag AS t
    CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
    LEFT JOIN manifest AS m ON m.digest = i.digest
    WHERE {listed t} AND ({above m} OR {named i})
    UNION
    SELECT t.id, m.digest, m.platform_id
    FROM tag AS t
    CROSS JOIN manifest AS m ON m.digest IN {shown t}
    WHERE {listed t} AND {unlisted t} AND ({above m} OR {named m})
    UNION
    SELECT t.id, n.digest, n.platform_id
    FROM tag AS t
    CROSS JOIN index_member AS n ON n.digest IN {shown t}
    WHERE {listed t} AND {unlisted t} AND {named n}
        AND NOT EXISTS (SELECT 1 FROM manifest AS m WHERE m.digest = n.digest)
)
SELECT
    t.repository_id, t.name, {platform p}, found.digest, m.evidence,
    ml.position IS NOT NULL AS is_above, m.chain IS NOT NULL AS is_known,
    m.chain = :chain AS is_equal,
    (
        SELECT up.chain FROM manifest_layer AS up
        WHERE up.manifest_id = m.id AND up.position > ml.position AND up.chain <> m.chain
            AND EXISTS (SELECT 1 FROM manifest AS b WHERE b.chain = up.chain)
        ORDER BY up.position DESC
        LIMIT 1
    ) AS through
FROM found
CROSS JOIN tag AS t ON t.id = found.tag_id
LEFT JOIN manifest AS m ON m.digest = found.digest
LEFT JOIN manifest_layer AS ml ON ml.chain = :chain AND ml.manifest_id = m.id AND m.chain <> :chain
LEFT JOIN platform AS p ON p.id = COALESCE(m.platform_id, found.platform_id)
ORDER BY COALESCE(t.last_pushed_at, t.last_updated_at, 0) DESC, t.name, found.digest;

-- between --
-- What is the name of a base with these layers, by a tag that Hub lists, or that has moved on?
SELECT f.namespace, f.repository, f.tag
FROM (
    SELECT 0 AS has_left, r.namespace AS namespace, r.name AS repository, t.name AS tag
    FROM (SELECT k.digest FROM manifest AS k WHERE k.chain = :chain LIMIT :most) AS m
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(m.digest, 1, 6)
        AND i.digest = m.digest
    CROSS JOIN tag AS t ON t.image_set_id = i.image_set_id
    CROSS JOIN repository AS r ON r.id = t.repository_id
    WHERE t.gone_at IS NULL AND r.gone_at IS NULL
    UNION ALL
    SELECT 1, r.namespace, r.name, t.name
    FROM (SELECT k.digest FROM manifest AS k WHERE k.chain = :chain LIMIT :most) AS m
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(m.digest, 1, 6)
        AND i.digest = m.digest
    CROSS JOIN tag_move AS v ON v.image_set_id = i.image_set_id
    CROSS JOIN tag AS t ON t.id = v.tag_id
    CROSS JOIN repository AS r ON r.id = t.repository_id
) AS f
ORDER BY
    f.has_left, f.namespace <> 'library', f.tag = 'latest', length(f.tag), f.namespace,
    f.repository, f.tag
LIMIT 1;

-- layer --
-- How many manifests hold a layer? No row if it is not known.
SELECT (
    SELECT COUNT(DISTINCT ml.manifest_id) FROM manifest_layer AS ml WHERE ml.layer_id = l.id
)
FROM layer AS l
WHERE l.digest = :digest;

-- layer_images --
-- Which manifests hold a layer, and where?
SELECT
    m.digest, {platform p}, ml.position, m.evidence,
    (SELECT COUNT(*) FROM manifest_layer AS k WHERE k.manifest_id = m.id) AS layer_count
FROM layer AS l
CROSS JOIN manifest_layer AS ml ON ml.layer_id = l.id
CROSS JOIN manifest AS m ON m.id = ml.manifest_id
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE l.digest = :digest
ORDER BY ml.manifest_id, ml.position;

-- digest --
-- What has a digest: a manifest, the images of a tag, one of them, a layer?
SELECT m.kind, {platform p}
FROM manifest AS m
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE m.digest = :digest
UNION ALL
SELECT 'index', NULL FROM image_set AS s WHERE s.digest = :digest
UNION ALL
SELECT 'image', {platform p}
FROM image AS i
INNER JOIN platform AS p ON p.id = i.platform_id
WHERE substr(i.digest, 1, 6) = substr(:digest, 1, 6) AND i.digest = :digest
UNION ALL
SELECT 'index', NULL FROM tag AS t WHERE t.registry_digest = :digest
UNION ALL
SELECT 'layer', NULL FROM layer AS l WHERE l.digest = :digest
LIMIT 1;

-- manifests_of_config --
-- Which manifests have a config?
SELECT m.digest, {platform p}
FROM manifest AS m
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE m.config_digest = :digest
ORDER BY m.id;

-- unknown (x) --
-- Is the platform of x that of an attestation? Hub says no more of one.
x.platform_id IN (
    SELECT q.id FROM platform AS q WHERE q.os = 'unknown' AND q.architecture = 'unknown'
)

-- complete (x) --
-- Is all stored that belongs to the manifest x, its own members aside?
COALESCE(x.evidence = 'registry' AND CASE x.kind
    WHEN 'image' THEN
        x.config_digest IS NULL
        OR EXISTS (SELECT 1 FROM config AS c WHERE c.digest = x.config_digest)
    WHEN 'attestation' THEN
        (SELECT COUNT(*) FROM attestation AS a WHERE a.manifest_id = x.id)
        >= (SELECT COUNT(DISTINCT b.layer_id) FROM manifest_layer AS b WHERE b.manifest_id = x.id)
    ELSE TRUE
END, FALSE)

-- whole (x) --
-- Is all stored that belongs to the manifest x, its members included?
({complete x} AND NOT (x.kind = 'index' AND EXISTS (
    WITH RECURSIVE below (digest, level) AS (
        SELECT im.digest, 1 FROM index_member AS im WHERE im.index_id = x.id
        UNION
        SELECT im.digest, below.level + 1
        FROM below
        INNER JOIN manifest AS mi ON mi.digest = below.digest
        INNER JOIN index_member AS im ON im.index_id = mi.id
        WHERE below.level < 3
    )
    SELECT 1 FROM below
    LEFT JOIN manifest AS mm ON mm.digest = below.digest
    WHERE NOT {complete mm}
)))

-- lacks (x) --
-- Is something of the manifest x lacking?
(x.id IS NULL OR ((:with_configs = 1 OR x.kind = 'index') AND NOT {whole x}))

-- told (x) --
-- Does Hub tell the images of the image set x with their digests?
(
    EXISTS (SELECT 1 FROM image AS i WHERE i.image_set_id = x.id)
    AND NOT EXISTS (SELECT 1 FROM image AS i WHERE i.image_set_id = x.id AND i.digest IS NULL)
)

-- attested (x) --
-- Has the image set x an attestation?
EXISTS (SELECT 1 FROM image AS i WHERE i.image_set_id = x.id AND {unknown i})

-- lacking (x) --
-- Is something lacking of the image set x?
CASE WHEN {told x} THEN
    EXISTS (
        SELECT 1 FROM image AS i
        LEFT JOIN manifest AS m ON m.digest = i.digest
        WHERE i.image_set_id = x.id AND (:with_configs = 1 OR NOT {unknown i}) AND {lacks m}
    )
    OR (
        :with_configs = 1 AND {attested x}
        AND NOT EXISTS (SELECT 1 FROM manifest AS m WHERE m.digest = x.digest)
    )
ELSE
    COALESCE((
        SELECT CASE WHEN top.kind = 'index' THEN
            EXISTS (
                SELECT 1 FROM index_member AS n
                LEFT JOIN manifest AS m ON m.digest = n.digest
                WHERE n.index_id = top.id
                    AND (:with_configs = 1 OR n.kind <> 'attestation') AND {lacks m}
            )
        ELSE {lacks top} END
        FROM manifest AS top
        WHERE top.digest = x.digest
    ), TRUE)
END

-- lacking_sets --
-- Of which image sets that a repository's tags show is something lacking? Some need a HEAD.
WITH shown AS MATERIALIZED (
    SELECT DISTINCT
        t.image_set_id AS id,
        COALESCE(s.digest, t.registry_digest) AS digest,
        COALESCE(s.content_type, 'image') AS content_type
    FROM tag AS t
    INNER JOIN image_set AS s ON s.id = t.image_set_id
    WHERE t.gone_at IS NULL
        AND t.repository_id = (
            SELECT r.id FROM repository AS r WHERE r.namespace = :namespace AND r.name = :name
        )
)
SELECT
    shown.id,
    shown.digest,
    shown.digest IS NULL
    AND (NOT {told shown} OR (:with_configs = 1 AND {attested shown})) AS needs_head
FROM shown
WHERE (:with_configs = 1 OR shown.content_type = 'image') AND {lacking shown};

-- tags_with_sets --
-- Which image sets do a repository's tags show, the newest tag first?
SELECT
    t.name,
    t.image_set_id,
    COALESCE(s.digest, t.registry_digest) AS digest,
    t.listed_at IS NOT NULL AS is_listed
FROM tag AS t
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.gone_at IS NULL
    AND t.repository_id = (SELECT r.id FROM repository AS r WHERE r.namespace = ? AND r.name = ?)
ORDER BY t.last_updated_at DESC NULLS LAST, t.name;

-- told_entries --
-- Which images does Hub tell of an image set, and what is stored of them?
SELECT
    i.digest, p.os, p.architecture, p.variant, p.os_version,
    m.kind, m.evidence, {whole m} AS is_whole, m.subject_digest, NULL AS size
FROM image AS i
INNER JOIN platform AS p ON p.id = i.platform_id
LEFT JOIN manifest AS m ON m.digest = i.digest
WHERE i.image_set_id = ?
ORDER BY i.position;

-- index_entries --
-- What is in an index, and what is stored of it? A manifest that is none stands for itself.
SELECT
    e.digest, e.os, e.architecture, e.variant, e.os_version,
    e.kind, e.evidence, e.is_whole, e.subject_digest, e.size
FROM (
    SELECT
        n.digest, p.os, p.architecture, p.variant, p.os_version,
        COALESCE(m.kind, NULLIF(n.kind, 'image')) AS kind, m.evidence, {whole m} AS is_whole,
        n.subject_digest, n.size, n.position
    FROM manifest AS top
    INNER JOIN index_member AS n ON n.index_id = top.id
    LEFT JOIN platform AS p ON p.id = n.platform_id
    LEFT JOIN manifest AS m ON m.digest = n.digest
    WHERE top.digest = :digest
    UNION ALL
    SELECT
        m.digest, p.os, p.architecture, p.variant, p.os_version,
        m.kind, m.evidence, {whole m} AS is_whole, m.subject_digest, NULL AS size, 0
    FROM manifest AS m
    LEFT JOIN platform AS p ON p.id = m.platform_id
    WHERE m.digest = :digest AND m.kind <> 'index'
) AS e
ORDER BY e.position;

-- has_manifest --
-- Is a manifest stored?
SELECT 1 FROM manifest WHERE digest = ?;

-- known_manifests --
-- What is stored of manifests?
SELECT m.digest, m.kind, m.evidence, m.config_digest, {whole m} AS is_whole
FROM manifest AS m
WHERE m.digest IN (?);

-- manifest --
-- What is a manifest, and what is it about?
SELECT kind, subject_digest FROM manifest WHERE digest = ?;

-- lacking_config --
-- Which config of an image is not stored?
SELECT m.config_digest, m.config_size AS size, NULL AS media_type
FROM manifest AS m
WHERE m.digest = ? AND m.config_digest IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM config AS c WHERE c.digest = m.config_digest);

-- lacking_statements --
-- Which statements of an attestation are not stored?
SELECT l.digest, COALESCE(ml.size, l.size) AS size, y.name AS media_type
FROM manifest AS m
INNER JOIN manifest_layer AS ml ON ml.manifest_id = m.id
INNER JOIN layer AS l ON l.id = ml.layer_id
LEFT JOIN media_type AS y ON y.id = ml.media_type_id
WHERE m.digest = ?
    AND NOT EXISTS (
        SELECT 1 FROM attestation AS a WHERE a.manifest_id = m.id AND a.digest = l.digest
    )
GROUP BY l.digest, COALESCE(ml.size, l.size), y.name
ORDER BY MIN(ml.position);

-- known_configs --
-- Which configs are stored?
SELECT digest FROM config WHERE digest IN (?);

-- repositories_lacking --
-- Of which repositories is something lacking? A digest from the registry is each tag's own.
WITH
lacking_set AS MATERIALIZED (
    SELECT s.id FROM image_set AS s WHERE s.digest IS NOT NULL AND {lacking s}
),
undigested AS (
    SELECT DISTINCT t.repository_id, s.id, t.registry_digest AS digest
    FROM image_set AS s
    INNER JOIN tag AS t ON t.image_set_id = s.id
    WHERE s.digest IS NULL AND t.gone_at IS NULL
),
found AS (
    SELECT t.repository_id
    FROM lacking_set AS s
    INNER JOIN tag AS t ON t.image_set_id = s.id
    WHERE t.gone_at IS NULL
    UNION
    SELECT u.repository_id FROM undigested AS u WHERE {lacking u}
)
SELECT r.namespace, r.name
FROM found
INNER JOIN repository AS r ON r.id = found.repository_id
WHERE r.gone_at IS NULL
ORDER BY r.namespace, r.name;

-- undetailed_tags --
-- Which tags of a repository are known by name alone, those first that were seen first?
SELECT t.name FROM tag AS t
WHERE t.gone_at IS NULL AND t.listed_at IS NULL AND NOT (t.name GLOB 'sha256-*' AND length(t.name) IN (71, 75, 76))
    AND t.repository_id = (SELECT r.id FROM repository AS r WHERE r.namespace = ? AND r.name = ?)
ORDER BY t.first_seen_at, t.name
LIMIT ?;

-- undetailed_count --
-- How many tags of a repository are known by name alone?
SELECT COUNT(*) FROM tag AS t
WHERE t.gone_at IS NULL AND t.listed_at IS NULL AND NOT (t.name GLOB 'sha256-*' AND length(t.name) IN (71, 75, 76))
    AND t.repository_id = (SELECT r.id FROM repository AS r WHERE r.namespace = ? AND r.name = ?);

-- known_digests --
-- Which digests do tags of a repository show?
SELECT t.name, COALESCE(s.digest, t.registry_digest) AS digest
FROM tag AS t
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.repository_id = (SELECT r.id FROM repository AS r WHERE r.namespace = ? AND r.name = ?)
    AND t.gone_at IS NULL AND COALESCE(s.digest, t.registry_digest) IS NOT NULL
    AND t.name IN (?);

-- is_listed --
-- Did Hub ever list a live tag of a repository?
SELECT 1 FROM tag AS t
WHERE t.repository_id = (SELECT r.id FROM repository AS r WHERE r.namespace = ? AND r.name = ?)
    AND t.gone_at IS NULL AND t.listed_at IS NOT NULL
LIMIT 1;

-- listed_names --
-- Which names of live tags of a repository did Hub ever list?
SELECT t.name FROM tag AS t
WHERE t.repository_id = (SELECT r.id FROM repository AS r WHERE r.namespace = ? AND r.name = ?)
    AND t.gone_at IS NULL AND t.listed_at IS NOT NULL
    AND t.name IN (?);

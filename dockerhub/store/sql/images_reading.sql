-- size (x) --
-- How many compressed bytes have the layers of the manifest x together?
(
    SELECT SUM(COALESCE(ml.size, l.size)) FROM manifest_layer AS ml
    INNER JOIN layer AS l ON l.id = ml.layer_id
    WHERE ml.manifest_id = x.id
)

-- tag --
-- Which images does a live tag show?
SELECT t.image_set_id, COALESCE(s.digest, t.registry_digest) AS digest
FROM tag AS t
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.name = ? AND t.gone_at IS NULL
    AND t.repository_id = (SELECT r.id FROM repository AS r WHERE r.namespace = ? AND r.name = ?);

-- image_set --
-- Which images does Hub tell under a digest?
SELECT s.id FROM image_set AS s
WHERE s.digest = ? AND EXISTS (SELECT 1 FROM image AS i WHERE i.image_set_id = s.id)
ORDER BY s.id DESC
LIMIT 1;

-- told_platforms --
-- Which platforms does Hub tell of an image set?
SELECT
    i.digest, p.os, p.architecture, p.variant, p.os_version,
    COALESCE({size m}, i.size) AS size, m.config_digest, m.kind
FROM image AS i
LEFT JOIN manifest AS m ON m.digest = i.digest
INNER JOIN platform AS p ON p.id = COALESCE(m.platform_id, i.platform_id)
WHERE i.image_set_id = ? AND i.digest IS NOT NULL
ORDER BY i.position;

-- stored_platforms --
-- Which platforms are in an index? A manifest that is none stands for itself.
SELECT
    n.digest, p.os, p.architecture, p.variant, p.os_version,
    {size m} AS size, m.config_digest, COALESCE(m.kind, n.kind) AS kind
FROM manifest AS top
INNER JOIN index_member AS n ON n.index_id = top.id
LEFT JOIN manifest AS m ON m.digest = n.digest
LEFT JOIN platform AS p ON p.id = COALESCE(m.platform_id, n.platform_id)
WHERE top.digest = :digest
UNION ALL
SELECT
    m.digest, p.os, p.architecture, p.variant, p.os_version,
    {size m} AS size, m.config_digest, m.kind
FROM manifest AS m
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE m.digest = :digest AND m.kind <> 'index';

-- layers --
-- Which layers has a manifest, bottom first?
SELECT l.digest, COALESCE(ml.size, l.size) AS size, y.name AS media_type
FROM manifest AS m
INNER JOIN manifest_layer AS ml ON ml.manifest_id = m.id
INNER JOIN layer AS l ON l.id = ml.layer_id
LEFT JOIN media_type AS y ON y.id = ml.media_type_id
WHERE m.digest = ?
ORDER BY ml.position;

-- steps --
-- Which steps were taken to build a manifest, first one first?
SELECT n.text, l.digest, COALESCE(ml.size, l.size) AS size, b.created_at
FROM manifest AS m
INNER JOIN build_step AS b ON b.manifest_id = m.id
LEFT JOIN instruction AS n ON n.id = b.instruction_id
LEFT JOIN manifest_layer AS ml ON ml.manifest_id = m.id AND ml.position = b.layer_position
LEFT JOIN layer AS l ON l.id = ml.layer_id
WHERE m.digest = ?
ORDER BY b.position;

-- config --
-- Which config has a manifest? One that could not be read says nothing.
SELECT
    c.id, c.digest, c.size, p.os, p.architecture, p.variant, p.os_version, c.created_at, c.author,
    c.user, c.working_dir, c.stop_signal, c.entrypoint, c.cmd, c.env, c.volumes, c.exposed_ports,
    c.diff_ids
FROM manifest AS m
INNER JOIN config AS c ON c.digest = m.config_digest
LEFT JOIN platform AS p ON p.id = c.platform_id
WHERE m.digest = ? AND c.detail IS NULL;

-- labels --
-- Which labels has a config?
SELECT name, value FROM label WHERE config_id = ? ORDER BY name;

-- attestations --
-- What is stated about the image with a manifest, by the index that holds both? Anybody may state
-- something about the images of others.
SELECT
    a.id, a.digest, a.predicate_type, a.builder, a.build_type, a.source, a.revision, a.dockerfile,
    a.package_count, a.detail
FROM attestation AS a
INNER JOIN manifest AS m ON m.id = a.manifest_id
WHERE (
        a.subject_digest = :digest
        OR a.manifest_id IN (SELECT k.id FROM manifest AS k WHERE k.subject_digest = :digest)
    )
    AND EXISTS (
        SELECT 1
        FROM index_member AS im
        INNER JOIN manifest AS x ON x.id = im.index_id
        WHERE im.digest = m.digest AND im.subject_digest = :digest
            AND (:index IS NULL OR x.digest = :index)
    )
ORDER BY a.predicate_type NULLS FIRST, a.id;

-- bases --
-- What was a build made of?
SELECT uri, name, digest FROM attestation_base WHERE attestation_id = ? ORDER BY position;

-- annotations --
-- What does a manifest say of itself?
SELECT a.name, a.value
FROM manifest AS m
INNER JOIN annotation AS a ON a.manifest_id = m.id AND a.member = -1
WHERE m.digest = ?
ORDER BY a.name;

-- member_annotations --
-- What does an index say of a member?
SELECT a.name, a.value
FROM manifest AS m
INNER JOIN index_member AS n ON n.index_id = m.id
INNER JOIN annotation AS a ON a.manifest_id = m.id AND a.member = n.position
WHERE m.digest = ? AND n.digest = ?
ORDER BY a.name;

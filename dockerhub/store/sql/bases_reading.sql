-- chain --
-- What stands for each layer of a manifest together with those below it, uppermost first?
SELECT ml.position, ml.chain
FROM manifest AS m
INNER JOIN manifest_layer AS ml ON ml.manifest_id = m.id
WHERE m.digest = ? AND ml.chain IS NOT NULL
ORDER BY ml.position DESC;

-- tops --
-- Which manifests end with a chain of layers?
SELECT m.digest
FROM manifest_layer AS ml
CROSS JOIN manifest AS m ON m.id = ml.manifest_id
WHERE ml.chain = ?
    AND NOT EXISTS (
        SELECT 1 FROM manifest_layer AS up
        WHERE up.manifest_id = ml.manifest_id
            AND up.position > ml.position AND up.chain IS NOT NULL
    )
ORDER BY ml.manifest_id
LIMIT ?;

-- names --
-- Which live tags show a manifest, as Hub lists them: by itself, or in indexes?
WITH RECURSIVE
above (digest) AS (
    SELECT :digest
    UNION
    SELECT top.digest
    FROM above
    CROSS JOIN index_member AS n ON n.digest = above.digest
    CROSS JOIN manifest AS top ON top.id = n.index_id
),
shown AS (
    SELECT i.image_set_id AS id
    FROM image AS i
    WHERE substr(i.digest, 1, 6) = substr(:digest, 1, 6) AND i.digest = :digest
    UNION
    SELECT s.id FROM above INNER JOIN image_set AS s ON s.digest = above.digest
)
SELECT r.namespace, r.name, t.name
FROM shown
CROSS JOIN tag AS t ON t.image_set_id = shown.id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
ORDER BY r.namespace <> 'library', r.namespace, r.name, t.name
LIMIT :most;

-- names_by_registry --
-- Which live tags show a manifest, as the registry says?
WITH RECURSIVE above (digest) AS (
    SELECT :digest
    UNION
    SELECT top.digest
    FROM above
    CROSS JOIN index_member AS n ON n.digest = above.digest
    CROSS JOIN manifest AS top ON top.id = n.index_id
)
SELECT r.namespace, r.name, t.name
FROM above
CROSS JOIN tag AS t ON t.registry_digest = above.digest
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
ORDER BY r.namespace <> 'library', r.namespace, r.name, t.name
LIMIT :most;

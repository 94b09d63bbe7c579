-- below --
-- On which chains that are all layers of some image does a manifest stand, the longest first?
SELECT mb.position, mb.chain
FROM manifest AS m
INNER JOIN manifest_base AS mb ON mb.manifest_id = m.id
WHERE m.digest = ?
ORDER BY mb.position DESC;

-- tops --
-- Which manifests end with a chain of layers?
SELECT m.digest FROM manifest AS m WHERE m.chain = ? ORDER BY m.id LIMIT ?;

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

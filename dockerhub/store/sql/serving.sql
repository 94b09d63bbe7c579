-- any_repository --
-- Is there a repository?
SELECT 1 FROM repository LIMIT 1;

-- tag_numbers --
-- About how many tags are there?
SELECT COALESCE(MAX(id), 0) FROM tag;

-- counts --
-- How much is there?
SELECT
    (SELECT COUNT(*) FROM repository WHERE gone_at IS NULL) AS repositories,
    (SELECT COALESCE(MAX(id), 0) FROM tag) AS tags,
    (SELECT COALESCE(MAX(id), 0) FROM manifest) AS manifests,
    iso((SELECT MAX(COALESCE(finished_at, started_at)) FROM crawl)) AS crawled_at;

-- biggest_namespace --
-- Which organisation has the most repositories here?
SELECT namespace FROM repository
WHERE gone_at IS NULL
GROUP BY namespace
ORDER BY COUNT(*) DESC, namespace
LIMIT 1;

-- biggest_repository --
-- Which repository of an organisation is pulled most?
SELECT namespace || '/' || name FROM repository
WHERE namespace = ? AND gone_at IS NULL
ORDER BY pull_count DESC, name
LIMIT 1;

-- layered_image --
-- Which image, of the repositories with the most pulls, has layers that are known?
SELECT r.namespace || '/' || r.name || ':' || t.name
FROM (
    SELECT id, namespace, name FROM repository
    WHERE gone_at IS NULL
    ORDER BY namespace = ? DESC, pull_count DESC
    LIMIT 200
) AS r
CROSS JOIN tag AS t ON t.repository_id = r.id AND t.gone_at IS NULL
CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
CROSS JOIN manifest AS m ON m.digest = i.digest
WHERE EXISTS (SELECT 1 FROM manifest_layer AS ml WHERE ml.manifest_id = m.id)
LIMIT 1;

-- known_org --
-- Has a crawl seen this organisation?
SELECT 1 FROM repository WHERE namespace = :org LIMIT 1;

-- known_repo --
-- Has a crawl seen this repository?
SELECT 1 FROM repository WHERE namespace || '/' || name = :repo LIMIT 1;

-- known_tag --
-- Has a crawl seen this tag?
SELECT 1
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id AND t.name = :tag
WHERE r.namespace || '/' || r.name = :repo
LIMIT 1;

-- known_depth (t) --
-- Of how many tags are layers known, and configs?
    COUNT(*) AS tags,
    COALESCE(SUM(
        EXISTS (
            SELECT 1
            FROM image AS i
            CROSS JOIN manifest AS m ON m.digest = i.digest
            CROSS JOIN manifest_layer AS ml ON ml.manifest_id = m.id
            WHERE i.image_set_id = t.image_set_id
        )
        OR EXISTS (SELECT 1 FROM manifest AS m WHERE m.digest = t.registry_digest)
    ), 0) AS layers,
    COALESCE(SUM(
        EXISTS (
            SELECT 1
            FROM image AS i
            CROSS JOIN manifest AS m ON m.digest = i.digest
            WHERE i.image_set_id = t.image_set_id AND m.evidence = 'registry'
        )
        OR EXISTS (SELECT 1 FROM manifest AS m WHERE m.digest = t.registry_digest)
    ), 0) AS configs

-- depth_of_org --
-- Of how many tags of an organisation are layers known, and configs?
SELECT
{known_depth t}
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
WHERE r.namespace = asked_org(:org) AND r.gone_at IS NULL AND t.gone_at IS NULL;

-- depth_of_repo --
-- Of how many tags of a repository are layers known, and configs?
SELECT
{known_depth t}
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
WHERE r.namespace || '/' || r.name = asked_repo(:repo)
    AND r.gone_at IS NULL AND t.gone_at IS NULL;

-- depth_of_image --
-- Are the layers of an image known, and its config?
SELECT
{known_depth t}
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id AND t.name = image_tag(:image)
WHERE r.namespace || '/' || r.name = asked_repo(:image)
    AND r.gone_at IS NULL AND t.gone_at IS NULL;

-- any_depth --
-- Is there a layer, a config, a pull usage report?
SELECT
    EXISTS (SELECT 1 FROM manifest_layer) AS layers,
    EXISTS (SELECT 1 FROM manifest WHERE evidence = 'registry') AS configs,
    EXISTS (SELECT 1 FROM usage_report) AS usage;

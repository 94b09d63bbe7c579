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

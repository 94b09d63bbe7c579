-- last_identity --
-- Was the last crawl signed in?
SELECT signed_in FROM crawl ORDER BY id DESC LIMIT 1;

-- last_list --
-- How many rows had a list when it was last walked?
SELECT w.last_count FROM walk AS w
WHERE w.kind = :kind AND w.subject = :subject AND w.last_count IS NOT NULL
ORDER BY COALESCE(w.finished_at, w.started_at) DESC, w.id DESC
LIMIT 1;

-- last_reach --
-- Which row of such lists was the first that an anonymous caller could not see?
SELECT w.reach FROM walk AS w
WHERE w.kind = :kind AND w.signed_in = 0 AND w.reach > 0
ORDER BY w.id DESC
LIMIT 1;

-- repositories_of --
-- Which repositories of a namespace are known, and when did each change and was seen?
SELECT r.name, r.description, r.last_updated_at, r.last_modified_at, r.last_seen_at
FROM repository AS r
WHERE r.namespace = :namespace AND r.gone_at IS NULL
ORDER BY r.id;

-- repository_at --
-- What is known of a repository, and when was it seen?
SELECT r.name, r.description, r.last_updated_at, r.last_modified_at, r.last_seen_at
FROM repository AS r
WHERE r.namespace = :namespace AND r.name = :name;

-- tag_count --
-- How many tags has a repository now?
SELECT COUNT(*) FROM tag AS t
WHERE t.gone_at IS NULL
    AND t.repository_id = (
        SELECT r.id FROM repository AS r WHERE r.namespace = :namespace AND r.name = :name
    );

-- tag_counts_of --
-- How many tags have the repositories of a namespace that have any?
SELECT COUNT(*) FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
WHERE r.namespace = :namespace AND r.gone_at IS NULL AND t.gone_at IS NULL
GROUP BY r.id;

-- tag_counts --
-- How many tags have the repositories that have any? Of the first thousand of them.
SELECT n FROM (
    SELECT COUNT(*) AS n FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    WHERE r.gone_at IS NULL AND t.gone_at IS NULL AND r.id <= :most
    GROUP BY r.id
) AS counted;

-- images_of_sets --
-- How many images, and how many attestations, have the image sets first seen?
SELECT COUNT(DISTINCT i.image_set_id), COUNT(*)
FROM image AS i
WHERE i.image_set_id <= :most;

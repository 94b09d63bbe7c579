-- What `scrapy trends` asks.

-- repositories --
-- Which repositories exist, of those whose full name fits?
SELECT r.namespace, r.name, r.pull_count, r.star_count, r.registered_at
FROM repository AS r
WHERE r.namespace BETWEEN :first AND :last
    AND r.namespace || '/' || r.name GLOB :glob
    AND r.gone_at IS NULL
ORDER BY r.namespace, r.name;

-- repository --
-- What is told of a repository?
SELECT r.namespace, r.name, r.pull_count, r.star_count, r.registered_at
FROM repository AS r
WHERE r.namespace = ? AND r.name = ?;

-- series --
-- What did each day bring a repository, from the day on at which a period begins?
SELECT d.day, d.pulls, d.pull_count, d.is_interpolated, d.is_reset, d.is_correction, d.stars
FROM daily_pulls AS d
WHERE d.repo_name = :repo_name AND d.sample_day >= :first_day
ORDER BY d.sample_day, d.day;

-- officials --
-- Which official images exist?
SELECT r.name FROM repository AS r WHERE r.namespace = 'library' AND r.gone_at IS NULL;

-- are_officials_complete --
-- Was the list of official images ever walked to its end?
SELECT 1 FROM walk AS w
WHERE w.kind = 'repositories' AND w.subject = 'library' AND w.stop_reason = 'complete'
LIMIT 1;

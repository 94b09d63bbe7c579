-- repository --
-- What is known of a repository?
SELECT
    description,
    last_updated_at,
    last_modified_at,
    detail_due,
    EXISTS (SELECT 1 FROM tag AS t WHERE t.repository_id = r.id AND t.gone_at IS NULL) AS has_tags
FROM repository AS r
WHERE namespace = ? AND name = ?;

-- live_repository --
-- Is a repository known that is not gone?
SELECT 1 FROM repository WHERE namespace = ? AND name = ? AND gone_at IS NULL;

-- any_repository --
-- Which repository of a namespace should be there? The one that was seen last.
SELECT name FROM repository
WHERE namespace = ? AND gone_at IS NULL AND COALESCE(is_private, 0) = 0
ORDER BY last_seen_at DESC
LIMIT 1;

-- any_tag --
-- Which tag of a repository should be there? The one that was seen last.
SELECT name FROM tag
WHERE gone_at IS NULL
    AND repository_id = (SELECT id FROM repository WHERE namespace = ? AND name = ?)
ORDER BY last_seen_at DESC
LIMIT 1;

-- unfinished_since --
-- Since when have crawls with these arguments not come to their end?
SELECT MIN(started_at) FROM crawl
WHERE spider = ? AND arguments = ? AND signed_in = ? AND started_at < ? AND started_at >= ?
    AND id > COALESCE((
        SELECT MAX(id) FROM crawl
        WHERE spider = ? AND arguments = ? AND signed_in = ? AND finish_reason = 'finished'
    ), 0);

-- visited_repository --
-- What did a repository's own page say, if it was read since a moment?
SELECT
    r.description, r.star_count, r.pull_count, r.last_updated_at, r.last_modified_at,
    r.registered_at, r.repository_type, r.status, r.status_description, r.is_private,
    r.is_automated, r.storage_size, r.source, r.media_types, r.content_types
FROM repository AS r
INNER JOIN repository_detail AS d ON d.repository_id = r.id
WHERE r.namespace = ? AND r.name = ? AND r.gone_at IS NULL AND d.fetched_at >= ?;

-- last_walk --
-- How did the last finished walk of a repository's tags end, and when did it begin?
SELECT subject_updated_at, stop_reason, finished_at, refused_count
FROM walk
WHERE kind = 'tags' AND subject = ? AND arguments = ? AND signed_in = ?
    AND finished_at IS NOT NULL AND stop_reason <> 'interrupted'
ORDER BY finished_at DESC, id DESC
LIMIT 1;

-- last_full_walk --
-- When were a repository's tags last walked from end to end?
SELECT MAX(finished_at)
FROM walk
WHERE kind = 'tags' AND subject = ? AND arguments = ? AND signed_in = ?
    AND is_full = 1 AND stop_reason IN ('complete', 'max_tags', 'anonymous_cap');

-- open_walk --
-- Which walk of a repository's tags was not finished?
SELECT
    w.started_at,
    w.is_full,
    w.pages,
    w.next_page,
    w.last_count,
    COALESCE(w.leg, w.ordering) AS leg,
    w.reach,
    w.first_count,
    w.subject_updated_at
FROM walk AS w
WHERE w.kind = 'tags' AND w.subject = ? AND w.arguments = ? AND w.signed_in = ?
    AND w.finished_at IS NULL;

-- tag --
-- What is known of a tag?
SELECT t.last_updated_at, s.digest, COALESCE(t.listed_at, t.last_seen_at) AS last_seen_at
FROM tag AS t
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.name = ?
    AND t.repository_id = (SELECT id FROM repository WHERE namespace = ? AND name = ?);

-- seen_tags --
-- Which tags of a repository did Hub show since a moment?
SELECT name FROM tag
WHERE listed_at >= ?
    AND repository_id = (SELECT id FROM repository WHERE namespace = ? AND name = ?);

-- counts --
-- How much is in the database?
SELECT
    (SELECT COUNT(*) FROM repository WHERE gone_at IS NULL) AS repositories,
    (
        SELECT COUNT(*) FROM tag AS t
        INNER JOIN repository AS r ON r.id = t.repository_id
        WHERE t.gone_at IS NULL AND r.gone_at IS NULL
    ) AS tags;

-- most_pulled --
-- Which repositories have the most pulls, with how many tags and platforms?
SELECT
    r.full_name,
    r.pull_count,
    (SELECT COUNT(*) FROM tags AS t WHERE t.repo_name = r.full_name) AS tag_count,
    (
        SELECT COUNT(DISTINCT i.platform) FROM images AS i
        WHERE i.repo_name = r.full_name AND i.os <> 'unknown'
    ) AS platform_count,
    r.last_updated
FROM repositories AS r
ORDER BY r.pull_count DESC
LIMIT ?;

-- oldest_unfinished --
-- Since when is a walk not finished?
SELECT MIN(w.started_at) FROM walk AS w WHERE w.finished_at IS NULL;

-- before (w) --
-- Had a walk ended when this crawl began, or else before a moment?
(
    w.finished_at <= :seen
    OR (
        w.id <= :last_walk AND w.finished_at IS NOT NULL
        AND w.id NOT IN (SELECT CAST(o.value AS INTEGER) FROM json_each(:open_walks) AS o)
    )
)

-- walks_so_far --
-- Which walk is the last one, and which can still go on?
SELECT
    COALESCE(MAX(w.id), 0),
    (SELECT json_group_array(o.id) FROM walk AS o WHERE o.finished_at IS NULL)
FROM walk AS w;

-- has_list --
-- Had a list of repositories been walked to its end before, by whomever?
SELECT EXISTS (
    SELECT 1 FROM walk AS w
    WHERE w.kind = :kind AND w.subject = :subject AND w.stop_reason = 'complete' AND {before w}
);

-- looks_at_tags --
-- Were all tags of a repository known before, because they had been walked or because it
-- came into being while we looked? If not, when did the first walk of some of them begin that came
-- to an end before?
WITH k AS MATERIALIZED (
    SELECT
        r.namespace || '/' || r.name AS subject,
        EXISTS (
            SELECT 1 FROM event AS e
            WHERE e.repository_id = r.id AND e.kind = 'repository_appeared'
        )
        OR EXISTS (
            SELECT 1 FROM walk AS w
            WHERE w.kind IN ('tags', 'names') AND w.subject = r.namespace || '/' || r.name
                AND w.arguments = '' AND w.stop_reason = 'complete' AND w.refused_count = 0
                AND {before w}
        ) AS knew_all
    FROM repository AS r
    WHERE r.id = :repository_id
)
SELECT
    k.knew_all,
    CASE WHEN NOT k.knew_all THEN (
        SELECT MIN(w.started_at) FROM walk AS w
        WHERE w.kind IN ('tags', 'names') AND w.subject = k.subject
            AND w.stop_reason <> 'interrupted' AND w.pages > 0 AND {before w}
    ) END AS first_look_at
FROM k;

-- put_tag_created --
-- Which tag is there since lately?
INSERT INTO event (kind, repository_id, tag_id, seen_at, hub_at, new_digest)
SELECT 'tag_created', repository_id, id, ?, ?, ?
FROM tag
WHERE repository_id = ? AND name = ?;

-- put_tag_moved --
-- Which tag shows something else?
INSERT INTO event (kind, repository_id, tag_id, seen_at, hub_at, old_digest, new_digest)
VALUES ('tag_moved', ?, ?, ?, ?, ?, ?);

-- put_tag_deleted --
-- Which tag is gone from a repository that is there?
INSERT INTO event (kind, repository_id, tag_id, seen_at, old_digest)
SELECT 'tag_deleted', id, ?, ?, ?
FROM repository
WHERE id = ? AND gone_at IS NULL;

-- put_repository_appeared --
-- Which repository is there since lately, or again?
INSERT INTO event (kind, repository_id, seen_at, hub_at)
VALUES ('repository_appeared', ?, ?, ?);

-- put_repository_gone --
-- Which repository is gone?
INSERT INTO event (kind, repository_id, seen_at) VALUES ('repository_gone', ?, ?);

-- shown_by (t) --
-- Had a walk w shown it as it was when that ended? What went since does not matter; what went while
-- the list was walked was shown.
t.first_seen_at <= w.finished_at
    AND (
        t.gone_at IS NULL OR t.gone_at > w.finished_at
        OR (t.gone_at < w.finished_at AND t.last_seen_at >= w.started_at)
    )

-- tag_counts --
-- Which repositories have another number of tags than their last complete walk showed? More than it
-- showed may be the work of another walk at the same time.
WITH last AS (
    SELECT w.subject, MAX(w.finished_at) AS finished_at
    FROM walk AS w
    WHERE w.kind = 'tags' AND w.arguments = '' AND w.is_full = 1 AND w.stop_reason = 'complete'
    GROUP BY w.subject
),
counted AS (
    SELECT
        w.id, w.subject, w.started_at, w.finished_at, w.row_count,
        (
            SELECT COUNT(*) FROM tag AS t
            WHERE t.repository_id = r.id AND {shown_by t}
                AND NOT EXISTS (
                    SELECT 1 FROM absence AS a
                    WHERE a.tag_id = t.id AND a.gone_at <= w.finished_at
                        AND a.back_at > w.finished_at
                )
        ) AS found
    FROM last AS l
    CROSS JOIN walk AS w
        ON w.kind = 'tags' AND w.subject = l.subject AND w.arguments = ''
            AND w.finished_at = l.finished_at
    CROSS JOIN repository AS r ON r.namespace || '/' || r.name = w.subject || ''
    WHERE w.is_full = 1 AND w.stop_reason = 'complete' AND w.refused_count = 0
)
SELECT c.subject, c.row_count, c.found, c.finished_at
FROM counted AS c
WHERE c.found < c.row_count
    OR (c.found > c.row_count AND NOT EXISTS (
        SELECT 1 FROM walk AS v
        WHERE v.kind IN ('tags', 'names', 'details') AND v.subject = c.subject AND v.id <> c.id
            AND v.started_at <= c.finished_at
            AND (v.finished_at IS NULL OR v.finished_at >= c.started_at)
    ));

-- repository_counts --
-- Which namespaces have another number of repositories than their last complete walk showed? What
-- is private is not shown to who is not signed in. More may be the work of another crawl.
WITH last AS (
    SELECT w.subject, MAX(w.finished_at) AS finished_at
    FROM walk AS w
    WHERE w.kind = 'repositories' AND w.is_full = 1 AND w.stop_reason = 'complete'
    GROUP BY w.subject
),
away AS MATERIALIZED (
    SELECT repository_id, gone_at, back_at FROM absence WHERE tag_id IS NULL
),
counted AS (
    SELECT
        w.id, w.crawl_id, w.subject, w.started_at, w.finished_at, w.row_count,
        (
            SELECT COUNT(*) FROM repository AS t
            WHERE t.namespace = w.subject AND {shown_by t}
                AND (w.signed_in = 1 OR COALESCE(t.is_private, 0) = 0)
                AND NOT EXISTS (
                    SELECT 1 FROM away AS a
                    WHERE a.repository_id = t.id AND a.gone_at <= w.finished_at
                        AND a.back_at > w.finished_at
                )
        ) AS found
    FROM last AS l
    CROSS JOIN walk AS w
        ON w.kind = 'repositories' AND w.subject = l.subject AND w.finished_at = l.finished_at
    WHERE w.is_full = 1 AND w.stop_reason = 'complete' AND w.refused_count = 0
)
SELECT c.subject, c.row_count, c.found, c.finished_at
FROM counted AS c
WHERE c.found < c.row_count
    OR (c.found > c.row_count AND NOT EXISTS (
        SELECT 1 FROM crawl AS o
        WHERE o.id <> c.crawl_id AND o.started_at <= c.finished_at
            AND (o.finished_at IS NULL OR o.finished_at >= c.started_at)
    ));

-- first_event --
-- Since when are there events? What is older was pruned. That a repository appeared is kept longer.
SELECT MIN(seen_at) FROM event WHERE kind <> 'repository_appeared';

-- gone_tags_without_event --
-- Which tags are gone, and no event says so, although their repository was there?
SELECT r.namespace || '/' || r.name || ':' || t.name, t.gone_at
FROM tag AS t
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at >= :since AND (r.gone_at IS NULL OR r.gone_at > t.gone_at)
    AND NOT EXISTS (
        SELECT 1 FROM event AS e
        WHERE e.repository_id = t.repository_id AND e.tag_id = t.id AND e.kind = 'tag_deleted'
            AND e.seen_at = t.gone_at
    )
    AND NOT EXISTS (
        SELECT 1 FROM absence AS a
        WHERE a.repository_id = t.repository_id AND a.tag_id IS NULL
            AND a.gone_at <= t.gone_at AND a.back_at >= t.gone_at
    );

-- gone_repositories_without_event --
-- Which repositories are gone, and no event says so?
SELECT r.namespace || '/' || r.name, r.gone_at
FROM repository AS r
WHERE r.gone_at >= :since AND NOT EXISTS (
    SELECT 1 FROM event AS e
    WHERE e.repository_id = r.id AND e.kind = 'repository_gone' AND e.seen_at = r.gone_at
);

-- moves_without_event --
-- Which tags have moved, and no event says so? One that moved while it was away has come again.
SELECT r.namespace || '/' || r.name || ':' || t.name, m.moved_at
FROM tag_move AS m
CROSS JOIN tag AS t ON t.id = m.tag_id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE m.moved_at >= :since AND NOT EXISTS (
    SELECT 1 FROM event AS e
    WHERE e.repository_id = t.repository_id AND e.tag_id = t.id
        AND e.kind IN ('tag_moved', 'tag_created') AND e.seen_at = m.moved_at
);

-- events_astray --
-- Which events speak of a tag of another repository?
SELECT e.id, e.kind FROM event AS e
CROSS JOIN tag AS t ON t.id = e.tag_id
WHERE t.repository_id <> e.repository_id;

-- moves_out_of_order --
-- Which moves ended before they began, or stand before one that was earlier?
SELECT r.namespace || '/' || r.name || ':' || t.name, m.seen_from, m.seen_until, m.moved_at
FROM tag_move AS m
CROSS JOIN tag AS t ON t.id = m.tag_id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE m.seen_from > m.seen_until OR m.seen_until > m.moved_at OR t.image_set_seen_at < m.moved_at
    OR EXISTS (
        SELECT 1 FROM tag_move AS n
        WHERE n.tag_id = m.tag_id AND n.id > m.id AND n.moved_at < m.moved_at
    );

-- seen_out_of_order --
-- Which tags and repositories were last seen before they were first seen, or after they were gone?
SELECT r.namespace || '/' || r.name || ':' || t.name, t.first_seen_at, t.last_seen_at, t.gone_at
FROM tag AS t
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.first_seen_at > t.last_seen_at OR t.gone_at < t.last_seen_at
UNION ALL
SELECT r.namespace || '/' || r.name, r.first_seen_at, r.last_seen_at, r.gone_at
FROM repository AS r
WHERE r.first_seen_at > r.last_seen_at OR r.gone_at < r.last_seen_at;

-- absences_out_of_order --
-- Which absences ended before they began?
SELECT r.namespace || '/' || r.name, a.gone_at, a.back_at
FROM absence AS a
CROSS JOIN repository AS r ON r.id = a.repository_id
WHERE a.back_at < a.gone_at;

-- bad_samples --
-- Which pull samples are negative, or of a day that is yet to come?
SELECT r.namespace || '/' || r.name, s.day, s.pull_count, s.star_count
FROM pull_sample AS s
CROSS JOIN repository AS r ON r.id = s.repository_id
WHERE s.pull_count < 0 OR s.star_count < 0 OR s.day > :today;

-- bad_sizes --
-- Which sizes are negative?
SELECT 'tag', t.id, t.full_size FROM tag AS t WHERE t.full_size < 0
UNION ALL
SELECT 'image_set', i.image_set_id, i.size FROM image AS i WHERE i.size < 0
UNION ALL
SELECT 'layer', l.id, l.size FROM layer AS l WHERE l.size < 0
UNION ALL
SELECT 'manifest', m.id, m.size FROM manifest AS m WHERE m.size < 0;

-- bad_digests --
-- Which digests are not 32 bytes long, and which chains not 16?
SELECT 'layer', l.id, length(l.digest) FROM layer AS l WHERE length(l.digest) <> 32
UNION ALL
SELECT 'manifest', m.id, length(m.digest) FROM manifest AS m
WHERE length(m.digest) <> 32 OR length(m.config_digest) <> 32 OR length(m.subject_digest) <> 32
    OR length(m.chain) <> 16
UNION ALL
SELECT 'image_set', s.id, length(s.digest) FROM image_set AS s
WHERE length(s.digest) <> 32 OR length(s.fingerprint) <> 16
UNION ALL
SELECT 'image_set', i.image_set_id, length(i.digest) FROM image AS i WHERE length(i.digest) <> 32
UNION ALL
SELECT 'tag', t.id, length(t.registry_digest) FROM tag AS t WHERE length(t.registry_digest) <> 32
UNION ALL
SELECT 'index_member', n.index_id, length(n.digest) FROM index_member AS n
WHERE length(n.digest) <> 32 OR length(n.subject_digest) <> 32
UNION ALL
SELECT 'config', c.id, length(c.digest) FROM config AS c WHERE length(c.digest) <> 32
UNION ALL
SELECT 'attestation', a.id, length(a.digest) FROM attestation AS a
WHERE length(a.digest) <> 32 OR length(a.subject_digest) <> 32
UNION ALL
SELECT 'event', e.id, length(COALESCE(e.new_digest, e.old_digest)) FROM event AS e
WHERE length(e.old_digest) <> 32 OR length(e.new_digest) <> 32;

-- future --
-- Which of our own moments are yet to come? Hub's are its own.
SELECT f.name, f.moment FROM (
    SELECT 'tag.last_seen_at' AS name, MAX(last_seen_at) AS moment FROM tag
    UNION ALL SELECT 'tag.gone_at', MAX(gone_at) FROM tag
    UNION ALL SELECT 'repository.last_seen_at', MAX(last_seen_at) FROM repository
    UNION ALL SELECT 'repository.gone_at', MAX(gone_at) FROM repository
    UNION ALL SELECT 'tag_move.moved_at', MAX(moved_at) FROM tag_move
    UNION ALL SELECT 'absence.back_at', MAX(back_at) FROM absence
    UNION ALL SELECT 'event.seen_at', MAX(seen_at) FROM event
    UNION ALL SELECT 'crawl.started_at', MAX(started_at) FROM crawl
    UNION ALL SELECT 'crawl.finished_at', MAX(finished_at) FROM crawl
    UNION ALL SELECT 'walk.started_at', MAX(started_at) FROM walk
    UNION ALL SELECT 'walk.finished_at', MAX(finished_at) FROM walk
    UNION ALL SELECT 'image_set.first_seen_at', MAX(first_seen_at) FROM image_set
    UNION ALL SELECT 'manifest.seen_at', MAX(seen_at) FROM manifest
    UNION ALL SELECT 'config.seen_at', MAX(seen_at) FROM config
    UNION ALL SELECT 'attestation.seen_at', MAX(seen_at) FROM attestation
    UNION ALL SELECT 'repository_detail.fetched_at', MAX(fetched_at) FROM repository_detail
) AS f
WHERE f.moment > :latest;

-- reused_numbers --
-- Which tables have fewer numbers than were looked at? Then new rows would not be looked at. (Rows
-- of `reread` go when they were looked at; their numbers are never used again.)
SELECT k.name, k.value, k.last FROM (
    SELECT m.name, m.value, CASE m.name
        WHEN 'tag' THEN (SELECT MAX(id) FROM tag)
        WHEN 'tag_move' THEN (SELECT MAX(id) FROM tag_move)
        WHEN 'absence' THEN (SELECT MAX(id) FROM absence)
        WHEN 'manifest' THEN (SELECT MAX(id) FROM manifest)
        WHEN 'config' THEN (SELECT MAX(id) FROM config)
        WHEN 'attestation' THEN (SELECT MAX(id) FROM attestation)
    END AS last
    FROM event_mark AS m
) AS k
WHERE k.value > COALESCE(k.last, 0) AND k.name <> 'reread';

-- last_manifest --
-- Which is the last manifest?
SELECT COALESCE(MAX(id), 0) FROM manifest;

-- layers_from --
-- Which layers have the images among some manifests? Of each its digest and its chain, the chain
-- that is kept for what stands on it, and whether one has to be: it is all layers of another image.
SELECT
    m.id, m.digest, m.chain, ml.position, l.digest, ml.chain, mb.chain,
    ml.chain <> m.chain AND EXISTS (SELECT 1 FROM manifest AS b WHERE b.chain = ml.chain)
FROM (
    SELECT id, digest, chain FROM manifest
    WHERE id >= ? AND kind = 'image' ORDER BY id LIMIT ?
) AS m
LEFT JOIN manifest_layer AS ml ON ml.manifest_id = m.id
LEFT JOIN layer AS l ON l.id = ml.layer_id
LEFT JOIN manifest_base AS mb ON mb.manifest_id = m.id AND mb.position = ml.position
ORDER BY m.id, ml.position;

-- last_image_set --
-- Which is the last image set?
SELECT COALESCE(MAX(id), 0) FROM image_set;

-- images_from --
-- Which images are in some image sets?
SELECT
    s.id, s.fingerprint, s.digest, s.media_type, s.content_type, i.position, i.digest, i.size,
    p.os, p.architecture, p.variant, p.os_version, p.features, p.os_features
FROM (
    SELECT id, fingerprint, digest, media_type, content_type FROM image_set
    WHERE id >= ? ORDER BY id LIMIT ?
) AS s
LEFT JOIN image AS i ON i.image_set_id = s.id
LEFT JOIN platform AS p ON p.id = i.platform_id
ORDER BY s.id, i.position;

-- open_walk --
-- Which walk is the oldest that is not finished, and how many are there?
SELECT kind, subject, started_at, (SELECT COUNT(*) FROM walk WHERE finished_at IS NULL)
FROM walk
WHERE finished_at IS NULL
ORDER BY started_at, id
LIMIT 1;

-- open_crawl --
-- Which crawl is the oldest that has not ended, and how many are there?
SELECT spider, id, started_at, (SELECT COUNT(*) FROM crawl WHERE finished_at IS NULL)
FROM crawl
WHERE finished_at IS NULL
ORDER BY started_at, id
LIMIT 1;

-- dependents_of (x) --
-- Which repositories are built on one of the chains in `base`? Where ten thousand images are, the
-- most pulled repositories are looked at one by one instead.
many (number) AS (
    SELECT COUNT(*) FROM (
        SELECT 1 FROM base CROSS JOIN manifest_layer AS ml ON ml.chain = base.chain LIMIT 10001
    )
),
dependents (repo_name, pull_count, tags) AS (
    SELECT r.namespace || '/' || r.name, r.pull_count, COUNT(DISTINCT t.id)
    FROM many
    CROSS JOIN base
    CROSS JOIN manifest_layer AS ml ON ml.chain = base.chain
    CROSS JOIN manifest AS d ON d.id = ml.manifest_id AND d.chain <> base.chain
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(d.digest, 1, 6)
        AND i.digest = d.digest
    CROSS JOIN tag AS t ON t.image_set_id = i.image_set_id
    CROSS JOIN repository AS r ON r.id = t.repository_id
    WHERE many.number <= 10000 AND t.gone_at IS NULL AND r.gone_at IS NULL
    GROUP BY r.id
    UNION ALL
    SELECT r.namespace || '/' || r.name, r.pull_count, NULL
    FROM many
    CROSS JOIN (
        SELECT id, namespace, name, pull_count FROM repository
        WHERE gone_at IS NULL
        ORDER BY pull_count DESC
        LIMIT 200
    ) AS r
    WHERE many.number > 10000 AND EXISTS (
        SELECT 1
        FROM tag AS t
        CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
        CROSS JOIN manifest AS d ON d.digest = i.digest
        CROSS JOIN manifest_layer AS ml ON ml.manifest_id = d.id
        CROSS JOIN base ON base.chain = ml.chain AND base.chain <> d.chain
        WHERE t.repository_id = r.id AND t.gone_at IS NULL
    )
)

-- platform (x) --
-- How is the platform x written?
COALESCE(NULLIF(x.os, ''), 'unknown') || '/' || COALESCE(NULLIF(x.architecture, ''), 'unknown')
|| CASE WHEN x.variant <> '' THEN '/' || x.variant ELSE '' END

-- shown (t) --
-- Which manifests does the tag t show? (As the views have it: the macro of sqlite.py.)
(
    SELECT i.digest FROM image AS i
    WHERE i.image_set_id = t.image_set_id AND i.digest IS NOT NULL
    UNION ALL
    SELECT COALESCE(n3.digest, n2.digest, n.digest, x.digest)
    FROM manifest AS x
    LEFT JOIN index_member AS n ON n.index_id = x.id
    LEFT JOIN manifest AS x2 ON x2.digest = n.digest AND x2.kind = 'index'
    LEFT JOIN index_member AS n2 ON n2.index_id = x2.id
    LEFT JOIN manifest AS x3 ON x3.digest = n2.digest AND x3.kind = 'index'
    LEFT JOIN index_member AS n3 ON n3.index_id = x3.id
    WHERE {unlisted t} AND x.digest = COALESCE(
        (SELECT s.digest FROM image_set AS s WHERE s.id = t.image_set_id), t.registry_digest
    )
)

-- unlisted (t) --
-- Does Hub list no images of the tag t?
NOT EXISTS (
    SELECT 1 FROM image AS i WHERE i.image_set_id = t.image_set_id AND i.digest IS NOT NULL
)

-- outdated --
-- Which images sit on an outdated base?
WITH
-- As the view outdated_bases has it, but many images stand on one chain: what became of its tags is
-- looked up once for all of them, and only those at the top are written out.
holders AS MATERIALIZED (
    SELECT
        mb.chain AS chain, COUNT(*) AS number,
        json_group_array(json_array(s.tag_id, m.id)) AS images
    FROM (
        SELECT t.id AS tag_id, i.digest AS digest
        FROM repository AS r
        CROSS JOIN tag AS t ON t.repository_id = r.id
        CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
        WHERE r.namespace = asked_org(:org) AND r.gone_at IS NULL AND t.gone_at IS NULL
        UNION ALL
        SELECT t.id, x.digest
        FROM repository AS r
        CROSS JOIN tag AS t ON t.repository_id = r.id
        CROSS JOIN manifest AS x ON x.digest IN {shown t}
        WHERE r.namespace = asked_org(:org) AND r.gone_at IS NULL AND t.gone_at IS NULL
            AND {unlisted t}
    ) AS s
    CROSS JOIN manifest AS m ON m.digest = s.digest
    CROSS JOIN manifest_base AS mb ON mb.manifest_id = m.id
    GROUP BY mb.chain
),
behind AS (
    SELECT
        h.images AS images, h.number AS number, v.id AS move_id, v.tag_id AS base_tag_id,
        a.hub_at IS NULL AS is_at_least,
        ROUND(MAX(0.0, (
            COALESCE(
                bt.last_pushed_at,
                (SELECT MAX(w.moved_at) FROM tag_move AS w WHERE w.tag_id = v.tag_id)
            ) - COALESCE(a.hub_at, v.seen_from)
        ) / 86400000000.0), 1) AS days
    FROM holders AS h
    CROSS JOIN manifest AS b ON b.chain = h.chain
    CROSS JOIN tag_move AS v ON v.image_set_id IN (
        SELECT i.image_set_id
        FROM image AS i
        WHERE substr(i.digest, 1, 6) = substr(b.digest, 1, 6) AND i.digest = b.digest
        UNION ALL
        SELECT s.id
        FROM index_member AS n
        CROSS JOIN manifest AS x ON x.id = n.index_id
        CROSS JOIN image_set AS s ON s.digest = x.digest
        WHERE n.digest = b.digest
        UNION ALL
        SELECT s.id FROM image_set AS s WHERE s.digest = b.digest
    )
    CROSS JOIN tag AS bt ON bt.id = v.tag_id
    CROSS JOIN repository AS br ON br.id = bt.repository_id
    LEFT JOIN event AS a ON a.id = (
        SELECT MAX(+e.id)
        FROM event AS e
        WHERE e.seen_at IN (
                v.seen_from,
                bt.first_seen_at,
                (SELECT MAX(w.moved_at) FROM tag_move AS w WHERE w.tag_id = v.tag_id AND w.id < v.id)
            )
            AND e.tag_id = v.tag_id AND e.kind IN ('tag_created', 'tag_moved')
            AND e.seen_at < v.moved_at
            AND e.new_digest = (SELECT s.digest FROM image_set AS s WHERE s.id = v.image_set_id)
    )
    WHERE bt.gone_at IS NULL AND br.gone_at IS NULL
        AND bt.image_set_id <> v.image_set_id
        AND NOT EXISTS (
            SELECT 1 FROM tag_move AS w
            WHERE w.tag_id = v.tag_id AND w.id > v.id AND w.image_set_id = v.image_set_id
        )
),
furthest AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            k.*,
            SUM(k.number) OVER (ORDER BY k.days DESC) - SUM(k.number) OVER (PARTITION BY k.days)
                AS ahead
        FROM behind AS k
    )
    WHERE ahead < 1001
)
SELECT
    r.namespace || '/' || r.name AS repo_name,
    t.name AS tag_name,
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform,
    br.namespace || '/' || br.name || ':' || bt.name AS base_image,
    f.days AS days_behind,
    f.is_at_least AS is_at_least,
    (
        SELECT COUNT(*) FROM tag_move AS w WHERE w.tag_id = v.tag_id AND w.id >= v.id
    ) AS pushes_behind,
    iso(v.moved_at) AS moved_at,
    iso(bt.last_pushed_at) AS base_pushed_at,
    'layers' AS evidence
FROM furthest AS f
CROSS JOIN tag_move AS v ON v.id = f.move_id
CROSS JOIN tag AS bt ON bt.id = f.base_tag_id
CROSS JOIN repository AS br ON br.id = bt.repository_id
CROSS JOIN json_each(f.images) AS j
CROSS JOIN tag AS t ON t.id = j.value ->> 0
CROSS JOIN repository AS r ON r.id = t.repository_id
CROSS JOIN manifest AS m ON m.id = j.value ->> 1
LEFT JOIN platform AS p ON p.id = m.platform_id
ORDER BY days_behind DESC, repo_name, tag_name, platform, base_image, moved_at
LIMIT 1001;

-- lineage_of --
-- On what is an image built?
WITH mine AS MATERIALIZED (
    SELECT d.platform AS platform, m.id AS id, m.chain AS chain, m.evidence AS evidence
    FROM (
        SELECT DISTINCT platform, manifest_digest
        FROM layers
        WHERE repo_name = asked_repo(:image) AND tag_name = image_tag(:image)
    ) AS d
    CROSS JOIN manifest AS m ON m.digest = digest_bytes(d.manifest_digest)
    WHERE m.chain IS NOT NULL
),
below AS MATERIALIZED (
    SELECT
        mine.platform AS platform,
        b.digest AS digest,
        mb.layer_count AS shared_layers,
        CASE WHEN mine.evidence = 'registry' AND b.evidence = 'registry' THEN 'proven' ELSE 'told'
        END AS confidence
    FROM mine
    CROSS JOIN manifest_base AS mb ON mb.manifest_id = mine.id
    CROSS JOIN manifest AS b ON b.chain = mb.chain
),
indexes (digest, index_digest) AS MATERIALIZED (
    SELECT DISTINCT b.digest, x.digest
    FROM below AS b
    CROSS JOIN index_member AS n ON n.digest = b.digest
    CROSS JOIN manifest AS x ON x.id = n.index_id
),
sets (digest, image_set_id) AS MATERIALIZED (
    SELECT b.digest, i.image_set_id
    FROM below AS b
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(b.digest, 1, 6)
        AND i.digest = b.digest
    UNION
    SELECT x.digest, s.id
    FROM indexes AS x CROSS JOIN image_set AS s ON s.digest = x.index_digest
    UNION
    SELECT b.digest, s.id FROM below AS b CROSS JOIN image_set AS s ON s.digest = b.digest
),
-- Tags that show it, by the images that Hub lists or by what the registry says; then what was left.
held (digest, tag_id, left_at) AS MATERIALIZED (
    SELECT s.digest, t.id, NULL FROM sets AS s CROSS JOIN tag AS t ON t.image_set_id = s.image_set_id
    UNION
    SELECT x.digest, t.id, NULL
    FROM indexes AS x CROSS JOIN tag AS t ON t.registry_digest = x.index_digest
    UNION
    SELECT b.digest, t.id, NULL FROM below AS b CROSS JOIN tag AS t ON t.registry_digest = b.digest
    UNION
    SELECT s.digest, v.tag_id, v.moved_at
    FROM sets AS s CROSS JOIN tag_move AS v ON v.image_set_id = s.image_set_id
)
SELECT
    b.platform AS platform,
    r.namespace || '/' || r.name AS base_repo,
    t.name AS base_tag,
    CASE
        WHEN COUNT(*) > COUNT(h.left_at) AND t.gone_at IS NULL AND r.gone_at IS NULL
            THEN 'shows it now'
        WHEN COUNT(*) > COUNT(h.left_at)
            THEN 'gone since ' || substr(iso(COALESCE(t.gone_at, r.gone_at)), 1, 10)
        ELSE 'until ' || substr(iso(MAX(h.left_at)), 1, 10)
    END AS state,
    b.shared_layers AS shared_layers,
    'layers' AS evidence,
    b.confidence AS confidence,
    'sha256:' || lower(hex(b.digest)) AS base_digest
FROM below AS b
CROSS JOIN held AS h ON h.digest = b.digest
CROSS JOIN tag AS t ON t.id = h.tag_id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.name <> image_tag(:image) OR r.namespace || '/' || r.name <> asked_repo(:image)
GROUP BY b.platform, b.digest, b.shared_layers, t.id
ORDER BY 1, 5, state = 'shows it now' DESC, r.namespace = 'library' DESC, 2, 3
LIMIT 1001;

-- dependents --
-- Who is built on an image?
WITH base (chain) AS MATERIALIZED (
    SELECT DISTINCT m.chain
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id AND t.name = image_tag(:image)
    CROSS JOIN image AS i ON i.image_set_id = t.image_set_id
    CROSS JOIN manifest AS m ON m.digest = i.digest
    WHERE r.namespace || '/' || r.name = asked_repo(:image) AND t.gone_at IS NULL
        AND m.chain IS NOT NULL
),
{dependents_of x}
SELECT repo_name, pull_count, tags FROM dependents ORDER BY pull_count DESC, repo_name LIMIT 1001;

-- search --
-- Which repositories speak of these words?
SELECT
    r.full_name,
    r.description,
    r.pull_count,
    r.star_count,
    r.last_updated,
    CASE WHEN length(s.full_description) THEN s.passage END AS passage
FROM (
    SELECT
        rowid AS id,
        full_description,
        snippet(repository_search, 2, '[', ']', ' ... ', 16) AS passage,
        bm25(repository_search, 10.0, 4.0, 1.0) AS place
    FROM repository_search
    WHERE repository_search MATCH search_words(:q)
    ORDER BY place
    LIMIT 200
) AS s
CROSS JOIN repositories AS r ON r.id = s.id
ORDER BY s.place, r.pull_count DESC;

-- tags_of --
-- Which tags has a repository?
SELECT
    v.tag_name, v.last_updated, v.last_pushed, v.last_pulled, v.full_size, v.architectures,
    v.digest, v.status, v.repo_name
FROM (
    SELECT t.name AS name, t.last_updated_at AS updated_at
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    WHERE r.namespace || '/' || r.name = asked_repo(:repo) AND t.gone_at IS NULL
    ORDER BY t.last_updated_at DESC, t.id DESC
    LIMIT 1001
) AS n
CROSS JOIN tags AS v ON v.repo_name = asked_repo(:repo) AND v.tag_name = n.name
ORDER BY n.updated_at DESC, v.tag_name;

-- changes --
-- What has changed lately?
SELECT v.seen_at, v.kind, v.repo_name, v.tag_name, v.hub_at, v.old_digest, v.new_digest, v.base_image
FROM event AS e
CROSS JOIN events AS v ON v.event = e.id
WHERE e.seen_at >= since(:since)
    AND (trim(:org) = '' OR v.namespace = trim(:org))
    AND (trim(:kind) = '' OR v.kind = trim(:kind))
ORDER BY e.seen_at DESC, e.id DESC
LIMIT 1001;

-- history --
-- What has happened to a repository, or to one of its tags?
SELECT v.seen_at, v.kind, v.tag_name, v.hub_at, v.old_digest, v.new_digest, v.base_image
FROM repository AS r
CROSS JOIN event AS e ON e.repository_id = r.id
CROSS JOIN events AS v ON v.event = e.id
WHERE r.namespace || '/' || r.name = asked_repo(:repo) AND (trim(:tag) = '' OR v.tag_name = trim(:tag))
ORDER BY e.id DESC
LIMIT 1001;

-- left_digests --
-- Which digests has a tag left?
SELECT repo_name, tag_name, digest, seen_from, seen_until, moved_at
FROM tag_moves
WHERE repo_name = asked_repo(:repo) AND (trim(:tag) = '' OR tag_name = trim(:tag))
ORDER BY moved_at DESC
LIMIT 1001;

-- pushes --
-- How many tags did an organisation push, week by week?
SELECT
    date(t.last_pushed_at / 1000000, 'unixepoch', '-6 days', 'weekday 1') AS week,
    COUNT(*) AS tags,
    COUNT(DISTINCT t.repository_id) AS repositories
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
WHERE r.namespace = asked_org(:org) AND r.gone_at IS NULL AND t.gone_at IS NULL
    AND t.last_pushed_at IS NOT NULL
GROUP BY week
ORDER BY week DESC;

-- other_names --
-- Which tags are other names of one image?
SELECT s.digest AS digest, COUNT(*) AS names, group_concat(s.name, ', ') AS tags
FROM (
    SELECT 'sha256:' || lower(hex(i.digest)) AS digest, t.name
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    CROSS JOIN image_set AS i ON i.id = t.image_set_id
    WHERE r.namespace || '/' || r.name = asked_repo(:repo) AND t.gone_at IS NULL AND i.digest IS NOT NULL
    ORDER BY t.name
) AS s
GROUP BY s.digest
HAVING COUNT(*) > 1
ORDER BY names DESC, tags
LIMIT 1001;

-- same_digest --
-- Which tags show a digest?
WITH wanted (digest) AS (SELECT digest_bytes(:digest)),
sets (id, via) AS (
    SELECT s.id, 'index' FROM wanted AS w CROSS JOIN image_set AS s ON s.digest = w.digest
    UNION ALL
    SELECT i.image_set_id, 'platform'
    FROM wanted AS w
    CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(w.digest, 1, 6) AND i.digest = w.digest
)
SELECT
    r.namespace || '/' || r.name AS repo_name, t.name AS tag_name, MIN(s.via) AS digest_of,
    r.pull_count, iso(t.last_pushed_at) AS last_pushed
FROM sets AS s
CROSS JOIN tag AS t ON t.image_set_id = s.id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
GROUP BY t.id
ORDER BY r.pull_count DESC, repo_name, tag_name
LIMIT 1001;

-- with_layer --
-- Which images hold a layer?
SELECT
    r.namespace || '/' || r.name AS repo_name,
    t.name AS tag_name,
    ml.position AS layer_index,
    'sha256:' || lower(hex(m.digest)) AS manifest_digest,
    r.pull_count
FROM layer AS l
CROSS JOIN manifest_layer AS ml ON ml.layer_id = l.id
CROSS JOIN manifest AS m ON m.id = ml.manifest_id
CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(m.digest, 1, 6) AND i.digest = m.digest
CROSS JOIN tag AS t ON t.image_set_id = i.image_set_id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE l.digest = digest_bytes(:digest) AND t.gone_at IS NULL AND r.gone_at IS NULL
LIMIT 1001;

-- sizes --
-- How big are the tags of a repository on each platform?
SELECT
    t.name AS tag_name,
    p.os || '/' || p.architecture || CASE WHEN p.variant <> '' THEN '/' || p.variant ELSE '' END
        AS platform,
    NULLIF(p.os_version, '') AS os_version,
    iso(t.last_pushed_at) AS pushed,
    COALESCE(i.size, t.full_size) AS size_bytes
FROM (
    SELECT t.name, t.image_set_id, t.last_pushed_at, t.full_size
    FROM repository AS r
    CROSS JOIN tag AS t ON t.repository_id = r.id
    WHERE r.namespace || '/' || r.name = asked_repo(:repo) AND r.gone_at IS NULL
        AND t.gone_at IS NULL
    ORDER BY t.last_pushed_at DESC, t.id DESC
    LIMIT 250
) AS t
LEFT JOIN image AS i ON i.image_set_id = t.image_set_id
LEFT JOIN platform AS p ON p.id = i.platform_id
WHERE p.os IS NULL OR p.os NOT IN ('', 'unknown')
ORDER BY t.last_pushed_at DESC, t.name, i.position
LIMIT 1001;

-- layers_shared --
-- Which layers do the images of an organisation share?
SELECT digest, size_bytes, image_count, repository_count, saved_bytes
FROM shared_layers
WHERE namespace = asked_org(:org)
ORDER BY saved_bytes DESC
LIMIT 1001;

-- layers_of --
-- Which layers has an image, and what made them?
SELECT platform, layer_index, size_bytes, instruction, digest, evidence
FROM layers
WHERE repo_name = asked_repo(:image) AND tag_name = image_tag(:image)
ORDER BY platform, layer_index
LIMIT 1001;

-- said_bases --
-- On what are the images of a repository built, as their builders say?
SELECT tag_name, platform, name, digest, evidence
FROM base_images
WHERE repo_name = asked_repo(:repo)
ORDER BY tag_name, platform
LIMIT 1001;

-- pulls_by_day --
-- How many pulls had a repository, day by day?
SELECT day, pulls, pull_count, stars, is_interpolated, is_reset, is_correction
FROM daily_pulls
WHERE repo_name = asked_repo(:repo)
ORDER BY day DESC
LIMIT 1001;

-- growing --
-- Which repositories of an organisation grow fastest?
WITH days (length) AS (SELECT MAX(CAST(COALESCE(NULLIF(trim(:days), ''), '30') AS INTEGER), 1)),
spans AS (
    SELECT
        d.repo_name AS repo_name,
        SUM(d.pulls) AS pulls,
        COUNT(d.pulls) AS known_days,
        MAX(d.is_interpolated) AS is_interpolated,
        MAX(d.pull_count) AS pull_count
    FROM days AS n
    CROSS JOIN daily_pulls AS d
    WHERE d.namespace = asked_org(:org) AND d.sample_day > since('0d') / 86400000000 - n.length
        AND d.day > date(iso(since('0d')), '-' || n.length || ' days')
    GROUP BY d.repo_name
)
SELECT
    repo_name,
    pulls,
    round(pulls * 1.0 / known_days, 1) AS pulls_a_day,
    CASE WHEN pull_count > pulls THEN round(pulls * 100.0 / (pull_count - pulls), 2) END
        AS percent_more,
    known_days,
    is_interpolated
FROM spans
WHERE known_days > 0
ORDER BY pulls DESC, repo_name
LIMIT 1001;

-- unusual_days --
-- On which days was a repository of an organisation pulled much more or less than it used to be?
WITH known AS (
    SELECT d.repo_name, d.day, d.pulls
    FROM daily_pulls AS d
    WHERE d.namespace = asked_org(:org) AND d.pulls IS NOT NULL AND NOT d.is_interpolated
        AND d.sample_day >= since('90d') / 86400000000
),
middles AS (
    SELECT repo_name, AVG(pulls) AS middle, MAX(number) AS days
    FROM (
        SELECT
            k.*, COUNT(*) OVER (PARTITION BY repo_name) AS number,
            ROW_NUMBER() OVER (PARTITION BY repo_name ORDER BY pulls) AS place
        FROM known AS k
    )
    WHERE place IN ((number + 1) / 2, number / 2 + 1)
    GROUP BY repo_name
),
spreads AS (
    SELECT repo_name, middle, days, AVG(distance) AS spread
    FROM (
        SELECT
            m.*, abs(k.pulls - m.middle) AS distance,
            ROW_NUMBER() OVER (PARTITION BY k.repo_name ORDER BY abs(k.pulls - m.middle)) AS place
        FROM middles AS m
        INNER JOIN known AS k ON k.repo_name = m.repo_name
    )
    WHERE place IN ((days + 1) / 2, days / 2 + 1)
    GROUP BY repo_name
)
SELECT
    k.repo_name, k.day, k.pulls, s.middle AS median_pulls,
    round(0.6745 * (k.pulls - s.middle) / s.spread, 1) AS score
FROM spreads AS s
INNER JOIN known AS k ON k.repo_name = s.repo_name
WHERE s.days >= 14 AND s.spread > 0 AND abs(0.6745 * (k.pulls - s.middle) / s.spread) > 3.5
ORDER BY abs(score) DESC
LIMIT 1001;

-- popular --
-- What is pulled most of an organisation?
SELECT full_name, pull_count, star_count, last_updated, description
FROM repositories
WHERE namespace = asked_org(:org)
ORDER BY pull_count DESC
LIMIT 1001;

-- stale --
-- What has not been pushed for long, and is pulled all the same?
SELECT repo_name, days_since_push, last_pushed, days_since_pull, last_pulled, pull_count
FROM stale_repositories
WHERE namespace = asked_org(:org)
    AND days_since_push >= CAST(COALESCE(NULLIF(trim(:days), ''), '365') AS INTEGER)
ORDER BY pull_count DESC
LIMIT 1001;

-- platforms --
-- For which platforms are there images of an organisation?
SELECT repo_name, platform, tag_count, last_pushed
FROM platform_coverage
WHERE namespace = asked_org(:org)
ORDER BY repo_name, tag_count DESC, platform
LIMIT 1001;

-- packages_named --
-- Which images contain a package?
SELECT
    r.namespace || '/' || r.name AS repo_name,
    t.name AS tag_name,
    g.name AS package,
    NULLIF(g.version, '') AS version,
    r.pull_count
FROM package AS g
CROSS JOIN attestation_package AS ag ON ag.package_id = g.id
CROSS JOIN attestation AS a ON a.id = ag.attestation_id
CROSS JOIN manifest AS m ON m.id = a.manifest_id
CROSS JOIN image AS i ON substr(i.digest, 1, 6) = substr(m.digest, 1, 6) AND i.digest = m.digest
CROSS JOIN tag AS t ON t.image_set_id = i.image_set_id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE g.name = trim(:package) AND (trim(:version) = '' OR g.version GLOB trim(:version))
    AND t.gone_at IS NULL AND r.gone_at IS NULL
LIMIT 1001;

-- incomplete --
-- Which lists are not whole?
SELECT kind, subject, stop_reason, row_count, expected_count, signed_in, finished_at, detail
FROM walks
WHERE stop_reason NOT IN ('complete', 'unchanged')
ORDER BY started_at DESC
LIMIT 1001;

-- crawl_costs --
-- What have the crawls cost?
SELECT
    crawl, spider, arguments, started_at,
    round((julianday(finished_at) - julianday(started_at)) * 1440, 1) AS minutes,
    requests, pulls, finish_reason
FROM crawls
ORDER BY crawl DESC
LIMIT 1001;

-- spenders --
-- Which token spends the pulls?
SELECT
    user_name, access_token_name, SUM(pulls) AS pulls, MAX(pulls_of_hour) AS most_in_an_hour,
    SUM(version_checks) AS version_checks, COUNT(DISTINCT repo_name) AS repositories,
    MIN(hour) AS first_hour, MAX(hour) AS last_hour
FROM (
    SELECT
        *, SUM(pulls) OVER (PARTITION BY user_name, access_token_name, hour) AS pulls_of_hour
    FROM pull_usage
)
GROUP BY user_name, access_token_name
ORDER BY pulls DESC
LIMIT 1001;

-- spending_hours --
-- What was pulled in which hour, and by which token?
SELECT hour, user_name, access_token_name, machine, repo_name, tag_name, pulls, version_checks
FROM pull_usage
WHERE (trim(:token) = '' OR access_token_name = trim(:token))
ORDER BY hour DESC, pulls DESC
LIMIT 1001;

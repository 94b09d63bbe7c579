-- away (r) --
-- Is a repository gone for so long that nothing of it is kept but its name and its samples?
r.gone_at < :before

-- successor (w) --
-- Walks of the same list, arguments and caller that ended later, but still before
walk AS v
WHERE v.kind = w.kind AND v.subject = w.subject AND v.arguments = w.arguments
    AND v.signed_in = w.signed_in AND v.finished_at >= w.finished_at AND v.finished_at < :before
    AND (v.finished_at > w.finished_at OR v.id > w.id)

-- deciding (w) --
-- Is it by this walk that crawls, plans and events decide? Of each list, arguments and caller the
-- last one that ended, the last from end to end, the last complete one, the last that settled it,
-- the last that told a count; and of each repository the first look at its tags. All as it was
-- before: what is decided about answers of later is decided by walks that all stay.
(
    (w.stop_reason <> 'interrupted' AND NOT EXISTS (
        SELECT 1 FROM {successor w} AND v.stop_reason <> 'interrupted'
    ))
    OR (w.is_full = 1 AND w.stop_reason IN ('complete', 'max_tags', 'anonymous_cap')
        AND NOT EXISTS (
            SELECT 1 FROM {successor w} AND v.is_full = 1
                AND v.stop_reason IN ('complete', 'max_tags', 'anonymous_cap')
        ))
    OR (w.is_full = 1 AND w.stop_reason = 'complete' AND w.refused_count = 0 AND NOT EXISTS (
        SELECT 1 FROM {successor w} AND v.is_full = 1 AND v.stop_reason = 'complete'
            AND v.refused_count = 0
    ))
    OR (w.stop_reason = 'complete' AND w.refused_count = 0 AND NOT EXISTS (
        SELECT 1 FROM {successor w} AND v.stop_reason = 'complete' AND v.refused_count = 0
    ))
    OR (w.stop_reason IN ('complete', 'unchanged', 'anonymous_cap') AND NOT EXISTS (
        SELECT 1 FROM {successor w} AND v.stop_reason IN ('complete', 'unchanged', 'anonymous_cap')
    ))
    OR (w.last_count IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM {successor w} AND v.last_count IS NOT NULL
    ))
    OR (w.kind IN ('tags', 'names') AND w.stop_reason <> 'interrupted' AND w.pages > 0
        AND NOT EXISTS (
            SELECT 1 FROM walk AS v
            WHERE v.kind IN ('tags', 'names') AND v.subject = w.subject
                AND v.stop_reason <> 'interrupted' AND v.pages > 0 AND v.finished_at < :before
                AND (v.started_at < w.started_at OR v.started_at = w.started_at AND v.id < w.id)
        ))
)

-- useless_walk (w) --
-- Is a walk over for long and nothing decided by it any more, or of a repository that is away?
(
    (
        w.finished_at < :before
        AND NOT EXISTS (SELECT 1 FROM temp.kept_walk AS k WHERE k.id = w.id)
        AND NOT {deciding w}
    )
    OR (w.kind IN ('tags', 'names', 'details', 'repository') AND EXISTS (
        SELECT 1 FROM repository AS r
        WHERE r.namespace || '/' || r.name = w.subject || '' AND {away r}
    ))
)

-- useless_crawl (c) --
-- Is a crawl over for long, or dead, and no walk that is kept was its work?
c.started_at < :before
AND (c.finished_at < :before OR (c.finished_at IS NULL AND :is_alone = 1))
AND c.id < (SELECT MAX(id) FROM crawl)
AND NOT EXISTS (SELECT 1 FROM temp.kept_crawl AS k WHERE k.id = c.id)
AND NOT EXISTS (
    SELECT 1 FROM walk AS w
    WHERE w.crawl_id = c.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_walk AS d WHERE d.id = w.id)
)

-- useless_event (e) --
-- Was an event noticed so long ago that nobody waits for it? That a repository appeared tells
-- whether its tags are news: the last time is kept.
e.seen_at < :before
AND NOT (
    e.kind = 'repository_appeared'
    AND e.id = (
        SELECT MAX(a.id) FROM event AS a
        WHERE a.kind = 'repository_appeared' AND a.repository_id = e.repository_id
    )
    AND NOT EXISTS (SELECT 1 FROM repository AS r WHERE r.id = e.repository_id AND {away r})
)
AND NOT EXISTS (
    SELECT 1 FROM webhook AS h
    WHERE h.event_id < e.id AND (h.begun_at >= :before OR h.confirmed_at >= :before)
)

-- useless_repository_detail (r) --
-- Is a repository away of which there is a page of its own?
{away r} AND EXISTS (SELECT 1 FROM repository_detail AS x WHERE x.repository_id = r.id)

-- useless_tag (t) --
-- Is a tag gone for long, or its repository? It is kept as long as an event speaks of it, and until
-- a full walk came after it, whose count would not fit any more. The newest row of a table stays:
-- its number would be given to another one.
t.id < (SELECT MAX(id) FROM tag)
AND t.id <> COALESCE((SELECT m.tag_id FROM tag_move AS m ORDER BY m.id DESC LIMIT 1), 0)
AND t.id <> COALESCE((SELECT a.tag_id FROM absence AS a ORDER BY a.id DESC LIMIT 1), 0)
AND EXISTS (
    SELECT 1 FROM repository AS r
    WHERE r.id = t.repository_id
        AND (
            {away r}
            OR t.gone_at < :before AND t.gone_at <= COALESCE((
                SELECT MAX(w.finished_at) FROM walk AS w
                WHERE w.kind = 'tags' AND w.subject = r.namespace || '/' || r.name
                    AND w.arguments = '' AND w.is_full = 1 AND w.stop_reason = 'complete'
            ), t.gone_at)
        )
)
AND NOT EXISTS (SELECT 1 FROM temp.named_tag AS n WHERE n.id = t.id)

-- useless_repository (r) --
-- Is a repository away of which nothing is kept?
{away r}
AND r.id < (SELECT MAX(id) FROM repository)
AND r.id <> COALESCE((SELECT a.repository_id FROM absence AS a ORDER BY a.id DESC LIMIT 1), 0)
AND NOT EXISTS (SELECT 1 FROM pull_sample AS s WHERE s.repository_id = r.id)
AND NOT EXISTS (
    SELECT 1 FROM tag AS t
    WHERE t.repository_id = r.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_tag AS d WHERE d.id = t.id)
)
AND NOT EXISTS (
    SELECT 1 FROM event AS e
    WHERE e.repository_id = r.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_event AS d WHERE d.id = e.id)
)
AND r.gone_at <= COALESCE((
    SELECT MAX(w.finished_at) FROM walk AS w
    WHERE w.kind = 'repositories' AND w.subject = r.namespace
        AND w.is_full = 1 AND w.stop_reason = 'complete'
), r.gone_at)

-- useless_image_set (s) --
-- Does no tag show an image set, and has none left it?
s.first_seen_at < :before
AND s.id < (SELECT MAX(id) FROM image_set)
AND NOT EXISTS (
    SELECT 1 FROM tag AS t
    WHERE t.image_set_id = s.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_tag AS d WHERE d.id = t.id)
)
AND NOT EXISTS (
    SELECT 1 FROM tag_move AS m
    WHERE m.image_set_id = s.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_tag AS d WHERE d.id = m.tag_id)
)
AND NOT EXISTS (SELECT 1 FROM temp.named_digest AS n WHERE n.digest = s.digest)

-- unshown (m) --
-- Does no image set hold a manifest, and does no tag or event speak of it?
m.seen_at < :before
AND m.id < (SELECT MAX(id) FROM manifest)
AND m.id <> COALESCE((SELECT a.manifest_id FROM attestation AS a ORDER BY a.id DESC LIMIT 1), 0)
AND NOT EXISTS (
    SELECT 1 FROM image AS i
    WHERE substr(i.digest, 1, 6) = substr(m.digest, 1, 6) AND i.digest = m.digest
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_image_set AS d WHERE d.id = i.image_set_id)
)
AND NOT EXISTS (
    SELECT 1 FROM image_set AS s
    WHERE s.digest = m.digest
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_image_set AS d WHERE d.id = s.id)
)
AND NOT EXISTS (
    SELECT 1 FROM tag AS t
    WHERE t.registry_digest = m.digest
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_tag AS d WHERE d.id = t.id)
)
AND NOT EXISTS (SELECT 1 FROM temp.named_digest AS n WHERE n.digest = m.digest)

-- useless_manifest (m) --
-- Is a manifest not shown, in no index that is kept, about none that is kept, and does no image
-- that is kept stand on its layers? Those above it go first.
{unshown m}
AND NOT EXISTS (
    SELECT 1 FROM index_member AS n
    WHERE n.digest = m.digest AND n.index_id <> m.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_manifest AS d WHERE d.id = n.index_id)
)
AND NOT EXISTS (
    SELECT 1 FROM manifest AS k
    WHERE k.digest = m.subject_digest AND k.id <> m.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_manifest AS d WHERE d.id = k.id)
)
AND NOT EXISTS (
    SELECT 1 FROM manifest_layer AS ml
    CROSS JOIN manifest AS k ON k.id = ml.manifest_id
    WHERE ml.chain = m.chain AND k.chain <> m.chain
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_manifest AS d WHERE d.id = k.id)
)

-- useless_config (c) --
-- Has no manifest a config?
c.seen_at < :before
AND c.id < (SELECT MAX(id) FROM config)
AND NOT EXISTS (
    SELECT 1 FROM manifest AS m
    WHERE m.config_digest = c.digest
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_manifest AS d WHERE d.id = m.id)
)

-- useless_layer (l) --
-- Has no manifest a layer?
NOT EXISTS (
    SELECT 1 FROM manifest_layer AS ml
    WHERE ml.layer_id = l.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_manifest AS d WHERE d.id = ml.manifest_id)
)

-- useless_package (p) --
-- Does no SBOM list a package?
NOT EXISTS (
    SELECT 1 FROM attestation_package AS ap
    CROSS JOIN attestation AS a ON a.id = ap.attestation_id
    WHERE ap.package_id = p.id
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_manifest AS d WHERE d.id = a.manifest_id)
)

-- useless_instruction (i) --
-- Has no manifest a text as a build step? That was looked up before; nothing was written since.
NOT EXISTS (SELECT 1 FROM temp.used_instruction AS u WHERE u.id = i.id)

-- keep_walks --
-- By which walks is it reckoned how many rows an anonymous caller may see?
INSERT INTO temp.kept_walk
SELECT MAX(id) FROM walk WHERE signed_in = 0 AND reach > 0 GROUP BY kind;

-- keep_crawls --
-- Which crawls of the same arguments and caller came to their end last?
INSERT INTO temp.kept_crawl
SELECT MAX(id) FROM crawl
WHERE finish_reason = 'finished' AND finished_at < :before
GROUP BY spider, arguments, signed_in;

-- name_tags --
-- Of which tags do the events that are kept speak? Those after the last that was looked at.
INSERT INTO temp.named_tag
SELECT n.id FROM (
    SELECT e.tag_id AS id FROM event AS e
    WHERE e.id > :from AND e.id <= :until
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_event AS d WHERE d.id = e.id)
    UNION
    SELECT e.base_tag_id FROM event AS e
    WHERE e.id > :from AND e.id <= :until
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_event AS d WHERE d.id = e.id)
) AS n
WHERE n.id IS NOT NULL
ON CONFLICT DO NOTHING;

-- name_digests --
-- Of which digests do they speak?
INSERT INTO temp.named_digest
SELECT n.digest FROM (
    SELECT e.old_digest AS digest FROM event AS e
    WHERE e.id > :from AND e.id <= :until
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_event AS d WHERE d.id = e.id)
    UNION
    SELECT e.new_digest FROM event AS e
    WHERE e.id > :from AND e.id <= :until
        AND NOT EXISTS (SELECT 1 FROM temp.doomed_event AS d WHERE d.id = e.id)
) AS n
WHERE n.digest IS NOT NULL
ON CONFLICT DO NOTHING;

-- last_event --
-- Which is the last event?
SELECT COALESCE(MAX(id), 0) FROM event;

-- use_instructions --
-- Which texts are build steps of manifests that are kept?
INSERT INTO temp.used_instruction
SELECT s.instruction_id FROM build_step AS s
WHERE s.instruction_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM temp.doomed_manifest AS d WHERE d.id = s.manifest_id)
ON CONFLICT DO NOTHING;

-- mark_walk --
-- Which walks can go?
INSERT INTO temp.doomed_walk SELECT w.id FROM walk AS w
WHERE w.id > :from AND w.id <= :until AND {useless_walk w};

-- mark_crawl --
-- Which crawls can go?
INSERT INTO temp.doomed_crawl SELECT c.id FROM crawl AS c
WHERE c.id > :from AND c.id <= :until AND {useless_crawl c};

-- mark_event --
-- Which events can go?
INSERT INTO temp.doomed_event SELECT e.id FROM event AS e
WHERE e.id > :from AND e.id <= :until AND {useless_event e};

-- mark_repository_detail --
-- Which repositories' own pages can go?
INSERT INTO temp.doomed_repository_detail SELECT r.id FROM repository AS r
WHERE r.id > :from AND r.id <= :until AND {useless_repository_detail r};

-- mark_tag --
-- Which tags can go?
INSERT INTO temp.doomed_tag SELECT t.id FROM tag AS t
WHERE t.id > :from AND t.id <= :until AND {useless_tag t};

-- mark_repository --
-- Which repositories can go?
INSERT INTO temp.doomed_repository SELECT r.id FROM repository AS r
WHERE r.id > :from AND r.id <= :until AND {useless_repository r};

-- mark_image_set --
-- Which image sets can go?
INSERT INTO temp.doomed_image_set SELECT s.id FROM image_set AS s
WHERE s.id > :from AND s.id <= :until AND {useless_image_set s};

-- mark_unshown --
-- Which manifests may go, once those are gone that need them?
INSERT INTO temp.unshown SELECT m.id FROM manifest AS m
WHERE m.id > :from AND m.id <= :until AND {unshown m};

-- mark_manifest --
-- Which of those manifests can go now?
INSERT INTO temp.doomed_manifest SELECT m.id FROM temp.unshown AS u
CROSS JOIN manifest AS m ON m.id = u.id
WHERE u.id > :from AND u.id <= :until AND {useless_manifest m}
ON CONFLICT DO NOTHING;

-- mark_config --
-- Which configs can go?
INSERT INTO temp.doomed_config SELECT c.id FROM config AS c
WHERE c.id > :from AND c.id <= :until AND {useless_config c};

-- mark_layer --
-- Which layers can go?
INSERT INTO temp.doomed_layer SELECT l.id FROM layer AS l
WHERE l.id > :from AND l.id <= :until AND {useless_layer l};

-- mark_package --
-- Which packages can go?
INSERT INTO temp.doomed_package SELECT p.id FROM package AS p
WHERE p.id > :from AND p.id <= :until AND {useless_package p};

-- mark_instruction --
-- Which texts of build steps can go?
INSERT INTO temp.doomed_instruction SELECT i.id FROM instruction AS i
WHERE i.id > :from AND i.id <= :until AND {useless_instruction i};

-- take_walk --
-- Which of them can still go?
INSERT INTO temp.batch SELECT w.id FROM temp.doomed_walk AS d
CROSS JOIN walk AS w ON w.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_walk w};

-- take_crawl --
-- Which of them can still go?
INSERT INTO temp.batch SELECT c.id FROM temp.doomed_crawl AS d
CROSS JOIN crawl AS c ON c.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_crawl c};

-- take_event --
-- Which of them can still go?
INSERT INTO temp.batch SELECT e.id FROM temp.doomed_event AS d
CROSS JOIN event AS e ON e.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_event e};

-- take_repository_detail --
-- Which of them can still go?
INSERT INTO temp.batch SELECT r.id FROM temp.doomed_repository_detail AS d
CROSS JOIN repository AS r ON r.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_repository_detail r};

-- take_tag --
-- Which of them can still go?
INSERT INTO temp.batch SELECT t.id FROM temp.doomed_tag AS d
CROSS JOIN tag AS t ON t.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_tag t};

-- take_repository --
-- Which of them can still go?
INSERT INTO temp.batch SELECT r.id FROM temp.doomed_repository AS d
CROSS JOIN repository AS r ON r.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_repository r};

-- take_image_set --
-- Which of them can still go?
INSERT INTO temp.batch SELECT s.id FROM temp.doomed_image_set AS d
CROSS JOIN image_set AS s ON s.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_image_set s};

-- take_manifest --
-- Which of them can still go?
INSERT INTO temp.batch SELECT m.id FROM temp.doomed_manifest AS d
CROSS JOIN manifest AS m ON m.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_manifest m};

-- take_config --
-- Which of them can still go?
INSERT INTO temp.batch SELECT c.id FROM temp.doomed_config AS d
CROSS JOIN config AS c ON c.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_config c};

-- take_layer --
-- Which of them can still go?
INSERT INTO temp.batch SELECT l.id FROM temp.doomed_layer AS d
CROSS JOIN layer AS l ON l.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_layer l};

-- spare_instruction --
-- Which of them are build steps again, since somebody wrote meanwhile? For a database that finds
-- that by an index.
DELETE FROM temp.batch WHERE id IN (
    SELECT s.instruction_id FROM build_step AS s INNER JOIN temp.batch AS b ON b.id = s.instruction_id
);

-- take_package --
-- Which of them can still go?
INSERT INTO temp.batch SELECT p.id FROM temp.doomed_package AS d
CROSS JOIN package AS p ON p.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_package p};

-- take_instruction --
-- Which of them can still go?
INSERT INTO temp.batch SELECT i.id FROM temp.doomed_instruction AS d
CROSS JOIN instruction AS i ON i.id = d.id
WHERE d.id > :from AND d.id <= :until AND {useless_instruction i};

-- ask_for_detail --
-- Whose own page has to be read again if it comes back?
UPDATE repository SET detail_due = 1 WHERE id IN (SELECT b.id FROM temp.batch AS b);

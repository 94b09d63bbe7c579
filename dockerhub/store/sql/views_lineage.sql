-- lineage: what each tag's images are built on, by their layers alone
CREATE VIEW lineage AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    br.namespace || '/' || br.name AS base_repo, -- repository of the base
    bt.name AS base_tag, -- a tag that shows the base now
    {digest b.digest} AS base_digest, -- digest of the base's manifest
    mb.layer_count AS shared_layers, -- layers that both have, those that hold nothing aside
    'layers' AS evidence, -- layers: all those of the base are the lowest ones
    CASE WHEN m.evidence = 'registry' AND b.evidence = 'registry' THEN 'proven' ELSE 'told'
    END AS confidence, -- proven by the bytes of both manifests, or told by Hub
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN manifest_base AS mb ON mb.manifest_id = m.id
CROSS JOIN manifest AS b ON b.chain = mb.chain
CROSS JOIN tag AS bt ON bt.id IN (
    SELECT k.id
    FROM image AS i
    CROSS JOIN tag AS k ON k.image_set_id = i.image_set_id
    WHERE substr(i.digest, 1, 6) = substr(b.digest, 1, 6) AND i.digest = b.digest
    UNION ALL
    SELECT k.id
    FROM index_member AS n
    CROSS JOIN manifest AS x ON x.id = n.index_id
    CROSS JOIN image_set AS s ON s.digest = x.digest
    CROSS JOIN tag AS k ON k.image_set_id = s.id
    WHERE n.digest = b.digest
    UNION ALL
    SELECT k.id
    FROM index_member AS n
    CROSS JOIN manifest AS x ON x.id = n.index_id
    CROSS JOIN tag AS k ON k.registry_digest = x.digest
    WHERE n.digest = b.digest
    UNION ALL
    SELECT k.id FROM tag AS k WHERE k.registry_digest = b.digest
)
CROSS JOIN repository AS br ON br.id = bt.repository_id
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
    AND bt.gone_at IS NULL AND br.gone_at IS NULL
    AND bt.id <> t.id;

-- outdated_bases: images with the layers of a base whose tag shows something else now
CREATE VIEW outdated_bases AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    br.namespace || '/' || br.name || ':' || bt.name AS base_image, -- library/debian:12-slim
    {digest b.digest} AS base_digest, -- digest of the base's manifest that the tag has left
    'layers' AS evidence, -- layers: all those of the base are the lowest ones
    (
        SELECT COUNT(*) FROM tag_move AS w WHERE w.tag_id = v.tag_id AND w.id >= v.id
    ) AS pushes_behind, -- how often we have seen the base's tag move since
    {iso v.moved_at} AS moved_at, -- when we saw that the base's tag had moved on
    {iso bt.last_pushed_at} AS base_pushed_at, -- last push of the base's tag, as Hub says
    ROUND(MAX(0.0, (
        COALESCE(
            bt.last_pushed_at, (SELECT MAX(w.moved_at) FROM tag_move AS w WHERE w.tag_id = v.tag_id)
        ) - COALESCE(a.hub_at, v.seen_from)
    ) / 86400000000.0), 1) AS days_behind, -- from the old base's push to the last push of its tag
    a.hub_at IS NULL AS is_at_least, -- 1: our looking began after that push, it may be more
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN manifest_base AS mb ON mb.manifest_id = m.id
CROSS JOIN manifest AS b ON b.chain = mb.chain
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
-- How the base's tag came to what it left: it was noticed when we first saw that, when the move
-- before was, or when the tag was first seen.
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
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
    AND bt.gone_at IS NULL AND br.gone_at IS NULL
    AND bt.image_set_id <> v.image_set_id
    AND NOT EXISTS (
        SELECT 1 FROM tag_move AS w
        WHERE w.tag_id = v.tag_id AND w.id > v.id AND w.image_set_id = v.image_set_id
    );

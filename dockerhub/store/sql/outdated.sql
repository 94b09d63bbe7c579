-- shown (t) --
-- Which manifests does a tag show: as Hub lists them, else as the index behind it has them?
(
    SELECT i.digest FROM image AS i
    WHERE i.image_set_id = t.image_set_id AND i.digest IS NOT NULL
    UNION ALL
    SELECT COALESCE(n.digest, x.digest)
    FROM manifest AS x
    LEFT JOIN index_member AS n ON n.index_id = x.id
    WHERE x.digest = COALESCE(
            (SELECT s.digest FROM image_set AS s WHERE s.id = t.image_set_id), t.registry_digest
        )
        AND NOT EXISTS (
            SELECT 1 FROM image AS i
            WHERE i.image_set_id = t.image_set_id AND i.digest IS NOT NULL
        )
)

-- above (x) --
-- Under which digests is a manifest shown: its own, and those of the indexes that hold it?
(
    SELECT x.digest
    UNION
    SELECT top.digest FROM index_member AS n
    CROSS JOIN manifest AS top ON top.id = n.index_id
    WHERE n.digest = x.digest
)

-- sets (x) --
-- Which image sets hold a manifest?
(
    SELECT i.image_set_id FROM image AS i
    WHERE substr(i.digest, 1, 6) = substr(x.digest, 1, 6) AND i.digest = x.digest
    UNION
    SELECT s.id FROM image_set AS s WHERE s.digest IN {above x}
)

-- tags (x) --
-- Which tags show a manifest?
(
    SELECT t.id FROM tag AS t WHERE t.image_set_id IN {sets x}
    UNION
    SELECT t.id FROM tag AS t WHERE t.registry_digest IN {above x}
)

-- same (v) --
-- Which images, known before events were written, count as the one that a verdict is about?
(
    SELECT v.digest WHERE v.rank < 2
    UNION ALL
    SELECT x.digest
    FROM manifest AS o
    CROSS JOIN manifest AS x ON x.chain = o.chain
    WHERE v.rank = 2 AND o.digest = v.digest AND x.id <= :manifest
)

-- told_before (x) --
-- Was all that the manifest of x says there before events were written?
(
    x.manifest_id <= :manifest
    AND NOT EXISTS (SELECT 1 FROM reread AS g WHERE g.manifest_id = x.manifest_id)
)

-- has_manifests --
-- Is anything known of what images are made of?
SELECT EXISTS (SELECT 1 FROM manifest);

-- can_be_outdated --
-- Has any tag ever moved, or does any image say what it was built on? Else there is nothing to find.
SELECT
    EXISTS (SELECT 1 FROM tag_move)
    OR EXISTS (SELECT 1 FROM annotation WHERE name = :base_digest)
    OR EXISTS (SELECT 1 FROM label WHERE name = :base_digest)
    OR EXISTS (SELECT 1 FROM attestation_base);

-- firsts --
-- Up to which rows was everything there before events were written?
SELECT name, first FROM event_mark WHERE first > 0;

-- mark --
-- How far were the rows of a table looked at?
SELECT value FROM event_mark WHERE name = ?;

-- put_mark --
-- How far are they looked at now?
INSERT INTO event_mark (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = MAX(event_mark.value, excluded.value);

-- ends --
-- Which rows are the last ones? What comes later is for the next time.
SELECT
    (SELECT MAX(id) FROM tag), (SELECT MAX(id) FROM tag_move), (SELECT MAX(id) FROM absence),
    (SELECT MAX(id) FROM manifest), (SELECT MAX(id) FROM config), (SELECT MAX(id) FROM attestation),
    (SELECT MAX(id) FROM reread);

-- last_tag --
-- Up to which row go the next ones?
SELECT MAX(id) FROM (SELECT id FROM tag WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS x;

-- last_tag_move --
-- Up to which row go the next ones?
SELECT MAX(id) FROM (SELECT id FROM tag_move WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS x;

-- last_absence --
-- Up to which row go the next ones?
SELECT MAX(id) FROM (SELECT id FROM absence WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS x;

-- last_manifest --
-- Up to which row go the next ones?
SELECT MAX(id) FROM (SELECT id FROM manifest WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS x;

-- last_config --
-- Up to which row go the next ones?
SELECT MAX(id) FROM (SELECT id FROM config WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS x;

-- last_attestation --
-- Up to which row go the next ones?
SELECT MAX(id) FROM (SELECT id FROM attestation WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS x;

-- last_reread --
-- Up to which row go the next ones?
SELECT MAX(id) FROM (SELECT id FROM reread WHERE id > ? AND id <= ? ORDER BY id LIMIT ?) AS x;

-- forget_reread --
-- Which manifests that were read again were looked at?
DELETE FROM reread WHERE id <= (SELECT value FROM event_mark WHERE name = 'reread');

-- make_suspect --
-- Whose base may have moved on?
CREATE TEMP TABLE suspect (tag_id INTEGER PRIMARY KEY);

-- make_judged --
-- Which were looked at this time? A tag may be found in several ways.
CREATE TEMP TABLE judged (tag_id INTEGER PRIMARY KEY);

-- make_batch --
-- Which of them are looked at together?
CREATE TEMP TABLE batch (tag_id INTEGER PRIMARY KEY);

-- make_said --
-- What is said of their bases?
CREATE TEMP TABLE said (
    tag_id INTEGER, is_named INTEGER, repository_id INTEGER, named_tag_id INTEGER,
    digest BLOB, is_known INTEGER,
    UNIQUE (tag_id, named_tag_id, repository_id, digest)
);

-- make_stand --
-- Which chains of layers that are all of some image do their own images stand on?
CREATE TEMP TABLE stand (
    tag_id INTEGER, repository_id INTEGER, manifest_id INTEGER, position INTEGER, chain BLOB,
    place INTEGER
);

-- make_borne --
-- Which tags show, or have shown, an image with a chain? Not asked twice.
CREATE TEMP TABLE borne (
    chain BLOB, repository_id INTEGER, choice INTEGER, tag_id INTEGER, digest BLOB,
    is_now INTEGER, PRIMARY KEY (chain, tag_id)
) WITHOUT ROWID;

-- make_looked_up --
-- Of which chains is that known?
CREATE TEMP TABLE looked_up (chain BLOB PRIMARY KEY) WITHOUT ROWID;

-- make_verdict --
-- Whose base has moved on?
CREATE TEMP TABLE verdict (
    tag_id INTEGER, repository_id INTEGER, base_tag_id INTEGER, digest BLOB, rank INTEGER,
    is_other INTEGER, place INTEGER, is_known INTEGER
);

-- suspect_tags --
-- Which tags that came show something of which more is known?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM tag AS t
WHERE t.id > :from AND t.id <= :until
    AND EXISTS (
        SELECT 1 FROM manifest AS m
        WHERE m.digest IN {shown t}
            OR m.digest = (SELECT s.digest FROM image_set AS s WHERE s.id = t.image_set_id)
    );

-- suspect_moved --
-- Which tags have moved?
INSERT OR IGNORE INTO temp.suspect
SELECT tag_id FROM tag_move WHERE id > :from AND id <= :until;

-- suspect_dependents_of_moved --
-- Whose layers begin with all those of an image that a tag has left?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id
FROM (
    SELECT DISTINCT image_set_id, CAST(NULL AS BLOB) AS registry_digest FROM tag_move
    WHERE id > :from AND id <= :until
) AS v
CROSS JOIN manifest AS x ON x.digest IN {shown v}
CROSS JOIN manifest_layer AS ml ON ml.chain = x.chain
CROSS JOIN manifest AS d ON d.id = ml.manifest_id AND d.chain <> x.chain
CROSS JOIN tag AS t ON t.id IN {tags d};

-- left_digests --
-- Which digests have tags left?
SELECT s.digest FROM image_set AS s
WHERE s.digest IS NOT NULL
    AND s.id IN (SELECT image_set_id FROM tag_move WHERE id > :from AND id <= :until)
UNION
SELECT i.digest FROM image AS i
WHERE i.digest IS NOT NULL
    AND i.image_set_id IN (SELECT image_set_id FROM tag_move WHERE id > :from AND id <= :until);

-- suspect_sayers_by_annotation --
-- Whose manifests, or indexes, say a word of their base, if it was not told of them?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM annotation AS a
CROSS JOIN manifest AS x ON x.id = a.manifest_id
CROSS JOIN tag AS t ON t.id IN {tags x}
WHERE a.name = ? AND a.value = ?
    AND NOT EXISTS (
        SELECT 1 FROM outdated_base AS o
        WHERE o.tag_id = t.id AND o.image_set_id = t.image_set_id AND o.repository_id = ?
    );

-- suspect_sayers_by_label --
-- Whose configs say a word of their base, if it was not told of them?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM label AS b
CROSS JOIN config AS c ON c.id = b.config_id
CROSS JOIN manifest AS x ON x.config_digest = c.digest
CROSS JOIN tag AS t ON t.id IN {tags x}
WHERE b.name = ? AND b.value = ?
    AND NOT EXISTS (
        SELECT 1 FROM outdated_base AS o
        WHERE o.tag_id = t.id AND o.image_set_id = t.image_set_id AND o.repository_id = ?
    );

-- suspect_sayers_by_provenance --
-- Whose provenance says that it was built of a digest?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM attestation_base AS ab
CROSS JOIN attestation AS a ON a.id = ab.attestation_id
CROSS JOIN manifest AS x ON x.id = a.manifest_id
CROSS JOIN tag AS t ON t.id IN {tags x}
WHERE ab.digest = ?;

-- suspect_returned --
-- Which tags are there again, alone or with their repository?
INSERT OR IGNORE INTO temp.suspect
SELECT a.tag_id FROM absence AS a
WHERE a.id > :from AND a.id <= :until AND a.tag_id IS NOT NULL
UNION
SELECT t.id FROM absence AS a
CROSS JOIN tag AS t ON t.repository_id = a.repository_id
WHERE a.id > :from AND a.id <= :until AND a.tag_id IS NULL;

-- suspect_manifests --
-- Which tags show manifests that were read?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM manifest AS x
CROSS JOIN tag AS t ON t.id IN {tags x}
WHERE x.id > :from AND x.id <= :until;

-- suspect_dependents_of_manifests --
-- Whose layers begin with all those of an image that was read after tags had left it?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM manifest AS x
CROSS JOIN manifest_layer AS ml ON ml.chain = x.chain
CROSS JOIN manifest AS d ON d.id = ml.manifest_id AND d.chain <> x.chain
CROSS JOIN tag AS t ON t.id IN {tags d}
WHERE x.id > :from AND x.id <= :until
    AND EXISTS (SELECT 1 FROM tag_move AS v WHERE v.image_set_id IN {sets x});

-- suspect_reread --
-- Which tags show manifests that were read again: they, or their configs?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM reread AS a
CROSS JOIN manifest AS x ON x.id = a.manifest_id
CROSS JOIN tag AS t ON t.id IN {tags x}
WHERE a.id > :from AND a.id <= :until;

-- suspect_dependents_of_reread --
-- Whose layers begin with all those of an image that was read again after tags had left it?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM reread AS a
CROSS JOIN manifest AS x ON x.id = a.manifest_id
CROSS JOIN manifest_layer AS ml ON ml.chain = x.chain
CROSS JOIN manifest AS d ON d.id = ml.manifest_id AND d.chain <> x.chain
CROSS JOIN tag AS t ON t.id IN {tags d}
WHERE a.id > :from AND a.id <= :until
    AND EXISTS (SELECT 1 FROM tag_move AS v WHERE v.image_set_id IN {sets x});

-- suspect_configs --
-- Which tags show images whose configs were read?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM config AS c
CROSS JOIN manifest AS x ON x.config_digest = c.digest
CROSS JOIN tag AS t ON t.id IN {tags x}
WHERE c.id > :from AND c.id <= :until;

-- suspect_attestations --
-- Which tags show images of which a statement was read?
INSERT OR IGNORE INTO temp.suspect
SELECT t.id FROM attestation AS a
CROSS JOIN manifest AS x ON x.id = a.manifest_id
CROSS JOIN tag AS t ON t.id IN {tags x}
WHERE a.id > :from AND a.id <= :until;

-- names_by_annotation --
-- Which bases are named by annotations? One look-up a name, however many say it.
WITH RECURSIVE named (value) AS (
    SELECT MIN(value) FROM annotation WHERE name = :name
    UNION ALL
    SELECT (SELECT MIN(a.value) FROM annotation AS a WHERE a.name = :name AND a.value > named.value)
    FROM named WHERE named.value IS NOT NULL
)
SELECT value FROM named WHERE value IS NOT NULL;

-- names_by_label --
-- Which bases are named by labels? One look-up a name, however many say it.
WITH RECURSIVE named (value) AS (
    SELECT MIN(value) FROM label WHERE name = :name
    UNION ALL
    SELECT (SELECT MIN(b.value) FROM label AS b WHERE b.name = :name AND b.value > named.value)
    FROM named WHERE named.value IS NOT NULL
)
SELECT value FROM named WHERE value IS NOT NULL;

-- moved_since --
-- Has a tag moved since a move?
SELECT EXISTS (SELECT 1 FROM tag_move WHERE tag_id = ? AND id > ?);

-- find_named --
-- Which numbers have a repository and a tag of it?
SELECT r.id, t.id
FROM repository AS r
LEFT JOIN tag AS t ON t.repository_id = r.id AND t.name = ?
WHERE r.namespace = ? AND r.name = ?;

-- count_suspects --
-- How many tags are to be judged?
SELECT COUNT(*) FROM temp.suspect;

-- fill_batch --
-- Which suspects that are still there come next?
INSERT INTO temp.batch
SELECT t.id FROM (SELECT tag_id FROM temp.suspect ORDER BY tag_id LIMIT ?) AS s
CROSS JOIN tag AS t ON t.id = s.tag_id
CROSS JOIN repository AS r ON r.id = t.repository_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM temp.judged AS j WHERE j.tag_id = t.id);

-- count_batch --
-- How many are looked at together?
SELECT COUNT(*) FROM temp.batch;

-- put_judged --
-- Which are looked at now?
INSERT INTO temp.judged SELECT tag_id FROM temp.batch;

-- drop_suspects --
-- Which suspects were taken?
DELETE FROM temp.suspect
WHERE tag_id IN (SELECT tag_id FROM temp.suspect ORDER BY tag_id LIMIT ?);

-- said_of_batch --
-- What do manifests, indexes, configs and provenance say of bases? Of several that a builder
-- fetched it is not known which one is the base.
SELECT DISTINCT q.tag_id, q.name, q.digest, q.is_known
FROM (
    SELECT
        b.tag_id AS tag_id,
        MAX(CASE WHEN a.name = :base_name THEN a.value END) AS name,
        MAX(CASE WHEN a.name = :base_digest THEN a.value END) AS digest,
        {told_before a} AS is_known
    FROM temp.batch AS b
    CROSS JOIN tag AS t ON t.id = b.tag_id
    CROSS JOIN manifest AS x ON x.digest IN (
        SELECT COALESCE(s.digest, t.registry_digest) FROM image_set AS s WHERE s.id = t.image_set_id
        UNION
        SELECT k.digest FROM {shown t} AS k
    )
    CROSS JOIN annotation AS a ON a.manifest_id = x.id
    WHERE a.name IN (:base_name, :base_digest)
    GROUP BY b.tag_id, a.manifest_id, a.member
    UNION ALL
    SELECT
        b.tag_id,
        MAX(CASE WHEN l.name = :base_name THEN l.value END),
        MAX(CASE WHEN l.name = :base_digest THEN l.value END),
        c.id <= :config AND NOT EXISTS (
            SELECT 1 FROM manifest AS y
            CROSS JOIN reread AS g ON g.manifest_id = y.id
            WHERE y.config_digest = c.digest
        )
    FROM temp.batch AS b
    CROSS JOIN tag AS t ON t.id = b.tag_id
    CROSS JOIN manifest AS x ON x.digest IN {shown t}
    CROSS JOIN config AS c ON c.digest = x.config_digest
    CROSS JOIN label AS l ON l.config_id = c.id AND l.name IN (:base_name, :base_digest)
    GROUP BY b.tag_id, c.id
    UNION ALL
    SELECT
        b.tag_id, MAX(ab.name), MAX('sha256:' || lower(hex(ab.digest))), a.id <= :attestation
    FROM temp.batch AS b
    CROSS JOIN tag AS t ON t.id = b.tag_id
    CROSS JOIN manifest AS x ON x.digest IN {shown t}
    CROSS JOIN attestation AS a ON a.manifest_id = x.id
    CROSS JOIN attestation_base AS ab ON ab.attestation_id = a.id
    WHERE ab.name IS NOT NULL
        AND ab.name NOT LIKE '%docker/dockerfile%' AND ab.name NOT LIKE '%docker/buildkit%'
        AND ab.name NOT LIKE '%docker/scout%' AND ab.name NOT LIKE '%tonistiigi/%'
    GROUP BY b.tag_id, a.id
    HAVING COUNT(DISTINCT ab.name || COALESCE(hex(ab.digest), '')) = 1
) AS q
ORDER BY q.is_known DESC;

-- put_said --
-- What is said of a base?
INSERT OR IGNORE INTO temp.said (tag_id, is_named, repository_id, named_tag_id, digest, is_known)
VALUES (?, ?, ?, ?, ?, ?);

-- fill_stand --
-- On which chains do they stand?
INSERT INTO temp.stand (tag_id, repository_id, manifest_id, position, chain, place)
SELECT
    b.tag_id, t.repository_id, m.id, ml.position, ml.chain,
    (
        SELECT i.position FROM image AS i
        WHERE i.image_set_id = t.image_set_id AND i.digest = m.digest
    )
FROM temp.batch AS b
CROSS JOIN tag AS t ON t.id = b.tag_id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN manifest_base AS ml ON ml.manifest_id = m.id;

-- look_up --
-- Which tags show, or have shown, an image with a chain? Those of two repositories are enough: one
-- may be the dependent's own. Official ones come first, then those with most pulls.
INSERT OR IGNORE INTO temp.borne (chain, repository_id, choice, tag_id, digest, is_now)
SELECT f.chain, f.repository_id, f.choice, f.tag_id, f.digest, f.is_now
FROM (
    SELECT
        c.chain AS chain, r.id AS repository_id, t.id AS tag_id, v.digest AS digest,
        v.is_now AS is_now,
        dense_rank() OVER (
            PARTITION BY c.chain
            ORDER BY r.namespace <> 'library', COALESCE(r.pull_count, -1) DESC, r.id
        ) AS choice
    FROM (
        SELECT DISTINCT s.chain FROM temp.stand AS s
        WHERE s.chain NOT IN (SELECT k.chain FROM temp.looked_up AS k)
    ) AS c
    CROSS JOIN (
        SELECT x.chain AS chain, x.digest AS digest, t.id AS tag_id, 1 AS is_now
        FROM manifest AS x CROSS JOIN tag AS t ON t.id IN {tags x}
        UNION ALL
        SELECT x.chain, x.digest, w.tag_id, 0
        FROM manifest AS x CROSS JOIN tag_move AS w ON w.image_set_id IN {sets x}
    ) AS v ON v.chain = c.chain
    CROSS JOIN tag AS t ON t.id = v.tag_id
    CROSS JOIN repository AS r ON r.id = t.repository_id
    WHERE t.gone_at IS NULL AND r.gone_at IS NULL
) AS f
WHERE f.choice <= 2
ORDER BY f.is_now DESC, f.digest;

-- put_looked_up --
-- Of which chains is that known now?
INSERT OR IGNORE INTO temp.looked_up SELECT DISTINCT chain FROM temp.stand;

-- judge_said --
-- Whose base is said to be another image than its tag shows, seen after the build?
INSERT INTO temp.verdict (
    tag_id, repository_id, base_tag_id, digest, rank, is_other, place, is_known
)
SELECT s.tag_id, b.repository_id, b.id, s.digest, 0, 0, 0, s.is_known
FROM temp.said AS s
CROSS JOIN tag AS t ON t.id = s.tag_id
CROSS JOIN tag AS b ON b.id = s.named_tag_id
CROSS JOIN repository AS r ON r.id = b.repository_id
CROSS JOIN image_set AS i ON i.id = b.image_set_id
WHERE b.repository_id <> t.repository_id AND b.gone_at IS NULL AND r.gone_at IS NULL
    AND s.digest <> COALESCE(i.digest, b.registry_digest)
    AND s.digest NOT IN {shown b}
    AND b.last_seen_at >= COALESCE(t.last_pushed_at, t.last_updated_at, t.image_set_seen_at);

-- judge_said_left --
-- Whose base is said to be an image that a tag has left?
INSERT INTO temp.verdict (
    tag_id, repository_id, base_tag_id, digest, rank, is_other, place, is_known
)
WITH gone_from AS MATERIALIZED (
    SELECT DISTINCT
        q.digest AS digest, b.id AS tag_id, r.id AS repository_id,
        r.namespace <> 'library' AS is_other, COALESCE(r.pull_count, -1) AS pull_count
    FROM (SELECT DISTINCT digest FROM temp.said WHERE digest IS NOT NULL) AS q
    CROSS JOIN tag_move AS w ON w.image_set_id IN {sets q}
    CROSS JOIN tag AS b ON b.id = w.tag_id
    CROSS JOIN repository AS r ON r.id = b.repository_id
    CROSS JOIN image_set AS i ON i.id = b.image_set_id
    WHERE b.gone_at IS NULL AND r.gone_at IS NULL
        AND q.digest IS DISTINCT FROM COALESCE(i.digest, b.registry_digest)
        AND q.digest NOT IN {shown b}
)
SELECT f.tag_id, f.repository_id, f.base_tag_id, f.digest, 1, 0, 0, f.is_known
FROM (
    SELECT
        q.tag_id AS tag_id, g.repository_id AS repository_id, g.tag_id AS base_tag_id,
        q.digest AS digest, q.is_known AS is_known,
        rank() OVER (
            PARTITION BY q.tag_id, q.digest
            ORDER BY g.is_other, g.pull_count DESC, g.repository_id
        ) AS choice
    FROM temp.said AS q
    INNER JOIN gone_from AS g ON g.digest = q.digest
    INNER JOIN tag AS t ON t.id = q.tag_id
    WHERE (q.is_named = 0 OR q.repository_id = g.repository_id)
        AND g.repository_id <> t.repository_id
) AS f
WHERE f.choice = 1;

-- judge_layers --
-- Whose layers begin with those of an image that a tag of the nearest base has left?
INSERT INTO temp.verdict (
    tag_id, repository_id, base_tag_id, digest, rank, is_other, place, is_known
)
SELECT
    n.tag_id, v.repository_id, v.tag_id, v.digest, 2,
    CASE WHEN EXISTS (
        SELECT 1 FROM temp.said AS s WHERE s.tag_id = n.tag_id AND s.named_tag_id = v.tag_id
    ) THEN 0 ELSE 1 END,
    n.place, CASE WHEN n.manifest_id <= :manifest THEN 1 ELSE 0 END
FROM (
    SELECT
        s.tag_id AS tag_id, s.repository_id AS repository_id, s.chain AS chain, s.place AS place,
        s.manifest_id AS manifest_id,
        row_number() OVER (
            PARTITION BY s.tag_id, s.manifest_id ORDER BY s.position DESC
        ) AS depth
    FROM temp.stand AS s
    WHERE EXISTS (
        SELECT 1 FROM temp.borne AS v
        WHERE v.chain = s.chain AND v.repository_id <> s.repository_id
    )
) AS n
CROSS JOIN temp.borne AS v ON v.chain = n.chain
WHERE n.depth = 1 AND v.is_now = 0
    AND v.choice = (
        SELECT MIN(o.choice) FROM temp.borne AS o
        WHERE o.chain = n.chain AND o.repository_id <> n.repository_id
    );

-- put_known_then --
-- Whose base had moved on already before events were written, as far as it was known then? That is
-- no event. The base's first move after that tells what its tag showed then.
INSERT OR IGNORE INTO outdated_base (tag_id, image_set_id, repository_id)
SELECT t.id, t.image_set_id, v.repository_id
FROM (
    SELECT
        u.tag_id AS tag_id, u.repository_id AS repository_id, u.base_tag_id AS base_tag_id,
        u.digest AS digest, u.rank AS rank,
        (
            SELECT MIN(m.id) FROM tag_move AS m
            WHERE m.tag_id = u.base_tag_id AND m.id > :tag_move
        ) AS next_move
    FROM temp.verdict AS u
    WHERE u.is_known = 1 AND u.tag_id <= :tag AND u.base_tag_id <= :tag
) AS v
CROSS JOIN tag AS t ON t.id = v.tag_id
LEFT JOIN tag_move AS n ON n.id = v.next_move
WHERE NOT EXISTS (SELECT 1 FROM tag_move AS m WHERE m.tag_id = v.tag_id AND m.id > :tag_move)
    AND (
        (
            v.rank = 0
            AND COALESCE(
                n.seen_until >= COALESCE(t.last_pushed_at, t.last_updated_at, t.image_set_seen_at),
                TRUE
            )
        )
        OR (
            v.rank > 0
            AND EXISTS (
                SELECT 1 FROM {same v} AS k
                CROSS JOIN tag_move AS m ON m.tag_id = v.base_tag_id
                WHERE m.id <= :tag_move AND m.image_set_id IN {sets k}
            )
        )
    )
    AND NOT EXISTS (SELECT 1 FROM {same v} AS k WHERE n.image_set_id IN {sets k});

-- put_outdated --
-- Whose base has moved on, and was not said to have done so? Of several tags the one that is said
-- to be the base, else the one that says most.
INSERT INTO event (
    kind, repository_id, tag_id, seen_at, hub_at, old_digest, new_digest, base_tag_id
)
SELECT
    'base_outdated', t.repository_id, t.id, ?, COALESCE(b.last_pushed_at, b.last_updated_at),
    f.digest, COALESCE(i.digest, b.registry_digest), b.id
FROM (
    SELECT
        v.*,
        row_number() OVER (
            PARTITION BY v.tag_id, v.repository_id
            ORDER BY v.rank, v.is_other, b.name = 'latest', length(b.name), b.name, v.place, v.digest
        ) AS choice
    FROM temp.verdict AS v
    CROSS JOIN tag AS b ON b.id = v.base_tag_id
) AS f
CROSS JOIN tag AS t ON t.id = f.tag_id
CROSS JOIN tag AS b ON b.id = f.base_tag_id
CROSS JOIN image_set AS i ON i.id = b.image_set_id
WHERE f.choice = 1
    AND NOT EXISTS (
        SELECT 1 FROM outdated_base AS o
        WHERE o.tag_id = t.id AND o.image_set_id = t.image_set_id
            AND o.repository_id = f.repository_id
    )
ORDER BY t.id, b.id;

-- put_outdated_base --
-- Of which images was it said?
INSERT OR IGNORE INTO outdated_base (tag_id, image_set_id, repository_id)
SELECT t.id, t.image_set_id, v.repository_id
FROM temp.verdict AS v
CROSS JOIN tag AS t ON t.id = v.tag_id;

-- find_manifest --
-- What is stored of a manifest?
SELECT id, evidence, refused_count, seen_at FROM manifest WHERE digest = ?;

-- put_manifest --
-- What is a manifest?
INSERT INTO manifest (
    digest, kind, media_type, artifact_type, platform_id, size, config_size, config_digest,
    subject_digest, refused_count, evidence, seen_at, chain
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (digest) DO UPDATE SET
    kind = excluded.kind,
    media_type = excluded.media_type,
    artifact_type = excluded.artifact_type,
    platform_id = COALESCE(excluded.platform_id, manifest.platform_id),
    size = excluded.size,
    config_size = excluded.config_size,
    config_digest = excluded.config_digest,
    subject_digest = COALESCE(excluded.subject_digest, manifest.subject_digest),
    refused_count = excluded.refused_count,
    evidence = excluded.evidence,
    seen_at = excluded.seen_at,
    chain = excluded.chain
RETURNING id;

-- name_manifest --
-- Which platform and which subject has a manifest that does not say them itself?
UPDATE manifest SET
    platform_id = COALESCE(platform_id, ?),
    subject_digest = COALESCE(subject_digest, ?)
WHERE digest = ?
    AND ((platform_id IS NULL AND ? IS NOT NULL) OR (subject_digest IS NULL AND ? IS NOT NULL));

-- name_by_index --
-- What does an index that came before a manifest say of it?
UPDATE manifest SET
    platform_id = COALESCE(platform_id, (
        SELECT n.platform_id FROM index_member AS n
        WHERE n.digest = manifest.digest AND n.platform_id IS NOT NULL
        ORDER BY n.index_id LIMIT 1
    )),
    subject_digest = COALESCE(subject_digest, (
        SELECT n.subject_digest FROM index_member AS n
        WHERE n.digest = manifest.digest AND n.subject_digest IS NOT NULL
        ORDER BY n.index_id LIMIT 1
    ))
WHERE id = ? AND (platform_id IS NULL OR subject_digest IS NULL);

-- name_by_config --
-- What does a config say of the platform of its manifests, where nobody else knows it?
UPDATE manifest SET platform_id = c.platform_id
FROM config AS c
WHERE manifest.config_digest = ? AND manifest.kind = 'image'
    AND c.digest = manifest.config_digest AND c.platform_id IS NOT NULL
    AND (
        manifest.platform_id IS NULL
        OR manifest.platform_id IN (
            SELECT p.id FROM platform AS p
            WHERE p.os IN ('', 'unknown') AND p.architecture IN ('', 'unknown')
        )
    );

-- layers_of_manifest --
-- Which layers has a manifest, bottom first?
SELECT l.digest FROM manifest_layer AS ml
INNER JOIN layer AS l ON l.id = ml.layer_id
WHERE ml.manifest_id = ?
ORDER BY ml.position;

-- put_layer --
-- Which layer is there?
INSERT INTO layer (digest, size) VALUES (?, ?)
ON CONFLICT (digest) DO NOTHING;

-- put_media_type --
-- Which media type is there? One layer may have several: images copied from one form to another
-- keep their blobs.
INSERT INTO media_type (name) VALUES (?)
ON CONFLICT (name) DO NOTHING;

-- fill_layers --
-- What does a manifest say of layers of which nobody said it? No bytes prove it, so what others say
-- stays theirs. Where it says the same as they, it has no size of its own.
UPDATE layer SET size = (
    SELECT ml.size FROM manifest_layer AS ml
    WHERE ml.manifest_id = :manifest AND ml.layer_id = layer.id AND ml.size IS NOT NULL
    ORDER BY ml.position
    LIMIT 1
)
WHERE size IS NULL AND id IN (
    SELECT ml.layer_id FROM manifest_layer AS ml
    WHERE ml.manifest_id = :manifest AND ml.size IS NOT NULL
);

-- put_manifest_layer --
-- Which layer has a manifest at a place?
INSERT INTO manifest_layer (manifest_id, position, media_type_id, size, layer_id, chain)
SELECT
    ?, ?, (SELECT y.id FROM media_type AS y WHERE y.name = ?), NULLIF(?, l.size), l.id, ?
FROM layer AS l
WHERE l.digest = ?;

-- clear_layers --
-- Which layers were told of a manifest?
DELETE FROM manifest_layer WHERE manifest_id = ?;

-- layers_up_to (x) --
-- How many layers that hold something are in the manifest of x up to its place?
(
    SELECT COUNT(*) FROM manifest_layer AS k
    WHERE k.manifest_id = x.manifest_id AND k.position <= x.position AND k.chain IS NOT NULL
)

-- put_bases_of --
-- On which chains that are all layers of some image does an image with a chain stand?
INSERT INTO manifest_base (manifest_id, position, chain, layer_count)
SELECT ml.manifest_id, ml.position, ml.chain, {layers_up_to ml}
FROM manifest_layer AS ml
WHERE ml.manifest_id = :manifest AND ml.chain <> :chain
    AND EXISTS (SELECT 1 FROM manifest AS b WHERE b.chain = ml.chain);

-- put_base_to --
-- Which images that came before stand on the chain of an image? Where another image has the same
-- chain, they are known.
INSERT INTO manifest_base (manifest_id, position, chain, layer_count)
SELECT ml.manifest_id, ml.position, ml.chain, {layers_up_to ml}
FROM manifest_layer AS ml
CROSS JOIN manifest AS d
WHERE ml.chain = :chain AND d.id = ml.manifest_id AND d.chain <> :chain
    AND NOT EXISTS (
        SELECT 1 FROM manifest AS o WHERE o.chain = :chain AND o.id <> :manifest
    )
ON CONFLICT (manifest_id, position) DO NOTHING;

-- clear_bases_of --
-- On which chains did a manifest stand?
DELETE FROM manifest_base WHERE manifest_id = ?;

-- put_reread --
-- Which manifest was read again?
INSERT INTO reread (manifest_id) VALUES (?);

-- put_reread_of_config --
-- Which manifests have a config that was read again?
INSERT INTO reread (manifest_id) SELECT m.id FROM manifest AS m WHERE m.config_digest = ?;

-- put_member --
-- What is in an index at a place?
INSERT INTO index_member (
    index_id, position, digest, media_type, size, platform_id, kind, subject_digest
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- clear_members --
-- Which members were read of an index?
DELETE FROM index_member WHERE index_id = ?;

-- put_annotation --
-- What does a manifest say of itself, or an index of a member?
INSERT INTO annotation (manifest_id, member, name, value) VALUES (?, ?, ?, ?)
ON CONFLICT (manifest_id, member, name) DO UPDATE SET value = excluded.value;

-- clear_annotations --
-- What did a manifest say of itself?
DELETE FROM annotation WHERE manifest_id = ?;

-- put_instruction --
-- Which text has a build step?
INSERT INTO instruction (fingerprint, text) VALUES (?, ?)
ON CONFLICT (fingerprint) DO NOTHING;

-- put_build_step --
-- Which step was taken at a place of a manifest's build?
INSERT INTO build_step (manifest_id, position, instruction_id, layer_position, created_at)
VALUES (?, ?, (SELECT id FROM instruction WHERE fingerprint = ?), ?, ?);

-- clear_build_steps --
-- Which steps were told of a manifest's build?
DELETE FROM build_step WHERE manifest_id = ?;

-- count_build_steps --
-- How many steps of a manifest's build are stored?
SELECT COUNT(*) FROM build_step WHERE manifest_id = ?;

-- copy_build_steps --
-- Which steps has one manifest, as another one has them?
INSERT INTO build_step (manifest_id, position, instruction_id, layer_position, created_at)
SELECT ?, position, instruction_id, layer_position, created_at
FROM build_step WHERE manifest_id = ?;

-- manifests_of_config --
-- Which manifests have a config, and as many layers as its history?
SELECT m.id FROM manifest AS m
WHERE m.config_digest = ?
    AND (SELECT COUNT(*) FROM manifest_layer AS ml WHERE ml.manifest_id = m.id) = ?;

-- manifest_alike --
-- Which manifest has the same config, as many layers as another one, and build steps?
SELECT k.id FROM manifest AS m
INNER JOIN manifest AS k ON k.config_digest = m.config_digest AND k.id <> m.id
WHERE m.id = ?
    AND (SELECT COUNT(*) FROM manifest_layer AS ml WHERE ml.manifest_id = k.id)
    = (SELECT COUNT(*) FROM manifest_layer AS ml WHERE ml.manifest_id = m.id)
    AND EXISTS (SELECT 1 FROM build_step AS s WHERE s.manifest_id = k.id)
ORDER BY k.id
LIMIT 1;

-- history --
-- Is a config stored, and does its history wait for a manifest?
SELECT history FROM config WHERE digest = ?;

-- clear_history --
-- Whose history has a manifest now?
UPDATE config SET history = NULL WHERE digest = ?;

-- has_config --
-- Is a config stored?
SELECT 1 FROM config WHERE digest = ?;

-- put_config --
-- What does a config say?
INSERT INTO config (
    digest, size, platform_id, created_at, author, user, working_dir, entrypoint, cmd, env,
    exposed_ports, volumes, stop_signal, diff_ids, history, detail, seen_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (digest) DO UPDATE SET
    size = excluded.size,
    platform_id = excluded.platform_id,
    created_at = excluded.created_at,
    author = excluded.author,
    user = excluded.user,
    working_dir = excluded.working_dir,
    entrypoint = excluded.entrypoint,
    cmd = excluded.cmd,
    env = excluded.env,
    exposed_ports = excluded.exposed_ports,
    volumes = excluded.volumes,
    stop_signal = excluded.stop_signal,
    diff_ids = excluded.diff_ids,
    history = excluded.history,
    detail = excluded.detail,
    seen_at = excluded.seen_at
RETURNING id;

-- put_label --
-- Which label has a config?
INSERT INTO label (config_id, name, value) VALUES (?, ?, ?)
ON CONFLICT (config_id, name) DO UPDATE SET value = excluded.value;

-- clear_labels --
-- Which labels were read of a config?
DELETE FROM label WHERE config_id = ?;

-- has_attestation --
-- Is a statement stored?
SELECT 1 FROM attestation WHERE manifest_id = ? AND digest = ?;

-- put_attestation --
-- What does a statement say? What was read of it stays if it cannot be read again.
INSERT INTO attestation (
    manifest_id, digest, subject_digest, predicate_type, size, builder, build_type, source,
    revision, dockerfile, package_count, detail, seen_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (manifest_id, digest) DO UPDATE SET
    subject_digest = excluded.subject_digest,
    predicate_type = excluded.predicate_type,
    size = excluded.size,
    builder = excluded.builder,
    build_type = excluded.build_type,
    source = excluded.source,
    revision = excluded.revision,
    dockerfile = excluded.dockerfile,
    package_count = excluded.package_count,
    detail = excluded.detail,
    seen_at = excluded.seen_at
WHERE excluded.detail IS NULL OR attestation.detail IS NOT NULL
RETURNING id;

-- clear_bases --
-- What was read of what a build was made of?
DELETE FROM attestation_base WHERE attestation_id = ?;

-- put_base --
-- What was a build made of?
INSERT INTO attestation_base (attestation_id, position, uri, name, digest) VALUES (?, ?, ?, ?, ?);

-- clear_packages --
-- Which packages were read of an SBOM?
DELETE FROM attestation_package WHERE attestation_id = ?;

-- put_package --
-- Which package is there?
INSERT INTO package (name, version, purl) VALUES (?, ?, ?)
ON CONFLICT (name, version, purl) DO NOTHING;

-- put_attestation_package --
-- Which package does an SBOM list?
INSERT INTO attestation_package (attestation_id, package_id)
SELECT ?, id FROM package WHERE name = ? AND version = ? AND purl = ?
ON CONFLICT DO NOTHING;

-- views --
-- The readable side of the database: names and ISO times; made anew at every opening.

-- repositories: the repositories that are visible now
CREATE VIEW repositories AS
SELECT
    r.namespace || '/' || r.name AS full_name, -- namespace/name
    r.namespace AS namespace, -- user or organisation
    r.name AS name, -- name within the namespace
    r.description AS description, -- the short description
    r.star_count AS star_count, -- stars
    r.pull_count AS pull_count, -- pulls since it was registered
    {iso r.last_updated_at} AS last_updated, -- last push
    CASE WHEN r.namespace = 'library' THEN 1 ELSE 0 END AS is_official, -- 1 for official images
    r.is_automated AS is_automated, -- 1 if Hub built it
    {iso r.last_seen_at} AS scraped_at, -- when we last saw it
    {iso r.last_modified_at} AS last_modified, -- last change of its metadata
    {iso r.registered_at} AS date_registered, -- when it was registered
    r.repository_type AS repository_type, -- image, plugin or NULL
    r.status AS status, -- Hub's status code
    r.status_description AS status_description, -- Hub's word for it
    r.is_private AS is_private, -- 1 if only some may see it
    r.storage_size AS storage_size, -- bytes stored
    r.source AS source, -- where it was created from
    r.media_types AS media_types, -- joined with |
    r.content_types AS content_types, -- joined with |
    r.categories AS categories, -- joined with |
    d.full_description AS full_description, -- the long description
    d.collaborator_count AS collaborator_count, -- collaborators
    d.immutable_tags_enabled AS immutable_tags_enabled, -- 1 if tags cannot be moved
    d.immutable_tags_rules AS immutable_tags_rules, -- the rules
    {iso r.first_seen_at} AS first_seen_at, -- when we first saw it
    r.id AS id -- number of the repository in this database
FROM repository AS r
LEFT JOIN repository_detail AS d ON d.repository_id = r.id
WHERE r.gone_at IS NULL;

-- tags: the tags that are there now
CREATE VIEW tags AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    t.full_size AS full_size, -- compressed bytes of one platform
    {iso t.last_updated_at} AS last_updated, -- last change of the tag
    {iso t.last_pushed_at} AS last_pushed, -- last push
    COALESCE({digest s.digest}, {digest t.registry_digest}) AS digest, -- of the index, sha256:...
    (SELECT COUNT(*) FROM image AS i WHERE i.image_set_id = t.image_set_id) AS image_count, -- images
    (
        SELECT {join p.architecture}
        FROM (
            SELECT COALESCE(NULLIF(p.architecture, ''), 'unknown') AS architecture
            FROM image AS i
            INNER JOIN platform AS p ON p.id = i.platform_id
            WHERE i.image_set_id = t.image_set_id
            ORDER BY i.position
        ) AS p
    ) AS architectures, -- architectures in the order of the images, joined with |
    {iso t.last_seen_at} AS scraped_at, -- when we last saw it
    {iso t.last_pulled_at} AS last_pulled, -- last pull
    t.status AS status, -- active or inactive
    COALESCE(s.media_type, t.registry_media_type) AS media_type, -- of the index or config
    s.content_type AS content_type, -- image, helm, model ...
    {iso t.first_seen_at} AS first_seen_at, -- when we first saw it
    r.namespace AS namespace -- user or organisation
FROM tag AS t
INNER JOIN repository AS r ON r.id = t.repository_id
INNER JOIN image_set AS s ON s.id = t.image_set_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL;

-- images: what each tag shows for each platform
CREATE VIEW images AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    i.position AS image_index, -- place among the tag's images from 0
    {platform p} AS platform, -- linux/arm64/v8
    NULLIF(p.os, '') AS os, -- operating system
    NULLIF(p.architecture, '') AS architecture, -- architecture
    NULLIF(p.variant, '') AS variant, -- variant
    NULLIF(p.os_version, '') AS os_version, -- Windows build
    {digest i.digest} AS digest, -- digest of the platform's manifest
    i.size AS size_bytes, -- compressed bytes
    r.namespace AS namespace -- user or organisation
FROM tag AS t
INNER JOIN repository AS r ON r.id = t.repository_id
INNER JOIN image AS i ON i.image_set_id = t.image_set_id
INNER JOIN platform AS p ON p.id = i.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL;

-- pull_history: pulls and stars of each repository, day by day
CREATE VIEW pull_history AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    s.pull_count AS pull_count, -- pulls until then
    s.star_count AS star_count, -- stars then
    {day s.day} AS snapshot_date -- the day
FROM pull_sample AS s
INNER JOIN repository AS r ON r.id = s.repository_id;

-- tag_moves: every digest that a tag has left while we looked
CREATE VIEW tag_moves AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    {digest s.digest} AS digest, -- the digest that it left
    {iso m.seen_from} AS seen_from, -- when we first saw it there
    {iso m.seen_until} AS seen_until, -- when we last saw it there
    {iso m.moved_at} AS moved_at -- when we saw it elsewhere
FROM tag_move AS m
INNER JOIN tag AS t ON t.id = m.tag_id
INNER JOIN repository AS r ON r.id = t.repository_id
INNER JOIN image_set AS s ON s.id = m.image_set_id;

-- walks: every list that was walked, and what is missing of it
CREATE VIEW walks AS
SELECT
    w.kind AS kind, -- repositories, search, tags, names, details or repository
    w.subject AS subject, -- namespace, query or repository
    w.arguments AS arguments, -- what limited the rows
    w.signed_in AS signed_in, -- 1 if signed in
    w.pages AS pages, -- pages that came
    w.row_count AS row_count, -- distinct rows that came
    w.last_count AS expected_count, -- rows that the list promised
    w.refused_count AS refused_count, -- rows that could not be read
    COALESCE(w.stop_reason, 'interrupted') AS stop_reason, -- why it ended
    w.detail AS detail, -- what went wrong
    {iso w.started_at} AS started_at, -- when it began
    {iso w.finished_at} AS finished_at -- when it ended
FROM walk AS w;

-- crawls: every run of a spider
CREATE VIEW crawls AS
SELECT
    c.id AS crawl, -- number of the crawl
    c.spider AS spider, -- name of the spider
    c.arguments AS arguments, -- its arguments
    c.signed_in AS signed_in, -- 1 if signed in
    {iso c.started_at} AS started_at, -- when it began
    {iso c.finished_at} AS finished_at, -- when it ended
    c.finish_reason AS finish_reason, -- why it ended
    c.request_count AS requests, -- requests sent
    c.pull_count AS pulls -- pulls spent
FROM crawl AS c;

-- manifests: what is known of each manifest, index, attestation and artifact
CREATE VIEW manifests AS
SELECT
    {digest m.digest} AS digest, -- its digest, sha256:...
    m.kind AS kind, -- image, index, attestation, artifact, schema 1 or unreadable
    m.media_type AS media_type, -- its media type; NULL if only Hub spoke of it
    m.artifact_type AS artifact_type, -- what an artifact is
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    (
        SELECT SUM(COALESCE(ml.size, l.size)) FROM manifest_layer AS ml
        INNER JOIN layer AS l ON l.id = ml.layer_id
        WHERE ml.manifest_id = m.id
    ) AS size_bytes, -- compressed bytes of its layers together
    (
        SELECT COUNT(*) FROM manifest_layer AS ml WHERE ml.manifest_id = m.id
    ) AS layer_count, -- how many layers it has
    {digest m.config_digest} AS config_digest, -- digest of its config; NULL from Hub
    {digest m.subject_digest} AS subject, -- digest of the manifest that it is about
    m.evidence AS evidence, -- hub or registry: who told it
    m.refused_count AS refused_count, -- entries that could not be read
    {iso m.seen_at} AS scraped_at -- when it was read
FROM manifest AS m
LEFT JOIN platform AS p ON p.id = m.platform_id;

-- The + keeps SQLite from making an index on the kind for a question, and reading all for that.

-- layers: the layers of each tag's images, bottom first
CREATE VIEW layers AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    ml.position AS layer_index, -- place from 0, bottom first
    {digest l.digest} AS digest, -- digest of the layer, sha256:...
    y.name AS media_type, -- media type; NULL if only Hub spoke of it
    COALESCE(ml.size, l.size) AS size_bytes, -- compressed bytes
    (
        SELECT n.text FROM build_step AS b
        INNER JOIN instruction AS n ON n.id = b.instruction_id
        WHERE b.manifest_id = m.id AND b.layer_position = ml.position
    ) AS instruction, -- the build step that made it
    {iso m.seen_at} AS scraped_at, -- when it was read
    m.evidence AS evidence, -- hub or registry: who told it
    {digest m.digest} AS manifest_digest, -- digest of the platform's manifest
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN manifest_layer AS ml ON ml.manifest_id = m.id
CROSS JOIN layer AS l ON l.id = ml.layer_id
LEFT JOIN media_type AS y ON y.id = ml.media_type_id
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL AND +m.kind = 'image';

-- build_steps: the steps of the builds of each tag's images, first one first
CREATE VIEW build_steps AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    b.position AS step_index, -- place from 0, first one first
    n.text AS instruction, -- what was done, as the builder wrote it
    {digest l.digest} AS layer_digest, -- the layer that it made; NULL if only metadata changed
    COALESCE(ml.size, l.size) AS size_bytes, -- compressed bytes of that layer
    {iso b.created_at} AS created, -- when it was done; NULL from Hub
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN build_step AS b ON b.manifest_id = m.id
LEFT JOIN instruction AS n ON n.id = b.instruction_id
LEFT JOIN manifest_layer AS ml ON ml.manifest_id = m.id AND ml.position = b.layer_position
LEFT JOIN layer AS l ON l.id = ml.layer_id
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL;

-- configs: the configs of each tag's images, as far as they can be read
CREATE VIEW configs AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    {digest c.digest} AS digest, -- digest of the config, sha256:...
    {iso c.created_at} AS created, -- when the image was built
    c.user AS user, -- user that the program runs as
    c.entrypoint AS entrypoint, -- JSON list
    c.cmd AS cmd, -- JSON list
    c.env AS env, -- JSON list of NAME=value
    c.working_dir AS working_dir, -- folder that it starts in
    c.exposed_ports AS exposed_ports, -- joined with |
    c.volumes AS volumes, -- JSON list
    c.stop_signal AS stop_signal, -- signal that ends it
    c.author AS author, -- who built it
    c.size AS size_bytes, -- bytes of the config itself
    {iso c.seen_at} AS scraped_at, -- when it was read
    {digest m.digest} AS manifest_digest, -- digest of the platform's manifest
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN config AS c ON c.digest = m.config_digest
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL AND c.detail IS NULL;

-- labels: the labels of each tag's images
CREATE VIEW labels AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    b.name AS name, -- key of the label
    b.value AS value, -- its value
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN config AS c ON c.digest = m.config_digest
CROSS JOIN label AS b ON b.config_id = c.id
LEFT JOIN platform AS p ON p.id = m.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL;

-- attestations: what is stated about each tag's images
CREATE VIEW attestations AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- platform of the image
    a.predicate_type AS predicate_type, -- what it states: https://slsa.dev/provenance/v1 ...
    a.builder AS builder, -- who built the image
    a.build_type AS build_type, -- how
    a.source AS source, -- repository that it was built from
    a.revision AS revision, -- commit that it was built from
    a.package_count AS package_count, -- packages that an SBOM lists; NULL where it is none
    a.dockerfile AS dockerfile, -- the Dockerfile, where it is inside
    {digest k.digest} AS subject, -- digest of the image's manifest
    {digest a.digest} AS digest, -- digest of the statement
    a.size AS size_bytes, -- its bytes
    a.detail AS detail, -- why it was not read, where it was not
    {iso a.seen_at} AS scraped_at, -- when it was read
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN attestation AS a ON a.manifest_id = m.id
LEFT JOIN manifest AS k ON k.digest = COALESCE(a.subject_digest, m.subject_digest)
LEFT JOIN platform AS p ON p.id = k.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL;

-- packages: the packages in each tag's images, as their SBOMs list them
CREATE VIEW packages AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- platform of the image
    g.name AS name, -- name of the package
    NULLIF(g.version, '') AS version, -- its version
    NULLIF(g.purl, '') AS purl, -- its package URL
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN attestation AS a ON a.manifest_id = m.id
CROSS JOIN attestation_package AS ag ON ag.attestation_id = a.id
CROSS JOIN package AS g ON g.id = ag.package_id
LEFT JOIN manifest AS k ON k.digest = COALESCE(a.subject_digest, m.subject_digest)
LEFT JOIN platform AS p ON p.id = k.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL;

-- base_images: what each tag's images are built on, as their builders say
CREATE VIEW base_images AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform, -- linux/arm64/v8
    bn.value AS name, -- the image, such as docker.io/library/alpine:3.20
    bd.value AS digest, -- its digest, sha256:...
    'annotation' AS evidence, -- annotation, label or provenance: where it is said
    r.namespace AS namespace -- user or organisation
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN image_set AS s ON s.id = t.image_set_id
CROSS JOIN manifest AS top ON top.digest = COALESCE(s.digest, t.registry_digest)
CROSS JOIN manifest AS x ON x.digest IN (
    SELECT top.digest
    UNION ALL
    SELECT im.digest FROM index_member AS im WHERE im.index_id = top.id AND im.kind = 'index'
)
CROSS JOIN index_member AS n ON n.index_id = x.id
LEFT JOIN annotation AS bn ON bn.manifest_id = x.id AND bn.member = n.position
    AND bn.name = 'org.opencontainers.image.base.name'
LEFT JOIN annotation AS bd ON bd.manifest_id = x.id AND bd.member = n.position
    AND bd.name = 'org.opencontainers.image.base.digest'
LEFT JOIN manifest AS m ON m.digest = n.digest
LEFT JOIN platform AS p ON p.id = COALESCE(m.platform_id, n.platform_id)
WHERE t.gone_at IS NULL AND r.gone_at IS NULL AND (bn.value IS NOT NULL OR bd.value IS NOT NULL)
UNION ALL
SELECT
    r.namespace || '/' || r.name AS repo_name,
    t.name AS tag_name,
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform,
    CASE e.evidence WHEN 'annotation' THEN an.value ELSE ln.value END AS name,
    CASE e.evidence WHEN 'annotation' THEN ad.value ELSE ld.value END AS digest,
    e.evidence AS evidence,
    r.namespace AS namespace
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
LEFT JOIN annotation AS an ON an.manifest_id = m.id AND an.member = -1
    AND an.name = 'org.opencontainers.image.base.name'
LEFT JOIN annotation AS ad ON ad.manifest_id = m.id AND ad.member = -1
    AND ad.name = 'org.opencontainers.image.base.digest'
LEFT JOIN config AS c ON c.digest = m.config_digest
LEFT JOIN label AS ln ON ln.config_id = c.id AND ln.name = 'org.opencontainers.image.base.name'
LEFT JOIN label AS ld ON ld.config_id = c.id AND ld.name = 'org.opencontainers.image.base.digest'
LEFT JOIN platform AS p ON p.id = m.platform_id
-- One look at each manifest for both: what it says of itself, and what its config says.
CROSS JOIN (SELECT 'annotation' AS evidence UNION ALL SELECT 'label') AS e
WHERE t.gone_at IS NULL AND r.gone_at IS NULL
    AND COALESCE(an.value, ad.value, ln.value, ld.value) IS NOT NULL
    AND CASE e.evidence
        WHEN 'annotation' THEN COALESCE(an.value, ad.value) ELSE COALESCE(ln.value, ld.value)
    END IS NOT NULL
UNION ALL
SELECT
    r.namespace || '/' || r.name AS repo_name,
    t.name AS tag_name,
    CASE WHEN p.id IS NOT NULL THEN {platform p} END AS platform,
    ab.name AS name,
    {digest ab.digest} AS digest,
    'provenance' AS evidence,
    r.namespace AS namespace
FROM repository AS r
CROSS JOIN tag AS t ON t.repository_id = r.id
CROSS JOIN manifest AS m ON m.digest IN {shown t}
CROSS JOIN attestation AS a ON a.manifest_id = m.id
CROSS JOIN attestation_base AS ab ON ab.attestation_id = a.id
LEFT JOIN manifest AS k ON k.digest = COALESCE(a.subject_digest, m.subject_digest)
LEFT JOIN platform AS p ON p.id = k.platform_id
WHERE t.gone_at IS NULL AND r.gone_at IS NULL AND ab.name IS NOT NULL;

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
    {iso r.first_seen_at} AS first_seen_at -- when we first saw it
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
    {digest s.digest} AS digest, -- digest of the index, sha256:...
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
    s.media_type AS media_type, -- media type of the index or config
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
    w.kind AS kind, -- repositories, search or tags
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

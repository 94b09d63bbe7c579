-- begin_crawl --
-- Which crawl begins?
INSERT INTO crawl (spider, arguments, signed_in, started_at) VALUES (?, ?, ?, ?) RETURNING id;

-- finish_crawl --
-- How did it end?
UPDATE crawl
SET finished_at = ?, finish_reason = ?, request_count = ?, pull_count = ?, stats = ?
WHERE id = ?;

-- interrupt_walks --
-- Which walks did a crawl leave unfinished?
UPDATE walk SET stop_reason = 'interrupted'
WHERE crawl_id = ? AND finished_at IS NULL AND stop_reason IS NULL;

-- replace_open_walk --
-- Which open walk of the same list does another one take the place of?
UPDATE walk SET finished_at = ?, stop_reason = 'interrupted', next_page = NULL
WHERE kind = ? AND subject = ? AND ordering = ? AND arguments = ? AND signed_in = ?
    AND finished_at IS NULL AND started_at <> ?;

-- move_walk --
-- How far is a walk that was begun?
UPDATE walk
SET crawl_id = ?, is_full = ?, subject_updated_at = ?, finished_at = ?, pages = ?,
    row_count = ?, refused_count = ?, first_count = ?, last_count = ?, next_page = ?,
    stop_reason = ?, detail = ?, leg = ?, reach = ?
WHERE kind = ? AND subject = ? AND ordering = ? AND arguments = ? AND signed_in = ?
    AND started_at = ?;

-- put_walk --
-- Which walk begins?
INSERT INTO walk (
    crawl_id, is_full, subject_updated_at, finished_at, pages, row_count, refused_count,
    first_count, last_count, next_page, stop_reason, detail, leg, reach,
    kind, subject, ordering, arguments, signed_in, started_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- find_repository --
-- Which number has a repository?
SELECT id FROM repository WHERE namespace = ? AND name = ?;

-- put_back_repository --
-- Was a repository that is seen again gone meanwhile?
INSERT INTO absence (repository_id, tag_id, gone_at, back_at)
SELECT id, NULL, gone_at, ? FROM repository
WHERE namespace = ? AND name = ? AND gone_at <= ?;

-- last_seen_repository --
-- When was a repository last seen?
SELECT last_seen_at FROM repository WHERE namespace = ? AND name = ?;

-- put_repository --
-- What does a list, or its own page, say of a repository?
INSERT INTO repository (
    namespace, name, description, star_count, pull_count, last_updated_at, last_modified_at,
    registered_at, repository_type, status, status_description, is_private, is_automated,
    storage_size, source, media_types, content_types, categories,
    detail_due, first_seen_at, last_seen_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
ON CONFLICT (namespace, name) DO UPDATE SET
    description = excluded.description,
    star_count = excluded.star_count,
    pull_count = excluded.pull_count,
    last_updated_at = excluded.last_updated_at,
    last_modified_at = excluded.last_modified_at,
    registered_at = excluded.registered_at,
    repository_type = excluded.repository_type,
    status = excluded.status,
    status_description = excluded.status_description,
    is_private = excluded.is_private,
    is_automated = COALESCE(excluded.is_automated, repository.is_automated),
    storage_size = COALESCE(excluded.storage_size, repository.storage_size),
    source = COALESCE(excluded.source, repository.source),
    media_types = excluded.media_types,
    content_types = excluded.content_types,
    categories = excluded.categories,
    detail_due = CASE
        WHEN excluded.last_updated_at IS DISTINCT FROM repository.last_updated_at
            OR excluded.last_modified_at IS DISTINCT FROM repository.last_modified_at
            OR excluded.description IS DISTINCT FROM repository.description
            THEN 1
        ELSE repository.detail_due
    END,
    last_seen_at = excluded.last_seen_at,
    gone_at = NULL
WHERE excluded.last_seen_at >= COALESCE(repository.gone_at, repository.last_seen_at)
RETURNING id;

-- put_hit --
-- What does a search say of a repository?
INSERT INTO repository (
    namespace, name, description, star_count, pull_count, is_automated,
    detail_due, first_seen_at, last_seen_at
)
VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)
ON CONFLICT (namespace, name) DO UPDATE SET
    description = COALESCE(excluded.description, repository.description),
    star_count = COALESCE(excluded.star_count, repository.star_count),
    pull_count = COALESCE(excluded.pull_count, repository.pull_count),
    is_automated = COALESCE(excluded.is_automated, repository.is_automated),
    detail_due = CASE
        WHEN excluded.description <> COALESCE(repository.description, '') THEN 1
        ELSE repository.detail_due
    END,
    last_seen_at = excluded.last_seen_at,
    gone_at = NULL
WHERE excluded.last_seen_at >= COALESCE(repository.gone_at, repository.last_seen_at)
RETURNING id;

-- name_repository --
-- Which number gets a repository of which only the name is known?
INSERT INTO repository (namespace, name, detail_due, first_seen_at, last_seen_at)
VALUES (?, ?, 1, ?, ?)
RETURNING id;

-- put_detail --
-- What does only its own page say of a repository?
INSERT INTO repository_detail (
    repository_id, full_description, collaborator_count, immutable_tags_enabled,
    immutable_tags_rules, fetched_at
)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (repository_id) DO UPDATE SET
    full_description = excluded.full_description,
    collaborator_count = excluded.collaborator_count,
    immutable_tags_enabled = excluded.immutable_tags_enabled,
    immutable_tags_rules = excluded.immutable_tags_rules,
    fetched_at = excluded.fetched_at
WHERE excluded.fetched_at >= repository_detail.fetched_at;

-- clear_detail_due --
-- Whose own page has just been read?
UPDATE repository SET detail_due = 0 WHERE id = ? AND last_seen_at <= ?;

-- put_sample --
-- How many pulls and stars has a repository today?
INSERT INTO pull_sample (repository_id, day, pull_count, star_count) VALUES (?, ?, ?, ?)
ON CONFLICT (repository_id, day) DO UPDATE SET
    pull_count = COALESCE(excluded.pull_count, pull_sample.pull_count),
    star_count = COALESCE(excluded.star_count, pull_sample.star_count);

-- find_platform --
-- Which number has a platform?
SELECT id FROM platform
WHERE os = ? AND architecture = ? AND variant = ? AND os_version = ?
    AND features = ? AND os_features = ?;

-- put_platform --
-- Which number gets a new platform?
INSERT INTO platform (os, architecture, variant, os_version, features, os_features)
VALUES (?, ?, ?, ?, ?, ?)
RETURNING id;

-- put_image_set --
-- Which image set is new?
INSERT INTO image_set (fingerprint, digest, media_type, content_type, first_seen_at)
VALUES (?, ?, ?, ?, ?);

-- put_image --
-- Which images are in an image set?
INSERT INTO image (image_set_id, position, platform_id, digest, size) VALUES (?, ?, ?, ?, ?);

-- types_of_image_set --
-- Which types has an image set?
SELECT media_type, content_type FROM image_set WHERE id = ?;

-- images_of_image_set --
-- Which images are in an image set?
SELECT
    i.digest, i.size,
    p.os, p.architecture, p.variant, p.os_version, p.features, p.os_features
FROM image AS i
INNER JOIN platform AS p ON p.id = i.platform_id
WHERE i.image_set_id = ?
ORDER BY i.position;

-- put_tag --
-- What is a tag now?
INSERT INTO tag (
    repository_id, name, image_set_id, full_size, last_updated_at, last_pushed_at,
    last_pulled_at, status, image_set_seen_at, first_seen_at, last_seen_at, listed_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (repository_id, name) DO UPDATE SET
    image_set_id = excluded.image_set_id,
    full_size = excluded.full_size,
    last_updated_at = excluded.last_updated_at,
    last_pushed_at = excluded.last_pushed_at,
    last_pulled_at = excluded.last_pulled_at,
    status = excluded.status,
    image_set_seen_at = CASE
        WHEN tag.image_set_id = excluded.image_set_id THEN tag.image_set_seen_at
        ELSE excluded.image_set_seen_at
    END,
    last_seen_at = excluded.last_seen_at,
    listed_at = excluded.listed_at,
    gone_at = NULL
WHERE excluded.last_seen_at >= COALESCE(tag.gone_at, tag.last_seen_at);

-- forget_registry_digest --
-- For which tag is it old what the registry said?
UPDATE tag SET registry_digest = NULL, registry_media_type = NULL WHERE id = ?;

-- blank_tag --
-- Which tag has moved to images that nobody has told yet?
UPDATE tag SET
    image_set_id = ?, full_size = NULL, last_updated_at = NULL, last_pushed_at = NULL,
    listed_at = NULL, image_set_seen_at = ?
WHERE id = ?;

-- put_tag_digest --
-- What does the registry say that a tag shows?
INSERT INTO tag (
    repository_id, name, image_set_id, registry_digest, registry_media_type,
    image_set_seen_at, first_seen_at, last_seen_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (repository_id, name) DO UPDATE SET
    registry_digest = excluded.registry_digest,
    registry_media_type = excluded.registry_media_type,
    last_seen_at = excluded.last_seen_at,
    gone_at = NULL;

-- put_tag_name --
-- Which tag is there, whatever it shows?
INSERT INTO tag (
    repository_id, name, image_set_id, image_set_seen_at, first_seen_at, last_seen_at
)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (repository_id, name) DO UPDATE SET
    last_seen_at = excluded.last_seen_at,
    gone_at = NULL
WHERE excluded.last_seen_at >= COALESCE(tag.gone_at, tag.last_seen_at);

-- put_move --
-- What did a tag leave?
INSERT INTO tag_move (tag_id, image_set_id, seen_from, seen_until, moved_at)
VALUES (?, ?, ?, ?, ?);

-- put_back_tag --
-- Was a tag that is seen again gone meanwhile?
INSERT INTO absence (repository_id, tag_id, gone_at, back_at) VALUES (?, ?, ?, ?);

-- lose_tags --
-- Which tags did a complete walk not show?
UPDATE tag SET gone_at = ?
WHERE repository_id = ? AND gone_at IS NULL AND last_seen_at < ?
RETURNING
    id,
    COALESCE(
        (SELECT s.digest FROM image_set AS s WHERE s.id = tag.image_set_id), tag.registry_digest
    ),
    repository_id;

-- lose_repositories --
-- Which repositories of a namespace did a complete walk not show? Private ones hide from others.
UPDATE repository SET gone_at = ?
WHERE namespace = ? AND gone_at IS NULL AND last_seen_at < ?
    AND (? = 1 OR COALESCE(is_private, 0) = 0)
RETURNING id;

-- lose_repository --
-- Which repository answered 404?
UPDATE repository SET gone_at = ?
WHERE namespace = ? AND name = ? AND gone_at IS NULL AND last_seen_at <= ?
RETURNING id;

-- lose_tag --
-- Which tag answered 404?
UPDATE tag SET gone_at = ?
WHERE name = ? AND gone_at IS NULL AND last_seen_at <= ?
    AND repository_id = (SELECT id FROM repository WHERE namespace = ? AND name = ?)
RETURNING
    id,
    COALESCE(
        (SELECT s.digest FROM image_set AS s WHERE s.id = tag.image_set_id), tag.registry_digest
    ),
    repository_id;

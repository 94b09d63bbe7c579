-- put_prefix --
-- Which prefix is to be searched for?
INSERT INTO catalog_prefix (
    prefix, parent, state, expected_count, row_count, new_count, request_count, next_page
)
VALUES (?, ?, 'waiting', ?, 0, 0, 0, 1)
ON CONFLICT (prefix) DO NOTHING;

-- move_prefix --
-- How far is the search for a prefix?
UPDATE catalog_prefix SET
    state = ?,
    said_count = COALESCE(?, said_count),
    row_count = row_count + ?,
    new_count = new_count + ?,
    request_count = request_count + 1,
    next_page = ?,
    signed_in = ?,
    reach = COALESCE(?, reach),
    detail = ?,
    finished_at = ?
WHERE prefix = ?;

-- renew_prefixes --
-- Which prefixes were searched for so long ago, or in vain, that they are to be again?
UPDATE catalog_prefix SET
    state = 'waiting',
    expected_count = COALESCE(said_count, expected_count),
    row_count = 0, new_count = 0, request_count = 0, next_page = 1, detail = NULL,
    reach = NULL, finished_at = NULL
WHERE (finished_at < ? OR state = 'refused') AND substr(prefix, 1, length(?)) = ?;

-- put_namespace --
-- Which namespace is to be listed?
INSERT INTO catalog_namespace (
    namespace, source, prefix, hit_count, state, row_count, new_count, request_count
)
VALUES (?, ?, ?, ?, 'waiting', 0, 0, 0)
ON CONFLICT (namespace) DO UPDATE SET
    hit_count = catalog_namespace.hit_count + excluded.hit_count
WHERE excluded.hit_count > 0 AND catalog_namespace.state = 'waiting';

-- move_namespace --
-- What did a page of a namespace's list bring?
UPDATE catalog_namespace SET
    row_count = row_count + ?,
    new_count = new_count + ?,
    request_count = request_count + 1
WHERE namespace = ?;

-- end_namespace --
-- Whose list has ended?
UPDATE catalog_namespace SET state = ?, finished_at = ? WHERE namespace = ?;

-- renew_namespaces --
-- Which namespaces were listed so long ago, or in vain, that they are to be again?
UPDATE catalog_namespace SET
    state = 'waiting', row_count = 0, new_count = 0, request_count = 0, finished_at = NULL
WHERE (finished_at < ? OR state = 'refused')
    AND substr(COALESCE(prefix, ''), 1, length(?)) = ?;

-- find_hit --
-- Is a repository stored, and when was it last seen?
SELECT id, CASE WHEN gone_at IS NULL THEN last_seen_at END FROM repository
WHERE namespace = ? AND name = ?;

-- put_find --
-- In which ways was a repository found?
INSERT INTO catalog_find (repository_id, by_owner, by_name, by_list, is_namesake)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (repository_id) DO UPDATE SET
    by_owner = CASE WHEN excluded.by_owner = 1 THEN 1 ELSE catalog_find.by_owner END,
    by_name = CASE WHEN excluded.by_name = 1 THEN 1 ELSE catalog_find.by_name END,
    by_list = CASE WHEN excluded.by_list = 1 THEN 1 ELSE catalog_find.by_list END
WHERE excluded.by_owner > catalog_find.by_owner
    OR excluded.by_name > catalog_find.by_name
    OR excluded.by_list > catalog_find.by_list;

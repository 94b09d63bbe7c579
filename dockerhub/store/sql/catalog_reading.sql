-- waiting_prefixes (c) --
-- Which prefixes are to be searched for?
SELECT c.prefix, c.expected_count, c.next_page, c.row_count, c.said_count, c.parent, p.said_count
FROM catalog_prefix AS c
LEFT JOIN catalog_prefix AS p ON p.prefix = c.parent
WHERE c.state IN ('waiting', 'open')

-- next_prefixes --
-- Which prefixes are to be searched for next, those with most hits first?
{waiting_prefixes c}
ORDER BY c.expected_count DESC, c.prefix DESC
LIMIT ?;

-- next_prefixes_under --
-- The same, of those that begin so. With its sign the order is not read off an index, which could
-- be gone through for millions of others first.
{waiting_prefixes c} AND c.prefix >= ? AND c.prefix < ?
ORDER BY +c.expected_count DESC, c.prefix DESC
LIMIT ?;

-- next_namespaces --
-- Which namespaces are to be listed, those with most hits first?
SELECT n.namespace
FROM catalog_namespace AS n
WHERE n.state = 'waiting'
ORDER BY n.hit_count DESC, n.id DESC
LIMIT ?;

-- next_namespaces_under --
-- The same, of those to which prefixes led that begin so.
SELECT n.namespace
FROM catalog_namespace AS n
WHERE n.state = 'waiting' AND n.prefix >= ? AND n.prefix < ?
ORDER BY +n.hit_count DESC, n.id DESC
LIMIT ?;

-- echoes --
-- How many other prefixes that continue the same one have as many hits as it has itself?
SELECT COUNT(*) FROM catalog_prefix WHERE parent = ? AND said_count = ? AND prefix <> ?;

-- last_reach --
-- How many hits may be seen, as it was met last?
SELECT c.reach FROM catalog_prefix AS c
WHERE c.reach IS NOT NULL AND c.signed_in = ?
ORDER BY c.finished_at DESC
LIMIT 1;

-- good_prefix --
-- Which prefix had hits? A short one: it still has some when repositories go.
SELECT c.prefix FROM catalog_prefix AS c WHERE c.row_count > 0 ORDER BY length(c.prefix) LIMIT 1;

-- waiting --
-- How much is known to be left?
SELECT
    (SELECT COUNT(*) FROM catalog_prefix AS c WHERE c.state IN ('waiting', 'open')),
    (SELECT COUNT(*) FROM catalog_namespace AS n WHERE n.state = 'waiting');

-- waiting_under --
-- How much of what begins so?
SELECT
    (
        SELECT COUNT(*) FROM catalog_prefix AS c
        WHERE c.state IN ('waiting', 'open') AND c.prefix >= ? AND c.prefix < ?
    ),
    (
        SELECT COUNT(*) FROM catalog_namespace AS n
        WHERE n.state = 'waiting' AND n.prefix >= ? AND n.prefix < ?
    );

-- states --
-- How many prefixes are in which state, and what did they take and bring?
SELECT c.state, COUNT(*), SUM(c.request_count), SUM(c.row_count), SUM(c.new_count)
FROM catalog_prefix AS c
GROUP BY c.state
ORDER BY c.state;

-- namespaces --
-- How many namespaces are in which state, and what did their lists take and bring?
SELECT n.state, COUNT(*), SUM(n.request_count), SUM(n.row_count), SUM(n.new_count)
FROM catalog_namespace AS n
GROUP BY n.state
ORDER BY n.state;

-- finds --
-- How many repositories were found in which ways? By half decades of their pulls, as a digit count
-- and whether the first digit is 3 or more: searches show those first that are pulled most.
SELECT
    length(CAST(COALESCE(r.pull_count, 0) AS TEXT)) AS digits,
    CASE WHEN substr(CAST(COALESCE(r.pull_count, 0) AS TEXT), 1, 1) >= '3' THEN 1 ELSE 0 END AS half,
    f.is_namesake, f.by_owner, f.by_name,
    COUNT(*)
FROM catalog_find AS f
INNER JOIN repository AS r ON r.id = f.repository_id
WHERE r.gone_at IS NULL
GROUP BY 1, 2, 3, 4, 5;

-- annotated_bases --
-- Which bases do annotations name?
SELECT DISTINCT a.value FROM annotation AS a WHERE a.name = ?;

-- labelled_bases --
-- Which bases do labels name?
SELECT DISTINCT b.value FROM label AS b WHERE b.name = ?;

-- attested_bases --
-- Which bases does provenance name?
SELECT DISTINCT ab.name FROM attestation_base AS ab WHERE ab.name IS NOT NULL;

-- dockerfiles --
-- Which Dockerfiles are stored?
SELECT DISTINCT a.dockerfile FROM attestation AS a WHERE a.dockerfile IS NOT NULL;

-- is_stored --
-- Is a repository stored?
SELECT 1 FROM repository AS r WHERE r.namespace = ? AND r.name = ?;

-- begun --
-- Was anything searched for by now?
SELECT 1 FROM catalog_prefix AS c WHERE c.prefix >= ? AND c.prefix < ? LIMIT 1;

-- views_catalog --
-- What the discovery of repositories has asked, readable.

-- catalog: every prefix that was searched for or waits, and what came of it
CREATE VIEW catalog AS
SELECT
    c.prefix AS prefix, -- the beginning of a word
    c.said_count AS hits_said, -- hits that the search said; NULL while nobody asked
    c.row_count AS hits_reached, -- hits that came
    c.new_count AS new_repositories, -- those of them that were not stored yet
    c.request_count AS requests, -- answers that it took
    c.state AS state, -- waiting, open, done, split, plateau or refused
    c.parent AS parent, -- the prefix that was split; NULL: the crawl began with it
    NULLIF(c.expected_count, 1000000000) AS hits_expected, -- thought before; NULL: it began with it
    c.detail AS detail, -- what went wrong
    {iso c.finished_at} AS finished_at -- when it ended; NULL until then
FROM catalog_prefix AS c;

-- catalog_namespaces: every namespace that the discovery came upon, and what its list brought
CREATE VIEW catalog_namespaces AS
SELECT
    n.namespace AS namespace, -- user or organisation; library for official images
    n.source AS source, -- search, official or lineage: what led to it
    n.prefix AS prefix, -- the prefix whose hits led to it
    n.hit_count AS hits, -- new repositories of it that searches showed before
    n.row_count AS repositories, -- repositories that its list showed
    n.new_count AS new_repositories, -- those of them that were not stored yet
    n.request_count AS requests, -- answers that it took
    n.state AS state, -- waiting, done or refused
    {iso n.finished_at} AS finished_at -- when its list ended; NULL until then
FROM catalog_namespace AS n;

-- What the discovery of repositories that nobody named has asked, and how each came to be known.

-- catalog_prefix: a beginning of words that is searched for, and split where it has too many hits
CREATE TABLE catalog_prefix (
    prefix TEXT NOT NULL PRIMARY KEY,   -- the beginning of a word
    parent TEXT,                        -- the prefix that was split; NULL: the crawl began with it
    state TEXT NOT NULL,                -- waiting, open, done, split, plateau or refused
    expected_count INTEGER NOT NULL,    -- hits that it was thought to have: those with most go first
    said_count INTEGER,                 -- hits that the search said; NULL while nobody asked
    row_count INTEGER NOT NULL,         -- hits that came
    new_count INTEGER NOT NULL,         -- repositories among them that were not stored yet
    request_count INTEGER NOT NULL,     -- answers that it took
    next_page INTEGER NOT NULL,         -- page to be asked for next
    signed_in INTEGER,                  -- 1 if signed in, 0 if anonymous; NULL while nobody asked
    reach INTEGER,                      -- hits that may be seen, where it was met; NULL elsewhere
    detail TEXT,                        -- what went wrong, in words
    finished_at INTEGER                 -- when it ended; NULL until then
);
CREATE INDEX catalog_prefix_next ON catalog_prefix (expected_count, prefix)
    WHERE state IN ('waiting', 'open');
CREATE INDEX catalog_prefix_under ON catalog_prefix (prefix, expected_count)
    WHERE state IN ('waiting', 'open');
CREATE INDEX catalog_prefix_parent ON catalog_prefix (parent, said_count);

-- catalog_namespace: a namespace that the discovery came upon and lists whole, once
CREATE TABLE catalog_namespace (
    id INTEGER PRIMARY KEY,             -- number: in the order in which they were come upon
    namespace TEXT NOT NULL UNIQUE,     -- user or organisation; library for official images
    source TEXT NOT NULL,               -- search, official or lineage: what led to it
    prefix TEXT,                        -- the prefix whose hits led to it; NULL: no search did
    hit_count INTEGER NOT NULL,         -- new repositories of it that searches showed before
    state TEXT NOT NULL,                -- waiting, done or refused
    row_count INTEGER NOT NULL,         -- repositories that its list showed
    new_count INTEGER NOT NULL,         -- those of them that were not stored yet
    request_count INTEGER NOT NULL,     -- answers that it took
    finished_at INTEGER                 -- when its list ended; NULL until then
);
CREATE INDEX catalog_namespace_next ON catalog_namespace (hit_count, id) WHERE state = 'waiting';
CREATE INDEX catalog_namespace_under ON catalog_namespace (prefix, hit_count, id)
    WHERE state = 'waiting';

-- catalog_find: in which ways the discovery found a repository; of how often, the coverage is told
CREATE TABLE catalog_find (
    repository_id INTEGER PRIMARY KEY REFERENCES repository (id) ON DELETE CASCADE, -- which one
    by_owner INTEGER NOT NULL,          -- 1 if a search found it by the name of its namespace
    by_name INTEGER NOT NULL,           -- 1 if one found it by its own name or description
    by_list INTEGER NOT NULL,           -- 1 if the list of its namespace showed it
    is_namesake INTEGER NOT NULL        -- 1 if its own words begin as its namespace does
);

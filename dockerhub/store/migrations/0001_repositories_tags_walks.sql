-- Repositories, their tags, and how we came to know them.
-- Times are microseconds since 1970-01-01 UTC, sizes compressed bytes, digests 32 bytes.

-- schema_version: how new this database is; one row
CREATE TABLE schema_version (
    version INTEGER NOT NULL,           -- number of the last migration
    views TEXT NOT NULL                 -- fingerprint of the views
);

-- crawl: one run of a spider
CREATE TABLE crawl (
    id INTEGER PRIMARY KEY,             -- number of the crawl
    spider TEXT NOT NULL,               -- name of the spider
    arguments TEXT NOT NULL,            -- its arguments as JSON, no credentials among them
    signed_in INTEGER NOT NULL,         -- 1 if it was signed in, 0 if anonymous
    started_at INTEGER NOT NULL,        -- when it began
    finished_at INTEGER,                -- when it ended; NULL while it runs or if it was killed
    finish_reason TEXT,                 -- why it ended
    request_count INTEGER,              -- requests sent, repetitions included
    pull_count INTEGER,                 -- requests that count against the pull limit
    stats TEXT                          -- Scrapy's statistics of the run as JSON
);

-- walk: one paged list followed to its end; what was expected, what came, why it ended
CREATE TABLE walk (
    id INTEGER PRIMARY KEY,             -- number of the walk
    crawl_id INTEGER REFERENCES crawl (id), -- the crawl that took its last page
    kind TEXT NOT NULL,                 -- repositories, search or tags
    subject TEXT NOT NULL,              -- namespace, query or full repository name
    ordering TEXT NOT NULL,             -- the order that was asked for; empty is the default order
    arguments TEXT NOT NULL,            -- what limited the rows: tags=..., max_tags=...
    signed_in INTEGER NOT NULL,         -- 1 if signed in, 0 if anonymous
    is_full INTEGER NOT NULL,           -- 1 from end to end, 0 only until what was known
    subject_updated_at INTEGER,         -- last_updated of the repository when the walk began
    started_at INTEGER NOT NULL,        -- when its first page was asked for
    finished_at INTEGER,                -- when it ended; NULL while it can go on
    pages INTEGER NOT NULL,             -- pages that came
    row_count INTEGER NOT NULL,         -- distinct rows that came
    refused_count INTEGER NOT NULL,     -- rows that could not be read, among row_count
    first_count INTEGER,                -- how many rows the first page promised
    last_count INTEGER,                 -- how many rows the last page promised
    next_page INTEGER,                  -- page to be asked for next; NULL at the end
    stop_reason TEXT,                   -- why it ended; NULL while it runs or if it was killed
    detail TEXT                         -- what went wrong, in words
);
CREATE UNIQUE INDEX walk_open ON walk (kind, subject, ordering, arguments, signed_in)
    WHERE finished_at IS NULL;
CREATE INDEX walk_finished ON walk (kind, subject, arguments, signed_in, finished_at);
CREATE INDEX walk_crawl ON walk (crawl_id);

-- repository: what Docker Hub says of a repository now
CREATE TABLE repository (
    id INTEGER PRIMARY KEY,             -- number of the repository in this database
    namespace TEXT NOT NULL,            -- user or organisation; library for official images
    name TEXT NOT NULL,                 -- name within the namespace
    description TEXT,                   -- the short description
    star_count INTEGER,                 -- stars
    pull_count INTEGER,                 -- pulls since it was registered
    last_updated_at INTEGER,            -- last push; NULL if nothing was pushed, or only searched
    last_modified_at INTEGER,           -- last change of its metadata
    registered_at INTEGER,              -- when it was registered
    repository_type TEXT,               -- image, plugin or NULL (old)
    status INTEGER,                     -- Hub's status code: 1 active, 6 archived
    status_description TEXT,            -- the status in Hub's word
    is_private INTEGER,                 -- 1 if only some may see it
    is_automated INTEGER,               -- 1 if it was built by Hub's automated builds (history)
    storage_size INTEGER,               -- bytes that Hub says it stores, more than the visible tags
    source TEXT,                        -- where it was created from
    media_types TEXT,                   -- media types in it, joined with |
    content_types TEXT,                 -- image, helm, model ..., joined with |
    categories TEXT,                    -- slugs of its categories, joined with |
    detail_due INTEGER NOT NULL,        -- 1 if its own page may say something new
    first_seen_at INTEGER NOT NULL,     -- when we first saw it
    last_seen_at INTEGER NOT NULL,      -- when we last saw it
    gone_at INTEGER,                    -- when we found that it is not visible any more
    UNIQUE (namespace, name)
);
-- The readable views name a repository so; questions by that name go through this index.
CREATE INDEX repository_full_name ON repository ((namespace || '/' || name));

-- repository_detail: what only a repository's own page says
CREATE TABLE repository_detail (
    repository_id INTEGER PRIMARY KEY REFERENCES repository (id), -- the repository
    full_description TEXT,              -- the long description, Markdown
    collaborator_count INTEGER,         -- collaborators
    immutable_tags_enabled INTEGER,     -- 1 if tags under the rules cannot be moved
    immutable_tags_rules TEXT,          -- the rules, joined with line feeds
    fetched_at INTEGER NOT NULL         -- when it was read
);

-- pull_sample: pulls and stars of a repository, one row a day, kept for ever
CREATE TABLE pull_sample (
    repository_id INTEGER NOT NULL REFERENCES repository (id), -- the repository
    day INTEGER NOT NULL,               -- days since 1970-01-01 UTC
    pull_count INTEGER,                 -- pulls at the last look of that day
    star_count INTEGER,                 -- stars at the last look of that day
    PRIMARY KEY (repository_id, day)
) WITHOUT ROWID;

-- platform: an operating system and architecture as Hub writes them
CREATE TABLE platform (
    id INTEGER PRIMARY KEY,             -- number of the platform
    os TEXT NOT NULL,                   -- linux, windows, unknown; empty if not said
    architecture TEXT NOT NULL,         -- amd64, arm64 ...; empty if not said
    variant TEXT NOT NULL,              -- v7, v8; empty if not said
    os_version TEXT NOT NULL,           -- Windows build; empty if not said
    features TEXT NOT NULL,             -- CPU features; empty if not said
    os_features TEXT NOT NULL,          -- features of the operating system; empty if not said
    UNIQUE (os, architecture, variant, os_version, features, os_features)
);

-- image_set: the images that tags show, stored once however many tags share them
CREATE TABLE image_set (
    id INTEGER PRIMARY KEY,             -- number of the image set
    fingerprint BLOB NOT NULL UNIQUE,   -- 16 bytes that stand for digest, types and all images
    digest BLOB,                        -- index digest; NULL where Hub does not tell it
    media_type TEXT,                    -- media type as the tag listing gives it
    content_type TEXT,                  -- image, helm, model ...
    first_seen_at INTEGER NOT NULL      -- when we first saw it
);
CREATE INDEX image_set_digest ON image_set (digest) WHERE digest IS NOT NULL;

-- image: one image of an image set, in Hub's order; attestations are unknown/unknown
CREATE TABLE image (
    image_set_id INTEGER NOT NULL REFERENCES image_set (id), -- the set
    position INTEGER NOT NULL,          -- place in the set from 0
    platform_id INTEGER NOT NULL REFERENCES platform (id), -- its platform
    digest BLOB,                        -- digest of the platform's manifest; NULL in old listings
    size INTEGER,                       -- compressed bytes
    PRIMARY KEY (image_set_id, position)
) WITHOUT ROWID;

-- tag: what a tag is now
CREATE TABLE tag (
    id INTEGER PRIMARY KEY,             -- number of the tag in this database
    repository_id INTEGER NOT NULL REFERENCES repository (id), -- its repository
    name TEXT NOT NULL,                 -- the tag
    image_set_id INTEGER NOT NULL REFERENCES image_set (id), -- its images
    full_size INTEGER,                  -- compressed bytes of one platform; NULL where Hub says 0
    last_updated_at INTEGER,            -- last change of the tag
    last_pushed_at INTEGER,             -- last push
    last_pulled_at INTEGER,             -- last pull
    status TEXT,                        -- active or inactive: pushed or pulled in the past month
    image_set_seen_at INTEGER NOT NULL, -- since when we have seen it on this image set
    first_seen_at INTEGER NOT NULL,     -- when we first saw it
    last_seen_at INTEGER NOT NULL,      -- when we last saw it
    gone_at INTEGER,                    -- when we found that it is not there any more
    UNIQUE (repository_id, name)
);
CREATE INDEX tag_image_set ON tag (image_set_id);

-- tag_move: what a tag has left while we looked
CREATE TABLE tag_move (
    id INTEGER PRIMARY KEY,             -- number of the move
    tag_id INTEGER NOT NULL REFERENCES tag (id), -- the tag
    image_set_id INTEGER NOT NULL REFERENCES image_set (id), -- the images that it left
    seen_from INTEGER NOT NULL,         -- when we first saw it on them
    seen_until INTEGER NOT NULL,        -- when we last saw it on them
    moved_at INTEGER NOT NULL           -- when we saw that it had moved on
);
CREATE INDEX tag_move_tag ON tag_move (tag_id);

-- absence: a time between which a repository or tag was gone and came back
CREATE TABLE absence (
    id INTEGER PRIMARY KEY,             -- number of the absence
    repository_id INTEGER NOT NULL REFERENCES repository (id), -- the repository
    tag_id INTEGER REFERENCES tag (id), -- the tag; NULL if the repository itself was gone
    gone_at INTEGER NOT NULL,           -- when we found it gone
    back_at INTEGER NOT NULL            -- when we saw it again
);

-- What Docker's own pull usage report says: who pulled what, hour by hour. No address is in it
-- unless whoever read the report asked for that.

-- usage_report: a pull usage report that was read
CREATE TABLE usage_report (
    id INTEGER PRIMARY KEY,             -- number of the report in this database
    account TEXT,                       -- whose report it is; NULL if nobody said it
    read_at INTEGER NOT NULL            -- when it was read
);

-- usage_caller: who pulled
CREATE TABLE usage_caller (
    id INTEGER PRIMARY KEY,             -- number of the caller in this database
    user_name TEXT,                     -- Docker ID; NULL if the report names nobody
    token_name TEXT                     -- name of the access token; NULL if it names none
);
CREATE UNIQUE INDEX usage_caller_name
    ON usage_caller (COALESCE(user_name, ''), COALESCE(token_name, ''));

-- usage_image: what was pulled
CREATE TABLE usage_image (
    id INTEGER PRIMARY KEY,             -- number of the image in this database
    repository_name TEXT NOT NULL,      -- full name; it need not have been crawled
    is_private INTEGER NOT NULL,        -- 1 if the report says private, 0 if public
    tag_name TEXT,                      -- the tag; NULL if it was pulled by digest
    digest BLOB                         -- the digest; NULL if the report does not say it
);
CREATE UNIQUE INDEX usage_image_name
    ON usage_image (repository_name, is_private, COALESCE(tag_name, ''), COALESCE(digest, x''));

-- usage_machine: where pulls came from: a machine, or several that the report does not tell apart
CREATE TABLE usage_machine (
    id INTEGER PRIMARY KEY,             -- number of the row in this database
    report_id INTEGER NOT NULL REFERENCES usage_report (id), -- the report that numbered it
    name TEXT,                          -- machine 1, or machines 1, 4; NULL if there is no address
    addresses TEXT                      -- their addresses; NULL unless they were to be kept
);
CREATE INDEX usage_machine_report ON usage_machine (report_id);

-- usage: what one caller pulled of one image from one place in one hour
CREATE TABLE usage (
    hour INTEGER NOT NULL,              -- when the hour began
    report_id INTEGER NOT NULL REFERENCES usage_report (id), -- the newest report on that hour
    caller_id INTEGER NOT NULL REFERENCES usage_caller (id), -- who pulled
    image_id INTEGER NOT NULL REFERENCES usage_image (id), -- what
    machine_id INTEGER NOT NULL REFERENCES usage_machine (id), -- from where
    version_checks INTEGER NOT NULL,    -- looks at what a tag shows, which are no pulls
    pulls INTEGER NOT NULL,             -- pulls
    PRIMARY KEY (hour, report_id, caller_id, image_id, machine_id)
) WITHOUT ROWID;
CREATE INDEX usage_image_hour ON usage (image_id, hour);

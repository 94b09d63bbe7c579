-- stage_report --
-- Where does a report wait until it is read to its end? Nobody else sees it, nobody waits for it.
CREATE TEMP TABLE staged (
    place INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    caller_id INTEGER NOT NULL,
    image_id INTEGER NOT NULL,
    machine_id INTEGER NOT NULL,
    version_checks INTEGER NOT NULL,
    pulls INTEGER NOT NULL,
    PRIMARY KEY (place, hour, caller_id, image_id, machine_id)
) WITHOUT ROWID;

-- stage_callers --
-- Where do its callers wait?
CREATE TEMP TABLE staged_caller (
    id INTEGER PRIMARY KEY, user_name TEXT NOT NULL, token_name TEXT NOT NULL, caller_id INTEGER,
    UNIQUE (user_name, token_name)
);

-- stage_images --
-- Where do its images wait?
CREATE TEMP TABLE staged_image (
    id INTEGER PRIMARY KEY, repository_name TEXT NOT NULL, is_private INTEGER NOT NULL,
    tag_name TEXT NOT NULL, digest BLOB NOT NULL, image_id INTEGER,
    UNIQUE (repository_name, is_private, tag_name, digest)
);

-- stage_machines --
-- Where do its machines wait?
CREATE TEMP TABLE staged_machine (
    id INTEGER PRIMARY KEY, place INTEGER NOT NULL, name TEXT NOT NULL, addresses TEXT NOT NULL,
    UNIQUE (place, name, addresses)
);

-- put_caller --
-- What is the number of a caller while it waits?
INSERT INTO staged_caller (user_name, token_name) VALUES (?, ?)
ON CONFLICT (user_name, token_name) DO UPDATE SET user_name = excluded.user_name
RETURNING id;

-- put_image --
-- What is the number of an image while it waits?
INSERT INTO staged_image (repository_name, is_private, tag_name, digest) VALUES (?, ?, ?, ?)
ON CONFLICT (repository_name, is_private, tag_name, digest) DO UPDATE SET tag_name = excluded.tag_name
RETURNING id;

-- put_machine --
-- What is the number of a machine while it waits?
INSERT INTO staged_machine (place, name, addresses) VALUES (?, ?, ?)
ON CONFLICT (place, name, addresses) DO UPDATE SET name = excluded.name
RETURNING id;

-- put_usage --
-- What did one line say? Two lines that differ in nothing but their numbers belong together.
INSERT INTO staged (place, hour, caller_id, image_id, machine_id, version_checks, pulls)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (place, hour, caller_id, image_id, machine_id) DO UPDATE SET
    version_checks = staged.version_checks + excluded.version_checks,
    pulls = staged.pulls + excluded.pulls;

-- put_report --
-- What is the number of the report?
INSERT INTO usage_report (account, read_at) VALUES (?, ?) RETURNING id;

-- merge_callers --
-- Which callers are new?
INSERT INTO usage_caller (user_name, token_name)
SELECT NULLIF(s.user_name, ''), NULLIF(s.token_name, '') FROM staged_caller AS s
WHERE true
ON CONFLICT DO NOTHING;

-- number_callers --
-- What are the numbers of the callers?
UPDATE staged_caller SET caller_id = (
    SELECT c.id FROM usage_caller AS c
    WHERE COALESCE(c.user_name, '') = staged_caller.user_name
        AND COALESCE(c.token_name, '') = staged_caller.token_name
);

-- merge_images --
-- Which images are new?
INSERT INTO usage_image (repository_name, is_private, tag_name, digest)
SELECT s.repository_name, s.is_private, NULLIF(s.tag_name, ''), NULLIF(s.digest, x'')
FROM staged_image AS s
WHERE true
ON CONFLICT DO NOTHING;

-- number_images --
-- What are the numbers of the images?
UPDATE staged_image SET image_id = (
    SELECT i.id FROM usage_image AS i
    WHERE i.repository_name = staged_image.repository_name
        AND i.is_private = staged_image.is_private
        AND COALESCE(i.tag_name, '') = staged_image.tag_name
        AND COALESCE(i.digest, x'') = staged_image.digest
);

-- first_machine --
-- Below which number are all machines of reports before?
SELECT COALESCE(MAX(id), 0) FROM usage_machine;

-- merge_machines --
-- Which machines has the report?
INSERT INTO usage_machine (id, report_id, name, addresses)
SELECT s.id + :first, :report, NULLIF(s.name, ''), NULLIF(s.addresses, '')
FROM staged_machine AS s
WHERE s.place = :place;

-- replace_usage --
-- What did earlier reports of the account say of the hours of this one?
DELETE FROM usage
WHERE hour IN (SELECT DISTINCT s.hour FROM staged AS s WHERE s.place = :place)
    AND report_id IN (
        SELECT r.id FROM usage_report AS r WHERE r.account IS NOT DISTINCT FROM :account AND r.id <> :report
    );

-- replaced_hours --
-- Of how many hours have earlier reports of the account said something?
SELECT COUNT(*) FROM (SELECT DISTINCT s.hour FROM staged AS s WHERE s.place = :place) AS h
WHERE EXISTS (
    SELECT 1 FROM usage AS u
    INNER JOIN usage_report AS r ON r.id = u.report_id
    WHERE u.hour = h.hour AND r.account IS NOT DISTINCT FROM :account AND r.id <> :report
);

-- shrunk_hours --
-- Of how many of these hours does this report say less?
SELECT COUNT(*) FROM (
    SELECT s.hour, SUM(s.pulls) AS pulls FROM staged AS s WHERE s.place = :place GROUP BY s.hour
) AS h
WHERE h.pulls < (
    SELECT SUM(u.pulls) FROM usage AS u
    INNER JOIN usage_report AS r ON r.id = u.report_id
    WHERE u.hour = h.hour AND r.account IS NOT DISTINCT FROM :account AND r.id <> :report
);

-- merge_usage --
-- What does the report say?
INSERT INTO usage (hour, report_id, caller_id, image_id, machine_id, version_checks, pulls)
SELECT s.hour, :report, c.caller_id, i.image_id, s.machine_id + :first, s.version_checks, s.pulls
FROM staged AS s
INNER JOIN staged_caller AS c ON c.id = s.caller_id
INNER JOIN staged_image AS i ON i.id = s.image_id
WHERE s.place = :place
ORDER BY s.hour;

-- staged_numbers --
-- How many rows, from which hour to which, are in the report?
SELECT COUNT(*), MIN(hour), MAX(hour) FROM staged WHERE place = :place;

-- forget_machines --
-- Which machines does no usage name any more? Nor are their addresses kept.
DELETE FROM usage_machine WHERE id NOT IN (SELECT DISTINCT u.machine_id FROM usage AS u);

-- forget_callers --
-- Which callers does no usage name any more?
DELETE FROM usage_caller WHERE id NOT IN (SELECT DISTINCT u.caller_id FROM usage AS u);

-- forget_images --
-- Which images does no usage name any more?
DELETE FROM usage_image WHERE id NOT IN (SELECT DISTINCT u.image_id FROM usage AS u);

-- forget_reports --
-- Of which reports is nothing left, because newer ones have said it again?
DELETE FROM usage_report WHERE id NOT IN (SELECT DISTINCT u.report_id FROM usage AS u);

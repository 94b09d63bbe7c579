-- views_usage --
-- What Docker's own pull usage reports say, readable.

-- pull_usage: who pulled what in which hour, as Docker's pull usage reports say
CREATE VIEW pull_usage AS
SELECT
    {iso u.hour} AS hour, -- when the hour began
    c.user_name AS user_name, -- Docker ID
    c.token_name AS access_token_name, -- name of the access token; generated: Docker's own clients
    m.name AS machine, -- machine 1, or machines 1, 4; numbered within a report
    m.addresses AS addresses, -- their addresses; NULL unless they were to be kept
    i.repository_name AS repo_name, -- full name of the repository
    i.tag_name AS tag_name, -- the tag; NULL if it was pulled by digest
    {digest i.digest} AS digest, -- what was pulled, sha256:...
    i.is_private AS is_private, -- 1 if the repository is private
    u.version_checks AS version_checks, -- looks at what the tag shows, which are no pulls
    u.pulls AS pulls, -- pulls
    r.account AS account, -- whose report it is
    r.id AS report -- number of the report
FROM usage AS u
INNER JOIN usage_caller AS c ON c.id = u.caller_id
INNER JOIN usage_image AS i ON i.id = u.image_id
INNER JOIN usage_machine AS m ON m.id = u.machine_id
INNER JOIN usage_report AS r ON r.id = u.report_id;

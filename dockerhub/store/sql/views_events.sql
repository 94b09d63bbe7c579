-- views_events --
-- What changed while we looked, readable.

-- events: what changed while we looked, in the order in which it was noticed
CREATE VIEW events AS
SELECT
    e.id AS event, -- number of the event; rises, never used again
    e.kind AS kind, -- tag_created, tag_moved, tag_deleted, repository_appeared ...
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    t.name AS tag_name, -- the tag; NULL if it is about the repository
    {iso e.seen_at} AS seen_at, -- when we noticed
    {iso e.hub_at} AS hub_at, -- when Hub says that it happened; NULL where it does not say
    {digest e.old_digest} AS old_digest, -- what the tag, or its base's tag, showed before
    {digest e.new_digest} AS new_digest, -- what the tag, or its base's tag, shows since
    CASE
        WHEN b.id IS NOT NULL THEN br.namespace || '/' || br.name || ':' || b.name
    END AS base_image, -- base_outdated: the base's tag, such as library/debian:12-slim
    r.namespace AS namespace -- user or organisation
FROM event AS e
INNER JOIN repository AS r ON r.id = e.repository_id
LEFT JOIN tag AS t ON t.id = e.tag_id
LEFT JOIN tag AS b ON b.id = e.base_tag_id
LEFT JOIN repository AS br ON br.id = b.repository_id;

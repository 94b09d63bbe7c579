-- views_pages --
-- What the pages of `scrapy serve` and the search need beside the other views.

-- repository_texts: what the search reads of every repository, those that are gone included
CREATE VIEW repository_texts AS
SELECT
    r.id AS id, -- number of the repository in this database
    r.namespace || '/' || r.name AS full_name, -- namespace/name
    r.description AS description, -- the short description
    d.full_description AS full_description -- the long description, Markdown
FROM repository AS r
LEFT JOIN repository_detail AS d ON d.repository_id = r.id;

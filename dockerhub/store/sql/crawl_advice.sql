-- What every report may need to name the crawl that would bring what lacks.

-- last_crawl --
-- Which crawl was the last one that came to its end? The spider `manifests` sees no repository.
SELECT c.spider, c.arguments FROM crawl AS c
WHERE c.finish_reason = 'finished' AND c.spider <> 'manifests'
ORDER BY c.id DESC
LIMIT 1;

-- any_tag --
-- Is any tag stored?
SELECT 1 FROM tag LIMIT 1;

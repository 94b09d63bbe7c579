-- signed_in --
-- Was the last crawl with these arguments signed in?
SELECT signed_in FROM crawl WHERE spider = ? AND arguments = ? ORDER BY id DESC LIMIT 1;

-- repositories_of --
-- Which repositories has a namespace, and is one to be visited for the sake of its tags?
SELECT
    r.namespace,
    r.name,
    CASE
        WHEN :fresh = 1 OR r.detail_due = 1 THEN 1
        WHEN EXISTS (
            SELECT 1 FROM walk AS o
            WHERE o.kind = 'tags' AND o.subject = r.namespace || '/' || r.name
                AND o.arguments = :arguments AND o.signed_in = :signed_in
                AND o.finished_at IS NULL
        ) THEN 1
        ELSE COALESCE(
            (
                SELECT CASE
                    WHEN w.stop_reason IN ('complete', 'unchanged', 'max_tags', 'anonymous_cap')
                        AND w.refused_count = 0
                        AND w.subject_updated_at IS NOT DISTINCT FROM r.last_updated_at
                        AND EXISTS (
                            SELECT 1 FROM walk AS f
                            WHERE f.kind = 'tags' AND f.subject = w.subject
                                AND f.arguments = :arguments AND f.signed_in = :signed_in
                                AND f.is_full = 1 AND f.finished_at > :full_since
                                AND f.stop_reason IN ('complete', 'max_tags', 'anonymous_cap')
                        )
                        THEN 0
                    ELSE 1
                END
                FROM walk AS w
                WHERE w.kind = 'tags' AND w.subject = r.namespace || '/' || r.name
                    AND w.arguments = :arguments AND w.signed_in = :signed_in
                    AND w.finished_at IS NOT NULL AND w.stop_reason <> 'interrupted'
                ORDER BY w.finished_at DESC, w.id DESC
                LIMIT 1
            ),
            CASE WHEN r.last_updated_at IS NULL THEN 0 ELSE 1 END
        )
    END AS is_due
FROM repository AS r
WHERE r.namespace = :namespace AND r.gone_at IS NULL
ORDER BY r.last_updated_at DESC NULLS LAST, r.name;

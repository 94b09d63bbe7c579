-- Docker Hub tells a sum of pulls that only grows, and `pull_sample` keeps it as of the last look
-- of each day. What a day brought is the difference of two samples. Where days lie between them,
-- all share the difference evenly, and what does not divide is spread so that the sum is exact.
-- Where the sum has fallen, nobody knows what the days brought: the pulls are NULL, and counting
-- begins anew. Below half of what it was the counter was reset, else it was corrected.

-- daily_pulls: pulls of each repository day by day, from its first sample to its last
CREATE VIEW daily_pulls AS
SELECT
    r.namespace || '/' || r.name AS repo_name, -- full name of the repository
    date(COALESCE(b.day + 1 + g.key, s.day) * 86400, 'unixepoch') AS day, -- the day, in UTC
    CASE
        WHEN s.pull_count >= y.pull_count THEN s.pull_count - y.pull_count
        WHEN s.pull_count >= b.pull_count
            THEN (s.pull_count - b.pull_count) / (s.day - b.day)
                + (s.pull_count - b.pull_count) % (s.day - b.day) * (g.key + 1) / (s.day - b.day)
                - (s.pull_count - b.pull_count) % (s.day - b.day) * g.key / (s.day - b.day)
    END AS pulls, -- pulls since the day before; NULL on the first day, and where the count fell
    s.pull_count >= b.pull_count IS TRUE AS is_interpolated, -- 1 if a gap's days share their pulls
    COALESCE(b.day + 1 + g.key, s.day) = s.day
        AND s.pull_count < COALESCE(y.pull_count, b.pull_count) - s.pull_count
        IS TRUE AS is_reset, -- 1 on the day on which the count was seen below half of what it was
    CASE
        WHEN b.day + 1 + g.key < s.day THEN (
            SELECT n.star_count FROM pull_sample AS n
            WHERE n.repository_id = s.repository_id AND n.day = b.day + 1 + g.key
        )
        ELSE s.star_count
    END AS stars, -- stars at the last look of that day; NULL on days without one
    r.namespace AS namespace, -- user or organisation
    CASE
        WHEN COALESCE(b.day + 1 + g.key, s.day) = s.day THEN s.pull_count
        WHEN s.pull_count >= b.pull_count
            THEN b.pull_count
                + (s.pull_count - b.pull_count) / (s.day - b.day) * (g.key + 1)
                + (s.pull_count - b.pull_count) % (s.day - b.day) * (g.key + 1) / (s.day - b.day)
    END AS pull_count, -- pulls until the end of that day; NULL in a gap in which the count fell
    COALESCE(b.day + 1 + g.key, s.day) = s.day
        AND s.pull_count < COALESCE(y.pull_count, b.pull_count)
        AND s.pull_count >= COALESCE(y.pull_count, b.pull_count) - s.pull_count
        IS TRUE AS is_correction, -- 1 on the day on which the count was seen fallen by less
    s.day AS sample_day -- days from 1970-01-01 to its sample, in a gap the next one; indexed
FROM repository AS r
CROSS JOIN pull_sample AS s ON s.repository_id = r.id
-- y is yesterday's sample, b the one before a gap, which is looked for where there is no y.
LEFT JOIN pull_sample AS y
    ON y.repository_id = s.repository_id AND y.day = s.day - 1 AND y.pull_count IS NOT NULL
LEFT JOIN pull_sample AS b
    ON b.repository_id = s.repository_id AND b.day = CASE
        WHEN y.day IS NULL THEN (
            SELECT x.day FROM pull_sample AS x
            WHERE x.repository_id = s.repository_id AND x.day < s.day AND x.pull_count IS NOT NULL
            ORDER BY x.day DESC
            LIMIT 1
        )
    END
-- The keys of g, 0 and on, count the days of the gap; json_each makes them where they are needed.
LEFT JOIN json_each(
    CASE
        WHEN b.day IS NOT NULL
            THEN '[' || replace(hex(zeroblob(s.day - b.day - 1)), '00', '0,') || '0]'
    END
) AS g ON TRUE
WHERE s.pull_count IS NOT NULL;

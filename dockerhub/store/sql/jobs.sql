-- tables --
-- What the queue keeps beside procrastinate's own tables: its version, and how jobs ended.
CREATE TABLE queue_version (version TEXT NOT NULL);

CREATE TABLE job_end (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id BIGINT NOT NULL REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,
    ended_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    exit_status INTEGER NOT NULL,
    said TEXT
);

CREATE INDEX job_end_job ON job_end (job_id);

CREATE SEQUENCE run_number;

-- turn --
-- One at a time cuts what is enqueued.
SELECT pg_advisory_xact_lock(%(turn)s);

-- next_run --
-- The number of what is enqueued together.
SELECT nextval('run_number') AS run;

-- under_way --
-- Which jobs wait or run, and which were of the same run?
SELECT id, status::text AS status, lock, args
FROM procrastinate_jobs
WHERE task_name = %(task)s
    AND (status IN ('todo', 'doing') OR args ->> 'run' = %(run)s::text)
ORDER BY id;

-- put_end --
-- How did a job's crawl end?
INSERT INTO job_end (job_id, exit_status, said) VALUES (%(job_id)s, %(exit_status)s, %(said)s);

-- failures --
-- How often has a job's crawl failed?
SELECT count(*) AS count FROM job_end WHERE job_id = %(job_id)s AND exit_status <> 0;

-- put_back --
-- Which jobs have lost their worker? They wait again, unless another one waits for the same.
-- Who judges right after the server's start would judge workers that had no way to it.
WITH lost AS (
    SELECT j.id
    FROM procrastinate_jobs AS j
    LEFT JOIN procrastinate_workers AS w ON w.id = j.worker_id
    WHERE j.status = 'doing' AND j.task_name = %(task)s
        AND (
            (
                (w.id IS NULL OR w.last_heartbeat < now() - make_interval(secs => %(silence)s))
                AND pg_postmaster_start_time() < now() - make_interval(secs => %(silence)s)
            )
            OR (j.worker_id = %(worker)s AND j.id = ANY(%(unknown)s))
        )
    FOR UPDATE OF j SKIP LOCKED
)
UPDATE procrastinate_jobs AS j SET
    status = CASE
        WHEN j.queueing_lock IS NOT NULL AND EXISTS (
            SELECT 1 FROM procrastinate_jobs AS o
            WHERE o.status = 'todo' AND o.queueing_lock = j.queueing_lock
        ) THEN 'cancelled'::procrastinate_job_status
        ELSE 'todo'::procrastinate_job_status
    END,
    attempts = j.attempts + 1,
    scheduled_at = NULL,
    worker_id = NULL
FROM lost
WHERE j.id = lost.id
RETURNING j.id, j.status::text AS status;

-- taken_by --
-- Which jobs does a worker run, as the queue knows it?
SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %(worker)s;

-- left --
-- How many jobs wait or run?
SELECT count(*) AS count FROM procrastinate_jobs
WHERE status IN ('todo', 'doing') AND task_name = %(task)s;

-- counts --
-- How many jobs are in which state?
SELECT status::text AS status, count(*) AS count FROM procrastinate_jobs
WHERE task_name = %(task)s
GROUP BY status;

-- workers --
-- How many workers have been heard of lately?
SELECT count(*) AS count FROM procrastinate_workers
WHERE last_heartbeat >= now() - make_interval(secs => %(silence)s);

-- jobs --
-- What runs, waits and has failed, in this order, each since when, and what was said last?
SELECT
    j.id, j.status::text AS status, j.args, j.attempts,
    CAST(extract(epoch FROM COALESCE(
        (SELECT max(e.at) FROM procrastinate_events AS e
            WHERE e.job_id = j.id AND e.type <> 'scheduled'),
        now()
    )) * 1000000 AS BIGINT) AS since,
    CAST(extract(epoch FROM j.scheduled_at) * 1000000 AS BIGINT) AS not_before,
    (SELECT n.said FROM job_end AS n WHERE n.job_id = j.id ORDER BY n.id DESC LIMIT 1) AS said
FROM procrastinate_jobs AS j
WHERE j.task_name = %(task)s AND j.status IN ('todo', 'doing', 'failed')
ORDER BY
    CASE j.status::text WHEN 'doing' THEN 0 WHEN 'failed' THEN 1 ELSE 2 END,
    j.priority DESC,
    j.id
LIMIT %(most)s;

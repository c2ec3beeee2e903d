-- Views of a window, cut into sessions, reloads collapsed, numbered, and marked as counting or not.
--
-- in   window_views (time, reader, session, article, read_time, block)    of the window alone
--      open_views  (reader, session, article, time, position, counted, last_time)
--                                                              the end of each session still open
--      day_views   (reader, day, views)                        what this UTC day has had so far
--      limits      (gap, max_views, max_day_views, kept)       one row
-- out  (reader, number, session, article, time, read_time, own, position, counted, carried,
--       last_time)
--
-- A session is (reader, number); number 0 carries an open one on. Times are microseconds, UTC. A view
-- is our own where a block of ours led to it.
WITH carried AS (
    SELECT reader, session, article, last_time, position
    FROM (
        SELECT reader, session, article, last_time, position,
               ROW_NUMBER() OVER (PARTITION BY reader ORDER BY position DESC) AS backwards
        FROM open_views
    ) AS ranked
    WHERE backwards = 1
),
seen AS (
    SELECT reader, session, article, last_time AS time, -1 AS read_time, 0 AS own,
           position AS base, 1 AS carried
    FROM carried
    UNION ALL
    SELECT reader, session, article, time, read_time, CASE WHEN block >= 0 THEN 1 ELSE 0 END AS own,
           0 AS base, 0 AS carried
    FROM window_views
),
followed AS (
    SELECT reader, session, article, time, read_time, own, base, carried,
           LAG(time) OVER (PARTITION BY reader ORDER BY carried DESC, time, article) AS time_before,
           LAG(session) OVER (PARTITION BY reader ORDER BY carried DESC, time, article) AS session_before,
           LAG(article) OVER (PARTITION BY reader ORDER BY carried DESC, time, article) AS article_before
    FROM seen
),
cut AS (
    SELECT reader, session, article, time, read_time, own, base, carried, article_before,
           CASE WHEN carried = 1 THEN 0
                WHEN time_before IS NULL THEN 1
                WHEN time - time_before > gap THEN 1
                WHEN session <> session_before THEN 1
                ELSE 0 END AS starts
    FROM followed CROSS JOIN limits
),
numbered AS (
    SELECT reader, session, article, time, read_time, own, base, carried, article_before, starts,
           SUM(starts) OVER (PARTITION BY reader ORDER BY carried DESC, time, article
                             ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS number
    FROM cut
),
timed AS (
    SELECT reader, session, article, time, read_time, own, base, carried, number,
           MAX(time) OVER (PARTITION BY reader, number) AS last_time,
           CASE WHEN carried = 1 OR starts = 1 OR article <> article_before
                THEN 1 ELSE 0 END AS opens
    FROM numbered
),
placed AS (
    SELECT reader, session, article, time, read_time, own, carried, number, last_time,
           ROW_NUMBER() OVER (PARTITION BY reader, number ORDER BY carried DESC, time, article)
               + GREATEST(MAX(base) OVER (PARTITION BY reader, number) - 1, 0) AS position,
           ROW_NUMBER() OVER (PARTITION BY reader, carried, time - time % 86400000000
                              ORDER BY time, article) AS of_day
    FROM timed
    WHERE opens = 1
)
SELECT placed.reader, CAST(placed.number AS BIGINT) AS number, placed.session, placed.article,
       placed.time, placed.read_time, placed.own, CAST(placed.position AS BIGINT) AS position,
       CASE WHEN placed.position <= max_views
             AND placed.of_day + COALESCE(day_views.views, 0) <= max_day_views
            THEN 1 ELSE 0 END AS counted,
       0 AS carried, placed.last_time
FROM placed
CROSS JOIN limits
LEFT JOIN day_views
    ON day_views.reader = placed.reader AND day_views.day = placed.time - placed.time % 86400000000
WHERE placed.carried = 0
UNION ALL
SELECT open_views.reader, CAST(0 AS BIGINT), open_views.session, open_views.article,
       open_views.time, -1 AS read_time, 0 AS own, open_views.position, open_views.counted,
       1 AS carried, timed.last_time
FROM open_views
JOIN timed ON timed.reader = open_views.reader AND timed.carried = 1

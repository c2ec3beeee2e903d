-- Views of a window in sessions: reloads removed, positions numbered, and marked as counted or not.
--
-- in   window_views (time, reader, session, article, read_time, block)    of the window alone
--      open_views  (reader, session, article, time, position, counted, last_time)
--                                                              the ends of the open sessions
--      day_views   (reader, day, views)                        views of this UTC day so far
--      limits      (gap, max_views, max_day_views, kept)       one row
-- out  (reader, number, session, article, time, read_time, own, position, counted, carried,
--       last_time)
--
-- A session is (reader, number); number 0 continues an open one. Times are microseconds, UTC. `own` is
-- 1 where one of our blocks led to the view.
WITH carried AS (
    SELECT reader, session, article, last_time, position
    FROM (
        SELECT reader, session, article, last_time, position,
               ROW_NUMBER() OVER (PARTITION BY reader ORDER BY position DESC) AS backwards
        FROM open_views
    ) AS ranked
    WHERE backwards = 1
),
all_views AS (
    SELECT reader, session, article, last_time AS time, -1 AS read_time, 0 AS own,
           position AS base, 1 AS carried
    FROM carried
    UNION ALL
    SELECT reader, session, article, time, read_time, CASE WHEN block >= 0 THEN 1 ELSE 0 END AS own,
           0 AS base, 0 AS carried
    FROM window_views
),
with_previous AS (
    SELECT reader, session, article, time, read_time, own, base, carried,
           LAG(time) OVER (PARTITION BY reader ORDER BY carried DESC, time, article) AS previous_time,
           LAG(session) OVER (PARTITION BY reader ORDER BY carried DESC, time, article) AS previous_session,
           LAG(article) OVER (PARTITION BY reader ORDER BY carried DESC, time, article) AS previous_article
    FROM all_views
),
with_starts AS (
    SELECT reader, session, article, time, read_time, own, base, carried, previous_article,
           CASE WHEN carried = 1 THEN 0
                WHEN previous_time IS NULL THEN 1
                WHEN time - previous_time > gap THEN 1
                WHEN session <> previous_session THEN 1
                ELSE 0 END AS starts
    FROM with_previous CROSS JOIN limits
),
numbered AS (
    SELECT reader, session, article, time, read_time, own, base, carried, previous_article, starts,
           SUM(starts) OVER (PARTITION BY reader ORDER BY carried DESC, time, article
                             ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS number
    FROM with_starts
),
with_last_time AS (
    SELECT reader, session, article, time, read_time, own, base, carried, number,
           MAX(time) OVER (PARTITION BY reader, number) AS last_time,
           CASE WHEN carried = 1 OR starts = 1 OR article <> previous_article
                THEN 1 ELSE 0 END AS opens
    FROM numbered
),
with_position AS (
    SELECT reader, session, article, time, read_time, own, carried, number, last_time,
           ROW_NUMBER() OVER (PARTITION BY reader, number ORDER BY carried DESC, time, article)
               + GREATEST(MAX(base) OVER (PARTITION BY reader, number) - 1, 0) AS position,
           ROW_NUMBER() OVER (PARTITION BY reader, carried, time - time % 86400000000
                              ORDER BY time, article) AS of_day
    FROM with_last_time
    WHERE opens = 1
)
SELECT v.reader, CAST(v.number AS BIGINT) AS number, v.session, v.article, v.time, v.read_time,
       v.own, CAST(v.position AS BIGINT) AS position,
       CASE WHEN v.position <= max_views
             AND v.of_day + COALESCE(day_views.views, 0) <= max_day_views
            THEN 1 ELSE 0 END AS counted,
       0 AS carried, v.last_time
FROM with_position AS v
CROSS JOIN limits
LEFT JOIN day_views
    ON day_views.reader = v.reader AND day_views.day = v.time - v.time % 86400000000
WHERE v.carried = 0
UNION ALL
SELECT open_views.reader, CAST(0 AS BIGINT), open_views.session, open_views.article,
       open_views.time, -1 AS read_time, 0 AS own, open_views.position, open_views.counted,
       1 AS carried, with_last_time.last_time
FROM open_views
JOIN with_last_time ON with_last_time.reader = open_views.reader AND with_last_time.carried = 1

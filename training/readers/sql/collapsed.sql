-- Views of a window in sessions: reloads removed, positions numbered, and marked as counted or not.
--
-- in   window_views (time, reader, session, article, read_time, block, place)
--                                                              of the window alone
--      navigation  (time, reader, session)                     views of pages that are no article
--      open_views  (reader, session, article, time, position, counted, last_time)
--                                                              the ends of the open sessions
--      day_views   (reader, day, views)                        views of this UTC day so far
--      limits      (gap, max_views, max_day_views, kept)       one row
-- out  (reader, session, number, article, time, place, read_time, own, position, counted, carried,
--       last_time)
--
-- A session is (reader, session, number); number 0 continues an open one. Times are microseconds, UTC;
-- views of the same time are in the order of `place`. `own` is 1 where one of our blocks led to the
-- view. A view without a reader (NULL) counts, and is in no session: its position is 0. A page that is
-- no article keeps its session open, and has no position.
WITH carried AS (
    SELECT reader, session, article, last_time, position
    FROM (
        SELECT reader, session, article, last_time, position,
               ROW_NUMBER() OVER (PARTITION BY reader, session ORDER BY position DESC) AS backwards
        FROM open_views
    ) AS ranked
    WHERE backwards = 1
),
all_views AS (
    SELECT reader, session, session AS open_session, article, last_time AS time, 0 AS place,
           -1 AS read_time, 0 AS own, position AS base, 1 AS carried
    FROM carried
    UNION ALL
    SELECT reader, session, NULL AS open_session, article, time, place, read_time,
           CASE WHEN block >= 0 THEN 1 ELSE 0 END AS own, 0 AS base, 0 AS carried
    FROM window_views
    WHERE reader IS NOT NULL
    UNION ALL
    SELECT reader, session, NULL AS open_session, -1 AS article, time, 0 AS place, -1 AS read_time,
           0 AS own, 0 AS base, 0 AS carried
    FROM navigation
),
-- A view without the id of its session (0) belongs to the session of the reader's last view with one,
-- or of the next one if there is none, unless a gap is between.
with_rests AS (
    SELECT all_views.*,
           CASE WHEN time - LAG(time) OVER (PARTITION BY reader ORDER BY time) > gap
                THEN 1 ELSE 0 END AS rests
    FROM all_views
    CROSS JOIN limits
),
with_visits AS (
    SELECT with_rests.*,
           SUM(rests) OVER (PARTITION BY reader ORDER BY time
                            RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS visit
    FROM with_rests
),
with_names AS (
    SELECT with_visits.*,
           SUM(CASE WHEN session = 0 THEN 0 ELSE 1 END)
               OVER (PARTITION BY reader, visit
                     ORDER BY time, CASE WHEN session = 0 THEN 1 ELSE 0 END, session, place, article
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS names
    FROM with_visits
),
in_sessions AS (
    SELECT reader,
           COALESCE(MAX(CASE WHEN session = 0 THEN NULL ELSE session END)
                        OVER (PARTITION BY reader, visit, GREATEST(names, 1)), 0) AS session,
           open_session, article, time, place, read_time, own, base, carried
    FROM with_names
),
with_starts AS (
    SELECT in_sessions.*,
           CASE WHEN carried = 1 THEN 0
                WHEN time - LAG(time) OVER (PARTITION BY reader, session ORDER BY time, place) <= gap
                THEN 0 ELSE 1 END AS starts
    FROM in_sessions
    CROSS JOIN limits
),
numbered AS (
    SELECT with_starts.*,
           SUM(starts) OVER (PARTITION BY reader, session ORDER BY time, place
                             ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS number
    FROM with_starts
),
with_last_time AS (
    SELECT reader, session, open_session, article, time, place, read_time, own, base, carried, number,
           MAX(time) OVER (PARTITION BY reader, session, number) AS last_time
    FROM numbered
),
with_previous AS (
    SELECT with_last_time.*,
           LAG(article) OVER (PARTITION BY reader, session, number ORDER BY time, place)
               AS previous_article
    FROM with_last_time
    WHERE article >= 0
),
with_position AS (
    SELECT reader, session, open_session, article, time, place, read_time, own, carried, number,
           last_time,
           ROW_NUMBER() OVER (PARTITION BY reader, session, number ORDER BY time, place)
               + GREATEST(MAX(base) OVER (PARTITION BY reader, session, number) - 1, 0) AS position,
           ROW_NUMBER() OVER (PARTITION BY reader, carried, time - time % 86400000000
                              ORDER BY time, place) AS of_day
    FROM with_previous
    WHERE carried = 1 OR previous_article IS NULL OR article <> previous_article
)
SELECT v.reader, v.session, CAST(v.number AS BIGINT) AS number,
       COALESCE(open_views.article, v.article) AS article, COALESCE(open_views.time, v.time) AS time,
       v.place, v.read_time, v.own,
       COALESCE(open_views.position, CAST(v.position AS BIGINT)) AS position,
       CASE WHEN v.carried = 1 THEN open_views.counted
            WHEN v.position <= max_views
             AND v.of_day + COALESCE(day_views.views, 0) <= max_day_views
            THEN 1 ELSE 0 END AS counted,
       v.carried, v.last_time
FROM with_position AS v
CROSS JOIN limits
LEFT JOIN day_views
    ON day_views.reader = v.reader AND day_views.day = v.time - v.time % 86400000000
LEFT JOIN open_views
    ON v.carried = 1 AND open_views.reader = v.reader AND open_views.session = v.open_session
UNION ALL
SELECT NULL AS reader, 0 AS session, CAST(0 AS BIGINT) AS number, article, time, place, read_time,
       CASE WHEN block >= 0 THEN 1 ELSE 0 END AS own, CAST(0 AS BIGINT) AS position, 1 AS counted,
       0 AS carried, time AS last_time
FROM window_views
WHERE reader IS NULL

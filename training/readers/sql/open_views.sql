-- The last ten views of each session that is open at the end of the window: a view could continue it.
--
-- Of the sessions with one id, only a reader's newest can be open.
SELECT reader, session, article, time, position, counted, last_time
FROM (
    SELECT reader, session, article, time, position, counted, last_time,
           ROW_NUMBER() OVER (PARTITION BY reader, session ORDER BY number DESC, position DESC)
               AS backwards,
           number,
           MAX(number) OVER (PARTITION BY reader, session) AS newest
    FROM collapsed
    CROSS JOIN limits
    WHERE reader IS NOT NULL AND last_time >= window_end - gap
) AS ranked
WHERE number = newest AND backwards <= 10

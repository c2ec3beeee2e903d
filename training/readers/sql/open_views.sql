-- The last ten views of each session that is open at the end of the window: a view could continue it.
--
-- Only a reader's newest session can be open.
SELECT reader, session, article, time, position, counted, last_time
FROM (
    SELECT reader, session, article, time, position, counted, last_time,
           ROW_NUMBER() OVER (PARTITION BY reader ORDER BY number DESC, position DESC) AS backwards,
           number,
           MAX(number) OVER (PARTITION BY reader) AS newest
    FROM collapsed
    CROSS JOIN limits
    WHERE last_time >= window_end - gap
) AS ranked
WHERE number = newest AND backwards <= 10

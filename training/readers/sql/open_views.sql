-- The last ten views of each session that a view at the end of the window could still carry on.
--
-- A reader's newest session ends last, so that it is among what is late enough if any of theirs is.
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

-- The last ten views of each session that a view at the end of the window could still carry on.
SELECT reader, session, article, time, position, counted, last_time
FROM (
    SELECT reader, session, article, time, position, counted, last_time,
           ROW_NUMBER() OVER (PARTITION BY reader ORDER BY number DESC, position DESC) AS backwards,
           number,
           MAX(number) OVER (PARTITION BY reader) AS newest
    FROM collapsed
) AS ranked
CROSS JOIN limits
WHERE number = newest AND backwards <= 10 AND last_time >= window_end - gap

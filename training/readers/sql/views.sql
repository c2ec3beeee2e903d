-- View counts by article and five-minute bucket, with the times of the first and the last, the number
-- and seconds of the views with a read time, and the weight taken off views that our blocks led to, in
-- 2520ths.
SELECT time - time % 300000000 AS bucket,
       article,
       CAST(COUNT(*) AS BIGINT) AS views,
       MIN(time) AS first_view,
       MAX(time) AS last_view,
       CAST(SUM(CASE WHEN read_time >= 0 THEN 1 ELSE 0 END) AS BIGINT) AS timed,
       CAST(SUM(CASE WHEN read_time >= 0 THEN read_time ELSE 0 END) AS BIGINT) AS read_time,
       CAST(SUM(CASE WHEN own = 1 THEN 2520 - kept ELSE 0 END) AS BIGINT) AS discount
FROM collapsed
CROSS JOIN limits
WHERE carried = 0 AND counted = 1
GROUP BY 1, 2

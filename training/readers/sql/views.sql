-- View counts by article and five-minute bucket, with the exact times of the first and the last, and
-- the seconds that readers stayed, over the views that tell it.
SELECT time - time % 300000000 AS bucket,
       article,
       CAST(COUNT(*) AS BIGINT) AS views,
       MIN(time) AS first_view,
       MAX(time) AS last_view,
       CAST(SUM(CASE WHEN read_time >= 0 THEN 1 ELSE 0 END) AS BIGINT) AS timed,
       CAST(SUM(CASE WHEN read_time >= 0 THEN read_time ELSE 0 END) AS BIGINT) AS read_time
FROM collapsed
WHERE carried = 0 AND counted = 1
GROUP BY 1, 2
ORDER BY 1, 2

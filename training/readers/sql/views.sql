-- View counts by article and five-minute bucket, with the exact times of the first and the last.
SELECT time - time % 300000000 AS bucket,
       article,
       CAST(COUNT(*) AS BIGINT) AS views,
       MIN(time) AS first_view,
       MAX(time) AS last_view
FROM collapsed
WHERE carried = 0 AND counted = 1
GROUP BY 1, 2
ORDER BY 1, 2

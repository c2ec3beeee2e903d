-- How many sessions began in each five-minute bucket.
SELECT time - time % 300000000 AS bucket,
       CAST(COUNT(*) AS BIGINT) AS begun
FROM collapsed
WHERE carried = 0 AND position = 1
GROUP BY 1

-- Who opened what in each five-minute bucket, reloads and all: how many views, and when the first.
SELECT time - time % 300000000 AS bucket,
       reader,
       article,
       CAST(COUNT(*) AS BIGINT) AS views,
       MIN(time) AS first_view
FROM window_views
GROUP BY 1, 2, 3

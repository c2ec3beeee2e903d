-- Views by reader and article in each five-minute bucket, reloads included, and the first of them.
SELECT time - time % 300000000 AS bucket,
       reader,
       article,
       CAST(COUNT(*) AS BIGINT) AS views,
       MIN(time) AS first_view
FROM window_views
GROUP BY 1, 2, 3

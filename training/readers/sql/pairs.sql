-- Increments by pair and five-minute bucket of the later view; integers only, so that the sum is
-- the same on any number of threads. A view is worth 2520, whole for every distance up to ten; one
-- that is our own is worth `kept`, of which a distance gets the whole part.
SELECT bucket, source, target,
       CAST(SUM(CAST((worth - worth % distance) / distance AS BIGINT)) AS BIGINT) AS weight,
       CAST(SUM(CASE WHEN distance = 1 THEN worth ELSE 0 END) AS BIGINT) AS direct
FROM (
    SELECT later.time - later.time % 300000000 AS bucket,
           earlier.article AS source,
           later.article AS target,
           later.position - earlier.position AS distance,
           CASE WHEN later.own = 1 THEN kept ELSE 2520 END AS worth
    FROM collapsed AS earlier
    JOIN collapsed AS later
        ON later.reader = earlier.reader AND later.number = earlier.number
       AND later.position > earlier.position AND later.position <= earlier.position + 10
    CROSS JOIN limits
    WHERE later.carried = 0 AND later.counted = 1 AND earlier.counted = 1
      AND later.article <> earlier.article
) AS paired
WHERE worth >= distance
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

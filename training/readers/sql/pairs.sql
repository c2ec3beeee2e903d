-- Increments by pair and five-minute bucket of the later view; integers only, so that the sum is
-- the same on any number of threads. 2520 / distance is whole for every distance up to ten.
SELECT later.time - later.time % 300000000 AS bucket,
       earlier.article AS source,
       later.article AS target,
       CAST(SUM(CAST(2520 / (later.position - earlier.position) AS BIGINT)) AS BIGINT) AS weight,
       CAST(SUM(CASE WHEN later.position = earlier.position + 1 THEN 2520 ELSE 0 END) AS BIGINT)
           AS direct
FROM collapsed AS earlier
JOIN collapsed AS later
    ON later.reader = earlier.reader AND later.number = earlier.number
   AND later.position > earlier.position AND later.position <= earlier.position + 10
WHERE later.carried = 0 AND later.counted = 1 AND earlier.counted = 1
  AND later.article <> earlier.article
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

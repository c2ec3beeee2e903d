-- Increments by pair and five-minute bucket of the later view; integers only, so that the sum is
-- the same on any number of threads. A view weighs 2520, divisible by every distance up to ten; one
-- that our block led to weighs `kept`, rounded down to a multiple of the distance.
SELECT later.time - later.time % 300000000 AS bucket,
       earlier.article AS source,
       later.article AS target,
       CAST(SUM(CASE WHEN later.own = 0
                     THEN CAST(2520 / (later.position - earlier.position) AS BIGINT)
                     ELSE CAST((kept - kept % (later.position - earlier.position))
                               / (later.position - earlier.position) AS BIGINT) END) AS BIGINT)
           AS weight,
       CAST(SUM(CASE WHEN later.position <> earlier.position + 1 THEN 0
                     WHEN later.own = 0 THEN 2520 ELSE kept END) AS BIGINT) AS direct
FROM collapsed AS earlier
JOIN collapsed AS later
    ON later.reader = earlier.reader AND later.session = earlier.session
   AND later.number = earlier.number
   AND later.position > earlier.position AND later.position <= earlier.position + 10
CROSS JOIN limits
WHERE later.carried = 0 AND later.counted = 1 AND earlier.counted = 1
  AND later.article <> earlier.article
  AND (later.own = 0 OR kept >= later.position - earlier.position)
GROUP BY 1, 2, 3

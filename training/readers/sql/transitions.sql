-- A counted view and the next one of its session, of another article: the model learns from these.
SELECT earlier.article AS source,
       later.article AS target,
       earlier.time AS source_time,
       later.time AS target_time,
       later.reader AS reader,
       later.own AS own
FROM collapsed AS earlier
JOIN collapsed AS later
    ON later.reader = earlier.reader AND later.session = earlier.session
   AND later.number = earlier.number
   AND later.position = earlier.position + 1
WHERE later.carried = 0 AND later.counted = 1 AND earlier.counted = 1

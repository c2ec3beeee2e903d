-- The views that count, by session, with the block, slot and version that led to each.
SELECT collapsed.reader,
       DENSE_RANK() OVER (PARTITION BY collapsed.reader
                          ORDER BY collapsed.session, collapsed.number) AS number,
       collapsed.position, collapsed.time, collapsed.article,
       window_views.block, window_views.slot, window_views.version
FROM collapsed
JOIN window_views
    ON window_views.reader = collapsed.reader AND window_views.time = collapsed.time
   AND window_views.place = collapsed.place
WHERE collapsed.carried = 0 AND collapsed.counted = 1

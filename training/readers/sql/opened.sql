-- The views that count, by session, with the block, slot and version that led to each.
SELECT collapsed.reader, collapsed.number, collapsed.time, collapsed.article,
       window_views.block, window_views.slot, window_views.version
FROM collapsed
JOIN window_views
    ON window_views.reader = collapsed.reader AND window_views.time = collapsed.time
   AND window_views.article = collapsed.article AND window_views.session = collapsed.session
WHERE collapsed.carried = 0 AND collapsed.counted = 1

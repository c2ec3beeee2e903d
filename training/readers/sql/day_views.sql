-- Views of each reader on the UTC day that the window ends in; none if it ends at midnight.
SELECT reader, day, CAST(SUM(views) AS BIGINT) AS views
FROM (
    SELECT reader, window_end - window_end % 86400000000 AS day, COUNT(*) AS views
    FROM collapsed
    CROSS JOIN limits
    WHERE reader IS NOT NULL AND carried = 0 AND time >= window_end - window_end % 86400000000
    GROUP BY 1, 2
    UNION ALL
    SELECT reader, day, views
    FROM day_views
    CROSS JOIN limits
    WHERE day = window_end - window_end % 86400000000
) AS parts
GROUP BY 1, 2

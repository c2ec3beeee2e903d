"""Reports of a replay: text, JSON, HTML and Parquet, and the comparison of two."""

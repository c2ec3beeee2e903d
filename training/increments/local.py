"""Count on this machine, with DuckDB."""

from pathlib import Path

from training.data import default_now, find, read_site
from training.increments.job import CountedWindow, CountJob
from training.increments.tables import copy_to
from training.pipeline import windows
from training.progress import Stages
from training.readers import (
    INCREMENT_TABLES,
    OPEN_SESSION_TABLES,
    CountedViews,
    IncrementStore,
    ordered_query,
    select_open_sessions,
    session_tables,
    stored_ids,
)
from training.records import NEVER, utc


class DuckDBEngine:
    """DuckDB on this machine; it counts day by day, and spills to disk beyond `data.memory`."""

    def count(
        self, job: CountJob, store: IncrementStore, folder: Path, stages: Stages
    ) -> CountedWindow:
        """Count the views from a store's end on; see `job.CountEngine`."""
        config, start = job.config, store.end
        known = stored_ids(store)
        with stages("read"):
            site = read_site(
                config,
                job.articles,
                job.views,
                key=job.key,
                known=known,
                known_urls=job.known_urls,
                forgotten=job.forgotten,
                shared=job.shared,
                viewed=known,
                start=start,
                end=NEVER if job.now is None else job.now,
            )
        views, end = site.views.rows(), default_now(site) if job.now is None else job.now
        rows = {article: row for row, article in enumerate(site.ids)}
        before = CountedViews.of(views.connection, store, rows).open_sessions(start)
        with stages("count") as note:
            for number, window in enumerate(windows(site, start, end)):
                note(utc(window.start)[:10])
                with session_tables(window, before, config.sessions, config.readers) as connection:
                    for name in INCREMENT_TABLES:
                        copy_to(
                            connection, ordered_query(name), folder / name / f"{number:04}.parquet"
                        )
                    before = select_open_sessions(connection)
                    if window.end == end:
                        for name in OPEN_SESSION_TABLES:
                            copy_to(connection, ordered_query(name), folder / name / "0000.parquet")
        inside = [number for _, number in views.daily_counts(start, end)]
        opened = site.inputs[len(find(job.articles)) :]
        found = CountedWindow(
            end=end,
            new_ids=site.ids[len(known) :],
            traffic=site.traffic,
            views=sum(inside),
            first=views.start if inside else 0,
            newest=min(views.newest, end - 1),
            read=site.read["views"],
            left_out=site.left_out,
            files=len(opened),
            bytes=sum(file.bytes for file in opened),
            quarantine=site.quarantine,
        )
        views.connection.close()
        return found

"""Counting on this machine, by DuckDB."""

from pathlib import Path

from training.data import default_now, find, read_site
from training.increments.job import Found, Job
from training.increments.tables import copy_to
from training.pipeline import windows
from training.progress import Stages
from training.readers import (
    CARRIED,
    COUNTED,
    Counted,
    Store,
    laid_out,
    ordered,
    still_open,
    stored_ids,
)
from training.records import NEVER, rows_of, utc


class Local:
    """DuckDB, a day at a time; what does not fit into `data.memory` goes to disk."""

    def count(self, job: Job, store: Store, folder: Path, stages: Stages) -> Found:
        """Count what came from a store's end on; see `job.Engine`."""
        config, start = job.config, store.end
        known = stored_ids(store)
        with stages("read"):
            site = read_site(
                config,
                job.articles,
                job.views,
                key=job.key,
                known=known,
                forgotten=job.forgotten,
                viewed=known,
                start=start,
                end=NEVER if job.now is None else job.now,
            )
        views, end = rows_of(site.views), default_now(site) if job.now is None else job.now
        rows = {article: row for row, article in enumerate(site.ids)}
        before = Counted.of(views.connection, store, rows).open_at(start)
        with stages("count") as note:
            for number, window in enumerate(windows(site, start, end)):
                note(utc(window.start)[:10])
                with laid_out(window, before, config.sessions, config.readers) as connection:
                    for name in COUNTED:
                        copy_to(connection, ordered(name), folder / name / f"{number:04}.parquet")
                    before = still_open(connection)
                    if window.end == end:
                        for name in CARRIED:
                            copy_to(connection, ordered(name), folder / name / "0000.parquet")
        inside = [number for _, number in views.days(start, end)]
        opened = site.inputs[len(find(job.articles)) :]
        found = Found(
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

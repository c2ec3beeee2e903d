"""The job that counts the views since the last job, and commits all of them or none."""

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from training.config import Config
from training.errors import OutputError, UsageError
from training.increments.tables import write_hours, write_ids
from training.progress import Stages, peak_memory
from training.readers import IncrementStore, StorePart, counting_settings, open_or_create
from training.records import QuarantinedRow, Traffic, utc
from training.storage import make_directory


@dataclass(frozen=True)
class CountJob:
    """The input of a counting job.

    Attributes
    ----------
    config : all settings.
    articles : article files.
    views : paths of views, in the engine's form.
    path : folder of the store.
    key : key of the readers' hashes.
    forgotten : hashes of readers whose views are left out.
    shared : hashes of values that are those of many readers, as training found them.
    known_urls : ids and addresses that articles had before, as for `read_site`.
    now : µs UTC, end of the window; None means the newest view or publish time + 1 s.
    """

    config: Config
    articles: Sequence[str]
    views: Sequence[str]
    path: Path
    key: bytes
    forgotten: Sequence[int] = ()
    shared: Sequence[int] = ()
    known_urls: Sequence[tuple[str, str]] = ()
    now: int | None = None


@dataclass(frozen=True)
class CountedWindow:
    """The result of counting a window.

    Attributes
    ----------
    end : end of the window, µs UTC; not after its start if there were no views.
    new_ids : ids that get the next rows, in that order.
    traffic : all views by the hour.
    views, first, newest, read, left_out : as in `StorePart`.
    files, bytes : number and size of the view files.
    quarantine : rows that cannot be used.
    """

    end: int
    new_ids: Sequence[str]
    traffic: Traffic
    views: int
    first: int
    newest: int
    read: int
    left_out: Mapping[str, int]
    files: int
    bytes: int
    quarantine: Sequence[QuarantinedRow] = ()


class CountEngine(Protocol):
    """An engine that counts the views of a window."""

    def count(
        self, job: CountJob, store: IncrementStore, folder: Path, stages: Stages
    ) -> CountedWindow:
        """Count the views from a store's end on, and write their increments to a folder.

        Parameters
        ----------
        job : CountJob
            The input.
        store : IncrementStore
            The increments so far, with the open sessions at their end.
        folder : Path
            Parent folder; each table of `INCREMENT_TABLES` and
            `OPEN_SESSION_TABLES` gets a folder of Parquet files.
        stages : Stages
            Reports progress.

        Returns
        -------
        CountedWindow
        """


def run_job(
    job: CountJob, engine: CountEngine, stages: Stages
) -> tuple[dict[str, Any], Sequence[QuarantinedRow]]:
    """Count the views since the last job; no other job may be running in the folder.

    A repeated job with the same `now` gives the same store, even if the first one was killed.

    Returns
    -------
    dict
        A summary, as the command prints it.
    sequence of QuarantinedRow
        Rows that cannot be used.

    Raises
    ------
    UsageError
        If `now` is before the end of the store.
    ConfigError, DataError, OutputError
        As from `read_site` and `IncrementStore`.
    """
    store = open_or_create(job.path, counting_settings(job.config, job.key))
    store.remove_leftovers()
    if job.now is not None and job.now < store.end:
        raise UsageError(
            f"--now {utc(job.now)} is before {utc(store.end)}, the end of the views counted in "
            f"{job.path}; name a later time, or leave --now out"
        )
    if job.now == store.end:
        return _summary(store, None, stages), ()
    folder = new_folder(store)
    found = engine.count(job, store, folder, stages)
    if found.end <= store.end:
        store.remove_leftovers()
        return _summary(store, None, stages), found.quarantine
    with stages("commit"):
        write_ids(folder, found.new_ids, store.articles)
        write_hours(folder, found.traffic)
        part = StorePart(
            name=folder.name,
            start=store.end,
            end=found.end,
            views=found.views,
            first=found.first,
            newest=found.newest,
            read=found.read,
            articles=store.articles + len(found.new_ids),
            left_out={reason: n for reason, n in sorted(found.left_out.items()) if n},
            strangers=found.traffic.unknown_ids,
        )
        store = store.commit(part, part.name)
    return _summary(store, found, stages), found.quarantine


def new_folder(store: IncrementStore) -> Path:
    """Create a folder for a part that is not committed yet.

    Raises
    ------
    OutputError
        If the folder cannot be created.
    """
    folder = store.folder(f"{time.time_ns():x}-{secrets.token_hex(4)}")
    try:
        make_directory(folder)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be created ({error.strerror})") from None
    return folder


def _summary(store: IncrementStore, found: CountedWindow | None, stages: Stages) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "increments": str(store.path),
        "nothing_new": found is None,
        "parts": len(store.parts),
        "counted_up_to": utc(store.end) if store.parts else None,
    }
    if found is not None:
        part = store.parts[-1]
        summary |= {
            "window": [utc(part.start), utc(part.end)],
            "views": part.views,
            "read": part.read,
            "left_out": part.left_out,
            "files_opened": found.files,
            "bytes_opened": found.bytes,
            "bytes_written": sum(part.files.values()),
        }
    return {**summary, "seconds": stages.rounded(), "peak_memory_mb": peak_memory()}

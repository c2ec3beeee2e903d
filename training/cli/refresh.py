"""`ymal refresh`: read new data since the served version, and publish the next version."""

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from joblib import cpu_count

from training import release
from training.catalogue import newly_withdrawn
from training.cli import metrics, options, outcome, output
from training.cli.count import count_on_spark
from training.cli.inputs import InputPaths, moment_of, read
from training.cli.times import read_duration, read_moment
from training.config import Settings, load
from training.errors import BusyError, RefusedError, UnknownWithdrawalError, UsageError
from training.pipeline import count_unused_views, has_news
from training.pipeline import refresh as refresh_on
from training.production import (
    describe_publication,
    load_served,
    merge_monitored,
    needs_retraining,
    publication,
)
from training.progress import Stages
from training.records import Catalogue, Flag, Site, utc

_POLL_SECONDS: Final = 0.1
"""Seconds between two checks for a stop request."""


def refresh(
    config: options.ConfigFile = None,
    articles: options.ArticleFiles = None,
    views: options.ViewFiles = None,
    increments: options.Increments = None,
    artifacts: options.Artifacts = None,
    engine: options.Engine = None,
    now: options.Now = None,
    every: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Repeat at this interval, such as 5m, until SIGTERM."),
    ] = None,
    jobs: options.Jobs = None,
    force: options.Force = False,
    why: options.Reason = "",
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Add the new data, and publish the next version."""
    settings = load(config)
    directory = settings.artifacts(artifacts)
    if every and now:
        raise UsageError("--every and --now exclude each other; leave one out")
    pause = read_duration("--every", every) / 1e6 if every else None
    if pause and force:
        raise UsageError("--every and --force exclude each other; leave one out")
    forced = outcome.reason_to_force(force=force, why=why)
    moment = read_moment(now) if now is not None else None
    cores = jobs or cpu_count()
    stop = StopRequest()
    if pause:
        stop.on_signals()
    while True:
        begun = time.monotonic()
        try:
            with metrics.record_run(settings, "refresh", directory):
                with output.show_progress(quiet=quiet) as show:
                    result = refresh_once(
                        settings,
                        InputPaths(articles, views, increments),
                        directory,
                        engine,
                        moment,
                        cores,
                        forced,
                        Stages(show),
                    )
                _report(result, directory, json=json)
        except (RefusedError, BusyError, UnknownWithdrawalError) as error:  # the next may succeed
            if pause is None:
                raise
            output.warn(str(error))
        if pause is None or stop.wait(max(0.0, begun + pause - time.monotonic())):
            return


@dataclass(frozen=True)
class RefreshResult:
    """Result of a refresh; `published` is None if there was no new data."""

    summary: dict[str, object]
    published: release.Published | None = None


def refresh_once(
    settings: Settings,
    inputs: InputPaths,
    directory: Path,
    engine: str | None,
    now: int | None,
    jobs: int,
    forced: str | None,
    stages: Stages,
) -> RefreshResult:
    """Read new data, and publish a version if there is any."""
    release.served_name(directory)
    release.check_writable(directory)
    with release.command_lock(directory, "refresh"):
        with stages("load"):
            served = load_served(directory, settings.config)
        inputs = count_on_spark(settings, inputs, directory, engine, now, stages)
        with stages("read"):
            known = served.state.catalogue
            site = read(settings, inputs, directory, known, served.state.time, forced)
        hint = missing_articles(site, known)
        if hint:
            output.warn(hint)
        if now is not None and now < served.state.time:
            raise UsageError(
                f"--now {utc(now)} lies before {utc(served.state.time)}, which version "
                f"{served.name} has reached; name a later time, or leave --now out"
            )
        moment = max(moment_of(site, now), served.state.time)
        if served.recommendations is not None and not has_news(site, served.state, moment):
            release.clean_up(directory, settings.config.versions)
            old = count_unused_views(site, served.state)
            return RefreshResult({"nothing_new": True, "version": served.name, "before_cut": old})
        run = refresh_on(
            site, served.state, served.recommendations, moment, jobs=jobs, stages=stages
        )
        monitored = merge_monitored(served, run)
        with stages("publish"):
            made = publication(
                run,
                site,
                stages,
                command="refresh",
                served=served,
                monitored=monitored,
                forced=forced,
            )
            published = release.publish(directory, made)
    summary = {
        "nothing_new": False,
        **describe_publication(published, run, site, stages),
        "watched": monitored,
        "retrain": needs_retraining(run, monitored),
    }
    return RefreshResult(summary, published)


def missing_articles(site: Site, known: Catalogue) -> str:
    """Say which articles are gone from files that are nearly complete, but not declared so."""
    config = site.config
    gone, count = len(newly_withdrawn(known, site.missing)), int((~known.has(Flag.WITHDRAWN)).sum())
    if config.articles.complete or not 0 < gone <= config.gate.max_gone * count:
        return ""
    return (
        f"gone from the article files: {gone:,} of {count:,} articles, which stay; if the files "
        "hold all articles, set articles.complete = true, and a refresh withdraws them"
    )


def _report(result: RefreshResult, directory: Path, *, json: bool) -> None:
    summary = result.summary
    if json:
        output.print_json(summary)
    elif result.published is None:
        output.print_facts({"version": summary["version"], "published": "nothing; no new data"})
    else:
        output.print_facts(
            {name: value for name, value in summary.items() if name != "nothing_new"}
        )
    if summary.get("retrain"):
        output.warn("the model predicts clicks worse than when it was trained; run ymal train")
    output.warn_of_overrides(directory)
    if result.published is not None:
        outcome.check_served(result.published)


class StopRequest:
    """A flag by which a signal stops the loop.

    A `threading.Event` could deadlock. Its handler runs in the thread that waits, and needs the
    lock that this thread may hold.
    """

    def __init__(self) -> None:
        self._requested = False

    def on_signals(self) -> None:
        """Make SIGTERM and SIGINT end the loop after the current run."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.request)

    def wait(self, seconds: float) -> bool:
        """Wait, and return whether a stop was requested."""
        until = time.monotonic() + seconds
        while not self._requested and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _POLL_SECONDS))
        return self._requested

    def request(self, _number: int, _frame: FrameType | None = None) -> None:
        """Request a stop; called as a signal handler."""
        self._requested = True

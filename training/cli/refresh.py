"""`ymal refresh`: what came since the served version, into the next one."""

import signal
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Annotated, Final

import typer
from joblib import cpu_count

from training import release
from training.cli import metrics, options, outcome, output
from training.cli.counting import counted_first
from training.cli.inputs import InputPaths, moment_of, read
from training.cli.times import read_duration, read_moment
from training.config import Settings, load
from training.errors import BusyError, RefusedError, UsageError
from training.pipeline import count_unused_views, has_news
from training.pipeline import refresh as refresh_on
from training.progress import Stages
from training.records import utc
from training.served import load_served, publish, should_retrain, summary_of, watched_since

_LOOK_EVERY: Final = 0.1
"""Seconds between two looks at whether a loop shall stop."""


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
        typer.Option(
            "--every", metavar="TIME", help="Again and again, this far apart, until SIGTERM."
        ),
    ] = None,
    jobs: options.Jobs = None,
    force: options.Force = False,
    why: options.Reason = "",
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Take in what came since the served version, and publish the next one."""
    settings = load(config)
    directory = settings.artifacts(artifacts)
    if every and now:
        raise UsageError("--every and --now exclude each other: a loop goes by the newest view")
    pause = read_duration("--every", every) / 1e6 if every else None
    if pause and force:
        raise UsageError("--every and --force exclude each other: no gate would be left")
    forced = outcome.reason_to_force(force=force, why=why)
    moment = read_moment(now) if now is not None else None
    cores = jobs or cpu_count()
    stop = Stop()
    if pause:
        stop.on_signals()
    while True:
        begun = time.monotonic()
        try:
            with metrics.reported(settings, "refresh", directory):
                with output.progress(quiet=quiet) as tell:
                    done = refresh_once(
                        settings,
                        InputPaths(articles, views, increments),
                        directory,
                        engine,
                        moment,
                        cores,
                        forced,
                        Stages(tell),
                    )
                _tell(done, directory, json=json)
        except (RefusedError, BusyError) as error:  # the next run may be served
            if pause is None:
                raise
            output.warn(str(error))
        if pause is None or stop.wait(max(0.0, begun + pause - time.monotonic())):
            return


@dataclass(frozen=True)
class Done:
    """What a refresh has done; nothing is published where nothing was new."""

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
) -> Done:
    """Refresh once, and tell what was done."""
    release.served_name(directory)
    release.check_writable(directory)
    with release.command_lock(directory, "refresh"):
        with stages("load"):
            served = load_served(directory, settings.config)
        inputs = counted_first(settings, inputs, directory, engine, now, stages)
        with stages("read"):
            known = served.state.catalogue
            since = served.state.time
            site = read(settings, inputs, directory, known.ids, known.urls, since)
        if now is not None and now < served.state.time:
            raise UsageError(
                f"--now {utc(now)} lies before {utc(served.state.time)}, which version "
                f"{served.name} has reached: name a later time, or leave --now out"
            )
        moment = max(moment_of(site, now), served.state.time)
        if served.recommendations is not None and not has_news(site, served.state, moment):
            release.clean_up(directory, settings.config.versions)
            old = count_unused_views(site, served.state)
            return Done({"nothing_new": True, "version": served.name, "before_cut": old})
        run = refresh_on(
            site, served.state, served.recommendations, moment, jobs=jobs, stages=stages
        )
        watched = watched_since(served, run)
        published = publish(
            run,
            site,
            directory,
            stages,
            command="refresh",
            base=served,
            watched=watched,
            forced=forced,
        )
    summary = {
        "nothing_new": False,
        **summary_of(published, run, site, stages),
        "watched": watched,
        "retrain": should_retrain(run, watched),
    }
    return Done(summary, published)


def _tell(done: Done, directory: Path, *, json: bool) -> None:
    output.result(done.summary, json=json)
    if done.summary.get("retrain"):
        output.warn("the model is worth less than when it was learned: retrain (ymal train)")
    output.warn_of_overrides(directory)
    if done.published is not None:
        outcome.check_served(done.published)


class Stop:
    """Whether a signal has asked to stop.

    No `threading.Event`: a handler that sets it while the same thread begins to wait for it stops
    for ever at the lock that both take.
    """

    def __init__(self) -> None:
        self._asked = False

    def on_signals(self) -> None:
        """Let SIGTERM and SIGINT end the loop after the run at hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.ask)

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether it was asked for."""
        until = time.monotonic() + seconds
        while not self._asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_EVERY))
        return self._asked

    def ask(self, _number: int, _frame: FrameType | None = None) -> None:
        """Ask, as a signal's handler does."""
        self._asked = True

"""`ymal tune`: search for settings that predict a site's clicks better."""

import json as json_text
import math
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from joblib import cpu_count

from training.cli import options, output
from training.cli.inputs import InputPaths, read_past
from training.cli.times import read_duration, read_moment
from training.config import load
from training.data import default_now
from training.errors import UsageError
from training.metrics.definitions import HITS
from training.progress import Stages
from training.records import quantity, utc
from training.report.evaluate import check_interval
from training.report.figures import finite
from training.report.formatting import format_duration
from training.tuning.search import DEFAULT_METRIC, INTERRUPTED, Budget, SettingFigures, TuningResult
from training.tuning.search import tune as search
from training.tuning.space import Setting, read_keys


def tune(
    config: options.ConfigFile = None,
    articles: options.ArticleFiles = None,
    views: options.ViewFiles = None,
    now: options.Now = None,
    keys: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY[=VALUES]",
            help="Key to tune, and the values to try, written as in TOML with commas between them; "
            "may be repeated. [default: days, discount, penalty, half-lives, candidates, terms]",
        ),
    ] = None,
    test: Annotated[
        str,
        typer.Option(metavar="TIME", help="Last days, which the search does not use."),
    ] = "7d",
    last: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="Days before the test: the first half chooses a setting, the second confirms it.",
        ),
    ] = "7d",
    every: Annotated[str, typer.Option(metavar="TIME", help="Refresh interval.")] = "1h",
    metric: Annotated[
        str, typer.Option(metavar="METRIC", help="Metric to improve.")
    ] = DEFAULT_METRIC,
    runs: Annotated[
        int,
        typer.Option(min=2, metavar="N", help="Replay at most N settings, the config included."),
    ] = 40,
    minutes: Annotated[
        float | None,
        typer.Option(min=0, metavar="N", help="Start no replay after N minutes."),
    ] = None,
    jobs: options.Jobs = None,
    quiet: options.Quiet = False,
    json: options.Json = False,
) -> None:
    """Search for better settings on past days, and confirm them."""
    settings = load(config)
    space = read_keys(keys or (), settings.config)
    if metric not in HITS:
        raise UsageError(f"--metric {metric}: cannot be improved; choose one of {', '.join(HITS)}")
    held_out, tuning, interval = (
        read_duration(option, text)
        for option, text in (("--test", test), ("--last", last), ("--every", every))
    )
    check_interval(interval)
    with output.show_progress(quiet=quiet) as show:
        stages = Stages(show)
        with stages("read"):
            site = read_past(settings, InputPaths(articles, views))
        end = read_moment(now) if now is not None else default_now(site)
        tuned = search(
            site,
            test=end - held_out,
            last=tuning,
            every=interval,
            space=space,
            budget=Budget(runs, math.inf if minutes is None else 60 * minutes),
            metric=metric,
            jobs=jobs or cpu_count(),
            stages=stages,
        )
    if json:
        output.print_json(_as_json(tuned))
    else:
        print_report(tuned)
    if tuned.ended == INTERRUPTED:
        raise KeyboardInterrupt


def print_report(tuned: TuningResult) -> None:
    """Print the table of the settings tried, and the proposed config."""
    output.print_facts(
        {
            "metric": f"{tuned.metric}, every {format_duration(tuned.every)}",
            "chosen on": f"{utc(tuned.start)} to {utc(tuned.middle)}",
            "confirmed on": f"{utc(tuned.middle)} to {utc(tuned.end)}",
            "kept for the test": f"{utc(tuned.end)} and later",
            "tried": f"{quantity(len(tuned.tried), 'setting')}; {tuned.ended}",
        }
    )
    output.print_line()
    output.print_table([[tuned.metric, "difference", "95 %", "change"], *map(_row, tuned.tried)])
    output.print_line()
    output.print_line(f"# {_verdict(tuned)}")
    for line in as_toml(tuned.proposed):
        output.print_line(line)


def _row(tried: SettingFigures) -> list[str]:
    figures = [f"{tried.figure:.4f}", f"{tried.difference:+.4f}", _interval(tried.ci)]
    return [*figures, _as_text(tried.setting) or "none"]


def _interval(ci: tuple[float, float]) -> str:
    return f"{ci[0]:+.4f} to {ci[1]:+.4f}"


def _as_text(setting: Setting) -> str:
    return ", ".join(f"{key} = {_toml(value)}" for key, value in setting.items())


def _verdict(tuned: TuningResult) -> str:
    """Return the conclusion, on one line."""
    if tuned.ended == INTERRUPTED:
        best = _as_text(tuned.chosen) or "the config"
        return f"Interrupted, and not confirmed. The best so far: {best}."
    if tuned.confirmed is None:
        return "Keep the config: no setting gained more than one standard error."
    found = tuned.confirmed
    what = (
        f"{tuned.metric} {found.default:.4f} to {found.figure:.4f} on the later days "
        f"({_interval(found.ci)})"
    )
    if tuned.proposed:
        return f"Change the config: {what}."
    return f"Keep the config: {_as_text(tuned.chosen)} is not confirmed, {what}."


def as_toml(setting: Setting) -> list[str]:
    """Format settings as the lines of sections of `ymal.toml`."""
    lines = []
    for section, keys in groupby(sorted(setting), lambda key: key.partition(".")[0]):
        lines += ["", f"[{section}]"]
        lines += [f"{key.partition('.')[2]} = {_toml(setting[key])}" for key in keys]
    return lines


def _toml(value: object) -> str:
    return json_text.dumps(value, ensure_ascii=False)


def _as_json(tuned: TuningResult) -> object:
    times = {name: utc(getattr(tuned, name)) for name in ("start", "middle", "end")}
    values = {**asdict(tuned), **times, "every": format_duration(tuned.every)}
    return finite({**values, "proposed": dict(tuned.proposed)})

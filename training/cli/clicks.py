"""`ymal evaluate --served`: click-through of the served recommendations."""

from collections.abc import Mapping
from pathlib import Path

from recommender.blocks import BLOCKS
from training.cli import output
from training.cli.times import read_duration, read_moment
from training.config import Settings
from training.data import default_now
from training.errors import UsageError
from training.metrics.click_through import ClickThrough, measure_click_through
from training.progress import Stages
from training.records import Site


def measure(
    settings: Settings,
    site: Site,
    artifacts: Path | None,
    *,
    now: str | None,
    last: str,
    blocks: str | None,
    stages: Stages,
) -> ClickThrough:
    """Measure click-through of the recommendations served from the artifacts directory."""
    shown = tuple(blocks.split(",")) if blocks else tuple(b.key for b in settings.config.page)
    for block in shown:
        if block not in BLOCKS:
            raise UsageError(f"--blocks {block}: no such block; choose from {', '.join(BLOCKS)}")
    return measure_click_through(
        site,
        settings.artifacts(artifacts),
        now=read_moment(now) if now is not None else default_now(site),
        last=read_duration("--last", last),
        blocks=shown,
        stages=stages,
    )


def check_mode(others: Mapping[str, object], *, served: bool) -> None:
    """Refuse options of the other mode: of a replay with `--served`, else of `--served`."""
    given = [name for name, value in others.items() if value]
    if given and served:
        raise UsageError(f"{given[0]} and --served exclude each other; leave one out")
    if given:
        raise UsageError(f"{given[0]} needs --served; add it, or leave {given[0]} out")


def print_report(report: ClickThrough) -> None:
    """Print the counts and the table."""
    output.print_facts({"views": report.views, "clicks": report.clicks})
    output.print_table(report.table())

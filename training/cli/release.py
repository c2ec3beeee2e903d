"""`ymal publish`, `rollback`, `hold` and `release`: choose the served version by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from training import release
from training.cli import options, output


def publish(
    version: Annotated[
        str, typer.Argument(metavar="VERSION", help="Name of a version, as in ymal versions.")
    ],
    why: options.Reason = "",
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Serve a version, even a refused or held one, and lift a hold."""
    directory = options.artifacts_of(config, artifacts)
    before = release.serve_version(directory, version, why)
    _report(directory, {"served": version, "before": before}, json=json)


def rollback(
    why: options.Reason = "",
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Serve the previous version, and set a hold.

    Later versions are not served until `ymal release`.
    """
    directory = options.artifacts_of(config, artifacts)
    before, now, skipped = release.roll_back(directory, why)
    for damage in skipped:
        output.warn(damage)
    held = str(release.read_hold(directory))
    _report(directory, {"served": now, "before": before, "hold": held}, json=json)


def hold(
    why: options.Reason = "",
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Set a hold: later versions are not served until a release."""
    directory = options.artifacts_of(config, artifacts)
    held = release.set_hold(directory, why)
    output.print_result({"served": release.served_name(directory), "hold": str(held)}, json=json)


def lift(
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Lift the hold, so that the next version is served again."""
    directory = options.artifacts_of(config, artifacts)
    held = release.lift_hold(directory)
    lifted = None if held is None else str(held)
    if json:
        output.print_json({"lifted": lifted})
    else:
        output.print_line(f"hold lifted; it was {lifted}" if lifted else "no hold was set")


def _report(directory: Path, facts: Mapping[str, str | None], *, json: bool) -> None:
    """Print what is served now, and warn if its state is gone."""
    output.print_result(facts, json=json)
    name = facts["served"]
    if not any(v.name == name and v.state_bytes for v in release.list_versions(directory)):
        output.warn(
            f"version {name} is served, but its state is gone; run ymal train before the next "
            "ymal refresh"
        )

"""`ymal publish`, `rollback`, `hold` and `release`: choose the served version by hand."""

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
    """Serve a version, even one that was refused or held, and lift a hold."""
    directory = options.artifacts_of(config, artifacts)
    before = release.serve_version(directory, version, why)
    output.result({"served": version, "before": before}, json=json)
    _warn_of_state(release.list_versions(directory), version)


def rollback(
    why: options.Reason = "",
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Serve the previous version, and hold: later runs are not served until `ymal release`."""
    directory = options.artifacts_of(config, artifacts)
    before, now, skipped = release.roll_back(directory, why)
    for damage in skipped:
        output.warn(damage)
    output.result(
        {"served": now, "before": before, "hold": str(release.read_hold(directory))}, json=json
    )
    _warn_of_state(release.list_versions(directory), now)


def hold(
    why: options.Reason = "",
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Keep what is served: later runs write versions that are not served until `ymal release`."""
    directory = options.artifacts_of(config, artifacts)
    held = release.set_hold(directory, why)
    output.result({"served": release.served_name(directory), "hold": str(held)}, json=json)


def lift(
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Lift a hold, so that the next run is served again."""
    directory = options.artifacts_of(config, artifacts)
    held = release.lift_hold(directory)
    lifted = None if held is None else str(held)
    if json:
        output.say_json({"lifted": lifted})
    else:
        output.say(f"hold lifted; it was {lifted}" if lifted else "no hold was set")


def _warn_of_state(found: list[release.VersionSummary], name: str) -> None:
    if not any(version.name == name and version.state_bytes for version in found):
        output.warn(
            f"version {name} is served, but its state is gone; run ymal train before the next "
            "ymal refresh"
        )

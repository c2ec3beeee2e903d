"""`ymal publish`, `rollback`, `hold` and `release`: what is served, decided by hand."""

from typing import Annotated

import typer

from training import release
from training.cli import options, output


def publish(
    version: Annotated[str, typer.Argument(metavar="VERSION", help="See ymal versions.")],
    why: options.Reason = "",
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Serve a version, also one that was refused or held; a hold is lifted."""
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
    """Serve the version before, and hold: later runs write, and are served after `ymal release`."""
    directory = options.artifacts_of(config, artifacts)
    before, now, passed = release.roll_back(directory, why)
    for damage in passed:
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
    """Hold what is served: later runs write their versions, and are served after `ymal release`."""
    directory = options.artifacts_of(config, artifacts)
    held = release.set_hold(directory, why)
    output.result({"served": release.served_name(directory), "hold": str(held)}, json=json)


def lift(
    config: options.ConfigFile = None,
    artifacts: options.Artifacts = None,
    json: options.Json = False,
) -> None:
    """Lift a hold: what the next run writes is served again."""
    directory = options.artifacts_of(config, artifacts)
    held = release.lift_hold(directory)
    lifted = None if held is None else str(held)
    if json:
        output.say_json({"lifted": lifted})
    else:
        output.say(f"lifted: {lifted}" if lifted else "nothing was held")


def _warn_of_state(found: list[release.VersionSummary], name: str) -> None:
    if not any(version.name == name and version.state_bytes for version in found):
        output.warn(
            f"the state of version {name} is gone: it is served, and the next version comes from "
            "ymal train, not from ymal refresh"
        )

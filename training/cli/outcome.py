"""How a run that writes a version ends: served, held, or refused."""

from collections.abc import Mapping

from training.cli import output
from training.errors import RefusedError, UsageError
from training.release import Published


def reason_to_force(*, force: bool, why: str) -> str | None:
    """Give why a version is to be served whatever the gate says; None where nobody asks for it.

    Raises
    ------
    UsageError
        If one of the two options lacks the other.
    """
    if force != bool(why):
        raise UsageError("--force and --why belong together: say why the gate is passed over")
    return why if force else None


def tell(summary: Mapping[str, object], *, json: bool) -> None:
    """Print what a run has done."""
    if json:
        output.say_json(summary)
    else:
        output.facts(summary)


def refusal(published: Published) -> str:
    """Say why a version is not served, on one line; "" where it is, or is only held."""
    standing = published.standing
    if not standing.refused:
        return ""
    return (
        f"version {published.name} was written, and is not served: {'; '.join(standing.outside)}; "
        f"see ymal diff {standing.follows} {published.name}; ymal publish {published.name} serves "
        "it all the same"
    )


def check_served(published: Published) -> None:
    """Warn where a hold keeps a version from being served; raise where the gate does.

    Raises
    ------
    RefusedError
        If it was refused.
    """
    held = published.standing.held
    if held is not None:
        output.warn(
            f"version {published.name} was written, and is not served: {held}; ymal release lifts "
            "the hold"
        )
    if published.standing.refused:
        raise RefusedError(refusal(published))

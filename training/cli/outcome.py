"""How a run that writes a version ends: served, held, or refused."""

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


def check_served(published: Published) -> None:
    """Warn where a hold keeps a version from being served; raise where the gate does.

    Raises
    ------
    RefusedError
        If it was refused.
    """
    name, standing = published.name, published.standing
    told = f"version {name} was written, and is not served"
    if standing.held is not None:
        output.warn(f"{told}: {standing.held}; ymal release lifts the hold")
    if standing.refused:
        raise RefusedError(
            f"{told}: {'; '.join(standing.outside)}; see ymal diff {standing.follows} {name}; ymal "
            f"publish {name} serves it all the same"
        )

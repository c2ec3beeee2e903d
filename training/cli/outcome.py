"""How a command that publishes ends: its version is served, held or refused."""

from training.cli import output
from training.errors import RefusedError, UsageError
from training.release import Published


def reason_to_force(*, force: bool, why: str) -> str | None:
    """Return the reason to serve a version that the gate refuses; None without --force.

    Raises
    ------
    UsageError
        If one of --force and --why is given without the other.
    """
    if force != bool(why):
        raise UsageError("--force and --why belong together; give the reason by --why")
    return why if force else None


def check_served(published: Published) -> None:
    """Warn if a hold keeps a version from being served; raise if the gate does.

    Raises
    ------
    RefusedError
        If the gate refused it.
    """
    name, decision = published.name, published.decision
    written = f"version {name} was written but is not served"
    if decision.held is not None:
        output.warn(f"{written}: {decision.held}; ymal release lifts the hold")
    if decision.refused:
        raise RefusedError(
            f"{written}: {'; '.join(decision.outside)}. Compare by ymal diff {decision.follows} "
            f"{name}; serve it by ymal publish {name}"
        )

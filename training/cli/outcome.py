"""End a command that publishes: its version is served, held or refused."""

from training.cli import output
from training.errors import RefusedError, UsageError
from training.release import Published


def reason_to_force(*, force: bool, why: str) -> str | None:
    """Return the reason for serving a version despite the gate, or None without --force.

    Raises
    ------
    UsageError
        If only one of --force and --why is given.
    """
    if force != bool(why):
        raise UsageError("--force and --why belong together; give the reason by --why")
    return why if force else None


def check_served(published: Published) -> None:
    """Warn if a hold prevents serving a version; raise if the gate refused it.

    Raises
    ------
    RefusedError
        If the gate refused the version.
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

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
    not_served = f"version {name} was written but is not served"
    if decision.held is not None:
        output.warn(f"{not_served}: {decision.held}; ymal release lifts the hold")
    if decision.refused:
        why = "; ".join(decision.outside)
        compare = f"Compare by ymal diff {decision.follows} {name}; " if decision.follows else ""
        insist = f"serve it by ymal publish {name}"
        if not decision.follows:
            insist = f"Correct it and train again, or {insist} nevertheless"
        raise RefusedError(f"{not_served}: {why}. {compare}{insist}")

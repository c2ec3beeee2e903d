"""The gate's decision on a version, as its manifest records it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class GateDecision:
    """The decision on a version when it was written.

    Attributes
    ----------
    follows : the version served before it, to which `ymal rollback` returns, or None.
    figures : its figures, compared with those of that version.
    outside : the violated bounds, a line each.
    forced : why it was served nevertheless; None if nobody forced it.
    held : the hold in force when it was written, or None.
    """

    follows: str | None = None
    figures: Mapping[str, float] | None = None
    outside: tuple[str, ...] = ()
    forced: str | None = None
    held: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the gate refused it."""
        return bool(self.outside) and self.forced is None

    @property
    def may_serve(self) -> bool:
        """Whether it was served when it was written."""
        return not self.refused and self.held is None

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "GateDecision":
        """Read the decision from a manifest's fields; a version without it was served.

        A damaged field counts as held, so that only a person can serve the version again.
        """
        match fields.get("standing"):
            case None:
                return cls()
            case {
                "follows": str() | None as follows,
                "figures": dict(figures),
                "outside": list(outside),
                "forced": str() | None as forced,
                "held": str() | None as held,
            } if all(type(value) in (int, float) for value in figures.values()):
                return cls(follows, figures, tuple(map(str, outside)), forced, held)
            case _:
                return cls(held="standing in its manifest cannot be read")

    def as_dict(self) -> dict[str, object]:
        """Return the manifest's field `standing`."""
        return {
            "follows": self.follows,
            "figures": dict(self.figures or {}),
            "outside": list(self.outside),
            "forced": self.forced,
            "held": self.held,
        }

"""Systems: whatever makes lists, seen from the replay."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from training.readers import Increments
from training.records import Bool, Catalogue, Float64, Int32, Int64, Window
from training.texts import Texts


@dataclass(frozen=True, kw_only=True)
class Step(Window):
    """A window of the replay, and what it adds.

    Attributes
    ----------
    increments : what the views of the window add, causal limits applied; the same for all systems.
    arrived : int32 rows of the articles that became known in the window.
    """

    increments: Increments
    arrived: Int32


@runtime_checkable
class SessionSystem(Protocol):
    """A system whose lists depend on what the reader opened on the visit, not on the source alone.

    It is a `System` else, whose `lists` nobody asks.
    """

    def lists_for(self, opened: Int32, eligible: Bool, n: int) -> Int32:
        """Make a list for each visit, as `System.lists`; `opened` int32[t, v], the latest first."""


@runtime_checkable
class OpenSystem(Protocol):
    """A system that says what stands behind the lists it gave last; it is a `System` else."""

    @property
    def scores(self) -> npt.NDArray[np.float32]:
        """float32[s, n], the probability of each item of those lists; NaN where there is none."""

    def why(self, source: Int32, target: Int32) -> npt.NDArray[np.int8]:
        """Say why each target, eligible, is in the list of its source at no place.

        Returns
        -------
        int8[k]
            Index into `rows.MISSES`.
        """

    def parts(self, sources: Int32) -> dict[str, Float64]:
        """Say what each feature does for the first five of some lists; see `accounts.parts`."""


class System(Protocol):
    """Whatever makes lists. The replay calls `advance` in time order, then `lists` at each cut.

    One that has an attribute `apart`, and it is true, keeps nothing of a day over the midnight but
    what the increments say, so that days may be replayed side by side, each by a copy of it that
    was advanced to there. Such a copy sees no `Step.views`.
    """

    @property
    def name(self) -> str:
        """What the report calls it."""

    def advance(self, window: Step) -> None:
        """Take in a window; the clock stands at its end afterwards."""

    def lists(self, sources: Int32, eligible: Bool, n: int) -> Int32:
        """Make lists at the clock's time.

        Parameters
        ----------
        sources : int32[s] rows, distinct.
        eligible : bool[rows], what may stand in a list.
        n : int, the length wanted.

        Returns
        -------
        int32[s, n] rows, best first, never the source, none twice; -1 pads what is left open.
        """


@dataclass(frozen=True)
class Stage:
    """What every system is given before the first window.

    Attributes
    ----------
    catalogue : all articles of the site; a row is known only from `known[row]` on.
    known : int64[n] µs UTC.
    texts : vectors of all articles (a system must look at none before it is known).
    start : int, µs UTC: where the first window begins.
    """

    catalogue: Catalogue
    known: Int64
    texts: Texts
    start: int

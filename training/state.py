"""The state: everything that the next step needs, saved beside the version it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy.typing as npt

from recommender.manifest import ArtifactError
from training.readers import Open, Sums
from training.readers.increments import DayViews, OpenViews, PairCounts, ViewCounts
from training.readers.sums import Pairs
from training.records import Catalogue, Model
from training.storage import pack_strings, unpack_strings
from training.texts import Texts

Arrays = dict[str, npt.NDArray[Any]]

LAYOUT = 3
"""Changes whenever older code's states can no longer be carried on."""

_CATALOGUE = ("section", "published", "flags", "length", "digests", "touched")
_MODEL = ("knots", "values", "slopes", "centre", "spread")
_PER_ARTICLE = (
    "outflow",
    "inflow",
    "views",
    "first_view",
    "last_view",
    "total",
    "timed",
    "read_time",
)


@dataclass(frozen=True)
class State:
    """What is known at `time` (µs UTC): views in [its beginning, time) are in."""

    time: int
    catalogue: Catalogue
    texts: Texts
    sums: Sums
    open: Open
    model: Model

    def save(self) -> tuple[dict[str, object], Arrays]:
        """Give the state as JSON fields and arrays; `load` reads both back."""
        model = self.model
        described = {
            "kind": model.kind,
            "features": list(model.features),
            "base": model.base,
            "validation": model.validation,
        }
        arrays: Arrays = {
            **_catalogue_arrays(self.catalogue),
            **{f"texts_{name}": array for name, array in self.texts.arrays().items()},
            **_sums_arrays(self.sums),
            **self.open.views.arrays("open_session_"),
            **self.open.days.arrays("day_"),
            **{f"model_{name}": getattr(model, name) for name in _MODEL},
        }
        return {"layout": LAYOUT, "time": self.time, "model": described}, arrays

    @classmethod
    def load(cls, described: Mapping[str, Any], arrays: Arrays) -> "State":
        """Rebuild the state from what `save` gave.

        Raises
        ------
        ArtifactError
            If it was written by code with another layout.
        """
        if described.get("layout") != LAYOUT:
            raise ArtifactError(
                f"the state's layout is {described.get('layout')!r}, this ymal carries on "
                f"{LAYOUT}: run ymal train"
            )
        model = described["model"]
        return cls(
            time=described["time"],
            catalogue=_catalogue(arrays),
            texts=Texts.from_arrays(_behind("texts_", arrays)),
            sums=_sums(described["time"], arrays),
            open=Open(OpenViews.of(arrays, "open_session_"), DayViews.of(arrays, "day_")),
            model=Model(
                kind=model["kind"],
                features=model["features"],
                base=model["base"],
                validation=model["validation"],
                **{name: arrays[f"model_{name}"] for name in _MODEL},
            ),
        )


def _behind(prefix: str, arrays: Arrays) -> Arrays:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _catalogue_arrays(catalogue: Catalogue) -> Arrays:
    arrays: Arrays = {name: getattr(catalogue, name) for name in _CATALOGUE}
    for name in ("ids", "titles", "urls", "section_names"):
        arrays[name], arrays[f"{name}_ends"] = pack_strings(getattr(catalogue, name))
    return arrays


def _catalogue(arrays: Arrays) -> Catalogue:
    def texts(name: str) -> list[str]:
        return unpack_strings(arrays[name], arrays[f"{name}_ends"])

    return Catalogue(
        texts("ids"),
        texts("titles"),
        texts("urls"),
        section=arrays["section"],
        section_names=texts("section_names"),
        published=arrays["published"],
        flags=arrays["flags"],
        length=arrays["length"],
        digests=arrays["digests"],
        touched=arrays["touched"],
    )


def _sums_arrays(sums: Sums) -> Arrays:
    return {
        **{name: getattr(sums, name) for name in _PER_ARTICLE},
        **{f"base_{f.name}": getattr(sums.base, f.name) for f in fields(Pairs)},
        **{f"today_{f.name}": getattr(sums.today, f.name) for f in fields(Pairs)},
        **sums.open_pairs.arrays("open_pair_"),
        **sums.open_views.arrays("open_view_"),
    }


def _sums(time: int, arrays: Arrays) -> Sums:
    return Sums(
        time=time,
        base=Pairs(arrays["base_keys"], arrays["base_sums"]),
        today=Pairs(arrays["today_keys"], arrays["today_sums"]),
        open_pairs=PairCounts.of(arrays, "open_pair_"),
        open_views=ViewCounts.of(arrays, "open_view_"),
        **{name: arrays[name] for name in _PER_ARTICLE},
    )

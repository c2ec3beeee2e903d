"""The state: all that the next step needs, saved beside the version that it belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt

from recommender.manifest import ArtifactError
from training.errors import OutputError
from training.readers import OpenSessions, Sums
from training.readers.pair_sums import PairSums
from training.readers.sums import PER_ARTICLE
from training.readers.tables import OpenSessionViews, PairCounts, ReaderDayViews, Table, ViewCounts
from training.records import Catalogue, Int64, Model
from training.strings import StringArray
from training.texts import Texts

Arrays = dict[str, npt.NDArray[Any]]

LAYOUT = 4
"""Number of the layout; it changes when states of older code can no longer be read."""

_CATALOGUE = ("section", "language", "published", "flags", "length", "digests", "touched")
_MODEL = ("knots", "values", "slopes", "centre", "spread")

_SHAPES: Final = {
    **dict.fromkeys(("published", "digests", "touched"), "<i8 n"),
    **dict.fromkeys(("section", "language", "length"), "<i4 n"),
    **dict.fromkeys(("first_view", "last_view", "total"), "<i8 n"),
    **dict.fromkeys(("timed", "read_time", "discount"), "<i8 n"),
    **dict.fromkeys(("outflow", "inflow"), "<f8 n h"),
    "flags": "|u1 n",
    "former_rows": "<i4 a",
    "views": "<f8 n l",
    "texts_frequencies": "<i4 v",
    "texts_documents": "<i8 1",
    "texts_terms": "<i4 t",
    "texts_weights": "<f4 t",
    "texts_twin": "<i4 n",
    "texts_notices": "<u8 q",
    "base_keys": "<i8 b",
    "base_sums": "<f8 b h",
    "today_keys": "<i8 d",
    "today_sums": "<f8 d h",
    **dict.fromkeys(("model_knots", "model_values"), "<f8 f k"),
    **dict.fromkeys(("model_centre", "model_spread"), "<f8 c"),
    "model_slopes": "<f8 f+1 c",
}
"""Type and shape of the arrays that are not in `_TABLES` or `_OFFSETS`; equal letters are equal
sizes."""

_OFFSETS: Final = {
    "ids_ends": ("ids", "n"),
    "titles_ends": ("titles", "n"),
    "urls_ends": ("urls", "n"),
    "extras_ends": ("extras", "n"),
    "former_urls_ends": ("former_urls", "a"),
    "section_names_ends": ("section_names", "m"),
    "language_names_ends": ("language_names", "g"),
    "texts_vocabulary_ends": ("texts_vocabulary", "v"),
    "texts_starts": ("texts_terms", "n"),
}
"""For each array of offsets, the array that it divides and the letter of the number of parts."""

_TABLES: Final[dict[str, type[Table]]] = {
    "open_session_": OpenSessionViews,
    "day_": ReaderDayViews,
    "open_pair_": PairCounts,
    "open_view_": ViewCounts,
}

_ROWS: Final = {
    "former_rows": (0, "n"),
    "section": (-1, "m"),
    "language": (-1, "g"),
    "texts_terms": (0, "v"),
    "texts_twin": (0, "n"),
    "open_session_article": (0, "n"),
    "open_pair_source": (0, "n"),
    "open_pair_target": (0, "n"),
    "open_view_article": (0, "n"),
}
"""For each array of rows or codes, the smallest value and the letter of the exclusive limit."""

_CHUNK_KEYS: Final = 1 << 18
"""Keys checked at a time, which fit the processor's cache."""

_OPTIONAL: Final = {"discount": "total", "open_view_discount": "open_view_views"}
"""Arrays that are not written where all values are 0, and an array of the same length for each."""

_IF_ANY: Final[Arrays] = {
    "texts_notices": np.zeros(0, np.uint64),
    "former_rows": np.zeros(0, np.int32),
    "former_urls": np.zeros(0, np.uint8),
    "former_urls_ends": np.zeros(1, np.int64),
}
"""Arrays that are not written where they would be these."""

_STORED_MODELS: Final = ("prior", "learned")
"""Kinds of models that consist of arrays only, so that a state can store them."""


@dataclass(frozen=True)
class State:
    """All that is known at `time` (µs UTC); views from then on are not in."""

    time: int
    catalogue: Catalogue
    texts: Texts
    sums: Sums
    open: OpenSessions
    model: Model

    def save(self) -> tuple[dict[str, object], Arrays]:
        """Return the state as JSON fields and arrays; `load` reads both back.

        Raises
        ------
        OutputError
            If model or texts come from another class than ours, as of scikit-learn.
        """
        model = self.model
        if model.kind not in _STORED_MODELS:
            raise OutputError(
                f"the model is a {model.kind}, which a version cannot store: nothing is pickled, "
                "and explain needs a model whose parts add up. Use it only in the replay or a "
                "notebook"
            )
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
        for name in _OPTIONAL:
            if not arrays[name].any():
                del arrays[name]
        return {"layout": LAYOUT, "time": self.time, "model": described}, arrays

    @classmethod
    def load(cls, described: Mapping[str, Any], arrays: Arrays) -> "State":
        """Rebuild the state from the fields and arrays of `save`.

        Raises
        ------
        ArtifactError
            If its layout is another, or anything is missing or does not fit.
        """
        if described.get("layout") != LAYOUT:
            raise ArtifactError(
                f"the state's layout is {described.get('layout')!r}, but this release of "
                f"ymal continues {LAYOUT}; run ymal train"
            )
        _check_described(described)
        arrays = {**_IF_ANY, **arrays}
        for name, like in _OPTIONAL.items():
            if name not in arrays and like in arrays:
                arrays = {**arrays, name: np.zeros_like(arrays[like])}
        _check_arrays(arrays)
        model = described["model"]
        try:
            catalogue, texts = _catalogue(arrays), Texts.from_arrays(_with_prefix("texts_", arrays))
        except UnicodeDecodeError:
            _refuse("strings are not all UTF-8")
        if len(texts.vocabulary) != len(texts.frequencies):
            _refuse("terms are not distinct")
        if len(model["features"]) != len(arrays["model_knots"]):
            _refuse("model does not have a curve for each feature")
        return cls(
            time=described["time"],
            catalogue=catalogue,
            texts=texts,
            sums=_sums(described["time"], arrays),
            open=OpenSessions(
                OpenSessionViews.of(arrays, "open_session_"), ReaderDayViews.of(arrays, "day_")
            ),
            model=Model(
                kind=model["kind"],
                features=model["features"],
                base=model["base"],
                validation=model["validation"],
                **{name: arrays[f"model_{name}"] for name in _MODEL},
            ),
        )


def _with_prefix(prefix: str, arrays: Arrays) -> Arrays:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


def _catalogue_arrays(catalogue: Catalogue) -> Arrays:
    arrays: Arrays = {name: getattr(catalogue, name) for name in _CATALOGUE}
    texts = {name: getattr(catalogue, name) for name in ("titles", "urls", "extras")}
    if len(catalogue.former_rows):
        arrays["former_rows"], texts["former_urls"] = catalogue.former_rows, catalogue.former_urls
    for name in ("ids", "section_names", "language_names"):
        texts[name] = StringArray.of(getattr(catalogue, name))
    for name, strings in texts.items():
        arrays[name], arrays[f"{name}_ends"] = strings.blob, strings.ends
    return arrays


def _catalogue(arrays: Arrays) -> Catalogue:
    def texts(name: str) -> StringArray:
        strings = StringArray(arrays[name], arrays[f"{name}_ends"])
        if not strings.valid:
            _refuse("strings are not all UTF-8")
        return strings

    return Catalogue(
        ids=list(texts("ids")),
        titles=texts("titles"),
        urls=texts("urls"),
        extras=texts("extras"),
        section=arrays["section"],
        section_names=list(texts("section_names")),
        language=arrays["language"],
        language_names=list(texts("language_names")),
        published=arrays["published"],
        flags=arrays["flags"],
        length=arrays["length"],
        digests=arrays["digests"],
        touched=arrays["touched"],
        former_rows=arrays["former_rows"],
        former_urls=texts("former_urls"),
    )


def _sums_arrays(sums: Sums) -> Arrays:
    return {
        **{name: getattr(sums, name) for name in PER_ARTICLE},
        **{f"base_{f.name}": getattr(sums.base, f.name) for f in fields(PairSums)},
        **{f"today_{f.name}": getattr(sums.today, f.name) for f in fields(PairSums)},
        **sums.open_pairs.arrays("open_pair_"),
        **sums.open_views.arrays("open_view_"),
    }


def _sums(time: int, arrays: Arrays) -> Sums:
    return Sums(
        time=time,
        base=PairSums(arrays["base_keys"], arrays["base_sums"]),
        today=PairSums(arrays["today_keys"], arrays["today_sums"]),
        open_pairs=PairCounts.of(arrays, "open_pair_"),
        open_views=ViewCounts.of(arrays, "open_view_"),
        **{name: arrays[name] for name in PER_ARTICLE},
    )


def _refuse(what: str) -> NoReturn:
    raise ArtifactError(f"the state's {what}; restore it from a copy, or run ymal train")


def _check_described(described: Mapping[str, Any]) -> None:
    match described:
        case {
            "time": int(),
            "model": {
                "kind": str(),
                "features": list(features),
                "base": int() | float(),
                "validation": dict(),
            },
        } if all(isinstance(feature, str) for feature in features):
            return
    _refuse("manifest has no time or no model")


def _check_arrays(arrays: Arrays) -> None:
    """Check that all arrays are there and fit together, with rows and offsets within range."""
    sizes: dict[str, int] = {"1": 1}
    shapes = {
        **_SHAPES,
        **{ends: f"<i8 {parts}+1" for ends, (_, parts) in _OFFSETS.items()},
        **{name: f"|u1 {name}" for name, _ in _OFFSETS.values() if name != "texts_terms"},
        **{
            name: f"{column.dtype.str} {prefix}"
            for prefix, table in _TABLES.items()
            for name, column in table.empty().arrays(prefix).items()
        },
    }
    for name, shape in shapes.items():
        if name not in arrays or not _has_shape(arrays[name], shape, sizes):
            _refuse(f"array {name} is missing, or has another type or shape")
        if arrays[name].dtype.kind == "f" and not _are_finite(arrays[name]):
            _refuse(f"array {name} has values that are not finite")
    for name, (divided, _) in _OFFSETS.items():
        ends = arrays[name]
        if (
            not len(ends)
            or ends[0] != 0
            or ends[-1] != len(arrays[divided])
            or (np.diff(ends) < 0).any()
        ):
            _refuse(f"array {name} does not ascend from 0 to the length of {divided}")
    for name, (low, size) in _ROWS.items():
        _check_rows(name, arrays[name], low, sizes[size])
    if (np.diff(arrays["former_rows"]) < 0).any():
        _refuse("array former_rows does not ascend")
    for name in ("base_keys", "today_keys"):
        _check_keys(name, arrays[name], sizes["n"])


def _check_keys(name: str, keys: Int64, articles: int) -> None:
    for begin in range(0, len(keys), _CHUNK_KEYS):
        part = keys[begin : begin + _CHUNK_KEYS + 1]
        if (part[1:] <= part[:-1]).any():
            _refuse(f"array {name} does not ascend")
        _check_rows(name, part & 0xFFFFFFFF, 0, articles)
    for rows in (keys[:1] >> 32, keys[-1:] >> 32):
        _check_rows(name, rows, 0, articles)


def _are_finite(values: npt.NDArray[Any]) -> bool:
    with np.errstate(all="ignore"):  # the sum of finite numbers is nearly always finite
        return bool(np.isfinite(values.sum()) or np.isfinite(values).all())


def _has_shape(array: npt.NDArray[Any], wanted: str, sizes: dict[str, int]) -> bool:
    """Return whether an array has a type and shape; a letter without a size gets one."""
    dtype, *letters = wanted.split()
    if array.dtype.str != dtype or array.ndim != len(letters):
        return False
    for length, letter in zip(array.shape, letters, strict=True):
        name, _, more = letter.partition("+")
        if sizes.setdefault(name, length - int(more or 0)) != length - int(more or 0):
            return False
    return True


def _check_rows(name: str, rows: npt.NDArray[Any], low: int, below: int) -> None:
    if len(rows) and not (low <= rows.min() and rows.max() < below):
        _refuse(f"array {name} has rows outside {low} … {below - 1}")

"""The gate: a version that differs too much from the served one is written, and not served."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from training.config import GateConfig
from training.records import HOUR
from training.release.comparison import TOP, compare_versions, firsts
from training.release.versions import manifest_number
from training.storage import Arrays

FEW_NEW: Final = 100
"""New articles that a site of any size may get at once."""

FEW_GONE: Final = 10
"""Articles that may be gone from a site of any size."""

LITTLE_WORTH: Final = 0.1
"""Gain over the prior below which a model's worth is mostly chance, and is not compared."""


@dataclass(frozen=True)
class Bound:
    """A figure that must stay within what the configuration says.

    Attributes
    ----------
    key : of `[gate]`, which holds the bound.
    figure : name of what is bounded.
    most : whether the bound is the largest allowed, or the least.
    told : what it means that the figure lies outside.
    """

    key: str
    figure: str
    most: bool
    told: str


BOUNDS: Final = (
    Bound("max_gone", "gone", True, "of the served articles are gone: is the articles file whole?"),
    Bound("max_new", "new", True, "more articles than are served: have their ids changed?"),
    Bound("min_items", "items_kept", False, "of the own items per list of the served version"),
    Bound("max_short", "short_more", True, "more lists with fewer than five own items"),
    Bound("min_overlap", "overlap", False, "of the served lists' first five stay"),
    Bound("max_one_story", "one_story_more", True, "more of the lists hold one and the same story"),
    Bound(
        "max_repeated", "repeated", True, "of the last hours' views open one story again: robots?"
    ),
    Bound("min_worth", "worth_kept", False, "of the served model's gain over the prior"),
    Bound("max_view_age", "view_age", True, "old is the newest view: is the log cut off?"),
    Bound(
        "max_unknown",
        "unknown_more",
        True,
        "more of a day's views are of unknown articles: is the articles file of today?",
    ),
)


def measure(fields: Mapping[str, Any], arrays: Arrays) -> dict[str, float]:
    """Give the figures of a version by itself.

    Parameters
    ----------
    fields, arrays
        As they are to be published: of the fields `now`, `model` and `traffic`.

    Returns
    -------
    dict
        `articles`; `items`, own items per list; `short`, share of lists with fewer than five;
        `one_story`, the largest share of lists with one story among the first five; `worth`, the
        model's gain over the prior; `repeated`, `unknown` and `view_age` (hours), of the traffic.
    """
    known, ends = arrays["key_rows"], arrays["list_ends"]
    lengths = np.diff(ends)[known]
    _, items = firsts(arrays)
    return {
        "articles": float(len(known)),
        "items": float(lengths.mean()) if len(known) else 0.0,
        "short": float((lengths < TOP).mean()) if len(known) else 0.0,
        "one_story": float(np.bincount(items, minlength=1).max() / max(1, (lengths > 0).sum())),
        "worth": _worth(fields),
        "repeated": manifest_number(fields, "traffic", "repeated") or 0.0,
        "unknown": manifest_number(fields, "traffic", "unknown") or 0.0,
        "view_age": _age(fields),
    }


def against(
    served: tuple[Mapping[str, Any], Arrays], made: tuple[Mapping[str, Any], Arrays]
) -> dict[str, float]:
    """Give the figures of a version that was made, and those by which it differs from the served.

    Returns
    -------
    dict
        As `measure`; and `gone` and `new`, shares of the served articles; `items_kept` and
        `worth_kept`, ratios; `short_more`, `one_story_more` and `unknown_more`, differences of
        shares; `overlap`, mean share of a served list's first five that stay.
    """
    before, after = measure(*served), measure(*made)
    found = compare_versions(served[1], made[1])
    articles = max(1.0, before["articles"])
    has_unknown_share = all(
        manifest_number(fields, "traffic", "unknown") is not None for fields, _ in (served, made)
    )
    return {
        **after,
        "gone": len(found.gone) / articles if len(found.gone) > FEW_GONE else 0.0,
        "new": len(found.new) / articles if len(found.new) > FEW_NEW else 0.0,
        "items_kept": _ratio(after["items"], before["items"]),
        "short_more": after["short"] - before["short"],
        "overlap": found.mean_overlap,
        "one_story_more": after["one_story"] - before["one_story"],
        "worth_kept": (after["worth"] / before["worth"] if before["worth"] > LITTLE_WORTH else 1.0),
        "view_age": _age(made[0], served[0]),
        "unknown_more": after["unknown"] - before["unknown"] if has_unknown_share else 0.0,
    }


def outside(figures: Mapping[str, float], config: GateConfig) -> tuple[str, ...]:
    """Say which figures lie outside their bounds, a line each."""
    lines = []
    for bound in BOUNDS:
        found, allowed = figures[bound.figure], config.bound(bound.key)
        if found > allowed if bound.most else found < allowed:
            told, key = f"{_written(bound, found)} {bound.told}", f"[gate] {bound.key}"
            lines.append(f"{told} ({key} is {_written(bound, allowed)})")
    return tuple(lines)


def _age(made: Mapping[str, Any], *before: Mapping[str, Any]) -> float:
    """Give the age in hours of the newest view, of the first that tells of one; 0 if none does."""
    told = (manifest_number(fields, "traffic", "newest_view") for fields in (made, *before))
    newest = next((time for time in told if time is not None), made["now"])
    return max(0.0, float(made["now"] - newest) / HOUR)


def _worth(fields: Mapping[str, Any]) -> float:
    """Give the model's gain over the prior, as a share of the prior's log loss."""
    loss, prior = (
        manifest_number(fields, "model", name) for name in ("log_loss", "log_loss_prior")
    )
    return 1 - loss / prior if loss and prior else 0.0


def _ratio(after: float, before: float) -> float:
    return after / before if before > 0 else 1.0


def _written(bound: Bound, value: float) -> str:
    return f"{value:.1f} h" if bound.figure == "view_age" else f"{value:.1%}"

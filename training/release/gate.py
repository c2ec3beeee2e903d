"""The gate: it does not serve a new version that differs too much from the served one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from training.config import GateConfig
from training.records import HOUR
from training.release.comparison import TOP, compare_versions, first_items
from training.release.versions import manifest_number
from training.storage import Contents

NEW_ARTICLES_ALLOWED: Final = 100
"""Number of new articles that is allowed on a site of any size."""

GONE_ARTICLES_ALLOWED: Final = 10
"""Number of lost articles that is allowed on a site of any size."""

MIN_GAIN_COMPARED: Final = 0.1
"""Minimum gain over the prior to compare: a smaller gain is mostly chance."""


@dataclass(frozen=True)
class GateBound:
    """A bound of the configuration on one figure.

    Attributes
    ----------
    key : key of `[gate]` that holds the bound.
    figure : name of the figure.
    is_maximum : whether the bound is the largest allowed value, or the smallest.
    message : meaning of a violation; follows the figure's value.
    """

    key: str
    figure: str
    is_maximum: bool
    message: str


BOUNDS: Final = (
    GateBound(
        "max_gone",
        "gone",
        True,
        "of the served articles are gone; check that the articles file is whole",
    ),
    GateBound(
        "max_new", "new", True, "more articles than are served; check that their ids are the same"
    ),
    GateBound("min_items", "items_kept", False, "of the served version's items per list"),
    GateBound("max_short", "short_more", True, "more of the lists have fewer than five items"),
    GateBound("min_overlap", "overlap", False, "of the first five items of the served lists stay"),
    GateBound(
        "max_one_story", "one_story_more", True, "more of the lists hold one and the same story"
    ),
    GateBound(
        "max_repeated",
        "repeated",
        True,
        "of the last hours' views open one story again; check for robots",
    ),
    GateBound(
        "min_worth", "worth_kept", False, "of the served model's gain over the prior is left"
    ),
    GateBound(
        "max_view_age",
        "view_age",
        True,
        "is the age of the newest view; check that the log is not cut off",
    ),
    GateBound(
        "max_unknown",
        "unknown_more",
        True,
        "more of a day's views name unknown articles; check that the articles file is today's",
    ),
)


def version_figures(version: Contents) -> dict[str, float]:
    """Return the figures of a single version.

    Parameters
    ----------
    version : Contents
        The version to publish; its fields `now`, `model` and `traffic` are used.

    Returns
    -------
    dict
        `articles`; `items`, items per list; `short`, share of lists with fewer than five;
        `one_story`, the largest share of lists that show the same story among their first five;
        `worth`, the model's log-loss gain over the prior; `repeated`, `unknown` and `view_age`
        (hours), of the traffic.
    """
    fields, arrays = version
    known, ends = arrays["key_rows"], arrays["list_ends"]
    lengths = np.diff(ends)[known]
    _, items = first_items(arrays)
    return {
        "articles": float(len(known)),
        "items": float(lengths.mean()) if len(known) else 0.0,
        "short": float((lengths < TOP).mean()) if len(known) else 0.0,
        "one_story": float(np.bincount(items, minlength=1).max() / max(1, (lengths > 0).sum())),
        "worth": _gain(fields),
        "repeated": manifest_number(fields, "traffic", "repeated") or 0.0,
        "unknown": manifest_number(fields, "traffic", "unknown") or 0.0,
        "view_age": _age(fields),
    }


def compare_figures(served: Contents, made: Contents) -> dict[str, float]:
    """Return the figures of a new version, and their differences from the served version's.

    Returns
    -------
    dict
        As `version_figures`, and: `gone` and `new`, shares of the served articles; `items_kept` and
        `worth_kept`, ratios; `short_more`, `one_story_more` and `unknown_more`, differences of
        shares; `overlap`, the mean share of a served list's first five items that are kept.
    """
    before, after = version_figures(served), version_figures(made)
    found = compare_versions(served.arrays, made.arrays)
    articles = max(1.0, before["articles"])
    has_unknown_share = all(
        manifest_number(fields, "traffic", "unknown") is not None for fields, _ in (served, made)
    )
    return {
        **after,
        "gone": len(found.gone) / articles if len(found.gone) > GONE_ARTICLES_ALLOWED else 0.0,
        "new": len(found.new) / articles if len(found.new) > NEW_ARTICLES_ALLOWED else 0.0,
        "items_kept": _ratio(after["items"], before["items"]),
        "short_more": after["short"] - before["short"],
        "overlap": found.mean_overlap,
        "one_story_more": after["one_story"] - before["one_story"],
        "worth_kept": (
            after["worth"] / before["worth"] if before["worth"] > MIN_GAIN_COMPARED else 1.0
        ),
        "view_age": _age(made.fields, served.fields),
        "unknown_more": after["unknown"] - before["unknown"] if has_unknown_share else 0.0,
    }


def violations(figures: Mapping[str, float], config: GateConfig) -> tuple[str, ...]:
    """Describe the violated bounds, a line each."""
    lines = []
    for bound in BOUNDS:
        found, allowed = figures[bound.figure], config.bound(bound.key)
        if found > allowed if bound.is_maximum else found < allowed:
            lines.append(
                f"{_format(bound, found)} {bound.message} "
                f"([gate] {bound.key} is {_format(bound, allowed)})"
            )
    return tuple(lines)


def _age(made: Mapping[str, Any], *before: Mapping[str, Any]) -> float:
    """Return the newest view's age in hours, from the first version that has it; 0 if none has."""
    times = (manifest_number(fields, "traffic", "newest_view") for fields in (made, *before))
    newest = next((time for time in times if time is not None), made["now"])
    return max(0.0, float(made["now"] - newest) / HOUR)


def _gain(fields: Mapping[str, Any]) -> float:
    """Return the model's gain over the prior, as a share of the prior's log loss."""
    loss, prior = (
        manifest_number(fields, "model", name) for name in ("log_loss", "log_loss_prior")
    )
    return 1 - loss / prior if loss and prior else 0.0


def _ratio(after: float, before: float) -> float:
    return after / before if before > 0 else 1.0


def _format(bound: GateBound, value: float) -> str:
    return f"{value:.1f} h" if bound.figure == "view_age" else f"{value:.1%}"

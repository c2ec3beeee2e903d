"""The gate: it does not serve a version that makes no sense, or differs too much from the served.

Some bounds hold for every version, also the first; the others compare with the served one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

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
    """A bound of the configuration on one figure; a figure that was not measured is within it.

    Attributes
    ----------
    key : key of `[gate]` that holds the bound.
    figure : name of the figure.
    is_maximum : whether the bound is the largest allowed value, or the smallest.
    message : meaning of a violation; follows the figure's value.
    remedy : what to do.
    seen_in : what shows the figure: the input alone, the version's lists, or a comparison with the
        served version. Bounds of the first two hold for every version.
    unit : how the figure is written.
    """

    key: str
    figure: str
    is_maximum: bool
    message: str
    remedy: str = ""
    seen_in: Literal["input", "lists", "comparison"] = "input"
    unit: Literal["share", "hours", "count"] = "share"

    def is_violated(self, figures: Mapping[str, float], config: GateConfig) -> bool:
        """Return whether the figure was measured and is outside."""
        found, allowed = figures.get(self.figure), config.bound(self.key)
        if found is None:
            return False
        return found > allowed if self.is_maximum else found < allowed

    def describe(
        self, figures: Mapping[str, float], config: GateConfig, causes: Mapping[str, str]
    ) -> str:
        """Describe the violation: the figure, its cause where it is known, what to do, the key."""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return (
            f"{self.describe_figure(figures, causes)}{remedy} "
            f"([gate] {self.key} is {self._format(config.bound(self.key))})"
        )

    def describe_figure(self, figures: Mapping[str, float], causes: Mapping[str, str]) -> str:
        """Describe the figure, and its cause where it is known."""
        cause = f": {causes[self.figure]}" if self.figure in causes else ""
        return f"{self._format(figures[self.figure])} {self.message}{cause}"

    def _format(self, value: float) -> str:
        match self.unit:
            case "share":
                return f"{value:.1%}"
            case "hours":
                return f"{value:.1f} h"
            case "count":
                return f"{value:,.0f}"


BOUNDS: Final = (
    GateBound(
        "min_matched",
        "matched",
        False,
        "of the views match an article",
        "name in views.article the column with the ids of articles.id, or set "
        'views.article_by = "url"; check that the articles file is whole',
    ),
    GateBound(
        "min_titled",
        "titled",
        False,
        "of the articles have a title",
        "name the column of the headline in articles.title",
    ),
    GateBound(
        "max_markup",
        "markup",
        True,
        "of the titles hold markup or JSON",
        "name a column with plain headlines in articles.title",
    ),
    GateBound(
        "min_readers",
        "readers",
        False,
        "readers have all recent views",
        "name in views.user the column that identifies readers",
        unit="count",
    ),
    GateBound(
        "max_one_reader",
        "one_reader",
        True,
        "of the recent views are by one reader",
        "name in views.user the column that identifies readers, or remove a robot from the log",
    ),
    GateBound(
        "min_eligible",
        "eligible",
        False,
        "articles may stand in a list",
        "check the publish times; raise lists.max_age, or set lists.undated = true",
        unit="count",
    ),
    GateBound(
        "max_one_first",
        "one_first",
        True,
        "of the active lists begin with one and the same story",
        "check the readers and the times of the views",
        seen_in="lists",
    ),
    GateBound(
        "max_repeated",
        "repeated",
        True,
        "of the last hours' views open one story again",
        "check for robots",
    ),
    GateBound(
        "max_view_age",
        "view_age",
        True,
        "is the age of the newest view",
        "check that the log is not cut off",
        unit="hours",
    ),
    GateBound(
        "max_gone",
        "gone",
        True,
        "of the served articles are gone",
        "check that the articles file is whole",
        seen_in="comparison",
    ),
    GateBound(
        "max_new",
        "new",
        True,
        "more articles than are served",
        "check that their ids are the same",
        seen_in="comparison",
    ),
    GateBound(
        "min_items",
        "items_kept",
        False,
        "of the served version's items per list",
        seen_in="comparison",
    ),
    GateBound(
        "max_short",
        "short_more",
        True,
        "more of the lists have fewer than five items",
        seen_in="comparison",
    ),
    GateBound(
        "min_overlap",
        "overlap",
        False,
        "of the first five items of the served lists stay",
        seen_in="comparison",
    ),
    GateBound(
        "max_one_story",
        "one_story_more",
        True,
        "more of the lists hold one and the same story",
        seen_in="comparison",
    ),
    GateBound(
        "min_worth",
        "worth_kept",
        False,
        "of the served model's gain over the prior is left",
        seen_in="comparison",
    ),
    GateBound(
        "max_unknown",
        "unknown_more",
        True,
        "more of a day's views name unknown articles",
        "check that the articles file is today's",
        seen_in="comparison",
    ),
)


def version_figures(version: Contents) -> dict[str, float]:
    """Return the figures of a single version.

    Parameters
    ----------
    version : Contents
        The version to publish; its fields `now`, `model`, `traffic` and `quality` are used.

    Returns
    -------
    dict
        `articles`; `items`, items per list; `short`, share of lists with fewer than five;
        `one_story`, the largest share of lists that show the same story among their first five;
        `worth`, the model's log-loss gain over the prior; `repeated`, `unknown` and `view_age`
        (hours), of the traffic; and those of the manifest's `quality`, which has what was measured.
    """
    fields, arrays = version
    known, ends = arrays["key_rows"], arrays["list_ends"]
    lengths = np.diff(ends)[known]
    _, items = first_items(arrays)
    quality = {
        bound.figure: manifest_number(fields, "quality", bound.figure)
        for bound in BOUNDS
        if bound.seen_in != "comparison"
    }
    return {
        "articles": float(len(known)),
        "items": float(lengths.mean()) if len(known) else 0.0,
        "short": float((lengths < TOP).mean()) if len(known) else 0.0,
        "one_story": float(np.bincount(items, minlength=1).max() / max(1, (lengths > 0).sum())),
        "worth": _gain(fields),
        "repeated": manifest_number(fields, "traffic", "repeated") or 0.0,
        "unknown": manifest_number(fields, "traffic", "unknown") or 0.0,
        "view_age": _age(fields),
        **{name: value for name, value in quality.items() if value is not None},
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


def violations(
    figures: Mapping[str, float], config: GateConfig, causes: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """Describe the violated bounds, a line each, with their causes by figure."""
    return tuple(
        bound.describe(figures, config, causes or {})
        for bound in BOUNDS
        if bound.is_violated(figures, config)
    )


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

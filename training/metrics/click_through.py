"""Click-through of served lists: how often readers clicked on what production showed them.

A counted view of an article is an impression of each slot that its page has in the version served
at that time. A view that one of our blocks led to is a click on an impression in that block: on the
last page before it in the session that has the article there, which also fits stories opened in
several tabs. A click that names its version sets the version of its page too; for other pages it
comes from the audit.

Figures are not corrected for position: higher slots are seen more.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import sparse

from recommender.blocks import BLOCKS
from training.errors import DataError
from training.metrics.bootstrap import SEED, Weights, draws, shares
from training.metrics.served_pages import NONE, ServedPages, ServedTimeline, build_pages
from training.progress import Stages
from training.readers import SessionViews, session_views
from training.records import Bool, Float64, Int64, Site, Window, utc

MAX_LOOK_BACK: Final = 10
"""Views before a click in its session that are searched for the page that was clicked on."""

CHUNK: Final = 16
"""Figures whose draws are computed together: memory is proportional to readers times these."""

GROUPS: Final = {
    "block": ("block",),
    "slot": ("block", "slot"),
    "reason": ("block", "reason"),
    "version": ("version",),
}
"""Groups of figures, and the fields that identify a line of each."""

_FIGURES: Final = ("shown", "clicks", "ctr", "ci")

MAX_VERSIONS: Final = 10
"""Versions in the table, the latest ones."""


@dataclass(frozen=True)
class ClickThrough:
    """Click-through of served lists.

    Attributes
    ----------
    data, protocol : what was measured, and how.
    views : counted views: `views`, all of the period; `shown`, whose page is known; `gone`, whose
        version is no longer kept; `untold`, whose version is unknown.
    clicks : views that a block led to: `clicks`, all of the period; `traced`, on an impression;
        `moved`, those of them that name another slot than the version has; `untraced`, the rest.
    figures : by group, lines of the fields of `GROUPS`, and `shown`, `clicks`, `ctr`, `ci`.
    """

    data: dict[str, Any]
    protocol: dict[str, Any]
    views: dict[str, int]
    clicks: dict[str, int]
    figures: dict[str, list[dict[str, Any]]]

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return asdict(self)

    def table(self) -> list[list[str]]:
        """Return table rows: per group a heading and its lines; of versions the latest."""
        lines: list[list[str]] = []
        for name, found in self.figures.items():
            lines.append([f"by {name}", "shown", "clicks", "click-through"])
            lines += map(_line, found[-MAX_VERSIONS:] if name == "version" else found)
        return lines


def measure_click_through(
    site: Site,
    artifacts: Path,
    *,
    now: int,
    last: int,
    blocks: Sequence[str] = tuple(BLOCKS),
    stages: Stages | None = None,
) -> ClickThrough:
    """Measure click-through over a site's last days, by block, slot, reason and version.

    Parameters
    ----------
    site : Site
        As read; not modified.
    artifacts : Path
        The artifacts directory that was served from.
    now : int
        µs UTC; views at or after it are ignored.
    last : int
        µs: pages opened this long before `now`, or later, count.
    blocks : sequence of str
        The blocks that the site's pages show.
    stages : Stages, optional
        Receives progress.

    Returns
    -------
    ClickThrough

    Raises
    ------
    DataError
        If no view names a block, or no page that was shown is known.
    ArtifactError
        If a version that is read is damaged.
    """
    stages = stages or Stages()
    each = site.views.rows()
    with stages("views"):
        views = session_views(Window(min(each.start, now), now, each), site.config.sessions)
    if not (views.block >= 0).any():
        raise DataError(
            "no view names a block that led to it: name its column in views.referrer_block"
        )
    article, tested = views.article.astype(np.int64), views.time >= now - last
    own = np.isin(views.block, [list(BLOCKS).index(key) for key in blocks])
    with stages("pages") as note:
        line = ServedTimeline.of(artifacts, each.versions)
        version = line.at(views.time)
        click, behind = _before(views, tested, np.flatnonzero(own))
        by_click = line.version_of(views.version[click], version[behind])
        wanted = (
            np.concatenate([version[tested], by_click]),
            np.concatenate([article[tested], article[behind]]),
        )
        made = build_pages(artifacts, line.names, wanted, site.ids, note)
    page = np.where(tested, made.find(version, article), NONE)
    clicked_page = made.find(by_click, article[behind])
    slot = made.slots(clicked_page, views.block[click], article[click])
    first = _firsts(click, slot >= 0)
    page[behind[first][::-1]] = clicked_page[first][
        ::-1
    ]  # the first click on a page sets its version
    first = first[page[behind[first]] == clicked_page[first]]
    if not (page >= 0).any():
        raise DataError(
            f"none of the versions served since {utc(now - last)} is kept: raise versions.keep, "
            "name the directory by --artifacts, or shorten --last"
        )
    with stages("figures"):
        hits = np.unique(np.stack([behind[first], slot[first]]), axis=1)
        figures = _figures(views.reader, page, hits, made, blocks)
    slot_of_view = views.slot[click[first]]
    clicks = int((tested & own).sum())
    return ClickThrough(
        data={"views": site.views.count_between(0, now), "artifacts": str(artifacts)},
        protocol={
            "start": utc(now - last),
            "end": utc(now),
            "blocks": list(blocks),
            "impression": "each slot of the page of a counted view, as its version has it",
            "interval": "95 %, bootstrap over readers",
        },
        views={
            "views": int(tested.sum()),
            "shown": int((page >= 0).sum()),
            "gone": int((tested & (page < 0) & (version >= 0)).sum()),
            "untold": int((tested & (page < 0) & (version < 0)).sum()),
        },
        clicks={
            "clicks": clicks,
            "traced": len(first),
            "moved": int(((slot_of_view >= 0) & (slot_of_view != made.number[slot[first]])).sum()),
            "untraced": clicks - len(first),
        },
        figures=figures,
    )


def _before(views: SessionViews, tested: Bool, clicks: Int64) -> tuple[Int64, Int64]:
    """Pair clicks with the tested views before them in their session, the latest first.

    Returns the places of both, int64[m]; ordered by click.
    """
    click = np.repeat(clicks, MAX_LOOK_BACK)
    behind = click - np.tile(np.arange(1, MAX_LOOK_BACK + 1), len(clicks))
    click, behind = click[behind >= 0], behind[behind >= 0]
    same = (views.reader[click] == views.reader[behind]) & (
        views.number[click] == views.number[behind]
    )
    kept = same & tested[behind]
    return click[kept], behind[kept]


def _firsts(click: Int64, holds: Bool) -> Int64:
    """Return the place of the first row of each click for which `holds` is true."""
    places = np.flatnonzero(holds)
    return places[np.unique(click[places], return_index=True)[1]]


def _figures(
    reader: Int64, page: Int64, hits: Int64, made: ServedPages, blocks: Sequence[str]
) -> dict[str, list[dict[str, Any]]]:
    """Compute click-through by each group.

    Parameters
    ----------
    reader, page : int64[v], of each view; `NONE` where its page is not known.
    hits : int64[2, h], view and slot of each impression that was clicked on.
    made : ServedPages
    blocks : sequence of str
        Whose slots count.
    """
    seen = np.flatnonzero(page >= 0)
    names, number = np.unique(reader[seen], return_inverse=True)
    opened_by = _count_pairs(number, page[seen], (len(names), len(made.version)))
    slots = np.flatnonzero(np.isin(made.block, [list(BLOCKS).index(key) for key in blocks]))
    clicked_by = number[np.searchsorted(seen, hits[0])], np.searchsorted(slots, hits[1])
    fields: dict[str, tuple[Int64, Sequence[object]]] = {
        "block": (made.block[slots], list(BLOCKS)),
        "slot": (made.number[slots], range(int(made.number.max(initial=0)) + 1)),
        "reason": (made.reason[slots], made.reasons),
        "version": (made.version[made.page[slots]], made.versions),
    }
    weights = draws(len(names), np.random.default_rng(SEED))
    found: dict[str, list[dict[str, Any]]] = {}
    for group, by in GROUPS.items():
        code = np.zeros(len(slots), np.int64)
        for values, words in (fields[name] for name in by):
            code = code * len(words) + values
        codes, first, line = np.unique(code, return_index=True, return_inverse=True)
        shown = opened_by @ _count_pairs(made.page[slots], line, (len(made.version), len(codes)))
        clicks = _count_pairs(clicked_by[0], line[clicked_by[1]], (len(names), len(codes)))
        rates = _rates(clicks.toarray(), shown.toarray(), weights)
        found[group] = [
            {**{name: fields[name][1][fields[name][0][at]] for name in by}, **rate}
            for at, rate in zip(first.tolist(), rates, strict=True)
            if rate["shown"]
        ]
    return found


def _count_pairs(row: Int64, column: Int64, shape: tuple[int, int]) -> "sparse.csr_array[Any, Any]":
    """Count how often each row and column occur together."""
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)


def _rates(clicks: Float64, shown: Float64, weights: Weights) -> list[dict[str, Any]]:
    """Return clicks over impressions, from float64[readers, c] each, a line per column."""
    columns = range(0, shown.shape[1], CHUNK)
    parts = [slice(start, start + CHUNK) for start in columns]
    ctr = [shares(clicks[:, part], shown[:, part], weights) for part in parts]
    counts = zip(shown.sum(axis=0), clicks.sum(axis=0), np.hstack(ctr).T, strict=True)
    return [
        {
            "shown": int(all_),
            "clicks": int(some),
            "ctr": float(mean),
            "ci": None if np.isnan(low) else [float(low), float(high)],
        }
        for all_, some, (mean, low, high) in counts
    ]


def _line(found: dict[str, Any]) -> list[str]:
    name = " ".join(str(part) for key, part in found.items() if key not in _FIGURES)
    ends = "" if found["ci"] is None else " [{:.4f}, {:.4f}]".format(*found["ci"])
    return [name, f"{found['shown']:,}", f"{found['clicks']:,}", f"{found['ctr']:.4f}{ends}"]

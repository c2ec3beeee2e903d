"""The summary of the report in sentences, from its figures; what each figure means."""

import math
from typing import Final

from training.metrics.misses import causes
from training.recommendations import LIST_REASONS
from training.records import quantity
from training.replay.results import MISSES
from training.report.figures import Comparison
from training.report.formatting import percent
from training.report.scope import Scope

DEFINITIONS: Final = {
    "transition": "a counted view and the next distinct article of its session; its lists are "
    "those of the last cutoff before",
    "hr@1, hr@5, hr@10": "share of transitions whose target was in the first 1, 5, 10",
    "mrr@10": "mean of 1/rank of the target, 0 beyond the tenth",
    "ndcg@10": "mean of 1/log2(rank + 1) of the target, 0 beyond the tenth",
    "hr@5|page": "hr@5 without the five hottest stories, which the page shows already",
    "hr@5|page-tail": "hr@5|page over transitions whose target is not among the ten hottest",
    "hr@5|new": "hr@5 over transitions whose target was known for less than an hour",
    "hr@5|cold": "hr@5 over transitions whose source had fewer than five views at the cutoff",
    "hr@5|visit": "hr@5 over transitions of readers with two or more opened stories on the visit",
    "hot": "share of the five among the ten hottest stories of the moment",
    "same-section": "share of the five in the source's section",
    "related": "share of the five that readers (14 d lift above 1) or words (cosine above 0.1) "
    "connect to the source",
    "reason": f"share of the five by reason: {', '.join(LIST_REASONS)}",
    "age": "mean age of the five, hours",
    "overlap": "mean number of the five that two sources of one cutoff share",
    "ils": "mean text cosine of two of the five",
    "coverage": "share of the articles ever eligible that were in the first five of a list",
    "seconds": "time spent in the system",
    "NAME-unfilled": "the system's own recommendations; under its plain name gaps are filled",
}
"""Meaning of each metric."""


def headline(scope: Scope) -> str:
    """Return the most important result in one line."""
    rival, ours = scope.rival(), scope.metric(scope.ours, "hr@5")
    against = "" if rival is None else f", against {tenths(scope.metric(rival, 'hr@5'))} with "
    best = "" if rival is None else f"the best baseline ({rival})"
    return f"Readers open one of the five in {tenths(ours)} of 10 transitions{against}{best}"


def paragraphs(scope: Scope) -> list[str]:
    """Return the results in sentences, a paragraph each."""
    return [_comparison(scope), _slots(scope), _misses(scope), _method(scope)]


def tenths(share: float) -> str:
    """Write a share as a number out of ten.

    Examples
    --------
    >>> tenths(0.276), tenths(float("nan"))
    ('2.8', 'unknown')
    """
    return "unknown" if math.isnan(share) else f"{10 * share:.1f}"


def format_minute(time: str) -> str:
    """Write an ISO time to the minute.

    Examples
    --------
    >>> format_minute("2026-05-31T05:50:41Z")
    '2026-05-31 05:50 UTC'
    """
    return f"{time[:10]} {time[11:16]} UTC"


def _comparison(scope: Scope) -> str:
    """Compare our list with the best baseline, and with other refresh intervals."""
    sentences = [_against(scope, "hr@5", f"The list of {scope.ours} holds the next story")]
    on_page = "On a page that already shows the five hottest stories it does so"
    sentences.append(_against(scope, "hr@5|page", on_page))
    for every in scope.report.protocol.get("every", []):
        if every != scope.every:
            at = tenths(scope.metric(scope.ours, "hr@5", every))
            sentences.append(f"With lists renewed every {every} it is {at} of 10.")
    return " ".join(sentences)


def _against(scope: Scope, name: str, subject: str) -> str:
    ours = scope.result(scope.ours)
    low, high = map(tenths, ours["ci"][name])
    sentence = f"{subject} in {tenths(ours['metrics'][name])} of 10 ({low} to {high})"
    rival = scope.rival(name)
    if rival is None:
        return f"{sentence}."
    found: Comparison = scope.report.compare(scope.ours, rival, scope.every)
    low, high = (f"{10 * end:.2f}".replace("-", "−") for end in found[name].ci)
    sure = not found[name].ci[0] <= 0 <= found[name].ci[1]
    chance = "" if sure else ", which may be chance"
    return (
        f"{sentence}, against {tenths(scope.metric(rival, name))} with {rival}, the best baseline "
        f"there: a difference of {low} to {high} of 10{chance}."
    )


def _slots(scope: Scope) -> str:
    """Describe what the slots hold."""
    hot, related, coverage, overlap = (
        scope.metric(scope.ours, name) for name in ("hot", "related", "coverage", "overlap")
    )
    alike = (
        "" if math.isnan(overlap) else f" Two stories of one moment share {overlap:.1f} of five."
    )
    return (
        f"Of its five slots, {5 * hot:.1f} hold one of the ten hottest stories of the moment, and "
        f"{5 * related:.1f} one that readers or words connect to the story above.{alike} Over all "
        f"pages the slots show {percent(coverage)} of the articles that could stand in them."
    )


def _misses(scope: Scope) -> str:
    """Return the reasons of the misses."""
    found = causes(scope.trial, scope.ours)
    total = sum(found.values())
    if not total:
        return "It missed none."
    shares = {code: count / total for code, count in found.items() if count >= total / 100}
    reasons = "; ".join(f"{percent(share)} {MISSES[code]}" for code, share in shares.items())
    return f"Of the {quantity(total, 'transition')} that it missed: {reasons}."


def _method(scope: Scope) -> str:
    protocol = scope.report.protocol
    start, end = (format_minute(protocol[name]) for name in ("start", "end"))
    return (
        f"Measured on {quantity(len(scope.trial.reader), 'transition')} of "
        f"{quantity(scope.readers, 'reader')} from "
        f"{start} to {end}, with lists renewed every {scope.every}; "
        f"figures and plots are of that interval where none is named. Intervals are 95 %, by a "
        f"bootstrap over readers."
    )

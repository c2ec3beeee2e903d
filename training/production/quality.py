"""Figures of a run by which the gate sees, without an older version, whether it makes sense."""

from typing import Final

import numpy as np

from training.data.quality import MIN_ARTICLES, input_figures, title_figures
from training.ranking import known_at
from training.ranking.rules import EligibilityContext, eligible
from training.readers import ReaderStats
from training.records import Site
from training.run import Run

MIN_LISTS: Final = 200
"""Minimum number of active lists to measure with what they begin. Where few articles are read, as
in the last weeks of Globo (72 lists), nearly all begin with the same story, and rightly so."""


def quality_of(run: Run, site: Site, readers: ReaderStats) -> dict[str, float]:
    """Measure input and lists of a run.

    Parameters
    ----------
    run : Run
    site : Site
        The run's input.
    readers : ReaderStats
        Those of the run's state.

    Returns
    -------
    dict
        As `input_figures` and `title_figures`, and: `eligible`, number of articles that may stand
        in a list; `one_first`, largest share of the lists of articles that were read lately
        (`lists.active`) whose first item is one and the same story. A figure that too little shows
        is not there.
    """
    state, config, lists = run.state, run.config, run.recommendations.lists
    catalogue, known = state.catalogue, run.recommendations.known
    titles = (catalogue.titles[row] for row in np.flatnonzero(known).tolist())
    figures = {
        **input_figures(site, state.time),
        **title_figures(titles, has_text=bool(state.texts.index.vectors.nnz)),
    }
    if known.sum() >= MIN_ARTICLES:
        since = known_at(catalogue.published, readers.first_view)
        context = EligibilityContext(state.time, catalogue, since)
        figures["eligible"] = float(eligible(context, config).sum())
    starts, ends = lists.ends[:-1], lists.ends[1:]
    active = known & (readers.last_view >= state.time - config.lists.active)
    first = lists.items[starts[active & (ends > starts)]]
    if len(first) >= MIN_LISTS:
        figures["one_first"] = round(float(np.bincount(first).max() / len(first)), 4)
    return figures

"""The output of a run: the version that lookups read, and the state that refreshes continue."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

import numpy as np

from recommender.blocks import BLOCKS, manifest_fields
from recommender.sections import section_key
from training import release
from training.config import BlockConfig
from training.data.quality import causes
from training.production.quality import quality_of
from training.production.served import ServedVersion
from training.production.traffic import traffic_of
from training.progress import Stages, peak_memory
from training.ranking.rules import ROUNDING
from training.readers import reader_stats
from training.recommendations import REASONS
from training.records import Catalogue, Flag, Site, utc
from training.release import Publication, Published
from training.run import Run
from training.storage import Arrays, Contents
from training.strings import StringArray

_OF_ARTICLES: Final = ("titles", "urls", "extras")
"""Arrays of what readers see of an article. (The state and the version share the ids.)"""

SECTION: Final = "{section}"
"""What stands for a section's name in a text for readers."""


def publication(
    run: Run,
    site: Site,
    stages: Stages,
    *,
    command: str,
    served: ServedVersion | None = None,
    monitored: Mapping[str, float] | None = None,
    forced: str | None = None,
) -> Publication:
    """Make the publication of a run for `release.publish`.

    Parameters
    ----------
    run : Run
        The state and its recommendations.
    site : Site
        The run's input, for the manifest.
    stages : Stages
        Seconds per stage so far, for the manifest.
    command : str
        The command that publishes.
    served : ServedVersion, optional
        The version that the run continues.
    monitored : mapping, optional
        The model's figures since its training; see `merge_monitored`.
    forced : str, optional
        Why to serve the version even if the gate refuses it.
    """
    config, catalogue, recommendations = run.config, run.state.catalogue, run.recommendations
    state_fields, state_arrays = run.state.save()
    names = "ids", "titles", "urls", "extras", "section_names"
    articles = release.lookup_arrays(
        **{name: _shown(name, state_arrays, catalogue) for name in names},
        sections=catalogue.section,
        languages=None if config.rules.cross_languages else catalogue.language,
        published=catalogue.published,
        known=recommendations.known,
    )

    def spellings(section: str) -> list[str]:
        """Return a section of `[rules]` as the articles spell it; as it is if they have none."""
        key = section_key(section)
        known = [name for name in catalogue.section_names if section_key(name) == key]
        return known or [section]

    readers = reader_stats(run.state.sums, config.readers)
    fields = {
        "reasons": list(REASONS),
        "fallback": list(config.lists.fallback),
        **manifest_fields(),
        "page": [block_plan(block) for block in config.page],
        "why": config.why.model_dump(),
        "not_from": [s for name in config.rules.not_from for s in spellings(name)],
        "apart": [
            [one, other]
            for left, right in config.rules.apart
            for one in spellings(left)
            for other in spellings(right)
        ],
        "why_without_section": {
            reason: without_section(text)
            for reason, text in config.why.model_dump().items()
            if SECTION in text
        },
        "config": config.as_dict(),
        "inputs": [asdict(file) for file in site.inputs],
        "left_out": site.left_out,
        "seconds": stages.rounded(),
        "peak_memory_mb": peak_memory(),
        "watched": dict(monitored or {}),
        "traffic": traffic_of(run, site, readers),
        "quality": quality_of(run, site, readers),
        **run.summary(),
    }
    return Publication(
        command=command,
        now=recommendations.time,
        version=Contents(fields, {**articles, **recommendations.arrays()}),
        state=Contents(state_fields, state_arrays),
        base=None if served is None else served.base,
        inputs=site.inputs,
        gate=config.gate,
        causes=causes(site, run.state.time),
        keep=config.versions,
        forced=forced,
    )


def _shown(name: str, arrays: Arrays, catalogue: Catalogue) -> StringArray:
    """Return an array of strings of the state, without what it says of withdrawn articles."""
    strings = StringArray(arrays[name], arrays[f"{name}_ends"])
    withdrawn = np.flatnonzero(catalogue.has(Flag.WITHDRAWN))
    if name not in _OF_ARTICLES or not len(withdrawn):
        return strings
    return strings.replace(withdrawn, [""] * len(withdrawn), len(strings))


def block_plan(block: BlockConfig) -> dict[str, object]:
    """Return a block's manifest entry; `most` is the maximum number of slots of one section."""
    limit = max(1, int(block.max_share * block.slots + ROUNDING))
    plan = {**block.model_dump(include={"key", "title", "slots", "priority"}), "most": limit}
    if SECTION in block.title:
        default = without_section(BLOCKS[block.key].title)
        plan["title_without_section"] = without_section(block.title) or default
    return plan


def without_section(text: str) -> str:
    """Return a text for readers where there is no section; `""` if it says nothing then.

    Examples
    --------
    >>> without_section("{section} Latest Stories"), without_section("More in {section}")
    ('Latest Stories', '')
    """
    while text.startswith(SECTION):
        text = text.removeprefix(SECTION).lstrip(" ")
    return "" if SECTION in text else text


def describe_publication(
    published: Published, run: Run, site: Site, stages: Stages
) -> dict[str, object]:
    """Summarize a published run: its place on disk, its counts, its cost."""
    return {
        "version": published.name,
        "served": published.decision.may_serve,
        "outside": list(published.decision.outside),
        "path": str(published.version_dir),
        "now": utc(run.state.time),
        **run.summary(),
        "left_out": site.left_out,
        "seconds": stages.rounded(),
        "peak_memory_mb": peak_memory(),
    }

"""The output of a run: the version that lookups read, and the state that refreshes continue."""

from collections.abc import Mapping
from dataclasses import asdict

from recommender.blocks import manifest_fields
from training import release
from training.config import BlockConfig
from training.production.served import ServedVersion
from training.production.traffic import traffic_of
from training.progress import Stages, peak_memory
from training.ranking.rules import ROUNDING
from training.recommendations import REASONS
from training.records import Site, utc
from training.release import Publication, Published
from training.run import Run
from training.storage import Contents
from training.strings import StringArray


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
        **{name: StringArray(state_arrays[name], state_arrays[f"{name}_ends"]) for name in names},
        sections=catalogue.section,
        languages=None if config.rules.cross_languages else catalogue.language,
        published=catalogue.published,
        known=recommendations.known,
    )
    fields = {
        "reasons": list(REASONS),
        "fallback": list(config.lists.fallback),
        **manifest_fields(),
        "page": [block_plan(block) for block in config.page],
        "why": config.why.model_dump(),
        "not_from": config.rules.not_from,
        "apart": [list(pair) for pair in config.rules.apart],
        "config": config.as_dict(),
        "inputs": [asdict(file) for file in site.inputs],
        "left_out": site.left_out,
        "seconds": stages.rounded(),
        "peak_memory_mb": peak_memory(),
        "watched": dict(monitored or {}),
        "traffic": traffic_of(run, site),
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
        keep=config.versions,
        forced=forced,
    )


def block_plan(block: BlockConfig) -> dict[str, object]:
    """Return a block's manifest entry; `most` is the maximum number of slots of one section."""
    most = max(1, int(block.max_share * block.slots + ROUNDING))
    return {**block.model_dump(include={"key", "title", "slots", "priority"}), "most": most}


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

"""From a run to the served version, and back to what the next refresh starts from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

import numpy as np

from recommender.manifest import ArtifactError
from training import release
from training.config import BlockConfig, Config, VersionsConfig
from training.errors import ConfigError, DataError
from training.progress import Stages, peak_memory
from training.ranking import feature_names
from training.ranking.rules import ROUNDING
from training.readers import reader_stats
from training.recommendations import REASONS, Recommendations
from training.recommendations.explain import Explanation, explain
from training.records import BUCKET, DAY, HOUR, Int32, Site, ViewSource, utc
from training.run import Run
from training.state import State
from training.storage import Arrays, StoredArrays
from training.strings import StringArray

WATCHED: Final = 6 * HOUR
"""Half-life of what is remembered of a model's worth since it was learned."""

ENOUGH: Final = 50
"""Next reads from which a model's worth is judged."""

MANY: Final = 500
"""Views from which it is judged whether robots, or unknown articles, have too many of them."""

LATELY: Final = 3 * HOUR
"""Time before now whose views are judged for robots."""

STEADY, BUSY = 72, 2000
"""Half-life in hours, and views by it, from which a site never is without a view for hours."""

_SAME: Final = {"ids": "ids", "id_ends": "ids_ends"}
"""Arrays of a version, and those of its state that hold the same."""

SHOWN: Final = ("ranking", "lists", "rules", "page", "why")
"""Sections that say how lists and blocks are made: after a change all are made anew."""

TRAINED: Final = ("readers", "sessions", "texts")
"""Sections of the configuration that a state was made under, and must be carried on under."""


@dataclass(frozen=True)
class Served:
    """The served version, to be carried on.

    Attributes
    ----------
    name : the version's.
    shown : fields and arrays of the version.
    state : what is known.
    stored : what it was read from.
    slate : what it shows; None where the configuration has changed, so that nothing of it can stay.
    events : int32[n], its labels of events.
    watched : what was watched of the model since it was learned.
    """

    name: str
    shown: tuple[Mapping[str, Any], Arrays]
    state: State
    stored: StoredArrays
    recommendations: Recommendations | None
    events: Int32
    watched: Mapping[str, float]


def load_served(artifacts: Path, config: Config) -> Served:
    """Read the served version and its state, to carry them on.

    Raises
    ------
    ArtifactError
        If there is none, or it is damaged or of another layout.
    ConfigError
        If the configuration is not the one that the state was made under.
    """
    name = release.served_name(artifacts)
    fields, arrays = release.read(artifacts, name, "version")
    described, saved = release.read(artifacts, name, "state")
    trained, watched = fields.get("config"), fields.get("watched")
    if not isinstance(trained, dict) or not _are_numbers(watched):
        raise ArtifactError(f"version {name} does not say how it was trained: run ymal train")
    now, default = config.as_dict(), Config().as_dict()
    for section in TRAINED:
        # What it does not say of a setting, being older, was as by default.
        written = trained.get(section)
        if not isinstance(written, dict) or default[section] | written != now[section]:
            raise ConfigError(
                f"[{section}] is not what version {name} was trained with: run ymal train"
            )
    state = State.load(described, saved)
    if list(state.model.features) != feature_names(config):
        raise ConfigError(f"[ranking] has other features than the model of {name}: run ymal train")
    if any(not np.array_equal(arrays[part], saved[of]) for part, of in _SAME.items()):
        raise ArtifactError(f"version {name} is of other articles than its state: run ymal train")
    known = np.zeros(len(state.catalogue), np.bool_)
    known[arrays["key_rows"]] = True
    recommendations = Recommendations.of(state.time, known, arrays)
    stays = all(trained.get(section) == now[section] for section in SHOWN)
    shown, stored = (fields, arrays), StoredArrays(release.state_directory(artifacts, name), saved)
    return Served(
        name,
        shown,
        state,
        stored,
        recommendations if stays else None,
        recommendations.events,
        watched,
    )


def _are_numbers(values: object) -> TypeGuard[dict[str, float]]:
    return isinstance(values, dict) and all(
        type(value) in (int, float) for value in values.values()
    )


def forget(artifacts: Path, reader: int, keep: VersionsConfig) -> dict[str, object]:
    """Take a reader out of the served state, and remove all other states.

    Where that state is gone or damaged, nothing can be carried on from it: it is removed as well.

    Parameters
    ----------
    artifacts : Path
        The artifacts directory.
    reader : int
        Keyed hash.
    keep : VersionsConfig
        Which versions stay.

    Returns
    -------
    dict
        The served version, and how many open views and day counts were removed. What the reader
        has added to sums over all readers stays: it cannot be told apart there.

    Raises
    ------
    ArtifactError, OutputError
        If the served version cannot be read or written anew.
    """
    name = release.served_name(artifacts)
    fields, version_arrays = release.read(artifacts, name, "version")
    removed = {"open_views": 0, "day_counts": 0}
    try:
        described, arrays = release.read(artifacts, name, "state")
    except ArtifactError:
        release.remove_states(artifacts)
        return {"version": name, **removed}
    kept = dict(arrays)
    for part, prefix in (("open_views", "open_session_"), ("day_counts", "day_")):
        others = arrays[f"{prefix}reader"] != reader
        removed[part] = int((~others).sum())
        for column in [column for column in arrays if column.startswith(prefix)]:
            kept[column] = arrays[column][others]
    published = release.publish(
        artifacts,
        command="forget",
        now=fields["now"],
        base=name,
        bounds=None,
        version_fields={key: fields[key] for key in fields.keys() - release.WRITTEN},
        version_arrays=version_arrays,
        state_fields=described,
        state_arrays=kept,
        keep=keep,
    )
    release.remove_states(artifacts, keep=published.name)
    return {"version": published.name, **removed}


def watched_since(served: Served, run: Run) -> dict[str, float]:
    """Join what a refresh has watched to what was watched before, which fades."""
    now, before = run.monitoring, served.watched
    fade = 2.0 ** (-(run.state.time - served.state.time) / WATCHED)
    reads = now.get("reads", 0.0) + fade * before.get("reads", 0.0)
    if not reads:
        return {}
    joined = {"reads": reads}
    for name in ("log_loss", "log_loss_prior"):
        fresh = now.get("reads", 0.0) * now.get(name, 0.0)
        joined[name] = (fresh + fade * before.get("reads", 0.0) * before.get(name, 0.0)) / reads
    return joined


def should_retrain(run: Run, watched: Mapping[str, float]) -> bool:
    """Tell whether the model is worth too little by now: its gain over the prior has shrunk."""
    learned = run.state.model.validation
    if watched.get("reads", 0) < ENOUGH or not learned:
        return False
    worth = 1 - watched["log_loss"] / watched["log_loss_prior"]
    was = 1 - learned["log_loss"] / learned["log_loss_prior"]
    return worth < run.config.ranking.retrain_below * was


def publish(
    run: Run,
    site: Site,
    artifacts: Path,
    stages: Stages,
    *,
    command: str,
    base: Served | None = None,
    watched: Mapping[str, float] | None = None,
    forced: str | None = None,
) -> release.Published:
    """Publish a run: its state, its version, and last the pointer, unless the gate forbids it.

    Parameters
    ----------
    run : Run
        What to publish.
    site : Site
        What it was made from, for the manifest.
    artifacts : Path
        The artifacts directory.
    stages : Stages
        Seconds so far.
    command : str
        The command that publishes.
    base : Served, optional
        What this one carries on: it must still be the served one.
    watched : mapping, optional
        What was watched since the model was learned.
    forced : str, optional
        Why it is to be served even where it differs too much from the served version.

    Raises
    ------
    OutputError, BusyError
        If the directory cannot be written, or another run has published since `base` was read;
        what was served before stays.
    """
    catalogue, recommendations = run.state.catalogue, run.recommendations
    with stages("publish"):
        state_fields, state_arrays = run.state.save()
        names = "ids", "titles", "urls", "extras", "section_names"
        articles = release.lookup_arrays(
            **{
                name: StringArray(state_arrays[name], state_arrays[f"{name}_ends"])
                for name in names
            },
            sections=catalogue.section,
            languages=None if run.config.rules.cross_languages else catalogue.language,
            published=catalogue.published,
            known=recommendations.known,
        )
        fields = {
            "reasons": list(REASONS),
            "fallback": list(run.config.lists.fallback),
            "page": [plan(block) for block in run.config.page],
            "why": run.config.why.model_dump(),
            "not_from": run.config.rules.not_from,
            "apart": [list(pair) for pair in run.config.rules.apart],
            "config": run.config.as_dict(),
            "inputs": [asdict(file) for file in site.inputs],
            "left_out": site.left_out,
            "seconds": stages.rounded(),
            "peak_memory_mb": peak_memory(),
            "watched": dict(watched or {}),
            "traffic": traffic_of(run, site),
            **run.summary(),
        }
        return release.publish(
            artifacts,
            command=command,
            now=recommendations.time,
            base=None if base is None else base.name,
            shown=None if base is None else base.shown,
            version_fields=fields,
            version_arrays={**articles, **recommendations.arrays()},
            state_fields=state_fields,
            state_arrays=state_arrays,
            state_before=None if base is None else base.stored,
            inputs=site.inputs,
            bounds=run.config.gate,
            keep=run.config.versions,
            forced=forced,
        )


def traffic_of(run: Run, site: Site) -> dict[str, float | int | None]:
    """Tell what the views look like: by this a version is compared with the next.

    Returns
    -------
    dict
        `newest_view`, µs UTC, None where a site is so little read that it tells nothing;
        `repeated`, as `repeated_views` gives it, over the last hours, 0 where there are few;
        `unknown`, the share of the last day's views that are of unknown articles, None where there
        are few.
    """
    readers = reader_stats(run.state.sums, run.config.readers)
    newest = int(readers.last_view.max(initial=-1))
    steady = readers.views[:, run.config.readers.nearest_view_life(STEADY)].sum()
    end = run.state.time
    lately, repeated = repeated_views(site.views, end - LATELY, end)
    unknown = site.traffic.unknown_share(end - DAY, end, MANY)
    return {
        "newest_view": newest if steady >= BUSY else None,
        "repeated": round(repeated, 4) if lately >= MANY else 0.0,
        "unknown": None if unknown is None else round(unknown, 4),
    }


def repeated_views(views: ViewSource, start: int, end: int) -> tuple[int, float]:
    """Tell whether few readers open one article again and again, as robots do.

    Returns
    -------
    int
        Views in [start, end), µs UTC, from the beginning of the bucket that `start` lies in.
    float
        The largest difference between an article's share of these views and its share of the
        pairs of an article and one of its readers: near 0 where readers open a story once,
        however many they are. 0 where there are no views.
    """
    found = views.read_counts(start - start % BUCKET, end)
    if not len(found["views"]):
        return 0, 0.0
    counts = np.bincount(found["article"], found["views"])
    readers = np.bincount(found["article"])
    return int(counts.sum()), float((counts / counts.sum() - readers / readers.sum()).max())


def explain_served(artifacts: Path, config: Config, source: str, target: str) -> Explanation:
    """Explain a pair of articles by the served version's state.

    Raises
    ------
    DataError
        If the state has no such article.
    ArtifactError, ConfigError
        As `load_served`.
    """
    served = load_served(artifacts, config)
    rows = served.state.catalogue.rows
    for article in (source, target):
        if article not in rows:
            raise DataError(
                f"no article {article!r} up to {utc(served.state.time)}; name an id as it stands "
                "in the articles file"
            )
    return explain(served.state, served.events, rows[source], rows[target], config)


def plan(block: BlockConfig) -> dict[str, object]:
    """Say how a lookup fills a block of the page."""
    most = max(1, int(block.max_share * block.slots + ROUNDING))
    return {**block.model_dump(include={"key", "title", "slots", "priority"}), "most": most}


def summary_of(
    published: release.Published, run: Run, site: Site, stages: Stages
) -> dict[str, object]:
    """Tell what a run has published: where it lies, what it counted, what it cost."""
    return {
        "version": published.name,
        "served": published.standing.may_serve,
        "outside": list(published.standing.outside),
        "path": str(published.version_dir),
        "now": utc(run.state.time),
        **run.summary(),
        "left_out": site.left_out,
        "seconds": stages.rounded(),
        "peak_memory_mb": peak_memory(),
    }

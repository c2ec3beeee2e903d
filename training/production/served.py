"""Read the served version and its state, to refresh them or to explain a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeGuard

import numpy as np

from recommender.manifest import ArtifactError
from training import release
from training.config import Config
from training.errors import ConfigError, DataError
from training.ranking import feature_names
from training.recommendations import Recommendations
from training.recommendations.explain import Explanation, explain
from training.records import Int32, utc
from training.release import BaseVersion
from training.state import State
from training.storage import StoredArrays

_STATE_ARRAYS: Final = {"ids": "ids", "id_ends": "ids_ends"}
"""Arrays of a version by name, with the arrays of its state that hold the same values."""

LIST_SECTIONS: Final = ("ranking", "lists", "rules", "page", "why")
"""Config sections that affect lists and blocks; a change rebuilds all of them."""

STATE_SECTIONS: Final = ("readers", "sessions", "texts")
"""Config sections that affect the state; a change needs a new training."""


@dataclass(frozen=True)
class ServedVersion:
    """The served version, ready to be refreshed.

    Attributes
    ----------
    base : the version on disk.
    state : the state at its time.
    recommendations : its lists and rankings; None if the config of lists has changed since, so that
        all must be rebuilt.
    events : int32[n], event label of each article.
    monitored : the model's figures since its training; see `merge_monitored`.
    """

    base: BaseVersion
    state: State
    recommendations: Recommendations | None
    events: Int32
    monitored: Mapping[str, float]

    @property
    def name(self) -> str:
        """Name of the version."""
        return self.base.name


def load_served(artifacts: Path, config: Config) -> ServedVersion:
    """Read the served version and its state.

    Raises
    ------
    ArtifactError
        If there is none, or if it is damaged or in another layout.
    ConfigError
        If the state was made with another configuration.
    """
    name = release.served_name(artifacts)
    version = release.read_version(artifacts, name)
    fields, arrays = version
    described, saved = release.read_state(artifacts, name)
    trained, monitored = fields.get("config"), fields.get("watched")
    if not isinstance(trained, dict) or not _are_numbers(monitored):
        raise ArtifactError(
            f"version {name}: its manifest lacks the configuration or the model's figures; run "
            "ymal train"
        )
    now = config.as_dict()
    _check_config(name, trained, now)
    state = State.load(described, saved)
    if list(state.model.features) != feature_names(config):
        raise ConfigError(
            f"[ranking] needs other features than the model of version {name} has; run ymal train"
        )
    if any(not np.array_equal(arrays[part], saved[of]) for part, of in _STATE_ARRAYS.items()):
        raise ArtifactError(f"version {name}: it has other articles than its state; run ymal train")
    known = np.zeros(len(state.catalogue), np.bool_)
    known[arrays["key_rows"]] = True
    recommendations = Recommendations.of(state.time, known, arrays)
    unchanged = all(trained.get(section) == now[section] for section in LIST_SECTIONS)
    stored = StoredArrays(release.state_directory(artifacts, name), saved)
    return ServedVersion(
        base=BaseVersion(name, version, stored),
        state=state,
        recommendations=recommendations if unchanged else None,
        events=recommendations.events,
        monitored=monitored,
    )


def explain_served(artifacts: Path, config: Config, source: str, target: str) -> Explanation:
    """Explain a pair of articles with the served version's state.

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
                f"no article {article!r} up to {utc(served.state.time)}; give an id of the "
                "articles file"
            )
    return explain(served.state, served.events, rows[source], rows[target], config)


def _check_config(name: str, trained: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a state that was made with another configuration."""
    default = Config().as_dict()
    for section in STATE_SECTIONS:
        # An older version lacks new keys; by default they have no effect.
        before = trained.get(section)
        if not isinstance(before, dict) or default[section] | before != now[section]:
            raise ConfigError(
                f"[{section}] is not what version {name} was trained with; run ymal train"
            )


def _are_numbers(values: object) -> TypeGuard[dict[str, float]]:
    return isinstance(values, dict) and all(
        type(value) in (int, float) for value in values.values()
    )

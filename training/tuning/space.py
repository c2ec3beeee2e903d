"""The search space: keys of the config that can be tuned, and the values to try."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from training.config import Config, describe_error
from training.errors import UsageError

Setting = Mapping[str, object]
"""Values by key that differ from a config's, as in `ymal.toml`."""

SECTIONS: Final = ("texts", "readers", "ranking")
"""Sections whose keys can be tuned; the others define transitions, or what is allowed."""

UNTUNABLE: Final = {
    "ranking.every": "it is the refresh interval: give --every",
    "ranking.seed": "a better seed is luck",
    "ranking.retrain_below": "no list depends on it",
}


def ranges(config: Config) -> dict[str, list[object]]:
    """Return the keys that are tuned by default, with the values of each.

    Days, half-lives and numbers of candidates and terms are multiples of the config's. `follow_up`
    is left out: it is for editors, and few clicks depend on it.
    """
    readers, ranking = config.readers, config.ranking
    return {
        "ranking.learn_days": [min(ranking.learn_days * x, 60) for x in (2, 4)],
        "ranking.discount": [0.0, 0.05, 0.1, 0.2, 0.4],
        "ranking.penalty": [0.0, 0.25, 0.5, 1.0],
        "readers.pair_half_lives": [_lives(readers.pair_half_lives, x) for x in (0.5, 2.0, 4.0)],
        "readers.view_half_lives": [_lives(readers.view_half_lives, x) for x in (0.5, 2.0)],
        "ranking.pair_candidates": [
            [_count(n, x) for n in ranking.pair_candidates] for x in (0.5, 2.0)
        ],
        **{
            f"ranking.{name}": [_count(getattr(ranking, name), x) for x in (0.5, 2.0)]
            for name in (
                "hottest_candidates",
                "latest_candidates",
                "recent_text_candidates",
                "text_candidates",
            )
        },
        "texts.max_terms": [max(1, config.texts.max_terms // 2), config.texts.max_terms * 2],
    }


def _lives(hours: Sequence[float], factor: float) -> list[float]:
    """Scale half-lives within what the config allows."""
    return sorted({min(max(life * factor, 1 / 12), 8760.0) for life in hours})


def _count(candidates: int, factor: float) -> int:
    return min(round(candidates * factor), 1000)


def read_keys(given: Sequence[str], config: Config) -> dict[str, list[object]]:
    """Parse `KEY` or `KEY=VALUE,VALUE`, values as in TOML; a key alone has the values of `ranges`.

    Returns
    -------
    dict
        Values by key, without that of the config.

    Raises
    ------
    UsageError
        If a key is not known or cannot be tuned, or a value is not valid.
    """
    known = ranges(config)
    space = {}
    for text in given or known:
        key, _, values = text.partition("=")
        _check_tunable(key, known)
        if values:
            space[key] = _distinct_values(config, key, _read_values(key, values))
        elif key in known:
            space[key] = _distinct_values(
                config, key, [v for v in known[key] if _is_valid(config, key, v)]
            )
        else:
            raise UsageError(f"--keys {key}: give its values, such as {key}=VALUE,VALUE")
    return space


def _check_tunable(key: str, known: Mapping[str, object]) -> None:
    section, _, name = key.partition(".")
    if section not in SECTIONS or not name:
        raise UsageError(
            f"--keys {key}: only keys of {', '.join(SECTIONS)} can be tuned, such as "
            f"{', '.join(known)}"
        )
    if key in UNTUNABLE:
        raise UsageError(f"--keys {key}: cannot be tuned; {UNTUNABLE[key]}")


def _read_values(key: str, text: str) -> list[object]:
    try:
        values: list[object] = tomllib.loads(f"values = [{text}]")["values"]
    except tomllib.TOMLDecodeError:
        raise UsageError(
            f"--keys {key}={text}: not a list of values; write them as in ymal.toml, with commas "
            "between them"
        ) from None
    return values


def _is_valid(config: Config, key: str, value: object) -> bool:
    """Return whether a value is valid in this config."""
    try:
        apply_setting(config, {key: value})
    except UsageError:
        return False
    return True


def _distinct_values(config: Config, key: str, values: Sequence[object]) -> list[object]:
    """Return the values that change the config, each change once."""
    seen, other = [config], []
    for value in values:
        changed = apply_setting(config, {key: value})
        if changed not in seen:
            seen.append(changed)
            other.append(value)
    return other


def apply_setting(config: Config, setting: Setting) -> Config:
    """Return a config with some values changed.

    Raises
    ------
    UsageError
        If a key is not known, or a value is not valid.
    """
    parts = {name: getattr(config, name) for name in Config.model_fields}
    for key, value in setting.items():
        section, _, name = key.partition(".")
        try:
            read = type(parts[section]).model_validate({name: value})
        except ValidationError as error:
            first = error.errors()[0]
            message = describe_error({**first, "loc": (section, *first["loc"])})
            raise UsageError(f"--keys: {message}") from None
        parts[section] = parts[section].model_copy(update={name: getattr(read, name)})
    try:
        return Config.model_validate(parts)
    except ValidationError as error:
        raise UsageError(f"--keys: {describe_error(error.errors()[0])}") from None

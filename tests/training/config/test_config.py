"""A config file: one clear line for whatever is wrong with it."""

from pathlib import Path
from typing import get_args

import pytest

from recommender.blocks import BLOCKS
from training.config import Config, duration, load
from training.config.page import BlockKey, WhyConfig
from training.errors import ConfigError
from training.recommendations import REASONS
from training.records import HOUR


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[texts]\nmax_term = 3", "unknown key texts.max_term; did you mean max_terms?"),
        ("[list]\n", "unknown key list; did you mean lists?"),
        ("[texts]\nzzz = 1", "unknown key texts.zzz; known here: title, body"),
        (
            "[texts]\nmax_terms = 'many'",
            "texts.max_terms = 'many': must be a valid integer",
        ),
        (
            "[texts]\nmax_terms = 0",
            "texts.max_terms = 0: must be greater than or equal to 1",
        ),
        ("[lists]\nmax_age = 7", "lists.max_age = 7: write a duration"),
        (
            "[lists]\nfallback = ['recent']",
            "lists.fallback.0 = 'recent': must be 'section'",
        ),
        ("[ranking]\nevery = '7m'", "every must be a multiple of 5m"),
        (
            "[ranking]\npair_candidates = [1]",
            "pair_candidates has length 1, readers.pair_half_lives 4",
        ),
        ("[readers]\nview_half_lives = [3, 1]", "view_half_lives must ascend"),
        ("[texts\n", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_its_remedy(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "ymal.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no-such\.toml: cannot be read"):
        load(tmp_path / "no-such.toml")


def test_a_file_must_be_utf8(tmp_path: Path) -> None:
    (tmp_path / "ymal.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "ymal.toml")


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load().config == Config()
    assert load().artifacts() == Path("artifacts")


def test_paths_are_seen_from_the_config_and_options_win(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ymal.toml").write_text('[paths]\narticles = "a.csv"\nviews = ["v1", "v2"]\n')
    monkeypatch.chdir(tmp_path)
    by_default = load()
    assert by_default.articles() == ["a.csv"]
    settings = load(tmp_path / "ymal.toml")
    assert settings.articles() == [str(tmp_path / "a.csv")]
    assert settings.views() == [str(tmp_path / "v1"), str(tmp_path / "v2")]
    assert settings.views(["mine"]) == ["mine"]
    assert settings.artifacts(Path("there")) == Path("there")


def test_durations() -> None:
    assert [duration(text) for text in ("90s", "15m", "48h", "2d")] == [
        90 * HOUR // 3600, HOUR // 4, 48 * HOUR, 48 * HOUR,
    ]  # fmt: skip
    for wrong in ("", "0m", "-1h", "1.5h", "1w", 3, None):
        with pytest.raises(ValueError, match="write a duration"):
            duration(wrong)


@pytest.mark.parametrize("name", ["ebnerd", "globo", "newswire"])
def test_the_examples_are_valid(name: str) -> None:
    load(Path(__file__).parents[3] / "examples" / f"{name}.toml")


def test_the_blocks_that_can_be_configured_are_those_that_can_be_looked_up() -> None:
    assert get_args(BlockKey) == tuple(BLOCKS)


def test_every_reason_has_words_for_readers() -> None:
    assert set(WhyConfig.model_fields) == {*REASONS, "weekly", "pinned", "picked"}

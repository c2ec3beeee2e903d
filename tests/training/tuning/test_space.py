"""What can be tuned, and what a setting makes of a config."""

import pytest

from training.config import Config
from training.errors import UsageError
from training.tuning.space import apply_setting, ranges, read_keys

DEFAULT = Config()


def test_every_value_of_a_range_can_stand_and_is_another() -> None:
    for key, values in read_keys([], DEFAULT).items():
        assert values, key
        for value in values:
            assert apply_setting(DEFAULT, {key: value}) != DEFAULT


def test_ranges_follow_what_the_config_has() -> None:
    config = Config(
        readers={"pair_half_lives": [2, 8], "view_half_lives": [1 / 12, 8760]},
        ranking={"pair_candidates": [10, 1000], "learn_days": 60, "discount": 0.2},
        texts={"max_terms": 4096},
    )
    space = read_keys([], config)
    assert space["readers.pair_half_lives"] == [[1, 4], [4, 16], [8, 32]]
    assert space["ranking.pair_candidates"] == [[5, 500], [20, 1000]]
    assert space["ranking.learn_days"] == []  # 60 at most
    assert space["texts.max_terms"] == [2048]
    assert 0.2 not in space["ranking.discount"]
    assert all(min(lives) >= 1 / 12 for lives in space["readers.view_half_lives"])  # type: ignore[arg-type,type-var]


def test_half_lives_that_would_fall_together_are_left_out() -> None:
    lives = {"pair_half_lives": [1 / 12, 1 / 6, 1, 2]}
    halved = ranges(Config(readers=lives))["readers.pair_half_lives"][0]
    assert halved == [1 / 12, 1 / 2, 1]
    space = read_keys(["readers.pair_half_lives"], Config(readers=lives))
    assert halved not in space["readers.pair_half_lives"]


def test_values_are_written_as_in_the_config() -> None:
    space = read_keys(
        [
            "ranking.discount=0, 0.1, 0.3, 0.30",
            "readers.pair_half_lives=[1,2,3,4],[1,4,24,336]",
            'ranking.recent="24h","48h"',
            "texts.max_terms",
        ],
        DEFAULT,
    )
    assert space == {
        "ranking.discount": [0, 0.3],
        "readers.pair_half_lives": [[1, 2, 3, 4]],
        "ranking.recent": ["24h"],
        "texts.max_terms": [64, 256],
    }


def test_a_setting_changes_its_keys_alone() -> None:
    base = Config(ranking={"discount": 0.3, "recent": "12h"}, texts={"body": 2})
    config = apply_setting(base, {"ranking.penalty": 1, "texts.title": 5.0})
    assert config.ranking.model_dump() == {**base.ranking.model_dump(), "penalty": 1.0}
    assert config.texts.model_dump() == {**base.texts.model_dump(), "title": 5.0}
    assert base.ranking.penalty == 0.25
    assert apply_setting(base, {}) == base


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("ranking.discuont=0", "unknown key ranking.discuont; did you mean discount?"),
        ("ranking.discount=3", "ranking.discount = 3: must be less than or equal to 2"),
        ("ranking.discount=low", "ranking.discount=low: not a list of values"),
        ("ranking.discount='a'", "ranking.discount = 'a': must be a valid number"),
        ("ranking.discount=nan", "ranking.discount = nan: must be a finite number"),
        ("ranking.recent=24", 'ranking.recent = 24: write a duration as a whole number and s, m,'),
        ("readers.pair_half_lives=[1,4]", "ranking.pair_candidates has length 4, readers.pair"),
        ("readers.pair_half_lives=[4,1,24,336]", "pair_half_lives must ascend"),
        ("texts.title", "--keys texts.title: give its values, such as texts.title=VALUE,VALUE"),
        ("sessions.gap='10m'", "--keys sessions.gap: only keys of texts, readers, ranking can be"),
        ("lists.max_age='1d'", "only keys of texts, readers, ranking can be tuned"),
        ("ranking", "--keys ranking: only keys of"),
        ("", "--keys : only keys of"),
        ("ranking.every='1h'", "cannot be tuned; it is the refresh interval: give --every"),
    ],
)  # fmt: skip
def test_a_mistake_says_what_may_stand_there(text: str, says: str) -> None:
    with pytest.raises(UsageError) as error:
        read_keys([text], DEFAULT)
    assert says in str(error.value)

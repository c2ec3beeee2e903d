"""The catalogue: which row an id has."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from recommender.sections import section_key
from tests.training.worlds import World
from training.catalogue import empty_catalogue, section_spellings


def test_few_ids_and_many_have_the_same_rows() -> None:
    ids = [f"{number:04d}" for number in np.random.default_rng(1).permutation(900)]
    catalogue = replace(empty_catalogue(), ids=ids)
    for asked in ([], ids[500:503], ids):
        rows = catalogue.rows_of(asked)
        assert rows.dtype == np.int32
        assert rows.tolist() == [ids.index(one) for one in asked]


def test_one_section_has_one_spelling_the_most_frequent(tmp_path: Path) -> None:
    world = World(tmp_path)
    spelled = ["POLITICS", "Politics", " politics ", "Politics", "World  news", "world news", ""]
    for number, section in enumerate(spelled):
        world.article(f"a{number}", section=section)
    catalogue = world.train().state.catalogue
    assert catalogue.section_names == ["Politics", "World news"]
    assert catalogue.section.tolist() == [0, 0, 0, 0, 1, 1, -1]


def test_a_known_section_keeps_its_spelling() -> None:
    spelling = section_spellings(["Politics"], ["POLITICS", "POLITICS", "Sport"])
    assert spelling == {section_key("politics"): "Politics", section_key("SPORT"): "Sport"}

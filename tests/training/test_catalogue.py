"""The catalogue: which row an id has."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from recommender.sections import section_key
from tests.training.worlds import World
from training.catalogue import MAX_FORMER_URLS, add_former_urls, empty_catalogue, section_spellings


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


def test_the_latest_former_addresses_are_kept_and_none_that_is_present(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name in "ab":
        world.article(name, url=f"/{name}")
    catalogue = world.train().state.catalogue
    assert add_former_urls(catalogue, [(0, "/a"), (1, "")]) is catalogue
    many = [(1, f"/{number}") for number in range(2 * MAX_FORMER_URLS)]
    catalogue = add_former_urls(catalogue, [*many, (1, "/5"), (0, "/x"), (0, "/a")])
    latest = [url for _, url in many][-MAX_FORMER_URLS + 1 :]
    assert catalogue.former_rows.tolist() == [0] + [1] * MAX_FORMER_URLS
    assert list(catalogue.former_urls) == ["/x", *latest, "/5"]
    assert catalogue.known_urls[-3:] == [("b", "/5"), ("a", "/a"), ("b", "/b")]

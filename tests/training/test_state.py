"""A state that was tampered with is refused, whatever its checksums say."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from recommender import ArtifactError
from tests.training.worlds import START, World, busy
from training.catalogue import add_former_urls
from training.records import DAY
from training.state import State

Saved = tuple[dict[str, Any], dict[str, Any]]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> State:
    return busy(World(tmp_path_factory.mktemp("busy"))).train(now=START + 4 * DAY).state


def changed(name: str, change: Callable[[Any], Any]) -> Callable[[Saved], object]:
    return lambda saved: saved[1].update({name: change(saved[1][name])})


TAMPERED: dict[str, Callable[[Saved], object]] = {
    "other layout": lambda s: s[0].update(layout=1),
    "no time": lambda s: s[0].pop("time"),
    "time as text": lambda s: s[0].update(time="now"),
    "no model": lambda s: s[0].pop("model"),
    "features of numbers": lambda s: s[0]["model"].update(features=[1]),
    "fewer features": lambda s: s[0]["model"]["features"].pop(),
    "base as text": lambda s: s[0]["model"].update(base="0"),
    "an array less": lambda s: s[1].pop("texts_terms"),
    "a table's column less": lambda s: s[1].pop("open_view_timed"),
    "other type": changed("views", lambda a: a.astype(np.float32)),
    "other dimensions": changed("views", lambda a: a.reshape(-1)),
    "fewer rows": changed("last_view", lambda a: a[1:]),
    "fewer half-lives": changed("inflow", lambda a: a[:, 1:]),
    "a longer column": changed("open_session_time", lambda a: np.append(a, 1)),
    "fewer curves": changed("model_knots", lambda a: a[1:]),
    "no number": changed("model_values", lambda a: a * np.nan),
    "no offsets": changed("section_names_ends", lambda a: a[:0]),
    "offsets beyond": changed("titles_ends", lambda a: a + 1),
    "offsets not ascending": changed("ids_ends", lambda a: a[[0, 2, 1, *range(3, len(a))]]),
    "half a character": changed("ids", lambda a: a | 0xC0),
    "a term twice": changed("texts_vocabulary", lambda a: a * 0 + 97),
    "half a character in a term": changed("texts_vocabulary", lambda a: a | 0xC0),
    "rows below": changed("texts_twin", lambda a: a - 1),
    "terms beyond": changed("texts_terms", lambda a: a + 10**6),
    "sections beyond": changed("section", lambda a: a + 2),
    "pairs of rows beyond": changed("base_keys", lambda a: a + (1 << 40)),
    "pairs of targets beyond": changed("base_keys", lambda a: a + 10**6),
    "pairs not ascending": changed("base_keys", lambda a: a[::-1].copy()),
    "former addresses without rows": lambda s: s[1].update(former_urls=np.zeros(1, np.uint8)),
    "former addresses of rows beyond": lambda s: s[1].update(
        former_rows=np.array([10**6], np.int32),
        former_urls=np.zeros(1, np.uint8),
        former_urls_ends=np.array([0, 1]),
    ),
    "readers' rows beyond": changed("open_session_article", lambda a: a + 10**6),
}


def test_what_is_saved_is_loaded(state: State) -> None:
    described, arrays = State.load(*state.save()).save()
    saved = state.save()
    assert described == saved[0]
    assert all(np.array_equal(array, saved[1][name]) for name, array in arrays.items())


def test_without_a_discount_a_state_is_as_it_was_before_there_was_any(state: State) -> None:
    _, arrays = state.save()
    assert not [name for name in arrays if name.endswith("discount")]


def test_a_discount_is_saved_and_loaded(state: State) -> None:
    sums = replace(state.sums, discount=state.sums.total * 1260)
    opened = sums.open_views
    opened = replace(opened, discount=opened.views * 1260)
    saved = replace(state, sums=replace(sums, open_views=opened)).save()
    loaded = State.load(*saved).sums
    assert loaded.discount.sum() > 0
    assert loaded.discount.tolist() == sums.discount.tolist()
    assert loaded.open_views.discount.tolist() == opened.discount.tolist()


def test_former_addresses_are_saved_where_there_are_any(state: State) -> None:
    assert not [name for name in state.save()[1] if name.startswith("former")]
    catalogue = add_former_urls(state.catalogue, [(3, "/c"), (1, "/\u00e6"), (3, "/d")])
    loaded = State.load(*replace(state, catalogue=catalogue).save()).catalogue
    assert loaded.former_rows.tolist() == [1, 3, 3]
    assert list(loaded.former_urls) == ["/\u00e6", "/c", "/d"]


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_refused(state: State, what: str) -> None:
    saved = state.save()
    TAMPERED[what](saved)
    with pytest.raises(ArtifactError, match=r"the state's .*run ymal train"):
        State.load(*saved)

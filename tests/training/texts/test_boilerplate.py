"""Notices in the bodies of unlike articles have no weight; sentences of one story stay."""

from dataclasses import replace

import numpy as np
import pytest

from training.config import TextsConfig
from training.records import Articles
from training.texts import Texts, extend, learn
from training.texts.boilerplate import MIN_BODIES

CONFIG = TextsConfig()
NOTICE = "This story is for subscribers. Log in here with your address, or subscribe now!"
WORDS = [f"{a}{b}{c}{d}" for a in "bdfg" for b in "aeiou" for c in "klmnp" for d in "aeiou"]


def story(number: int) -> str:
    return " ".join(np.random.default_rng(number).choice(WORDS, 20))


def site(titles: list[str], bodies: list[str]) -> Articles:
    return replace(
        Articles.with_ids([f"{i:05d}" for i in range(len(bodies))]), title=titles, body=bodies
    )


def texts(articles: Articles) -> Texts:
    return learn(articles, np.arange(len(articles), dtype=np.int32), len(articles), CONFIG, 1)


def terms(found: Texts, row: int) -> set[str]:
    return {list(found.vocabulary)[i] for i in found.vectors[[row]].indices}


@pytest.mark.parametrize("share", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("form", ["{notice}", "{story}\n{notice}", "<p>{notice}</p><p>{story}</p>"])
def test_a_notice_has_no_weight_whatever_its_share(share: float, form: str) -> None:
    titles, own = [story(500 + i) for i in range(100)], [story(i) for i in range(100)]
    with_it = [
        form.format(story=body, notice=NOTICE) if i < share * 100 else body
        for i, body in enumerate(own)
    ]
    without = [
        form.format(story=body, notice="") if i < share * 100 else body
        for i, body in enumerate(own)
    ]
    found, expected = texts(site(titles, with_it)), texts(site(titles, without))
    assert found.vocabulary == expected.vocabulary
    np.testing.assert_array_equal(found.vectors.toarray(), expected.vectors.toarray())


def test_copies_of_one_story_keep_their_sentences() -> None:
    copies = ["The bridge over the river burned down at night."] * MIN_BODIES
    found = texts(site(["Bridge burned"] * MIN_BODIES, copies))
    assert {"bridge", "river", "night"} <= terms(found, 0)


def test_a_sentence_of_a_few_bodies_stays() -> None:
    bodies = [f"{story(i)}. The bridge burned down." for i in range(MIN_BODIES - 1)]
    found = texts(site([story(100 + i) for i in range(MIN_BODIES - 1)], bodies))
    assert "bridge" in terms(found, 0)


def test_later_articles_are_read_without_the_notices_of_training() -> None:
    bodies = [f"{story(i)}\n{NOTICE}" for i in range(20)]
    before = texts(site([story(100 + i) for i in range(20)], bodies))
    before = Texts.from_arrays(before.arrays())
    later = extend(before, site(["Bridge"], [NOTICE]), np.array([20], np.int32), 21, CONFIG)
    assert terms(later, 20) == {"bridge"}
    assert not {"subscribers", "log"} & set(later.vocabulary)


def test_a_title_may_be_the_words_of_a_notice() -> None:
    bodies = [f"{story(i)}. Subscribe to the newsletter!" for i in range(20)]
    found = texts(
        site(["Subscribe to the newsletter", *(story(100 + i) for i in range(19))], bodies)
    )
    assert terms(found, 0) >= {"subscribe", "newsletter"}

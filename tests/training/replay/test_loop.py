"""The replay scores what a refresh would publish, and sees nothing of what comes later."""

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer

from tests.training.worlds import COARSE, START, STORM, World, busy, ids
from training import Metric, Site, train
from training.errors import UsageError
from training.pipeline import refresh
from training.records import DAY, HOUR, utc
from training.replay import baselines
from training.replay.loop import ReplayPeriod, steps
from training.replay.systems import ReplayInputs, System
from training.replay.ymal import Ymal
from training.report.evaluate import evaluate

NOW = START + 5 * DAY
EVERY = 6 * HOUR


def period_of(site: Site) -> tuple[ReplayPeriod, Ymal]:
    inputs = ReplayInputs.of(site, NOW)
    system = Ymal(config=COARSE)
    system.begin(inputs)
    return ReplayPeriod.of(inputs, NOW - DAY, NOW), system


Lists = dict[str, list[str]]


def lists_by_cut(period: ReplayPeriod, system: Ymal) -> Iterator[tuple[int, Lists]]:
    """Everybody's list at each cutoff."""
    known = period.inputs.known
    names = period.inputs.catalogue.ids
    for step in steps(period, EVERY):
        tested = step.end >= NOW - DAY
        rows = np.arange(len(known) if tested else 0)
        system.advance(step.with_sources(rows, rows))
        if tested:
            sources = np.flatnonzero(known < step.end).astype(np.int32)
            rows = system.lists(sources, known < step.end, 20)
            yield (
                step.end,
                {
                    names[source]: [names[row] for row in listed if row >= 0]
                    for source, listed in zip(sources.tolist(), rows.tolist(), strict=True)
                },
            )


def lists_at(period: ReplayPeriod, system: Ymal, time: int) -> Lists:
    """Everybody's list at a cut."""
    return next(lists for cut, lists in lists_by_cut(period, system) if cut == time)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return busy(World(tmp_path_factory.mktemp("site"))).read()


@pytest.fixture(scope="module")
def replayed(site: Site) -> dict[int, Lists]:
    """Its lists by the cut, of one replay."""
    return dict(lists_by_cut(*period_of(site)))


def test_refresh_publishes_what_the_replay_scores(site: Site, replayed: dict[int, Lists]) -> None:
    run = train(site, now=NOW - DAY)
    for cut in range(NOW - DAY, NOW, EVERY):
        if cut > NOW - DAY:
            run = refresh(site, run.state, run.recommendations, cut)
        assert replayed[cut]
        for source, listed in replayed[cut].items():
            assert listed == ids(run, source, 20), (utc(cut), source)


def test_days_replayed_side_by_side_give_the_same_rows(site: Site) -> None:
    systems = ["ymal-session", "ymal-nightly"]
    alone, together = (
        evaluate(site, now=NOW, last=2 * DAY, every=[12 * HOUR], systems=systems, jobs=jobs)[1][0]
        for jobs in (1, 2)
    )
    assert len({*(alone.rows.cut // DAY).tolist()}) > 1
    assert together.systems == alone.systems
    assert together.coverage == alone.coverage
    for field in fields(alone.rows):
        ours, theirs = getattr(together.rows, field.name), getattr(alone.rows, field.name)
        assert ours.tobytes() == theirs.tobytes(), field.name


def test_lists_that_nobody_looks_at_need_not_be_made(
    site: Site, replayed: dict[int, Lists]
) -> None:
    cut = NOW - DAY + EVERY
    everybody = replayed[cut]
    period, system = period_of(site)
    some = np.array([3, 30], np.int32)
    for step in steps(period, EVERY):
        rows = some[: len(some) if step.end >= NOW - DAY else 0]
        system.advance(step.with_sources(rows, rows))
        if step.end == cut:
            rows = system.lists(some, period.inputs.known < cut, 20)
            break
    names = period.inputs.catalogue.ids
    for source, listed in zip(some.tolist(), rows.tolist(), strict=True):
        assert [names[row] for row in listed if row >= 0] == everybody[names[source]]


def undated(world: World) -> World:
    for article in world.articles:
        del article["published_at"]
    return world


@pytest.mark.parametrize("dated", [True, False])
def test_nothing_after_a_cut_leaks_into_its_lists(
    tmp_path: Path, replayed: dict[int, Lists], dated: bool
) -> None:
    """Views after the cut shuffled, articles known only after it replaced: the same lists."""
    cut = NOW - DAY + 2 * EVERY
    other = busy(World(tmp_path))
    before = (
        replayed[cut] if dated else lists_at(*period_of(undated(busy(World(tmp_path))).read()), cut)
    )
    assert len(before) < len(other.articles)
    names = [view[1] for view in other.views]
    shuffled = np.random.default_rng(5).permutation(names).tolist()
    other.views = [
        view if view[2] < utc(cut) else (view[0], name, view[2])
        for view, name in zip(other.views, shuffled, strict=True)
    ]
    for article in other.articles:
        if article["id"] not in before:
            article["title"] = article["body"] = "zeppelin election storm"
    period, system = period_of((other if dated else undated(other)).read())
    assert lists_at(period, system, cut) == before


def test_an_article_with_neither_time_nor_view_is_a_source_as_if_it_came_just_now(
    tmp_path: Path,
) -> None:
    """What the replay gives for it is what a refresh publishes that the article comes with."""
    cut = NOW - DAY + EVERY
    world = busy(World(tmp_path))
    for article in world.articles[:30]:  # else an article without a time is not published
        del article["published_at"]
    run = train(world.read(), now=NOW - DAY)
    world.article("nobody", f"{STORM} nobody", at=None, section="b")
    run = refresh(world.read(), run.state, run.recommendations, cut)
    period, system = period_of(world.read())
    names = period.inputs.catalogue.ids
    for step in steps(period, EVERY):
        rows = np.arange(len(names) if step.end >= NOW - DAY else 0)
        system.advance(step.with_sources(rows, rows))
        if step.end == cut:
            break
    source = np.array([names.index("nobody")], np.int32)
    (listed,) = system.lists(source, period.inputs.known < cut, 20)
    assert [names[row] for row in listed if row >= 0] == ids(run, "nobody", 20)
    assert len(ids(run, "nobody", 20)) > 5
    assert "nobody" not in {story for each in run.lists for story in ids(run, each, 20)}


def test_every_system_is_asked_the_same_and_no_list_is_short(site: Site) -> None:
    names = ["ymal", *baselines.NAMES]
    report, replays = evaluate(site, now=NOW, last=DAY, every=[EVERY], systems=names)
    (replayed,) = replays
    results = {result["system"]: result for result in report.results}
    assert set(results) >= set(names)
    assert len({results[name]["n"] for name in names}) == 1
    rows = replayed.rows
    tested = rows.where(rows.system == 0)
    assert ((tested.source_time >= NOW - DAY) & (tested.target_time < NOW)).all()
    assert (tested.cut == tested.source_time - tested.source_time % EVERY).all()
    assert results["popular"]["metrics"]["hr@5"] < results["ymal"]["metrics"]["hr@5"] + 0.1
    settings = report.protocol["tuning"]["settings"]["6h"]
    assert settings["coview"].startswith("half-life")


def test_an_own_system_takes_part(site: Site) -> None:
    class Newest(System):
        name = "newest"

        def __init__(self) -> None:
            self.known = np.zeros(0, np.int32)

        def advance(self, window: object) -> None:
            self.known = np.concatenate([window.arrived[::-1], self.known])

        def lists(self, sources: np.ndarray, eligible: np.ndarray, n: int) -> np.ndarray:
            rows = self.known[eligible[self.known]]
            return np.array([rows[rows != source][:n] for source in sources], np.int32)

    report, _ = evaluate(site, now=NOW, last=DAY, every=[EVERY], systems=[Newest(), "popular"])
    assert report.compare("newest", "popular", every="6h").hr5


def test_estimators_of_scikit_learn_take_the_place_of_ours(site: Site) -> None:
    systems = [
        "ymal",
        Ymal("boosted", model=HistGradientBoostingClassifier(max_iter=5, random_state=0)),
        Ymal("characters", vectorizer=TfidfVectorizer(analyzer="char", ngram_range=(3, 5))),
        "popular",
    ]
    report, _ = evaluate(site, now=NOW, last=DAY, every=[2 * EVERY], systems=systems)
    ranks, hits = (
        {result["system"]: result["metrics"][metric] for result in report.results}
        for metric in ("mrr@10", "hr@5")
    )
    assert len({ranks[name] for name in ("ymal", "boosted", "characters")}) == 3
    assert min(hits["boosted"], hits["characters"]) > hits["popular"] / 2


def test_an_own_metric_must_not_take_the_name_of_another(site: Site) -> None:
    own = {"hr@5": Metric(lambda rows: rows.rank)}
    with pytest.raises(UsageError, match="there is a metric hr@5 already"):
        evaluate(site, now=NOW, last=DAY, every=[EVERY], systems=["popular"], metrics=own)


def test_a_system_that_cheats_is_refused(site: Site) -> None:
    class Narcissus(System):
        name = "narcissus"

        def advance(self, window: object) -> None: ...

        def lists(self, sources: np.ndarray, _eligible: np.ndarray, n: int) -> np.ndarray:
            return np.repeat(sources[:, None], n, axis=1)

    with pytest.raises(ValueError, match="holds it"):
        evaluate(site, now=NOW, last=DAY, every=[EVERY], systems=[Narcissus()])

"""The search: it finds what serves readers better, confirms it on later days, and sees no test."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.replay.test_as_of import THEN, with_another_future
from tests.training.worlds import COARSE, World, busy
from training import Site, read
from training.errors import DataError
from training.progress import Stages
from training.records import DAY, HOUR
from training.replay.as_of import as_of
from training.report.evaluate import evaluate
from training.simulate import simulate
from training.tuning.search import (
    EXHAUSTED,
    INTERRUPTED,
    SPENT,
    Budget,
    Confirmation,
    SettingFigures,
    TuningResult,
    tune,
)
from training.tuning.setting_evaluator import SettingEvaluator
from training.tuning.space import read_keys

EVERY = 6 * HOUR
KEYS = ["ranking.discount=0,0.5,2", "ranking.penalty=0,5", "readers.view_half_lives"]


def tuned(site: Site, **more: Any) -> TuningResult:
    arguments: dict[str, Any] = {
        "test": THEN,
        "last": 2 * DAY,
        "every": EVERY,
        "space": read_keys(KEYS, COARSE),
        "budget": Budget(30, math.inf),
        "metric": "hr@5",
    }
    return tune(site, **{**arguments, **more})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return busy(World(tmp_path_factory.mktemp("site"))).read()


@pytest.fixture(scope="module")
def found(site: Site) -> TuningResult:
    return tuned(site)


def test_another_test_leaves_the_same_outcome(
    tmp_path: Path, site: Site, found: TuningResult
) -> None:
    """Every view and article of the test days is another one, and there are more of them."""
    other = with_another_future(busy(World(tmp_path))).read()
    assert other.views.newest >= THEN
    assert other.views.count_between(THEN, site.views.newest) != site.views.count_between(
        THEN, site.views.newest
    )
    assert tuned(other) == found


def test_the_days_of_the_test_cannot_be_looked_at(site: Site) -> None:
    evaluator = SettingEvaluator.of(as_of(site, THEN), THEN, EVERY, "hr@5", 1)
    assert len(evaluator.period(THEN - DAY, THEN).transitions().source)
    with pytest.raises(DataError, match="no next click lies between"):
        evaluator.period(THEN, THEN + DAY)
    reads = evaluator.period(THEN - DAY, THEN + DAY).transitions()
    assert max(reads.target_time.max(), reads.source_time.max()) < THEN


def test_the_days_to_confirm_on_have_no_part_in_the_choice(
    tmp_path: Path, found: TuningResult
) -> None:
    """As if the test began where the choice ends: the same settings are tried, to the same end."""
    middle = THEN - DAY
    site = as_of(busy(World(tmp_path)).read(), THEN)
    earlier = as_of(site, middle)
    one, other = (
        SettingEvaluator.of(s, t, EVERY, "hr@5", 1) for s, t in ((site, THEN), (earlier, middle))
    )
    for evaluator in (one, other):
        (rows,) = evaluator.replay(evaluator.period(THEN - 2 * DAY, middle), [{}], lambda _: None)
        (default,) = (t for t in found.tried if not t.setting)
        assert evaluator.measure([rows]).mean[0] == default.figure


def test_the_config_has_the_figure_that_evaluate_gives_it(site: Site, found: TuningResult) -> None:
    (default,) = (tried for tried in found.tried if not tried.setting)
    then = as_of(site, found.middle)
    report, _ = evaluate(then, now=found.middle, last=DAY, every=[EVERY], systems=["ymal"])
    assert report.results[0]["metrics"]["hr@5"] == default.figure
    assert (default.difference, default.ci) == (0, (0, 0))


def test_a_setting_has_the_figure_that_evaluate_gives_its_config(
    tmp_path: Path, found: TuningResult
) -> None:
    (heavy,) = (t for t in found.tried if t.setting == {"ranking.discount": 2})
    config = COARSE.model_copy(
        update={"ranking": COARSE.ranking.model_copy(update={"discount": 2.0})}
    )
    then = as_of(busy(World(tmp_path)).read(config), found.middle)
    report, _ = evaluate(then, now=found.middle, last=DAY, every=[EVERY], systems=["ymal"])
    assert report.results[0]["metrics"]["hr@5"] == heavy.figure


def test_the_best_comes_first_and_nothing_is_tried_twice(found: TuningResult) -> None:
    figures = [tried.figure for tried in found.tried]
    assert figures == sorted(figures, reverse=True)
    settings = [sorted(tried.setting.items()) for tried in found.tried]
    assert len(settings) == len({str(setting) for setting in settings})
    assert found.ended == EXHAUSTED
    assert (found.start, found.middle, found.end) == (THEN - 2 * DAY, THEN - DAY, THEN)


def test_the_outcome_does_not_depend_on_the_processes(site: Site, found: TuningResult) -> None:
    assert tuned(site, jobs=2, last=2 * DAY) == found


def test_a_budget_is_kept(site: Site) -> None:
    spent = tuned(site, budget=Budget(3, math.inf))
    assert (len(spent.tried), spent.ended) == (3, SPENT)
    at_once = tuned(site, budget=Budget(30, 0))
    assert ([tried.setting for tried in at_once.tried], at_once.ended) == ([{}], SPENT)
    assert (at_once.chosen, at_once.confirmed, at_once.proposed) == ({}, None, {})


def interrupting(at: str, *, in_numba: bool = False) -> Callable[[str], None]:
    def tell(line: str) -> None:
        if line.startswith(at) and in_numba:
            raise SystemError("invert returned a result with an exception set") from (
                KeyboardInterrupt()
            )
        if line.startswith(at):
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize("in_numba", [False, True])
def test_an_interrupt_leaves_what_was_found(
    site: Site, found: TuningResult, in_numba: bool
) -> None:
    broken = tuned(site, stages=Stages(interrupting("runs 5 to", in_numba=in_numba)))
    assert broken.ended == INTERRUPTED
    assert len(broken.tried) == 4
    assert all(tried in found.tried for tried in broken.tried)
    assert broken.proposed == {}
    with pytest.raises(KeyboardInterrupt):
        tuned(site, stages=Stages(interrupting("run 1")))


def test_only_what_later_days_confirm_is_proposed() -> None:
    chosen = {"ranking.discount": 0.0}
    tried = [SettingFigures(chosen, 0.3, 0.1, (0.05, 0.15))]

    def outcome(low: float) -> TuningResult:
        confirmed = Confirmation(0.2, 0.2 + low + 0.01, low + 0.01, (low, low + 0.02))
        return TuningResult("hr@5", EVERY, 0, 1, 2, EXHAUSTED, tried, chosen, confirmed)

    assert outcome(0.001).proposed == chosen
    assert outcome(0.0).proposed == {}
    assert outcome(-0.001).proposed == {}
    assert outcome(math.nan).proposed == {}


def test_days_without_transitions_are_refused(site: Site) -> None:
    with pytest.raises(DataError, match=r"no next click lies between .* widen --last"):
        tuned(site, last=HOUR // 60)


def test_a_metric_for_which_nothing_counts_is_refused(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name in "abc":
        world.article(name, name, THEN - 5 * DAY)  # none is new
    for visit in range(40):
        world.session(f"r{visit}", THEN - visit * HOUR - HOUR, "abc")
    with pytest.raises(DataError, match=r"none of \d+ next clicks counts for hr@5\|new; choose"):
        tuned(world.read(), metric="hr@5|new", last=DAY)


def test_a_site_of_other_habits_is_served_better_on_a_test_never_seen(tmp_path: Path) -> None:
    """Few readers, who go by headlines: three days give too little to learn from, twelve do not."""
    simulate(tmp_path, articles=400, days=18, readers=300, habits="headlines", seed=5)
    site = read(tmp_path / "ymal.toml")
    now = site.views.newest + 1
    outcome = tune(
        site,
        test=now - 2 * DAY,
        last=4 * DAY,
        every=EVERY,
        space=read_keys(["ranking.learn_days"], site.config),
        budget=Budget(3, math.inf),
    )
    assert outcome.proposed["ranking.learn_days"] == 12
    days = {"learn_days": outcome.proposed["ranking.learn_days"]}
    ranking = site.config.ranking.model_copy(update=days)
    better = read(site.config.model_copy(update={"ranking": ranking}), **files(tmp_path))
    figures = []
    for one in (site, better):
        report, _ = evaluate(one, now=now, last=2 * DAY, every=[EVERY], systems=["ymal"])
        figures.append(report.results[0]["metrics"]["hr@5|page"])
    assert figures[1] > 1.2 * figures[0]


def files(folder: Path) -> dict[str, list[str]]:
    return {"articles": [str(folder / "articles.jsonl")], "views": [str(folder / "views.csv")]}

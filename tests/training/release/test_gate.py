"""The gate: each figure on a version that differs in nothing else, and what becomes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.release.test_comparison import version
from tests.training.release.worlds import NOW, publish, titles
from training import release
from training.config import GateConfig
from training.records import HOUR
from training.release import audit, gate
from training.storage import Arrays, Contents

NAMES = [f"a{number:03}" for number in range(150)]
LISTS = {
    name: [NAMES[(row + step) % len(NAMES)] for step in range(1, 9)]
    for row, name in enumerate(NAMES)
}
FIELDS = {
    "now": NOW,
    "model": {"kind": "learned", "log_loss": 3.0, "log_loss_prior": 5.0},
    "traffic": {"newest_view": NOW - HOUR, "repeated": 0.1, "unknown": 0.05},
    "quality": {
        "matched": 0.9,
        "titled": 1.0,
        "markup": 0.0,
        "readers": 300.0,
        "one_reader": 0.02,
        "eligible": 80.0,
        "one_first": 0.4,
    },
}


def compared(
    before: tuple[dict[str, Any], Arrays], after: tuple[dict[str, Any], Arrays]
) -> dict[str, float]:
    """Compare a version with the served one."""
    return gate.compare_figures(Contents(*before), Contents(*after))


def served() -> tuple[dict[str, Any], Arrays]:
    return FIELDS, version(LISTS)


def lists(change: Callable[[int, list[str]], list[str]]) -> Arrays:
    return version({name: change(row, items) for row, (name, items) in enumerate(LISTS.items())})


def traffic(**more: object) -> dict[str, Any]:
    return FIELDS | {"traffic": FIELDS["traffic"] | more}


def quality(**more: object) -> dict[str, Any]:
    return FIELDS | {"quality": FIELDS["quality"] | more}


SERVED = version(LISTS)
CASES: dict[str, tuple[dict[str, Any], Arrays]] = {
    "min_matched": (quality(matched=0.1), SERVED),
    "min_titled": (quality(titled=0.1), SERVED),
    "max_markup": (quality(markup=0.9), SERVED),
    "min_readers": (quality(readers=1.0), SERVED),
    "max_one_reader": (quality(one_reader=0.9), SERVED),
    "min_eligible": (quality(eligible=1.0), SERVED),
    "max_one_first": (quality(one_first=0.99), SERVED),
    "max_gone": (
        FIELDS,
        version({n: [i for i in LISTS[n] if i in NAMES[31:]] or [NAMES[40]] for n in NAMES[31:]}),
    ),
    "max_new": (FIELDS, version(LISTS | {f"b{n}": list(NAMES[:8]) for n in range(101)})),
    "min_items": (FIELDS, lists(lambda _row, items: items[:5])),
    "max_short": (FIELDS, lists(lambda row, items: items[:4] if row < 20 else items)),
    "min_overlap": (FIELDS, lists(lambda row, _: [NAMES[(row - s) % 150] for s in range(1, 9)])),
    "max_one_story": (
        FIELDS,
        lists(lambda row, items: [NAMES[7], *items[:7]] if row != 7 else items),
    ),
    "max_repeated": (traffic(repeated=0.9), SERVED),
    "min_worth": (FIELDS | {"model": FIELDS["model"] | {"log_loss": 4.5}}, SERVED),
    "max_view_age": (traffic(newest_view=NOW - 9 * HOUR), SERVED),
    "max_unknown": (traffic(unknown=0.3), SERVED),
}


@pytest.mark.parametrize("key", CASES)
def test_each_figure_alone(key: str) -> None:
    figures = compared(served(), CASES[key])
    strict = GateConfig(min_overlap=0.02)
    (line,) = gate.violations(figures, strict)
    assert f"[gate] {key} is" in line
    assert gate.violations(figures, GateConfig(**{"min_overlap": 0.02, key: LIFTED[key]})) == ()


LIFTED: dict[str, Any] = {
    **{key: 1 for key in CASES if key.startswith("max_")},
    **{key: 0 for key in CASES if key.startswith("min_")},
    "max_view_age": "10h",
}


def test_every_bound_is_tried_and_configured() -> None:
    assert {bound.key for bound in gate.BOUNDS} == set(CASES) == set(GateConfig.model_fields)
    figures = compared(served(), served())
    assert {bound.figure for bound in gate.BOUNDS} <= figures.keys()


def test_the_same_again_passes() -> None:
    assert gate.violations(compared(served(), served()), GateConfig()) == ()


def test_a_site_without_views_and_without_articles_passes() -> None:
    nothing = {"now": NOW, "model": {"kind": "prior"}, "traffic": {"newest_view": None}}
    bare = version({"a": []})
    assert gate.violations(compared((nothing, bare), (nothing, bare)), GateConfig()) == ()


def test_a_hundred_new_articles_are_always_allowed() -> None:
    few = version({"a": ["b"], "b": ["a"]})
    more = version({"a": ["b"], "b": ["a"]} | {f"c{n}": ["a"] for n in range(100)})
    assert compared((FIELDS, few), (FIELDS, more))["new"] == 0


BAD = {"traffic": {"newest_view": NOW - 9 * HOUR, "repeated": 0.0, "unknown": 0.0}}


def test_a_refused_version_is_written_but_not_served(tmp_path: Path) -> None:
    first = publish(tmp_path).name
    refused = publish(tmp_path, "second", fields=BAD)
    assert refused.decision.refused
    assert refused.version_dir.is_dir()
    assert refused.state_dir.is_dir()
    assert titles(tmp_path) == ["first", "first"]
    assert release.served_name(tmp_path) == first
    entry = audit.entries(tmp_path)[-1]
    assert entry["version"] == refused.name
    assert "served" not in entry
    assert "newest view" in entry["outside"][0]
    statuses = {version.name: version.status for version in release.list_versions(tmp_path)}
    assert statuses == {first: "served", refused.name: "refused"}


@pytest.mark.parametrize("bound", gate.BOUNDS, ids=lambda bound: bound.key)
def test_the_first_version_is_compared_with_nothing_and_measured_by_itself(
    bound: gate.GateBound,
) -> None:
    figures = gate.version_figures(Contents(*CASES[bound.key]))
    lines = gate.violations(figures, GateConfig())
    assert [f"[gate] {bound.key} is" in line for line in lines] == (
        [] if bound.seen_in == "comparison" else [True]
    )


def test_what_was_not_measured_refuses_nothing() -> None:
    unknown = {name: value for name, value in FIELDS.items() if name != "quality"}
    assert gate.violations(gate.version_figures(Contents(unknown, SERVED)), GateConfig()) == ()


def test_a_first_version_that_makes_no_sense_is_not_served(tmp_path: Path) -> None:
    cause = {"view_age": "the views end at noon"}
    first = publish(tmp_path, fields=BAD, causes=cause)
    (line,) = first.decision.outside
    assert line.startswith("9.0 h is the age of the newest view: the views end at noon; check")
    assert [version.status for version in release.list_versions(tmp_path)] == ["refused"]
    assert publish(tmp_path, fields=BAD, forced="an archive").decision.may_serve


def test_a_served_version_that_is_damaged_is_replaced_by_the_next(tmp_path: Path) -> None:
    first = publish(tmp_path)
    (first.version_dir / "ids.npy").write_bytes(b"")
    other = {"traffic": {"unknown": 0.9}}
    assert publish(tmp_path, "second", fields=other).decision.may_serve
    assert titles(tmp_path) == ["second", "second"]


def test_force_serves_it_and_the_audit_says_why(tmp_path: Path) -> None:
    publish(tmp_path)
    forced = publish(tmp_path, "second", fields=BAD, forced="log server down")
    assert titles(tmp_path) == ["second", "second"]
    assert forced.decision.outside
    entry = audit.entries(tmp_path)[-1]
    assert entry["forced"] == "log server down"
    assert entry["served"] == forced.name


def test_a_publication_of_the_same_lists_passes_no_gate(tmp_path: Path) -> None:
    publish(tmp_path)
    release.set_hold(tmp_path, "")
    assert publish(tmp_path, "second", fields=BAD, gate=None).decision.may_serve


def test_a_wider_bound_passes(tmp_path: Path) -> None:
    publish(tmp_path)
    wide = GateConfig(max_view_age="10h")
    assert publish(tmp_path, "second", fields=BAD, gate=wide).decision.may_serve


def test_figures_are_in_the_manifest(tmp_path: Path) -> None:
    publish(tmp_path)
    publish(tmp_path, "second")
    decision = release.list_versions(tmp_path)[-1].decision
    assert decision.figures is not None
    assert decision.figures["overlap"] == 1
    assert decision.follows == release.list_versions(tmp_path)[0].name
    assert not np.isnan(list(decision.figures.values())).any()


@pytest.mark.parametrize("odd", [None, [], "x", {"repeated": None, "newest_view": "x"}])
def test_a_served_version_with_odd_fields_can_be_compared(odd: object) -> None:
    before = FIELDS | {"traffic": odd, "model": odd}
    figures = compared((before, SERVED), (FIELDS, SERVED))
    assert gate.violations(figures, GateConfig()) == ()


def test_a_rollback_from_the_same_lists_goes_to_the_version_before_both(tmp_path: Path) -> None:
    first, second = publish(tmp_path).name, publish(tmp_path, "second").name
    same = publish(tmp_path, "second", base=second, gate=None)
    assert same.decision.follows == first
    assert release.roll_back(tmp_path, "") == (same.name, first, [])


def test_a_share_of_few_views_is_not_compared() -> None:
    """Else a day that begins with few would bound the days that follow."""
    for before, after in ((None, 0.9), (0.0, None)):
        figures = compared((traffic(unknown=before), SERVED), (traffic(unknown=after), SERVED))
        assert figures["unknown_more"] == 0


def test_a_log_without_views_is_compared_with_the_served_version() -> None:
    silent = FIELDS | {"now": NOW + 9 * HOUR, "traffic": {"newest_view": None}}
    (line,) = gate.violations(compared(served(), (silent, SERVED)), GateConfig())
    assert "10.0 h is the age of the newest view" in line


def test_a_few_articles_may_go_and_a_small_gain_is_not_compared() -> None:
    few = version({name: LISTS[name] for name in NAMES[:20]} | {n: [] for n in NAMES[20:40]})
    fewer = version({n: [i for i in LISTS[n] if i in NAMES[:10]] for n in NAMES[:10]})
    assert compared((FIELDS, few), (FIELDS, few))["gone"] == 0
    assert (
        compared((FIELDS, version({"a": [], "b": []})), (FIELDS, version({"a": []})))["gone"] == 0
    )
    assert compared((FIELDS, few), (FIELDS, fewer))["gone"] == 0.75
    little = FIELDS | {"model": {"log_loss": 4.9, "log_loss_prior": 5.0}}
    none = FIELDS | {"model": {"kind": "prior"}}
    assert compared((little, SERVED), (none, SERVED))["worth_kept"] == 1

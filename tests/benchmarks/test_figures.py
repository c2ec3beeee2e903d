"""The figures of the comparisons: recall with ties, medians, lines, and the page they stand on."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array

from benchmarks.speed import report as page
from benchmarks.speed.lists import (
    NEAREST,
    Lists,
    agreement,
    hits_of,
    less_itself,
    product,
    sampled_recall,
)
from benchmarks.speed.process import FailedError, take, tree_memory
from benchmarks.speed.race import Race, Side, run
from benchmarks.speed.report import Report, line, of_race
from benchmarks.speed.works import WORKS


def near(*values: float) -> np.ndarray:
    """Lay out how near forty rows are: those given, then nothing."""
    return np.array([[*values, *[0.0] * (40 - len(values))]])


def found(*rows: int) -> np.ndarray:
    return np.array([[*rows, *[-1] * (NEAREST - len(rows))]])


FALLING = [1 - i / 100 for i in range(NEAREST - 1)]


def test_a_tie_at_the_last_place_is_right_whichever_stands_there() -> None:
    tied = near(*FALLING, 0.5, 0.5, 0.5 - 5e-7, 0.5 - 5e-6)
    for last, hits in ((19, 20), (20, 20), (21, 20), (22, 19), (39, 19)):
        assert hits_of(tied, found(*range(19), last)) == (hits, 20)


def test_what_is_repeated_counts_once_and_what_is_not_near_never() -> None:
    assert hits_of(near(0.9, 0.8), found(0, 1)) == (2, 2)
    assert hits_of(near(0.9, 0.8), found(0, 0)) == (1, 2)
    assert hits_of(near(0.9, 0.8), found(0, 7, 8)) == (1, 2)
    assert hits_of(near(), found(3)) == (0, 0)


def test_a_list_of_oneself_finds_nothing() -> None:
    vectors = csr_array(np.eye(4)[[0, 0, 0, 1]])
    rows = np.full((4, NEAREST), -1, np.int32)
    rows[:, 0] = range(4)
    lists = Lists(rows, np.zeros(rows.shape, np.float32))
    assert sampled_recall(lists, product(vectors), np.arange(4)) == 0
    rows[:3, :2] = [[1, 2], [0, 2], [0, 1]]
    assert sampled_recall(lists, product(vectors), np.arange(4)) == 1


def test_exact_lists_have_recall_one_and_worse_ones_less() -> None:
    generator = np.random.default_rng(0)
    vectors = csr_array(generator.random((60, 8)) * (generator.random((60, 8)) > 0.5))
    dense = (vectors @ vectors.T).toarray()
    order = np.argsort(-dense, axis=1, kind="stable")[:, : NEAREST + 1]
    lists = less_itself(order, np.take_along_axis(dense, order, 1))
    assert sampled_recall(lists, product(vectors), np.arange(60)) == 1
    worse = Lists(np.where(np.arange(NEAREST) < 10, lists.rows, -1), lists.values)
    assert sampled_recall(worse, product(vectors), np.arange(60)) == pytest.approx(1 / 2, abs=0.01)
    assert agreement(worse, lists) == pytest.approx(1 / 2, abs=0.01)


def test_the_line_of_a_comparison() -> None:
    found = line("newswire", "scikit-learn brute force", [1.0, 12.34, 50.0], 0.9985)
    assert found == "newswire: 12.3 x faster than scikit-learn brute force (recall 0.999)"
    with pytest.raises(ValueError, match="without brackets"):
        line("newswire", "tantivy (more like this)", [1.0], 1.0)


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    begin, end = "<!-- globo: begin, written by make bench -->", "<!-- globo: end -->"
    text = f"# By hand\n\n{begin}\nold\n\nold\n{end}\nby hand\n"
    assert (
        page.replace_section(text, "globo", r"new \1")
        == f"# By hand\n\n{begin}\nnew \\1\n{end}\nby hand\n"
    )
    for broken in ("nothing", f"{end}\n{begin}\n", text + text):
        with pytest.raises(ValueError, match="must hold once"):
            page.replace_section(broken, "globo", "new")


def test_every_work_has_its_place_on_the_page() -> None:
    text = (page.DOCS / "benchmarks.md").read_text(encoding="utf-8")
    for name in WORKS:
        assert page.replace_section(text, name, "new") != text


def test_sides_take_turns_and_are_reported(tmp_path: Path) -> None:
    order = tmp_path / "order"
    code = (
        "import sys; open(sys.argv[1], 'a').write(sys.argv[2]); print('{\"seconds\": {\"a\": 1}}')"
    )

    def side(name: str) -> Side:
        return Side(name, lambda _: [sys.executable, "-S", "-c", code, order, name[0]])

    race = Race("some work", side("ours"), [side("peer")])
    result = run(race, 3, tmp_path)
    assert order.read_text() == "oppoop"
    found = of_race(result, 1.0, {"peer": "all right"}, "*some work*: nothing.")
    assert found.lines[0].startswith("some work: ")
    assert "| peer | " in found.text
    assert "all right |" in found.text
    (tmp_path / "benchmarks.md").write_text(
        "<!-- some: begin, written by make bench -->\n<!-- some: end -->\n"
    )
    page.write("some", found, tmp_path)
    assert found.text in (tmp_path / "benchmarks.md").read_text()
    assert (tmp_path / "bench-some-work.svg").read_text().startswith("<svg")
    assert found == Report(found.lines, found.text, found.pictures)


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(FailedError, match="no such thing"):
        take([sys.executable, "-S", "-c", "raise SystemExit('no such thing')"])


def test_a_process_is_measured_with_its_children() -> None:
    assert tree_memory(os.getpid()) > 10_000_000
    child = "import time; held = b'1' * 80_000_000; time.sleep(0.1)"
    parent = (
        "import subprocess, sys\n"
        f'subprocess.run([sys.executable, "-S", "-c", {child!r}])\n'
        'print(\'{"seconds": {"x": 1}}\')'
    )
    spent = take([sys.executable, "-S", "-c", parent])
    assert spent.memory > 80_000_000
    assert 0.1 < spent.wall < 20
    assert spent.stages == {"x": 1}

"""The report in a notebook: as a table, as a frame, its misses and plots; and the example."""

import json
import sys
from pathlib import Path

import pytest

from tests.processes import run_program
from tests.training.cli.commands import simulate_site
from tests.training.worlds import START, World, busy
from training import Report, evaluate
from training.metrics.definitions import METRICS
from training.records import DAY
from training.report.plots import PLOTS
from training.report.scope import Scope
from training.report.summary import DEFINITIONS, headline, paragraphs

ROOT = Path(__file__).parents[3]

RUN = """
import ast, json, sys
sys.path.insert(0, "")
names = {}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] != "code":
        continue
    tree = ast.parse("".join(cell["source"]))
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        html = getattr(shown, "_repr_html_", None)
        print(html() if html else repr(shown))
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    site = busy(World(tmp_path_factory.mktemp("busy"))).read()
    systems = ["ymal", "popular", "coview"]
    return evaluate(site, last="1d", every=["6h", "12h"], systems=systems, now=START + 5 * DAY)


def test_it_shows_itself_as_the_table(report: Report) -> None:
    shown = report._repr_html_()
    assert shown.count("<table>") == 2
    for line in report.table():
        for cell in line:
            assert f">{cell}</t" in shown


def test_a_frame_has_the_figures_and_their_intervals(report: Report) -> None:
    frame = report.frame()
    assert frame.index.names == ["every", "system"]
    for result in report.results:
        line = frame.loc[(result["every"], result["system"])]
        assert line["hr@5"] == result["metrics"]["hr@5"]
        assert [line["hr@5 low"], line["hr@5 high"]] == result["ci"]["hr@5"]
        assert line["coverage"] == result["metrics"]["coverage"]


def test_what_is_missing_is_named() -> None:
    script = """
import sys
sys.modules["pandas"] = sys.modules["matplotlib"] = None
from training import Report
for call in (lambda r: r.frame(), lambda r: r.plot("hits")):
    try:
        call(Report({}, {}, [], []))
    except ImportError as error:
        print(error)
"""
    done = run_program([sys.executable, "-c", script], cwd=ROOT)
    for package, name in (("pandas", "frame"), ("matplotlib", "plot")):
        assert f"report.{name}() needs {package}: pip install" in done.stdout, done.stderr


def test_misses_are_of_a_system_and_an_interval(report: Report) -> None:
    (first, second) = (report.misses("popular", every, n=5) for every in ("6h", "12h"))
    assert len(first) == len(second) == 5
    assert report.misses("popular", n=5) == first
    assert {story.id for story in report.misses("ymal")} <= {f"n{n:02}" for n in range(40)}
    with pytest.raises(ValueError, match="no system newest; choose one of ymal, popular"):
        report.misses("newest")
    with pytest.raises(ValueError, match="no rows of refresh interval 1h; there are 6h, 12h"):
        report.misses("ymal", "1h")


def test_every_plot_can_be_asked_for(report: Report) -> None:
    for name in PLOTS:
        plot = report.plot(name, every="12h")
        assert plot.svg.startswith("<svg")
        assert plot.title in plot._repr_html_()
        assert plot.description
        assert {len(row) for row in plot.rows} == {len(plot.head)}
    with pytest.raises(ValueError, match="no plot 'hit'; choose one of hits, hours"):
        report.plot("hit")


def test_a_report_read_from_json_has_figures_alone(report: Report) -> None:
    rebuilt = Report(**report.as_json())
    assert rebuilt.table() == report.table()
    with pytest.raises(ValueError, match="no rows of refresh interval any; there are none"):
        rebuilt.misses()


def test_the_words_are_the_figures(report: Report) -> None:
    scope = Scope.of(report)
    ours, rival = (scope.metric(system, "hr@5") for system in scope.two)
    best = max(["popular", "coview"], key=lambda system: scope.metric(system, "hr@5"))
    assert headline(scope) == (
        f"Readers open one of the five in {10 * ours:.1f} of 10 transitions, "
        f"against {10 * rival:.1f} with the best baseline ({best})"
    )
    compared, held, missed, measured = paragraphs(scope)
    assert "With lists renewed every 12h it is" in compared
    low, high = report.compare("ymal", best, "6h").hr5.ci
    assert ("may be chance" in compared.split(". On a page")[0]) == (low <= 0 <= high)
    assert f"{5 * scope.metric('ymal', 'hot'):.1f} hold one of the ten hottest" in held
    assert "not known yet" in missed
    assert f"{len(scope.trial.reader):,} transitions" in measured


def test_every_figure_is_explained() -> None:
    defined = {name for names in DEFINITIONS for name in names.split(", ")}
    for name in METRICS:
        assert name.partition(":")[0] in defined, name


def test_the_example_runs(tmp_path: Path) -> None:
    """Its code cells, in order, in a process of their own, as a kernel would run them."""
    simulate_site(tmp_path / "demo", 150, 4, 250)
    example = ROOT / "examples" / "evaluate.ipynb"
    done = run_program([sys.executable, "-c", RUN, str(example)], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "<table>" in done.stdout
    assert "<svg" in done.stdout
    assert "PairedDifference(difference=" in done.stdout
    assert "Miss(id=" in done.stdout
    for cell in json.loads(example.read_text())["cells"]:
        assert not cell.get("outputs"), "it is committed without what a run gave"

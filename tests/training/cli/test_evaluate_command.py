"""`ymal evaluate`, as a user runs it."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

from tests.processes import run_program
from tests.training.cli.commands import failure, simulate_site, ymal
from training.errors import EXIT_DATA, EXIT_OUTPUT, EXIT_USAGE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulate_site(tmp_path_factory.mktemp("site"), 200, 5, 400)


def test_a_table_a_report_and_its_rows(site: Path) -> None:
    done = ymal(
        "evaluate", "--last", "1d", "--every", "6h", "--systems", "ymal,popular,coview",
        "--json", "report.json", "--rows", "rows.parquet", "--html", "report.html", cwd=site,
    )  # fmt: skip
    assert "every 6h" in done.stdout
    report = json.loads((site / "report.json").read_text())
    assert set(report) == {"data", "protocol", "results", "pairs", "rows"}
    assert {result["system"] for result in report["results"]} >= {"ymal", "popular", "coview"}
    for result in report["results"]:
        low, high = result["ci"]["hr@5"]
        assert low <= result["metrics"]["hr@5"] <= high
    rows = (site / "rows.parquet").read_bytes()
    assert report["rows"]["sha256"] == hashlib.sha256(rows).hexdigest()
    page = (site / "report.html").read_text(encoding="utf-8")
    for result in report["results"]:
        low, high = result["ci"]["hr@5"]
        figure = f"{result['metrics']['hr@5']:.3f} [{low:.3f}, {high:.3f}]"
        assert f'>{result["system"]}</th><td class="number">{figure}</td>' in page
    assert "<pre>ymal evaluate --last 1d --every 6h --systems ymal,popular,coview " in page
    assert page.count("<svg") == 10


def test_json_on_stdout(site: Path) -> None:
    done = ymal(
        "evaluate", "--last", "6h", "--every", "6h", "--systems", "popular,latest-in-section",
        "--json", "-", cwd=site,
    )  # fmt: skip
    assert json.loads(done.stdout)["pairs"]


def test_without_matplotlib_it_says_so_before_it_begins(site: Path) -> None:
    script = "import sys; sys.modules['matplotlib'] = None; from training.cli import main; main()"
    arguments = ["evaluate", "--config", "nowhere.toml", "--html", "page.html"]
    done = run_program([sys.executable, "-c", script, *arguments], cwd=site)
    assert done.returncode == EXIT_USAGE
    assert done.stderr == "ymal: --html needs matplotlib: pip install 'ymal[report]'\n"
    assert not (site / "page.html").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--systems", "nope"], EXIT_USAGE, "no system nope; choose one of ymal"),
        (["--every", "7m"], EXIT_USAGE, "multiple of 5m that divides a day"),
        (["--every", "often"], EXIT_USAGE, "--every often"),
        (["--last", "soon"], EXIT_USAGE, "--last soon"),
        (["--now", "2020-01-01"], EXIT_DATA, "no next click lies between"),
        (
            ["--html", "nowhere/x.html"],
            EXIT_OUTPUT,
            "nowhere/x.html: the folder nowhere does not exist",
        ),
        (
            ["--json", "nowhere/x.json"],
            EXIT_OUTPUT,
            "nowhere/x.json: the folder nowhere does not exist",
        ),
        (
            ["--rows", "nowhere/x"],
            EXIT_OUTPUT,
            "nowhere/x: the folder nowhere does not exist; create it",
        ),
    ],
)
def test_a_mistake_is_one_line(site: Path, arguments: list[str], code: int, says: str) -> None:
    assert says in failure("evaluate", *arguments, cwd=site, code=code)

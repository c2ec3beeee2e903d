"""`ymal compare`, as a newsroom's own CI runs it."""

import json
from pathlib import Path

import pytest

from tests.training.cli.commands import failure, simulate_site, ymal
from training.errors import EXIT_DATA, EXIT_USAGE, EXIT_WORSE


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of one site, the second with a discount that buries what is read."""
    folder = simulate_site(tmp_path_factory.mktemp("site"), 300, 6, 1200)
    config = (folder / "ymal.toml").read_text()
    (folder / "worse.toml").write_text(f"{config}\n[ranking]\ndiscount = 2.0\n")
    for name, file in (("a", "ymal.toml"), ("b", "worse.toml")):
        ymal(
            "evaluate", "--config", file, "--last", "1d", "--every", "6h", "--systems",
            "ymal,popular", "--json", f"{name}.json", "--rows", f"{name}.parquet", cwd=folder,
        )  # fmt: skip
    return folder


def test_a_worse_config_fails(site: Path) -> None:
    done = ymal(
        "compare", "a.json", "b.json", "--fail-if-worse", "hr@5", "--fail-if-worse", "hr@5|page",
        cwd=site, code=EXIT_WORSE,
    )  # fmt: skip
    assert "paired  by transition" in done.stdout
    assert "config  ranking.discount 0.1 and 2.0" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "b.json is worse than a.json: hr@5 of ymal at 6h by 0." in done.stderr
    ymal("compare", "b.json", "a.json", "--fail-if-worse", "hr@5", cwd=site)
    ymal("compare", "a.json", "b.json", cwd=site)


def test_the_same_run_twice_finds_nothing(site: Path) -> None:
    done = ymal("compare", "a.json", "a.json", "--fail-if-worse", "hr@5", "--json", cwd=site)
    report = json.loads(done.stdout)
    assert report["unpaired"] == ""
    assert {line["difference"] for line in report["lines"]} <= {0, None}
    assert not {line["verdict"] for line in report["lines"]} & {"better", "worse"}


def test_without_rows_it_says_so_and_goes_by_the_intervals(site: Path) -> None:
    report = json.loads((site / "b.json").read_text())
    del report["rows"]
    (site / "bare.json").write_text(json.dumps(report))
    done = ymal("compare", "a.json", "bare.json", "--system", "ymal", cwd=site)
    assert "paired    no: bare.json names no rows" in done.stdout
    assert "of two independent figures" in done.stdout
    assert "popular" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["a.json", "none.json"], EXIT_DATA, "none.json: cannot be read (No such file"),
        (["a.json", "views.csv"], EXIT_DATA, "views.csv: is not a report of ymal evaluate --json"),
        (
            ["a.json", "b.json", "--system", "nope"],
            EXIT_USAGE,
            "nope is not in both",
        ),
        (["a.json", "b.json", "--fail-if-worse", "hr@6"], EXIT_USAGE, "hr@6 is not a metric"),
        (
            ["a.json", "b.json", "--fail-if-worse", "overlap"],
            EXIT_USAGE,
            "overlap is neither better",
        ),
    ],
)
def test_a_mistake_is_one_line(site: Path, arguments: list[str], code: int, says: str) -> None:
    assert says in failure("compare", *arguments, cwd=site, code=code)

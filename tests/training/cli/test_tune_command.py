"""`ymal tune`, as a user runs it."""

import json
import os
import pty
import signal
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.processes import PATIENCE
from tests.training.cli.commands import YMAL, failure, interruptible, simulate_site, ymal
from training.cli.tune import print_report
from training.config import load
from training.errors import EXIT_DATA, EXIT_INTERRUPTED, EXIT_USAGE
from training.records import DAY, HOUR
from training.tuning.search import SPENT, Confirmation, SettingFigures, TuningResult
from training.tuning.space import Setting


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quiet site."""
    return simulate_site(tmp_path_factory.mktemp("site"), 300, 9, 300)


def test_a_table(site: Path) -> None:
    done = ymal(
        "tune", "--keys", "ranking.discount=0,1", "--test", "3d", "--last", "2d", "--every", "6h",
        "--jobs", 1, cwd=site,
    )  # fmt: skip
    assert done.stderr == ""
    assert "kept for the test  2026-05-2" in done.stdout
    table, _, verdict = done.stdout.partition("\n# ")
    assert "hr@5|page  difference  95 %" in table
    assert table.count("ranking.discount = ") == 2
    assert verdict.startswith(("Keep the config", "Change the config: hr@5|page 0."))


def test_what_is_proposed_is_a_config_to_paste(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen: Setting = {"ranking.learn_days": 12, "texts.max_terms": 64}
    tried = [SettingFigures(chosen, 0.3, 0.1, (0.05, 0.15)), SettingFigures({}, 0.2, 0, (0, 0))]
    confirmed = Confirmation(0.2, 0.31, 0.11, (0.04, 0.18))
    print_report(TuningResult("hr@5", HOUR, 0, DAY, 2 * DAY, SPENT, tried, chosen, confirmed))
    table, _, proposed = capsys.readouterr().out.partition(
        "\n# Change the config: hr@5 0.2000 to 0.31"
    )
    assert "ranking.learn_days = 12, texts.max_terms = 64" in table
    assert tomllib.loads(f"# {proposed}") == {
        "ranking": {"learn_days": 12},
        "texts": {"max_terms": 64},
    }
    pasted = site / "pasted.toml"
    pasted.write_text((site / "ymal.toml").read_text() + f"\n# {proposed}")
    assert load(pasted).config.ranking.learn_days == 12


def test_json(site: Path) -> None:
    done = ymal(
        "tune", "--keys", "ranking.discount=2", "--test", "3d", "--last", "2d", "--every", "6h",
        "--metric", "hr@5", "--jobs", 1, "--json", cwd=site,
    )  # fmt: skip
    printed = json.loads(done.stdout)
    tried = {str(tried["setting"]): tried for tried in printed["tried"]}
    assert set(tried) == {"{}", "{'ranking.discount': 2}"}
    assert tried["{}"]["ci"] == [0, 0]
    assert (printed["metric"], printed["every"]) == ("hr@5", "6h")
    assert printed["proposed"] in ({}, printed["chosen"])
    assert printed["start"] < printed["middle"] < printed["end"]


def test_an_interrupt_prints_what_was_found(site: Path) -> None:
    """It comes when the progress says that other settings are being replayed."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [YMAL, "tune", "--keys", "ranking.discount=0", "--test", "3d", "--last", "2d", "--every",
         "1h", "--jobs", "1"],
        cwd=site, stdout=subprocess.PIPE, stderr=theirs, text=True, preexec_fn=interruptible,
    )  # fmt: skip
    os.close(theirs)
    shown = b""
    while b"runs 2 to 2" not in shown:
        shown += os.read(ours, 4096)
    running.send_signal(signal.SIGINT)
    printed, _ = running.communicate(timeout=PATIENCE)
    os.close(ours)
    assert running.returncode == EXIT_INTERRUPTED
    assert "tried              1 setting; interrupted\n" in printed
    assert "hr@5|page  difference  95 %                change\n0." in printed
    assert "# Keep the config" not in printed


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--keys", "ranking.discuont=0"], EXIT_USAGE, "did you mean discount?"),
        (["--keys", "lists.max_age='1d'"], EXIT_USAGE, "only keys of texts, readers, ranking can"),
        (
            ["--metric", "overlap"],
            EXIT_USAGE,
            "--metric overlap: cannot be improved; choose one of hr",
        ),
        (["--every", "7m"], EXIT_USAGE, "multiple of 5m that divides a day"),
        (["--test", "0d"], EXIT_USAGE, "--test 0d"),
        (["--runs", "1"], EXIT_USAGE, "--runs"),
        (["--test", "300d"], EXIT_DATA, "no next click lies between"),
    ],
)
def test_a_mistake_is_one_line(site: Path, arguments: list[str], code: int, says: str) -> None:
    assert says in failure("tune", *arguments, cwd=site, code=code)

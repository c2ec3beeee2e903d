"""A command loads what it uses: hundreds of short ones are run where a training is run once."""

import sys

from tests.processes import run_program
from training.cli import COMMANDS, commands

HEAVY = {"duckdb", "joblib", "numba", "scipy", "sklearn"}
SHORT = [
    *("related", "page", "pin", "ban", "withdraw", "overrides", "versions", "diff", "publish"),
    *("rollback", "hold", "release", "prune", "verify", "export", "serve"),
]

EVALUATING = {"evaluate", "compare", "tune"}
EVALUATION = {"training.replay", "training.report", "training.tuning"}


def loaded(statement: str) -> set[str]:
    """What of the heavy packages a statement loads, and whether the notebook API."""
    script = f"import sys; {statement}; print(*sys.modules)"
    done = run_program([sys.executable, "-c", script], check=True)
    return set(done.stdout.split()) & {
        *HEAVY,
        "training.notebook",
        "training.replay",
        "training.report",
    }


def test_what_only_looks_up_loads_nothing_that_computes() -> None:
    assert loaded(f"from training.cli import commands; commands({SHORT})") == set()


def test_an_evaluation_is_loaded_by_the_commands_that_evaluate() -> None:
    names = [name for name in COMMANDS if name not in EVALUATING]
    found = loaded(f"from training.cli import commands; commands({names})")
    assert "duckdb" in found
    assert not {*EVALUATION, "training.notebook"} & found


def test_every_command_is_there() -> None:
    assert list(commands().commands) == list(COMMANDS)
    assert set(commands(["ban"]).commands) == {"ban"}


def test_the_notebook_api_is_loaded_when_it_is_asked_for() -> None:
    assert "training.notebook" not in loaded("import training")
    assert "training.notebook" in loaded("from training import read")

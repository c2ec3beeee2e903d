"""Every case of the catalogue ends as it says, and what was published before stays."""

import gc
import json
import re
import shutil
import tempfile
from pathlib import Path

import pytest

from benchmarks.faults.files import held
from recommender import Recommender
from tests.bad_inputs.case import ARTICLES, VIEWS, Case, Elsewhere
from tests.bad_inputs.cases import GROUPS, MACHINE
from tests.thorough import THOROUGH
from tests.training.cli.commands import ymal
from training.cli import run
from training.errors import EXIT_OK
from training.release import served_name

CASES = [case for group in GROUPS.values() for case in group]
SMALL = {group: [case for case in cases if not case.large] for group, cases in GROUPS.items()}
EVERY = {(group, case.what): case for group, cases in SMALL.items() for case in cases}
OF_EACH_CODE = {(group, case.code): case for group, cases in SMALL.items() for case in cases}
CHECKED = [*(EVERY if THOROUGH else OF_EACH_CODE).values()]
TESTS = Path(__file__).parents[1]
MAX_MEMORY_MB = 2000
"""MB that training may take, whatever one row holds."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good files, and a version that was trained on them."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "articles.csv").write_bytes(ARTICLES)
    (folder / "views.csv").write_bytes(VIEWS)
    ymal("train", "--articles", "articles.csv", "--views", "views.csv", "--quiet", cwd=folder)
    return folder


@pytest.fixture
def place(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy to work in, where temporary files can be seen."""
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_a_bad_input_ends_as_the_catalogue_says(
    place: Path, case: Case, capfd: pytest.CaptureFixture[str]
) -> None:
    write_files(case, place)
    before = held(place / "artifacts", served_name(place / "artifacts"))
    if case.large:
        done = ymal("train", *case.options, *more_options(case), cwd=place, code=case.code)
        code, stdout, stderr = done.returncode, done.stdout, done.stderr
    else:
        code = run(["train", *case.options, *more_options(case)])
        stdout, stderr = capfd.readouterr()
    assert code == case.code, stderr
    assert pattern_of(case.says).fullmatch(stderr), stderr
    assert served_name(place / "artifacts") in next(iter(before))
    assert held(place / "artifacts", served_name(place / "artifacts")) == before
    if case.code == EXIT_OK:
        check_training(case, json.loads(stdout))
    else:
        assert stdout == ""
    assert Recommender.open("artifacts").related("1"), "what was published is served"
    temporary = place.parent / "temporary"
    if any(temporary.iterdir()):  # its owner may be garbage that is not collected yet
        gc.collect()
    assert not any(temporary.iterdir())


@pytest.mark.parametrize("case", CHECKED, ids=lambda case: case.what)
def test_check_ends_with_the_same_code(
    place: Path, case: Case, capfd: pytest.CaptureFixture[str]
) -> None:
    write_files(case, place)
    assert run(["check", *case.options]) == case.code
    assert "Traceback" not in capfd.readouterr().err


def write_files(case: Case, folder: Path) -> None:
    """Write the files of a case."""
    for name, content in case.files.items():
        if content is None:
            (folder / name).mkdir()
        elif isinstance(content, bytes):
            (folder / name).write_bytes(content)
        else:
            content(folder / name)


def more_options(case: Case) -> list[str]:
    """Return options that make a case that trains publish elsewhere, where no gate compares."""
    return ["--json", "--jobs", "1"] + (["--artifacts", "new"] if case.code == EXIT_OK else [])


def pattern_of(says: str) -> re.Pattern[str]:
    """Return the pattern of a line of the catalogue."""
    text = ".*".join(map(re.escape, says.split("…")))
    return re.compile(f"ymal: {text}\n" if says else "")


def check_training(case: Case, summary: dict[str, object]) -> None:
    """Check what a training says that it kept, and that it answers."""
    counts = summary["counts"]
    assert isinstance(counts, dict)
    assert (counts["articles"], counts["views"]) == case.kept
    assert summary["left_out"] == case.left_out
    assert summary["now"] == case.now or not case.now
    memory = summary["peak_memory_mb"]
    assert isinstance(memory, int)
    assert memory < MAX_MEMORY_MB or not case.large
    assert run(["verify", "--artifacts", "new"]) == EXIT_OK
    if case.asked:
        assert run(["related", case.asked, "--artifacts", "new"]) == EXIT_OK


def test_a_pattern_takes_its_own_line_alone() -> None:
    pattern = pattern_of("a.csv: is …; leave it out")
    assert pattern.fullmatch("ymal: a.csv: is empty; leave it out\n")
    assert not pattern.fullmatch("ymal: a_csv: is empty; leave it out\n")
    assert not pattern.fullmatch("ymal: a.csv: is empty; leave it out\nymal: more\n")
    assert not pattern_of("").fullmatch("ymal: more\n")


@pytest.mark.parametrize("shown", MACHINE, ids=lambda shown: shown.what)
def test_what_other_tests_show_is_there(shown: Elsewhere) -> None:
    path, name = shown.test.split("::")
    assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8")

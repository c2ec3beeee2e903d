"""`ymal export`: the real command on a simulated site and on a toy one."""

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender import Recommender, Snapshot
from recommender.overrides import Override, dump
from tests.exports import check_lines, check_tables, names
from tests.processes import PATIENCE, run_program
from tests.recommender.worlds import Article, World
from tests.training.cli.commands import YMAL, begun, failure, simulate_site, ymal
from training.errors import EXIT_ARTIFACT, EXIT_INTERRUPTED, EXIT_OUTPUT, EXIT_USAGE

FORMS = ["jsonl", "sqlite"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated site, trained once, with something that editors want."""
    folder = simulate_site(tmp_path_factory.mktemp("site"), 200, 4, 300)
    ymal("train", "--quiet", cwd=folder)
    first, second, third, *_ = sorted(served(folder).ids())[-50:]
    overrides = [
        Override("o1", "withdraw", first),
        Override("o2", "pin", second, slot=1),
        Override("o3", "pin", third, block="must_reads", slot=1),
    ]
    (folder / "artifacts" / "overrides.json").write_bytes(dump(overrides))
    return folder


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose export takes some seconds."""
    folder = tmp_path_factory.mktemp("slow")
    count = 20_000
    articles = [Article(f"a{number}", "Title " * 20) for number in range(count)]
    World(articles, popular=list(range(100))).publish(folder / "artifacts")
    return folder


def served(folder: Path) -> Snapshot:
    return Recommender.open(folder / "artifacts").snapshot()


def test_lines_on_stdout_and_in_a_file(site: Path) -> None:
    done = ymal("export", cwd=site)
    assert done.stderr == ""
    check_lines(done.stdout.encode(), served(site), 20)
    printed = json.loads(ymal("export", "--out", "x.jsonl", "--json", cwd=site).stdout)
    data = (site / "x.jsonl").read_bytes()
    assert data == done.stdout.encode()
    lines = [json.loads(line) for line in data.splitlines()]
    assert printed["version"] == served(site).version
    assert (printed["path"], printed["bytes"]) == ("x.jsonl", len(data))
    assert printed["articles"] == len(lines) == len(served(site)) > 150
    assert printed["stories"] == sum(
        len(line["related"]) + sum(len(block["items"]) for block in line["page"]) for line in lines
    )


def test_tables(site: Path) -> None:
    done = ymal("export", "--format", "sqlite", "--out", "x.db", "-n", 7, cwd=site)
    assert done.stderr == ""
    assert done.stdout.splitlines()[1].split() == ["written", "to", "x.db"]
    check_tables(site / "x.db", served(site), 7)
    ymal("export", "--format", "sqlite", "--out", "x.db", "-n", 3, cwd=site)
    check_tables(site / "x.db", served(site), 3)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--json"], EXIT_USAGE, "--json: the data go to stdout"),
        (["--format", "sqlite"], EXIT_USAGE, "--format sqlite: name a file by --out"),
        (["--format", "xml"], EXIT_USAGE, "--format"),
        (["--out", ""], EXIT_USAGE, "--out: name a file"),
        (["--out", "."], EXIT_USAGE, "--out: name a file"),
        (["-n", "0"], EXIT_USAGE, "-n"),
        (["--artifacts", "nowhere", "--out", "y"], EXIT_ARTIFACT, "nowhere"),
        (["--out", "artifacts"], EXIT_OUTPUT, "it exists and is not a regular file"),
        (["--out", "/dev/null"], EXIT_OUTPUT, "it exists and is not a regular file"),
        (["--out", "nowhere/y"], EXIT_OUTPUT, "nowhere/y: cannot be written (No such file"),
        (["--out", "y" * 300], EXIT_OUTPUT, "File name too long"),
    ],
)
def test_what_cannot_be(site: Path, arguments: list[str], code: int, message: str) -> None:
    before = names(site)
    assert message in failure("export", *arguments, cwd=site, code=code)
    assert names(site) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(site: Path) -> None:
    (site / "closed").mkdir(mode=0o500)
    assert "Permission denied" in failure("export", "--out", "closed/y", cwd=site, code=EXIT_OUTPUT)


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", tmp_path]
    try:
        mounted = run_program(command)
    except FileNotFoundError:
        pytest.skip("no mount here")
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize("form", FORMS)
def test_a_full_disk(site: Path, tiny: Path, form: str) -> None:
    (tiny / "x").write_bytes(b"old")
    printed = failure("export", "--format", form, "--out", tiny / "x", cwd=site, code=EXIT_OUTPUT)
    assert f"{tiny / 'x'}: cannot be written (" in printed
    assert [(path.name, path.read_bytes()) for path in tiny.iterdir()] == [("x", b"old")]


@pytest.mark.parametrize("form", FORMS)
def test_a_file_larger_than_is_allowed(site: Path, tmp_path: Path, form: str) -> None:
    done = run_program(
        [YMAL, "export", "--format", form, "--out", tmp_path / "x"],
        cwd=site,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)),
    )
    assert done.returncode == EXIT_OUTPUT
    assert done.stderr.startswith(f"ymal: {tmp_path / 'x'}: cannot be written (")
    assert done.stderr.count("\n") == 1
    assert not names(tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_an_interrupt_in_the_middle_leaves_nothing(slow: Path, tmp_path: Path, form: str) -> None:
    with begun("export", "--format", form, "--out", tmp_path / "x", "-n", 100, cwd=slow) as run:
        while run.poll() is None and not any(path.stat().st_size for path in tmp_path.iterdir()):
            time.sleep(0.001)
        run.send_signal(signal.SIGINT)
        assert run.wait(PATIENCE) == EXIT_INTERRUPTED
        assert run.err.read_text() == "ymal: interrupted; nothing is left half written\n"
    assert not names(tmp_path)


def test_a_reader_that_has_had_enough_is_no_fault(slow: Path) -> None:
    command = f"'{YMAL}' export | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = run_program(["/bin/bash", "-c", command], cwd=slow)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["id"] == "a0"

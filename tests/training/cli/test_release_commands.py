"""What is served and what stays, by the real commands; docs/operations.md, run as it stands."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import PATIENCE, run_program
from tests.training.cli.commands import YMAL, begun, failure, simulate_site, ymal
from training import release
from training.errors import EXIT_ARTIFACT, EXIT_BUSY, EXIT_REFUSED, EXIT_USAGE

PAGE = Path(__file__).parents[3] / "docs" / "operations.md"
SITE = "/srv/news"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated site, trained up to two hours before its end, and refreshed an hour later."""
    folder = simulate_site(tmp_path_factory.mktemp("trained"), 200, 5, 300)
    ymal("train", "--quiet", "--now", "2026-05-31T16:00:00Z", cwd=folder)
    ymal("refresh", "--quiet", "--now", "2026-05-31T17:00:00Z", cwd=folder)
    return folder


@pytest.fixture
def site(trained: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(trained, tmp_path / "site")


def listed(site: Path) -> dict[str, str]:
    """What each version is, by name, newest first."""
    printed = json.loads(ymal("versions", "--json", cwd=site).stdout)
    return {version["version"]: version["standing"] for version in printed["versions"]}


def test_back_and_forth(site: Path) -> None:
    second, first = listed(site)
    assert listed(site) == {second: "served", first: ""}
    answer = json.loads(ymal("rollback", "--why", "a typo", "--json", cwd=site).stdout)
    assert (answer["served"], answer["before"]) == (first, second)
    assert "a typo" in answer["hold"]
    done = ymal("refresh", "--json", cwd=site)
    assert "ymal release lifts the hold" in done.stderr
    assert json.loads(done.stdout)["served"] is False
    assert release.served_name(site / "artifacts") == first
    assert list(listed(site).values()) == ["held", "", "served"]
    assert "a typo" in ymal("versions", cwd=site).stdout
    assert "a typo" in ymal("release", cwd=site).stdout
    assert "no hold was set" in ymal("release", cwd=site).stdout
    assert json.loads(ymal("refresh", "--json", cwd=site).stdout)["served"] is True
    ymal("verify", cwd=site)
    ymal("hold", cwd=site)
    done = ymal("publish", first, cwd=site)
    assert f"version {first} is served, but its state is gone" in done.stderr
    assert json.loads(ymal("versions", "--json", cwd=site).stdout)["hold"] is None
    assert "run ymal train" in failure("refresh", cwd=site, code=EXIT_ARTIFACT)
    ymal("train", "--quiet", cwd=site)
    ymal("verify", cwd=site)


def test_what_differs(site: Path) -> None:
    second, first = listed(site)
    printed = json.loads(ymal("diff", first, second, "--json", cwd=site).stdout)
    assert printed["gone"]["count"] == 0
    assert printed["new"]["count"] == len(printed["new"]["first"]) > 0
    assert 0 < printed["changed"] <= 1
    assert 0 < printed["overlap"] < 1
    assert printed["movers"][0]["before"] != printed["movers"][0]["after"]
    text = ymal("diff", first, second, cwd=site).stdout
    assert printed["new"]["first"][0]["title"] in text
    back = json.loads(ymal("diff", second, first, "--json", cwd=site).stdout)
    assert back["gone"] == printed["new"]


def cut_off(site: Path) -> None:
    """Let the articles file end in the middle."""
    lines = (site / "articles.jsonl").read_text().splitlines(keepends=True)
    (site / "articles.jsonl").write_text("".join(lines[:100]))


def test_a_refused_training_is_one_line_and_a_code(site: Path) -> None:
    before = release.served_name(site / "artifacts")
    cut_off(site)
    done = ymal("train", "--quiet", "--json", cwd=site, code=EXIT_REFUSED)
    printed = json.loads(done.stdout)
    assert printed["served"] is False
    assert "[gate] max_gone" in printed["outside"][0]
    assert done.stderr.count("\n") == 1
    assert f"ymal publish {printed['version']}" in done.stderr
    assert release.served_name(site / "artifacts") == before
    forced = ymal("train", "--quiet", "--force", "--why", "so it is", "--json", cwd=site)
    assert release.served_name(site / "artifacts") == json.loads(forced.stdout)["version"]
    entry = json.loads((site / "artifacts/audit.jsonl").read_text().splitlines()[-1])
    assert entry["forced"] == "so it is"
    (site / "ymal.toml").write_text(
        (site / "ymal.toml").read_text() + "[gate]\nmax_gone = 1\nmax_unknown = 1\n"
    )
    ymal("publish", before, cwd=site)
    ymal("train", "--quiet", cwd=site)


def test_mistakes_are_one_line(site: Path) -> None:
    for options in (("--force",), ("--why", "x")):
        for command in ("train", "refresh"):
            line = failure(command, *options, cwd=site, code=EXIT_USAGE)
            assert "--force and --why belong together" in line
    assert "--every" in failure(
        "refresh", "--every", "1m", "--force", "--why", "x", cwd=site, code=EXIT_USAGE
    )
    for command in (("publish", "v1"), ("diff", "v1", "v2")):
        assert "no version v1" in failure(*command, cwd=site, code=EXIT_USAGE)
    ymal("rollback", cwd=site)
    assert "no version before" in failure("rollback", cwd=site, code=EXIT_USAGE)
    for name in ("versions", "prune", "rollback", "hold", "release", "refresh"):
        line = failure(name, "--artifacts", "none", cwd=site, code=EXIT_ARTIFACT)
        assert "run ymal train" in line
    failure("publish", "v1", "--artifacts", "none", cwd=site, code=EXIT_USAGE)
    assert not (site / "none").exists()


def test_a_second_run_is_refused(site: Path) -> None:
    before = release.served_name(site / "artifacts")
    with release.command_lock(site / "artifacts", "refresh"):
        line = failure("refresh", cwd=site, code=EXIT_BUSY)
    assert "another ymal refresh is running here (process " in line
    assert release.served_name(site / "artifacts") == before


def test_two_trainings_at_once(site: Path) -> None:
    with begun("train", "--quiet", cwd=site) as one, begun("train", "--quiet", cwd=site) as two:
        codes = [run.wait(PATIENCE) for run in (one, two)]
    assert sorted(codes) in ([0, 0], [0, EXIT_BUSY])
    ymal("verify", cwd=site)


def test_pruning_by_hand(site: Path) -> None:
    (site / "artifacts/versions/.20260531T000000Z-001.partial").mkdir()
    assert ymal("prune", cwd=site).stdout == "nothing to remove\n"
    assert not list((site / "artifacts/versions").glob(".*"))


def code_blocks(kind: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [text for language, text in found if language == kind]


def installed(text: str, site: Path) -> str:
    """Put the site's folder and the real program where the page has its own."""
    text = re.sub(rf"(?:{SITE}/)?\.venv/bin/ymal", str(YMAL), text)
    return text.replace(SITE, str(site))


@pytest.fixture
def operated(site: Path) -> Path:
    """The site as the page has it, metrics and all."""
    (config,) = code_blocks("toml")
    written = (site / "ymal.toml").read_text()
    metrics = re.search(r"^metrics = .*$", config, re.MULTILINE)
    assert metrics is not None
    (site / "metrics").mkdir()
    (site / "ymal.toml").write_text(
        written.replace("[paths]\n", f"[paths]\n{installed(metrics[0], site)}\n")
    )
    return site


def lines_of(blocks: list[str]) -> Iterator[str]:
    for block in blocks:
        yield from block.splitlines()


def test_the_commands_of_the_page(operated: Path) -> None:
    second, first = listed(operated)
    names = {"VERSION-1": first, "VERSION-2": second}
    ran = []
    for line in lines_of(code_blocks("")):
        for name, version in names.items():
            line = line.replace(name, version)
        program, *arguments = shlex.split(line)
        if program == "ymal":
            ymal(*arguments, cwd=operated)
        else:
            subprocess.run([program, *arguments], cwd=operated / "artifacts", check=True)
        ran.append(arguments[0])
    assert {"versions", "diff", "rollback", "release", "publish", "prune", "verify"} <= {*ran}


def test_the_cron_lines_of_the_page(operated: Path) -> None:
    (block,) = code_blocks("cron")
    for line in block.splitlines():
        command = line.split(maxsplit=5)[5]
        subprocess.run(["/bin/sh", "-c", installed(command, operated)], check=True, timeout=300)
    for name in ("train.log", "refresh.log"):
        assert "Traceback" not in (operated / name).read_text()
    assert (operated / "metrics/ymal_train.prom").exists()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_the_units_of_the_page(operated: Path, tmp_path: Path) -> None:
    units = tmp_path / "units"
    units.mkdir()
    for block in code_blocks("ini"):
        name, text = block.split("\n", 1)
        (units / name.removeprefix("# ")).write_text(installed(text, operated))
    found = sorted(str(path) for path in units.iterdir())
    assert len(found) == 4
    done = run_program(["systemd-analyze", "verify", *found])
    assert done.returncode == 0, done.stderr
    assert str(units) not in done.stderr, done.stderr
    for path in found:
        for line in Path(path).read_text().splitlines():
            if line.startswith("ExecStart="):
                program, *arguments = shlex.split(line.removeprefix("ExecStart="))
                assert program == str(YMAL)
                ymal(*arguments, cwd=operated)


SAMPLE = re.compile(r'(ymal_[a-z_]+)(\{[a-z]+="[^"\\\n]*"\})? (-?[0-9.]+(e[+-]?[0-9]+)?)')


def samples(folder: Path) -> dict[str, float]:
    """Every sample of the textfiles; no name stands in two of them with the same labels."""
    found: dict[str, float] = {}
    for path in folder.glob("*.prom"):
        typed = set()
        for line in path.read_text().splitlines():
            if line.startswith("# TYPE "):
                assert line.endswith(" gauge")
                typed.add(line.split()[2])
            if line.startswith("#"):
                continue
            match = SAMPLE.fullmatch(line)
            assert match, line
            assert match[1] in typed
            assert match[1] + (match[2] or "") not in found
            found[match[1] + (match[2] or "")] = float(match[3])
    return found


def test_the_metrics_of_the_page(operated: Path) -> None:
    ymal("train", "--quiet", cwd=operated)
    ymal("refresh", "--quiet", cwd=operated)
    cut_off(operated)
    ymal("train", "--quiet", cwd=operated, code=EXIT_REFUSED)
    found = samples(operated / "metrics")
    assert found['ymal_run_exit_code{command="train"}'] == EXIT_REFUSED
    assert found['ymal_run_exit_code{command="refresh"}'] == 0
    assert found['ymal_versions{standing="refused"}'] == 1
    assert found["ymal_articles"] == 200
    assert found["ymal_held"] == 0
    assert found['ymal_gate_figure{figure="overlap"}'] > 0
    known = {name.split("{")[0] for name in found}
    page = PAGE.read_text(encoding="utf-8")
    printed = set(
        re.findall(r"\bymal_[a-z]+(?:_[a-z]+)+|\bymal_(?:held|versions|articles)\b", page)
    )
    assert printed == known


def test_a_failed_run_is_written_down(operated: Path) -> None:
    (operated / "views.csv").write_text("user,story\n")
    failure("refresh", cwd=operated, code=4)
    found = samples(operated / "metrics")
    assert found['ymal_run_exit_code{command="refresh"}'] == 4
    assert found["ymal_data_timestamp_seconds"] > 0
    shutil.rmtree(operated / "metrics")
    assert "view" in failure("refresh", cwd=operated, code=4)


def test_a_manifest_with_odd_fields_is_listed_and_measured(operated: Path) -> None:
    manifest = operated / "artifacts/versions" / next(iter(listed(operated))) / "manifest.json"
    fields = json.loads(manifest.read_text())
    odd = {"counts": [], "lists": {"own_items": "x"}, "model": None, "seconds": 3}
    manifest.write_text(json.dumps(fields | odd | {"traffic": "x"}))
    assert "served" in ymal("versions", cwd=operated).stdout
    ymal("refresh", "--quiet", "--now", "2026-05-31T17:00:00Z", cwd=operated)
    assert "ymal_articles" not in samples(operated / "metrics")
    assert samples(operated / "metrics")["ymal_data_timestamp_seconds"] > 0
    ymal("refresh", "--quiet", cwd=operated)


def test_metrics_that_cannot_be_written_are_an_error(operated: Path) -> None:
    shutil.rmtree(operated / "metrics")
    done = ymal("refresh", "--quiet", cwd=operated, code=6)
    assert "ymal_refresh.prom: cannot be written" in done.stderr
    ymal("verify", cwd=operated)

"""The lookup and the service, installed without anything of what trains."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.recommender.worlds import NAME, TOY
from tests.services import free_port, running

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "examples" / "Dockerfile"
TEMPLATES = ROOT / "recommender" / "html" / "templates"
BLOCK: dict[str, object] = {"key": "related", "title": "More", "slots": 2, "priority": 1, "most": 2}
SITE = replace(TOY, page=[BLOCK])

LOOKUP = """
import importlib.metadata, json, sys
from recommender import Recommender
rec = Recommender.open(sys.argv[1])
found = {
    "installed": [found.name for found in importlib.metadata.distributions()],
    "related": rec.related_ids("rain", 2),
    "page": rec.page("storm").as_dict(),
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the project's own sdist and wheel."""
    folder = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def bare(folder: Path) -> Path:
    """A fresh virtual environment, without pip: its Python."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def with_pip(python: Path) -> None:
    """Let `pip` of a virtual environment without one be this interpreter's."""
    script = python.with_name("pip")
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m pip --python {python} "$@"\n')
    script.chmod(0o755)


def install(python: Path, built: Path) -> None:
    """Install the wheel without what it depends on."""
    (wheel,) = built.glob("*.whl")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*command, "--no-index", "--no-deps", str(wheel)], check=True)


# The packages


def test_the_packages_hold_the_templates(built: Path) -> None:
    (wheel,), (sdist,) = built.glob("*.whl"), built.glob("*.tar.gz")
    templates = {str(file.relative_to(ROOT)) for file in TEMPLATES.iterdir()}
    with zipfile.ZipFile(wheel) as packed:
        assert templates <= set(packed.namelist())
    with tarfile.open(sdist) as packed_source:
        root = sdist.name.removesuffix(".tar.gz")
        assert {f"{root}/{name}" for name in templates} <= set(packed_source.getnames())


def test_the_wheel_alone_looks_up(built: Path, tmp_path: Path) -> None:
    artifacts = SITE.publish(tmp_path / "artifacts")
    python = bare(tmp_path / "venv")
    install(python, built)
    done = subprocess.run(
        [python, "-I", "-c", LOOKUP, artifacts], check=True, capture_output=True, cwd=tmp_path
    )
    found = json.loads(done.stdout)
    assert found["installed"] == ["ymal"]
    assert found["related"] == ["storm", "vote"]
    assert (found["page"]["source"], found["page"]["version"]) == ("storm", NAME)
    (block,) = found["page"]["blocks"]
    assert [story["title"] for story in block["items"]] == ["Rain", "Snow"]


@pytest.mark.parametrize("name", ["requirements", "requirements-serve", "requirements-spark"])
def test_every_lock_holds_the_releases_of_the_one_for_development(name: str) -> None:
    developing = releases("requirements-dev")
    for package, version in releases(name) - developing:
        assert name == "requirements-spark", (package, version)
        assert package not in dict(developing)


def releases(lock: str) -> set[tuple[str, str]]:
    """Return name and version of each package of a lock."""
    text = (ROOT / "locks" / f"{lock}.lock").read_text(encoding="utf-8")
    assert "://" not in text, "a lock names no package index"
    return set(re.findall(r"^(\S+)==(\S+)", text, re.MULTILINE))


# The image


def instructions() -> list[tuple[str, str]]:
    """What the Dockerfile does, line by line."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = filter(None, text.replace("\\\n", " ").splitlines())
    return [(word, rest) for word, rest in (line.split(maxsplit=1) for line in lines)]


def instruction(word: str) -> str:
    (rest,) = (rest for name, rest in instructions() if name == word)
    return rest


def command_of(rest: str, *pairs: tuple[str, str]) -> list[str]:
    """The program that a line names as JSON, with paths and addresses as they are here."""
    for written, here in pairs:
        assert written in rest
        rest = rest.replace(written, here)
    found: list[str] = json.loads(rest[rest.index("[") :])
    return found


def build(image: Path, environment: dict[str, str]) -> Path:
    """Do in a folder what makes the image; return the folder in which it then works."""
    folder = image
    for word, rest in instructions():
        if word == "WORKDIR":
            folder = image / rest.removeprefix("/")
            folder.mkdir(parents=True)
        elif word == "COPY":
            source, target = rest.split()
            copy(ROOT / source, folder / target)
        elif word == "RUN":
            subprocess.run(shlex.split(rest), cwd=folder, env=environment, check=True)
    return folder


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def files(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def test_the_image_serves(built: Path, tmp_path: Path) -> None:
    python = bare(tmp_path / "image" / "venv")
    with_pip(python)
    environment = {**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    folder = build(tmp_path / "image", environment)
    artifacts, port = SITE.publish(tmp_path / "artifacts"), free_port()
    here_instead = ('"/artifacts"', json.dumps(str(artifacts))), ('"0.0.0.0"', '"127.0.0.1"')
    command = command_of(instruction("CMD"), *here_instead)
    healthy = command_of(instruction("HEALTHCHECK"), (":8000", f":{port}"))
    here: dict[str, Any] = {"cwd": folder, "env": environment}
    before = files(folder), files(artifacts)
    with running([*command, f"--port={port}"], port, tmp_path / "log", **here) as service:
        assert service.get("/v1/related/rain?n=1").json()["items"][0]["id"] == "storm"
        subprocess.run(healthy, **here, check=True, timeout=300)
    done = subprocess.run(healthy, **here, check=False, timeout=300, stderr=subprocess.PIPE)
    assert done.returncode != 0
    assert (files(folder), files(artifacts)) == before

    # The same packages, and the wheel instead of the folder.
    install(python, built)
    wheel = [*command[:1], "-P", *command[1:], f"--port={port}"]
    with running(wheel, port, tmp_path / "log", cwd=tmp_path, env=environment) as service:
        assert "/v1/related/{id}" in service.get("/openapi.json").json()["paths"]
        assert service.get("/docs").status == 200
        assert service.get("/v1/page/storm").json()["blocks"][0]["title"] == "More"


def test_the_image_has_no_rights() -> None:
    """Whether they are kept from it only an engine for containers can show."""
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("CMD")
    assert all(int(number) > 0 for number in instruction("USER").split(":"))
    assert re.fullmatch(r"python:3\.1[1-9]-slim", instruction("FROM"))

"""docs/tutorial.md does what it says: each command is run, and prints what stands there."""

import doctest
import re
import shlex
import sys
from pathlib import Path
from typing import Final

from tests.processes import run_program
from tests.training.cli.commands import ymal

PAGE: Final = Path(__file__).parents[1] / "docs" / "tutorial.md"
BLOCK: Final = re.compile(r"```(\w*)\n(.*?)```", re.S)


def run(arguments: list[str], folder: Path) -> str:
    name, *rest = arguments
    done = ymal(*rest, cwd=folder) if name == "ymal" else run_program(arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def steps() -> list[tuple[list[str], str]]:
    """Return what the page runs, and what it says that it prints."""
    found = []
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    for at, (kind, text) in enumerate(blocks):
        if kind == "console":
            for step in re.split(r"^\$ ", text, flags=re.M)[1:]:
                command, _, printed = step.partition("\n")
                name, *arguments = shlex.split(command)
                assert name == "ymal"
                found.append(([name, *arguments], printed))
        elif kind == "python":
            assert blocks[at + 1][0] == "text"
            found.append(([sys.executable, "-c", text], blocks[at + 1][1]))
    return found


def rounded(text: str) -> str:
    """Blur the last digits: they may differ from processor to processor."""
    return re.sub(r"(\.\d\d)\d+", r"\1", text)


def test_each_command_prints_what_the_page_says(tmp_path: Path) -> None:
    same = doctest.OutputChecker()
    for arguments, printed in steps():
        out = run(arguments, tmp_path)
        message = f"{shlex.join(arguments[1:])}\n{out}"
        assert same.check_output(rounded(printed), rounded(out), doctest.ELLIPSIS), message
    assert "You May Also Like" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_page_has_commands_of_every_step() -> None:
    commands = {arguments[1] for arguments, _ in steps()}
    assert commands >= {"simulate", "init", "check", "train", "related", "page", "refresh"}

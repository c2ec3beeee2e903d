"""What is printed fits a terminal, and is whole without one."""

import os
import shutil
import sys

import pytest

from training.cli import output

WORDS = "of the served articles are gone; check that the articles file is whole"


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def use_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stdout be a terminal of 60 columns."""
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((60, 24)))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


def test_a_terminal_wraps_the_widest_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_terminal(monkeypatch)
    output.print_table([["version", "why"], ["v1", WORDS]])
    assert printed(capsys) == [
        "version  why",
        "v1       of the served articles are gone; check that the",
        "         articles file is whole",
    ]
    output.print_facts({"outside": WORDS})
    output.print_text(f"refused: {WORDS}")
    lines = printed(capsys)
    assert max(map(len, lines)) <= 60
    assert " ".join(" ".join(lines).split()) == f"gate violations {WORDS} refused: {WORDS}"


def test_a_table_that_no_wrapping_can_fit_keeps_its_rows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_terminal(monkeypatch)
    row = [f"cell {number:02}" for number in range(12)]
    output.print_table([row])
    assert printed(capsys) == ["  ".join(row)]


def test_without_a_terminal_nothing_is_wrapped(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_table([["v1", WORDS], ["v2", ""]])
    output.print_text(WORDS)
    assert printed(capsys) == [f"v1  {WORDS}", "v2", WORDS]

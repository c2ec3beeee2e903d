"""What `--help` shows: all of every text, and one whole line per command."""

import pytest
import typer

from training.cli import COMMANDS, commands

WIDTH = 80


def shown(*path: str) -> str:
    """Return the help of the program, or of a command, on a terminal of 80 columns."""
    context = typer.Context(commands(), info_name="ymal", terminal_width=WIDTH)
    command = context.command
    for name in path:
        command = context.command.get_command(context, name)  # type: ignore[attr-defined]
        context = typer.Context(command, info_name=name, parent=context, terminal_width=WIDTH)
    return command.get_help(context)


def test_every_command_has_a_whole_line() -> None:
    lines = shown().splitlines()
    assert max(map(len, lines)) <= WIDTH
    listed = [line for line in lines if line.split()[:1] and line.split()[0] in COMMANDS]
    assert len(listed) == len(COMMANDS)
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_all_of_its_texts(name: str) -> None:
    """Also what is in brackets, as the defaults that are not values."""
    text = " ".join(shown(name).split())
    for parameter in commands([name]).commands[name].params:
        help_text = getattr(parameter, "help", None)
        assert help_text, parameter.name
        assert " ".join(help_text.split()) in text

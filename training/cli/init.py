"""`ymal init`: guess a first ymal.toml from a site's files."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer

from training.cli import options, output
from training.config import Config, toml_value
from training.config.file import DEFAULT_FILE
from training.data.guess import GuessedConfig, guess_config
from training.data.guessed_settings import GuessedSetting
from training.errors import DataError, UsageError
from training.storage import replace_file

Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing ymal.toml.")]


def init(
    articles: options.ArticleFiles = None,
    views: options.ViewFiles = None,
    force: Force = False,
    json: options.Json = False,
) -> None:
    """Detect the columns of a site's files, and write ymal.toml.

    Each line of ymal.toml gives the evidence, and is marked where it is unsure.
    """
    if DEFAULT_FILE.exists() and not force:
        raise UsageError(f"{DEFAULT_FILE} exists; --force overwrites it")
    paths = {"articles": articles or [], "views": views or []}
    found = guess_config(paths["articles"], paths["views"])
    replace_file(DEFAULT_FILE, format_config(paths, found).encode())
    if json:
        output.print_json({"config": str(DEFAULT_FILE), **asdict(found)})
        _stop_if_failed(found)
        return
    rows = [[g.key, toml_value(g.value), g.sure, _line(g.why)] for g in found.guesses]
    output.print_table([["key", "value", "how sure", "why"], *rows])
    for line in _findings(found):
        output.print_text(f"note: {line}")
    look_up = "; look at the lines marked unsure" if _is_unsure(found) else ""
    output.print_line(f"wrote {DEFAULT_FILE}{look_up}")
    _stop_if_failed(found)
    output.print_line("next: ymal check, then ymal train")


def _stop_if_failed(found: GuessedConfig) -> None:
    """Raise an error if nothing is known of one input; what is known of the other is written."""
    for kind, why in found.failures.items():
        (known,) = {"articles", "views"} - {kind}
        raise DataError(
            f"{why}; {DEFAULT_FILE} has the {known} alone: mend it, or init again with --force"
        )


def format_config(paths: Mapping[str, Sequence[str]], found: GuessedConfig) -> str:
    """Return the text of a config file: each guess with its reason, marked if unsure.

    Parameters
    ----------
    paths : mapping of str to sequence of str
        The given files, by input.
    found : GuessedConfig
        The settings guessed from the files.
    """
    lines = ["# Written by `ymal init`; all keys: docs/config.md."]
    if _is_unsure(found):
        lines.append("# Look at the lines marked unsure.")
    lines += [f"# {line}." for line in _findings(found)]
    lines += ["", "[paths]"]
    for kind, given in paths.items():
        if kind in found.failures:
            lines.append(f"# {kind}: {_line(found.failures[kind])}.")
        elif given:
            lines.append(f"{kind} = {toml_value(given[0] if len(given) == 1 else given)}")
    order = list(Config.model_fields)
    guesses = sorted(found.guesses, key=lambda guess: order.index(_section(guess)))
    for section, of_section in groupby(guesses, _section):
        lines += ["", f"[{section}]"]
        for guess in of_section:
            doubt = "" if guess.sure == "sure" else f"{guess.sure}: "
            setting = f"{guess.key.partition('.')[2]} = {toml_value(guess.value)}"
            lines.append(f"{setting}  # {doubt}{_line(guess.why)}")
    return "\n".join(lines) + "\n"


def _section(guess: GuessedSetting) -> str:
    return guess.key.partition(".")[0]


def _is_unsure(found: GuessedConfig) -> bool:
    return any(guess.sure == "unsure" for guess in found.guesses)


def _findings(found: GuessedConfig) -> list[str]:
    """Return the notes for the user, one line each."""
    known = [f"the {kind} are an export of {name}" for kind, name in found.forms.items()]
    return [_line(note) for note in [*known, *found.notes]]


def _line(text: str) -> str:
    """Put text on one line: a column name may contain line breaks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())

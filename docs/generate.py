"""Generate docs/config.md, cli.md and errors.md from the code; a test compares the files."""

from pathlib import Path
from typing import Any, Union, get_args, get_origin

import typer.core
import typer.main
from pydantic.fields import FieldInfo

from docs.errors import errors_reference, exit_codes
from training.cli import commands
from training.config import BlockConfig, Config, Section, duration

DOCS = Path(__file__).parent
UNITS = (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000))


def config_reference() -> str:
    """Write the reference of `ymal.toml`: every section, key, default, bound and meaning."""
    lines = [
        "# Configuration",
        "",
        "Generated from `training/config/` by `make docs`.",
        "",
        "`ymal` reads `ymal.toml` from the working directory, if there is one, or `--config FILE`.",
        "Every key has a default: without a file, the data must use the default column names.",
        'Unknown keys are errors. Durations are written `"15m"`, `"48h"`, `"30d"`.',
    ]
    for name, section in sections().items():
        if section is BlockConfig:
            lines += _blocks(name)
            continue
        lines += ["", f"## `[{name}]`", "", _first_line(section.__doc__), ""]
        lines += ["| key | default | allowed | meaning |", "|---|---|---|---|"]
        defaults = section()
        for key, entry in section.model_fields.items():
            default = _toml_default(entry, getattr(defaults, key))
            lines.append(f"| `{key}` | `{default}` | {_allowed(entry)} | {entry.description} |")
    return "\n".join(lines) + "\n"


def sections() -> dict[str, type[Section]]:
    """Give the sections of the file by name; a repeated table once."""
    found = {}
    for name, field in Config.model_fields.items():
        section = get_args(field.annotation)[0] if get_args(field.annotation) else field.annotation
        assert isinstance(section, type)
        assert issubclass(section, Section)
        found[name] = section
    return found


def _blocks(name: str) -> list[str]:
    """Write the reference of the page's blocks: keys and defaults."""
    fields = BlockConfig.model_fields
    page = Config().page
    lines = ["", f"## `[[{name}]]`", "", _first_line(BlockConfig.__doc__), ""]
    lines += ["One table per block, in page order. The default page has these:", ""]
    lines += [f"| {' | '.join(f'`{key}`' for key in fields)} |", "|---" * len(fields) + "|"]
    for block in page:
        values = (_toml_default(entry, getattr(block, key)) for key, entry in fields.items())
        lines.append(f"| {' | '.join(f'`{value}`' for value in values)} |")
    lines += ["", "| key | allowed | meaning |", "|---|---|---|"]
    lines += [f"| `{k}` | {_allowed(entry)} | {entry.description} |" for k, entry in fields.items()]
    return lines


def cli_reference() -> str:
    """Write the reference of the command line: every command, argument, option and exit code."""
    group = commands()
    lines = [
        "# Command line",
        "",
        "Generated from `training/cli/` by `make docs`. Results go to stdout, progress and",
        "warnings to stderr. There is no progress with `--quiet`, or if stderr is no terminal.",
    ]
    for name, command in group.commands.items():
        lines += ["", f"## `ymal {name}`", "", " ".join((command.help or "").split()), ""]
        lines += ["| option | default | meaning |", "|---|---|---|"]
        for parameter in command.params:
            lines.append(_option(parameter))
    lines += ["", "## Exit codes", "", "| code | name | meaning |", "|---|---|---|"]
    lines += [f"| {code} | `{name}` | {meaning} |" for code, name, meaning in exit_codes()]
    return "\n".join(lines) + "\n"


def _option(parameter: typer.core.TyperOption | typer.core.TyperArgument) -> str:
    if isinstance(parameter, typer.core.TyperArgument):
        return f"| `{parameter.metavar or parameter.name}` | required | {parameter.help} |"
    spelled = ", ".join(f"`{name}`" for name in parameter.opts)
    default = "required" if parameter.required else _plain_default(parameter.default)
    return f"| {spelled} | {default} | {parameter.help} |"


def _plain_default(default: object) -> str:
    return "" if default in (None, False) or callable(default) else f"`{default}`"


def _first_line(text: str | None) -> str:
    return (text or "").strip().splitlines()[0]


def _is_duration(entry: FieldInfo) -> bool:
    return any(getattr(part, "func", None) is duration for part in entry.metadata)


def _toml_default(entry: FieldInfo, value: Any) -> str:
    """Write a default as TOML."""
    if _is_duration(entry):
        size, unit = next((size, unit) for unit, size in UNITS if value % size == 0)
        return f'"{value // size}{unit}"'
    return _toml(value)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{}" if not value else str(value)
    if isinstance(value, list):
        return f"[{', '.join(_toml(part) for part in value)}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _allowed(entry: FieldInfo) -> str:
    if _is_duration(entry):
        return "a duration"
    if get_origin(entry.annotation) is Union:
        return "text, or a list"
    if get_origin(entry.annotation) is dict:
        values = get_args(entry.annotation)[1]
        if get_origin(get_args(values)[0] if get_args(values) else None) is list:
            return "lists by column"
        return "texts by name" if values is str else "durations by section"
    choices = get_args(entry.annotation)
    if get_origin(entry.annotation) is list:
        choices = get_args(choices[0])
        if not choices or not isinstance(choices[0], str):
            return "a list"
        return "list of " + ", ".join(f"`{choice}`" for choice in choices)
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    bounds = [
        f"{sign} {getattr(part, name)}"
        for part in entry.metadata
        for name, sign in (("gt", ">"), ("ge", "≥"), ("le", "≤"))
        if getattr(part, name, None) is not None
    ]
    if bounds:
        return ", ".join(bounds)
    return {bool: "true, false", str: "text"}.get(entry.annotation or str, "")  # type: ignore[call-overload, no-any-return]


if __name__ == "__main__":
    (DOCS / "config.md").write_text(config_reference(), encoding="utf-8")
    (DOCS / "cli.md").write_text(cli_reference(), encoding="utf-8")
    (DOCS / "errors.md").write_text(errors_reference(), encoding="utf-8")

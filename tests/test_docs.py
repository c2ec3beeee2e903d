"""The documents say what the code does."""

import re
import tomllib
from pathlib import Path

import pytest

from docs import generate
from training.checking.findings import RULES
from training.cli import commands

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("config.md", generate.config_reference),
        ("cli.md", generate.cli_reference),
        ("errors.md", generate.errors_reference),
    ],
)
def test_references_are_generated_from_the_code(name: str, written: object) -> None:
    assert callable(written)
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == written(), "run `make docs`"


def test_every_command_and_option_is_documented() -> None:
    group = commands()
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, command in group.commands.items():
        assert f"## `ymal {name}`" in reference
        assert f"ymal {name}" in readme
        assert command.help
        for parameter in command.params:
            assert getattr(parameter, "help", None), f"{name}: {parameter.name} has no help"


def test_every_key_says_what_it_means() -> None:
    for section in generate.sections().values():
        for key, entry in section.model_fields.items():
            assert entry.description, key


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_every_dependency_has_its_sentence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    declared = {re.split(r"[^a-z0-9-]", name)[0] for name in sum(extras, project["dependencies"])}
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for name in declared:
        assert f"`{name}`" in reasons, name


def test_every_finding_is_documented_as_it_is() -> None:
    lines = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8").splitlines()
    rows = [f"| `{r.key}` | {r.level} | {r.meaning} | {r.advice} |" for r in RULES]
    assert [line for line in lines if line.startswith("| `")] == rows

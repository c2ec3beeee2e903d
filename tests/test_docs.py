"""The documents say what the code does."""

import re
import tomllib
from pathlib import Path

import pytest

from docs import generate
from recommender.blocks import BLOCKS, FALLBACKS, RANKINGS, RELATED, BlockSpec
from training.checking.findings import RULES
from training.cli import commands
from training.recommendations import LIST_REASONS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^)]*))?\)")
FOLDERS = "training|recommender|benchmarks|tests|examples|docs|locks"
FILE = re.compile(rf"`((?:{FOLDERS})/[\w./-]*)`")
REMOVED = re.compile(r"in the history at commit\s+\w+\s+\(`[^`]+`\)")
RUN = re.compile(r"python -m\s+((?:recommender|training|benchmarks|docs)[\w.]*)")
MODULE = re.compile(r"`(?:from )?((?:recommender|training|benchmarks)(?:\.[a-z_]+)+)\b(?!\()")


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


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_and_modules_exist(page: Path) -> None:
    text = REMOVED.sub("", page.read_text(encoding="utf-8"))
    for path in FILE.findall(text):
        assert (ROOT / path).exists(), path
    for module in {*RUN.findall(text), *MODULE.findall(text)}:
        path = ROOT / module.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").exists(), module


def test_the_rooms_are_those_of_the_import_contract() -> None:
    text = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    table = text[text.index("| room |") :].split("\n\n")[0].splitlines()[2:]
    rooms = {room for row in table for room in re.findall(r"`(\w+)`", row.split("|")[1])}
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    (layers,) = (
        contract["layers"]
        for contract in tools["importlinter"]["contracts"]
        if contract.get("containers") == ["training"]
    )
    assert rooms == {room for layer in layers for room in layer.split(" | ")}


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


def first_reasons(block: BlockSpec) -> list[str]:
    """Return the reasons of a block's stories, those of pins and of a ranking's successors aside.

    The must-reads show editors' picks first, so the reason of these pins is among them.
    """
    if block.key == RELATED:
        own = [reason for reason in LIST_REASONS if reason not in FALLBACKS]
        return [*own, *FALLBACKS]
    picks = [block.pin_reason] * (block.pin_reason != "pinned")
    ranking = RANKINGS[block.rankings[0]]
    return [*picks, *([ranking.reason] if ranking.reason else [r.code for r in block.reasons])]


def test_the_blocks_are_documented_as_they_are() -> None:
    text = (ROOT / "docs" / "page.md").read_text(encoding="utf-8")
    table = text[text.index("| block | slots |") :].split("\n\n")[0].splitlines()[2:]
    assert table == [
        f'| `{block.key}` "{block.title}" | {block.slots} | {block.description} | '
        f"{', '.join(f'`{reason}`' for reason in first_reasons(block))} |"
        for block in BLOCKS.values()
    ]
    order = re.findall(r"`(\w+)`", text[text.index("editors' pins come first") :].split(".")[0])
    assert order == sorted(BLOCKS, key=lambda key: BLOCKS[key].priority)

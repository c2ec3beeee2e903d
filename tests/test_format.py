"""`docs/format.md` says what the code does."""

import json
import re
from pathlib import Path

import pytest

from recommender import artifact, blocks, cached_version, manifest, overrides, settings, snapshot
from tests.golden.make import HERE
from training.state import LAYOUT

PAGE = (Path(__file__).parents[1] / "docs" / "format.md").read_text(encoding="utf-8")
FULL = HERE / "full" / "artifacts"
REQUIRED = {
    **artifact._DTYPES,
    **{
        array: dtype
        for spec in blocks.RANKINGS.values()
        for array, dtype in ((spec.rows, "<i4"), (spec.ends, "<i8"), (spec.reasons, "|u1"))
        if array
    },
}
"""Arrays that every version has, and their dtypes."""


def table(first: str) -> list[list[str]]:
    """The rows of the table whose head begins so: cells, `|` unescaped."""
    lines = PAGE[PAGE.index(f"\n| {first} |") :].strip().split("\n\n")[0].splitlines()
    cells = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines[2:]]
    return [[cell.strip().replace("\\|", "|") for cell in row] for row in cells]


def named(cell: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", cell)


def test_the_arrays_are_those_of_the_code() -> None:
    rows = {named(row[0])[0]: named(row[1])[0] for row in table("array")}
    assert rows == {
        **REQUIRED,
        **artifact._FLAGGED,
        **{name: dtype for arrays in artifact._OPTIONAL.values() for name, dtype in arrays.items()},
    }


def test_the_lengths_are_those_of_a_version() -> None:
    version = FULL / "versions" / manifest.read_pointer(FULL)
    files = json.loads((version / "manifest.json").read_text())["files"]
    shapes = {name: files[f"{name}.npy"]["shape"] for name in REQUIRED}
    sizes = {
        "n": shapes["sections"][0],
        "m": shapes["section_name_ends"][0] - 1,
        "k": shapes["key_rows"][0],
        "s": shapes["must_reads"][0],
        "t": shapes["list_items"][0],
    }
    for row in table("array"):
        if row[2] and named(row[0])[0] in shapes:
            letter, _, more = row[2].partition(" + ")
            assert shapes[named(row[0])[0]] == [sizes[letter] + int(more or 0)], row


def test_the_limits_are_those_of_the_code() -> None:
    limits = {row[0]: int(row[1].split()[0]) for row in table("what")}
    assert list(limits.values()) == [
        manifest.MAX_MANIFEST_BYTES,
        manifest.MAX_POINTER_BYTES,
        overrides.MAX_BYTES,
        2**31 - 1,
        settings.MAX_REASONS,
        settings.MAX_SLOTS,
        snapshot.MAX_HISTORY,
        255 - len("..partial"),
    ]
    block = {"key": "weekly", "title": "", "slots": 100, "priority": 1, "most": 100}
    assert settings._is_page_block(block)
    assert not settings._is_page_block({**block, "slots": 101})


def test_the_fields_are_those_of_a_manifest() -> None:
    needed = {named(row[0])[0] for row in table("field")}
    ignored = set(named(re.findall(r"must be ignored \(today ([^)]*)\)", PAGE)[0]))
    trained = HERE / "trained" / "artifacts"
    version = trained / "versions" / manifest.read_pointer(trained)
    fields = set(json.loads((version / "manifest.json").read_text()))
    later = {"rankings", "blocks", "why_without_section", "quality"}
    assert needed | ignored == fields | later
    assert not needed & ignored


@pytest.mark.parametrize("field", [named(row[0])[0] for row in table("field")])
def test_every_field_is_required_but_some(field: str, tmp_path: Path) -> None:
    version = FULL / "versions" / manifest.read_pointer(FULL)
    found = {**blocks.UNLISTED_FIELDS, **json.loads((version / "manifest.json").read_text())}
    found.pop(field, None)
    copy = tmp_path / version.name
    copy.mkdir()
    for path in version.glob("*.npy"):
        (copy / path.name).write_bytes(path.read_bytes())
    (copy / "manifest.json").write_text(json.dumps(found))
    if field in ("optional", "rankings", "blocks", "why_without_section"):
        artifact.open_version(copy)
        return
    with pytest.raises(manifest.ArtifactError):
        artifact.open_version(copy)


def test_names_and_numbers_are_those_of_the_code() -> None:
    assert f"Format **{manifest.FORMAT}**" in PAGE
    assert f"| `format` | {manifest.FORMAT} |" in PAGE
    assert f"NAME is `{manifest.NAME_PATTERN.pattern}`" in PAGE
    assert f"File names match `{manifest.ARRAY_FILE.pattern}`" in PAGE
    flags = named(re.findall(r"refuse; today there is ([^|]*)", PAGE)[0])
    assert set(flags) == manifest.KNOWN_FLAGS == artifact._FLAGGED.keys()
    assert f"({LAYOUT} today)" in PAGE
    assert artifact.NEVER == 2**63 - 1
    assert f"the first {snapshot.MAX_HISTORY}." in PAGE
    assert f"{cached_version.HISTORY_DECAY}^p / ({cached_version.RANK_OFFSET:.0f} + q)" in PAGE
    assert f"list of {', '.join(f'`{name}`' for name in blocks.FALLBACKS)}" in PAGE


def test_blocks_of_an_older_version_are_those_of_the_page() -> None:
    """The tables hold for manifests without `rankings` and `blocks`, and never change."""
    fields = ("rows", "ends", "reason", "reasons")
    rankings = {
        named(row[0])[0]: {
            field: named(cell)[0] for field, cell in zip(fields, row[1:], strict=True) if cell
        }
        for row in table("ranking")
    }
    filled = {
        named(row[0])[0]: {
            "rankings": named(row[1]),
            "skip_if_empty": row[2] == "true",
            "pin_reason": named(row[3])[0],
        }
        for row in table("block")
    }
    assert {"rankings": rankings, "blocks": filled} == blocks.UNLISTED_FIELDS


def test_overrides_are_those_of_the_code() -> None:
    head = PAGE.index("## Overrides")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| (.*) \|$", PAGE[head:], re.MULTILINE)
    rows = rows[: [row[0] for row in rows].index("`when`, `who`, `why`") + 1]
    assert sorted(name for row in rows for name in named(row[0])) == sorted(overrides._KEYS)
    assert tuple(named(dict(rows)["`action`"])) == overrides.ACTIONS
    assert f'`{{"format": {overrides.FORMAT}, "overrides": [...]}}`' in PAGE
    assert all(f"`{name}`" in PAGE for file in overrides.FILES for name in file)


def test_headers_are_as_the_page_says() -> None:
    example = re.findall(r"^ {4}(\{'descr'.*\})$", PAGE, re.MULTILINE)
    for path in (HERE / "full" / "artifacts" / "versions").rglob("*.npy"):
        data = path.read_bytes()
        assert data[:8] == b"\x93NUMPY\x01\x00"
        length = int.from_bytes(data[8:10], "little")
        assert (10 + length) % 64 == 0
        written = data[10 : 10 + length].decode("ascii")
        assert written.endswith("\n")
        same = re.sub(r"'descr': '..\d'", "'descr': '<i4'", written.rstrip(" \n"))
        assert re.sub(r"\(\d+,\)", "(12,)", same) == example[0]

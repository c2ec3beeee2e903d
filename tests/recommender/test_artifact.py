"""Damaged and hostile artifacts: an `ArtifactError`, or answers of the right kind, nothing else."""

import hashlib
import json
import math
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender import ArtifactError, Recommender, RelatedStory
from recommender.artifact import open_version
from recommender.blocks import BLOCKS
from recommender.manifest import open_regular
from recommender.verify import verify
from tests.recommender.worlds import NAME
from training.records import NEVER
from training.release import lookup_arrays
from training.storage import write_directory
from training.strings import StringArray

IDS = ["storm", "rain", "snö", "goal", "ウ"]
N = len(IDS)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound artifacts directory: each of five articles lists the other four."""
    artifacts = tmp_path_factory.mktemp("sound")
    (artifacts / "versions").mkdir()
    arrays = lookup_arrays(
        ids=StringArray.of(IDS),
        titles=StringArray.of([f"Title of {name}" for name in IDS]),
        urls=StringArray.of(["/" + name for name in IDS]),
        section_names=StringArray.of(["sport", "weather"]),
        sections=np.array([1, 1, 1, 0, -1], np.int32),
        published=np.array([0, 1_685_000_000_000_000, NEVER, -1, 7], np.int64),
        known=np.ones(N, bool),
    )
    arrays |= {
        "events": np.array([0, 0, 2, 3, 4], np.int32),
        "list_ends": np.arange(0, N * (N - 1) + 1, N - 1, dtype=np.int64),
        "list_items": np.array([b for a in range(N) for b in range(N) if a != b], np.int32),
        "list_scores": np.linspace(0, 1, N * (N - 1), dtype=np.float32),
        "list_reasons": np.arange(N * (N - 1), dtype=np.uint8) % 3,
        "popular": np.array([4, 3], np.int32),
        "latest": np.array([2], np.int32),
        "weekly": np.array([1, 4], np.int32),
        "must_reads": np.array([0, 3], np.int32),
        "must_read_reasons": np.array([3, 4], np.uint8),
        "section_ends": np.array([0, 1, 4], np.int64),
        "section_rows": np.array([3, 0, 1, 2], np.int32),
        "section_latest_ends": np.array([0, 1, 3], np.int64),
        "section_latest_rows": np.array([3, 2, 1], np.int32),
    }
    block = {"title": "{section}", "slots": 3, "most": 2}
    fields = {
        "reasons": ["readers", "text", "event", "finished", "widely_opened"],
        "fallback": ["section", "popular", "latest"],
        "now": 1_685_602_800_000_000,
        "page": [{"key": key, "priority": at, **block} for at, key in enumerate(BLOCKS, 1)],
        "why": {"text": "On the same subject"},
        "not_from": ["gardens"],
        "apart": [["sport", "gardens"]],
    }
    write_directory(artifacts / "versions" / NAME, "version", fields, arrays)
    (artifacts / "current").write_text(f"{NAME}\n")
    return artifacts


@pytest.fixture
def artifacts(sound: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def ask_everything(artifacts: Path) -> bool:
    """Ask for all there is; say whether it was answered, well-formed, or refused."""
    try:
        served = Recommender.open(artifacts).snapshot()
        for source in [*IDS, "unknown", *served.ids()]:
            answers = served.related(source, 100)
            assert served.related_ids(source, 100) == [story.id for story in answers]
            assert all(is_well_formed(story) for story in answers)
            assert source not in {story.id for story in answers}
            blocks = served.page(source).blocks
            on_page = [story for block in blocks for story in block.items]
            assert all(is_well_formed(story) for story in on_page)
            assert len({source, *(story.id for story in on_page)}) == 1 + len(on_page)
            assert all(is_well_formed(story) for story in served.next_for([*IDS, source], 100))
        for key in set(served.blocks) - {"related"}:
            assert all(is_well_formed(story) for story in served.block(key, "sport", 100).items)
        assert all(article in served for article, _ in served.search("of title"))
    except ArtifactError:
        return False
    return True


def ask_all(recommender: Recommender) -> None:
    for source in IDS:
        recommender.page(source)
        recommender.related(source, 100)


def is_well_formed(story: RelatedStory) -> bool:
    texts = (story.id, story.title, story.url, story.section, story.reason, story.why)
    json.dumps(story.as_dict(), allow_nan=False)
    return all(isinstance(text, str) for text in texts) and story.rank >= 1


def refused(artifacts: Path) -> str:
    with pytest.raises(ArtifactError) as caught:
        verify(artifacts / "versions" / NAME, "version")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def one_file(artifacts: Path, generator: np.random.Generator, pattern: str) -> Path:
    files = sorted((artifacts / "versions" / NAME).glob(pattern))
    return files[generator.integers(len(files))]


def rewrite(artifacts: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = artifacts / "versions" / NAME / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def reseal(artifacts: Path, name: str) -> None:
    """Let the manifest say what a changed file holds, as a liar would."""
    path = artifacts / "versions" / NAME / f"{name}.npy"
    data = path.read_bytes()
    values = np.load(path)
    entry = {
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "dtype": values.dtype.str,
        "shape": list(values.shape),
    }
    rewrite(artifacts, lambda manifest: manifest["files"].update({path.name: entry}))


def replace_array(artifacts: Path, name: str, values: Any) -> None:
    np.save(artifacts / "versions" / NAME / f"{name}.npy", values)
    reseal(artifacts, name)


def array(artifacts: Path, name: str) -> np.ndarray[Any, Any]:
    values: np.ndarray[Any, Any] = np.load(artifacts / "versions" / NAME / f"{name}.npy")
    return values


def test_a_sound_artifact(sound: Path) -> None:
    directory = sound / "versions" / NAME
    files = list(directory.glob("*.npy"))
    assert verify(directory) == {
        "files": len(files),
        "bytes": sum(path.stat().st_size for path in files),
    }
    assert ask_everything(sound)


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_is_found(artifacts: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    path = one_file(artifacts, generator, "*.npy")
    data = bytearray(path.read_bytes())
    # Half of the flips hit the header, half the values.
    start = 0 if seed % 2 else min(data.index(b"\n") + 1, len(data) - 1)
    data[generator.integers(start, len(data))] ^= 1 << int(generator.integers(8))
    path.write_bytes(data)
    ask_everything(artifacts)
    assert path.name in refused(artifacts)


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_that_a_liar_sealed(artifacts: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    path = one_file(artifacts, generator, "*.npy")
    data = bytearray(path.read_bytes())
    data[generator.integers(data.index(b"\n"), len(data))] ^= 1 << int(generator.integers(8))
    path.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    rewrite(artifacts, lambda manifest: manifest["files"][path.name].update(sha256=digest))
    answered = ask_everything(artifacts)
    try:
        verify(artifacts / "versions" / NAME)
    except ArtifactError:
        return
    assert answered


@pytest.mark.parametrize("seed", range(24))
def test_a_file_of_another_length_is_found(artifacts: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    path = one_file(artifacts, generator, "*")
    data = path.read_bytes().removesuffix(b"\n")  # at the manifest's end it says nothing
    length = generator.choice([0, 1, 9, 11, len(data) // 2, len(data) - 1])
    path.write_bytes(data[:length] if seed % 4 else data + b"\0" * generator.choice([1, 4, 8, 64]))
    assert not ask_everything(artifacts)
    assert path.name in refused(artifacts)


@pytest.mark.parametrize("seed", range(24))
def test_a_damaged_manifest(artifacts: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    path = artifacts / "versions" / NAME / "manifest.json"
    data = bytearray(path.read_bytes())
    for _ in range(generator.integers(1, 4)):
        data[generator.integers(len(data))] = generator.integers(256)
    path.write_bytes(data)
    ask_everything(artifacts)
    try:
        verify(artifacts / "versions" / NAME)
    except ArtifactError:
        return
    json.loads(path.read_bytes())


def test_what_is_optional_may_be_unknown(artifacts: Path) -> None:
    path = artifacts / "versions" / NAME / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest.update(optional=["colours"], colours={"storm": "blue"})
    path.write_text(json.dumps(manifest))
    assert verify(artifacts / "versions" / NAME)["files"]
    assert Recommender.open(artifacts).related_ids("storm", 1) == ["rain"]


def test_blocks_and_rankings_of_a_later_release_are_passed_over(artifacts: Path) -> None:
    page = Recommender.open(artifacts).page("storm").as_dict()
    path = artifacts / "versions" / NAME / "manifest.json"
    manifest = json.loads(path.read_bytes())
    manifest["page"][0]["colour"] = "red"
    manifest["page"].insert(0, {**manifest["page"][0], "key": "horoscope"})
    manifest["fallback"].insert(0, "horoscope")
    path.write_text(json.dumps(manifest))
    assert Recommender.open(artifacts).page("storm").as_dict() == page


def nested(manifest: dict[str, Any], name: str, **entry: Any) -> None:
    manifest["files"][name].update(entry)


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "newer format": lambda m: m.update(format=3),
    "older format": lambda m: m.update(format=1),
    "format as text": lambda m: m.update(format="2"),
    "format as truth": lambda m: m.update(format=True),
    "no format": lambda m: m.pop("format"),
    "unknown feature": lambda m: m.update(requires=["zstd"]),
    "no requires": lambda m: m.pop("requires"),
    "flags that are no names": lambda m: m.update(optional=[1]),
    "state": lambda m: m.update(kind="state"),
    "unknown kind": lambda m: m.update(kind=["version"]),
    "other name": lambda m: m.update(name="20230601T070000Z-002"),
    "no name": lambda m: m.pop("name"),
    "no files": lambda m: m.pop("files"),
    "files as list": lambda m: m.update(files=[]),
    "empty files": lambda m: m.update(files={}),
    "file upwards": lambda m: m["files"].update({"../ids.npy": m["files"]["ids.npy"]}),
    "file absolute": lambda m: m["files"].update({"/etc/ids.npy": m["files"]["ids.npy"]}),
    "file hidden": lambda m: m["files"].update({".npy": m["files"]["ids.npy"]}),
    "itself": lambda m: m["files"].update({"manifest.json": m["files"]["ids.npy"]}),
    "file missing": lambda m: m["files"].update({"more.npy": m["files"]["ids.npy"]}),
    "file not listed": lambda m: m["files"].pop("ids.npy"),
    "entry as list": lambda m: m["files"].update({"ids.npy": []}),
    "entry empty": lambda m: m["files"].update({"ids.npy": {}}),
    "negative size": lambda m: nested(m, "ids.npy", bytes=-1),
    "size as float": lambda m: nested(m, "ids.npy", bytes=1e3),
    "huge size": lambda m: nested(m, "ids.npy", bytes=10**30),
    "huge shape": lambda m: nested(m, "ids.npy", shape=[2**62]),
    "negative shape": lambda m: nested(m, "ids.npy", shape=[-1]),
    "two dimensions": lambda m: nested(m, "ids.npy", shape=[1, 18]),
    "other type": lambda m: nested(m, "sections.npy", dtype="<f4"),
    "object type": lambda m: nested(m, "sections.npy", dtype="|O"),
    "no checksum": lambda m: nested(m, "ids.npy", sha256=None),
    "short checksum": lambda m: nested(m, "ids.npy", sha256="0"),
    "now as text": lambda m: m.update(now="2023"),
    "now as truth": lambda m: m.update(now=True),
    "now too late": lambda m: m.update(now=10**30),
    "now too early": lambda m: m.update(now=-(2**62)),
    "no reasons": lambda m: m.pop("reasons"),
    "reasons as text": lambda m: m.update(reasons="text"),
    "reasons of numbers": lambda m: m.update(reasons=[1, 2, 3]),
    "too few reasons": lambda m: m.update(reasons=["text"]),
    "no fallback": lambda m: m.pop("fallback"),
    "fallback of lists": lambda m: m.update(fallback=[[]]),
    "no page": lambda m: m.pop("page"),
    "page of texts": lambda m: m.update(page=["related"]),
    "block as list": lambda m: m["page"][0].update(key=[]),
    "block twice": lambda m: m["page"].append(m["page"][0]),
    "block without title": lambda m: m["page"][0].pop("title"),
    "title as number": lambda m: m["page"][0].update(title=7),
    "no slots": lambda m: m["page"][0].update(slots=0, most=0),
    "too many slots": lambda m: m["page"][0].update(slots=10**9),
    "slots as truth": lambda m: m["page"][0].update(slots=True, most=True),
    "more of a section than slots": lambda m: m["page"][0].update(most=4),
    "none of a section": lambda m: m["page"][0].update(most=0),
    "priority as text": lambda m: m["page"][0].update(priority="1"),
    "no why": lambda m: m.pop("why"),
    "why as list": lambda m: m.update(why=["text"]),
    "why of numbers": lambda m: m.update(why={"text": 1}),
    "no not_from": lambda m: m.pop("not_from"),
    "not_from without a name": lambda m: m.update(not_from=[""]),
    "apart without a name": lambda m: m.update(apart=[["weather", ""]]),
    "not_from as text": lambda m: m.update(not_from="sport"),
    "not_from of numbers": lambda m: m.update(not_from=[1]),
    "no apart": lambda m: m.pop("apart"),
    "apart of texts": lambda m: m.update(apart=["no"]),
    "apart of three": lambda m: m.update(apart=[["a", "b", "c"]]),
    "apart of numbers": lambda m: m.update(apart=[[1, 2]]),
    "half a character in why": lambda m: m.update(why={"text": "\ud800"}),
    "half a character in a title": lambda m: m["page"][0].update(title="\udfff"),
    "half a character in a reason": lambda m: m["reasons"].append("\ud800"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_manifest_is_refused(artifacts: Path, edit: str) -> None:
    rewrite(artifacts, EDITS[edit])
    ask_everything(artifacts)
    assert str(artifacts / "versions" / NAME) in refused(artifacts)


@pytest.mark.parametrize("edit", ["newer format", "older format", "unknown feature"])
def test_another_format_says_what_to_do(artifacts: Path, edit: str) -> None:
    rewrite(artifacts, EDITS[edit])
    with pytest.raises(ArtifactError, match=r"run ymal train with this release, or install"):
        Recommender.open(artifacts)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"7",
        b"{",
        b"\xff",
        b'{"format": NaN}',
        b"[" * 100_000,
        b'{"format": 2' + b"0" * 5000,
        b'{"format": 2, "format": 2}',
    ],
    ids=range(9),
)
def test_a_manifest_that_is_none(artifacts: Path, text: bytes) -> None:
    (artifacts / "versions" / NAME / "manifest.json").write_bytes(text)
    assert not ask_everything(artifacts)
    assert "manifest.json" in refused(artifacts)


def test_a_manifest_too_large_to_read(artifacts: Path) -> None:
    with (artifacts / "versions" / NAME / "manifest.json").open("wb") as file:
        file.truncate(65 << 20)
    assert "bytes" in refused(artifacts)


LIES: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "negative rows": ("list_items", lambda a: -a - 1),
    "rows beyond": ("list_items", lambda a: a + N),
    "huge rows": ("list_items", lambda a: a | 2**31 - 1),
    "popular below": ("popular", lambda a: a - 5),
    "latest beyond": ("latest", lambda a: a + N),
    "weekly beyond": ("weekly", lambda a: a + N),
    "must-reads below": ("must_reads", lambda a: a - N),
    "must-reads as wide": ("must_reads", lambda a: a.astype(np.int64)),
    "fewer must-read reasons": ("must_read_reasons", lambda a: a[1:]),
    "must-read reasons beyond": ("must_read_reasons", lambda a: a + 5),
    "events below": ("events", lambda a: a - 1),
    "events beyond": ("events", lambda a: a + N),
    "fewer events": ("events", lambda a: a[1:]),
    "section rows below": ("section_rows", lambda a: a - 10),
    "sections beyond": ("sections", lambda a: a * 0 + 2),
    "sections below": ("sections", lambda a: a * 0 - 2),
    "reasons beyond": ("list_reasons", lambda a: a + 5),
    "no number": ("list_scores", lambda a: a * np.float32(math.nan)),
    "endless": ("list_scores", lambda a: a + np.float32(math.inf)),
    "negative scores": ("list_scores", lambda a: a - 2),
    "times beyond": ("published", lambda a: a * 0 + NEVER - 1),
    "times before": ("published", lambda a: a * 0 - NEVER),
    "keys of others": ("key_rows", lambda a: a[::-1].copy()),
    "key rows below": ("key_rows", lambda a: a - N),
    "keys not sorted": ("key_hashes", lambda a: a[::-1].copy()),
    "slots below": ("key_slots", lambda a: a - N),
    "slots beyond": ("key_slots", lambda a: a + N),
    "slots of others": ("key_slots", lambda a: np.roll(a, 3)),
    "no free slot": ("key_slots", lambda a: a * 0),
    "a row without a slot": ("key_slots", lambda a: np.where(a == 2, -1, a)),
    "a row in the slot of another": ("key_slots", lambda a: np.where(a == 2, 1, a)),
    "fewer slots than keys": ("key_slots", lambda a: a[:4]),
    "no power of two of slots": ("key_slots", lambda a: a[1:]),
    "no slots": ("key_slots", lambda a: a[:0]),
    "ends not ascending": ("list_ends", lambda a: a[[0, 3, 2, 1, 4, 5]]),
    "ends below": ("list_ends", lambda a: a * np.array([1, -1, 1, 1, 1, 1])),
    "ends beyond": ("list_ends", lambda a: a * np.array([1, 9**9, 1, 1, 1, 1])),
    "ends from 1": ("list_ends", lambda a: a + np.array([1, 0, 0, 0, 0, 0])),
    "ends short": ("list_ends", lambda a: a // 2),
    "no ends": ("list_ends", lambda a: a[:0]),
    "one row less": ("list_ends", lambda a: a[1:] - a[1]),
    "section ends": ("section_ends", lambda a: a * np.array([1, -1, 1])),
    "latest of sections beyond": ("section_latest_rows", lambda a: a + N),
    "latest of sections below": ("section_latest_rows", lambda a: a - N),
    "latest of sections ends": ("section_latest_ends", lambda a: a * np.array([1, -1, 1])),
    "latest of fewer sections": ("section_latest_ends", lambda a: a[[0, 2]]),
    "id ends": ("id_ends", lambda a: a[[0, 2, 1, 3, 4, 5]]),
    "id ends below": ("id_ends", lambda a: a * np.array([1, -1, 1, 1, 1, 1])),
    "title ends beyond": ("title_ends", lambda a: a * np.array([1, 1, 9**9, 1, 1, 1])),
    "ids not UTF-8": ("ids", lambda a: a | 128),
    "titles not UTF-8": ("titles", lambda a: a | 128),
    "ids cut within a character": ("id_ends", lambda a: a - np.array([0, 0, 0, 0, 1, 0])),
    "more scores": ("list_scores", lambda a: a.repeat(2) / 2),
    "fewer reasons": ("list_reasons", lambda a: a[1:]),
    "fewer sections": ("sections", lambda a: a[1:]),
    "fewer urls": ("url_ends", lambda a: a[[0, 2, 3, 4, 5]]),
    "more keys than articles": ("key_hashes", lambda a: a.repeat(2)),
    "an id twice": ("ids", lambda a: np.frombuffer(b"goal" + bytes(a[4:]), np.uint8)),
    "section names not ascending": ("section_names", lambda a: a[::-1].copy()),
    "a list with a story twice": ("list_items", lambda a: a * 0 + 1),
    "a list with its own source": ("list_items", lambda a: (a + 1) % N),
    "popular twice": ("popular", lambda a: a * 0),
    "latest of a section twice": ("section_latest_rows", lambda a: a * 0 + a[-1]),
    "the most read of another section": ("section_rows", lambda a: a[[1, 0, 2, 3]]),
    "not published yet": ("published", lambda a: np.where(a == 7, 1_685_602_800_000_000, a)),
    "wide items": ("list_items", lambda a: a.astype(np.int64)),
    "big-endian items": ("list_items", lambda a: a.astype(">i4")),
    "items in two dimensions": ("list_items", lambda a: a.reshape(4, 5)),
    "items without dimension": ("list_items", lambda a: a[0]),
    "items as floats": ("list_items", lambda a: a.astype(np.float32)),
    "items as text": ("list_items", lambda a: a.astype("U2")),
}


@pytest.mark.parametrize("lie", LIES)
def test_values_that_make_no_sense(artifacts: Path, lie: str) -> None:
    name, change = LIES[lie]
    replace_array(artifacts, name, change(array(artifacts, name)))
    ask_everything(artifacts)
    assert str(artifacts / "versions" / NAME) in refused(artifacts)


@pytest.mark.parametrize(
    ("lie", "named"),
    [
        ("negative rows", "ids"),
        ("rows beyond", "ids"),
        ("popular below", "ids"),
        ("must-reads below", "ids"),
        ("section rows below", "ids"),
        ("latest of sections below", "ids"),
        ("slots below", "ids"),
        ("no free slot", "key_slots"),
        ("sections below", "sections"),
        ("sections beyond", "sections"),
        ("ends below", "list_ends"),
        ("section ends", "section_ends"),
        ("latest of sections ends", "section_latest_ends"),
        ("id ends below", "ids"),
    ],
)
def test_what_is_out_of_range_is_refused_when_it_is_asked(
    artifacts: Path, lie: str, named: str
) -> None:
    """A negative number must not count from the end."""
    name, change = LIES[lie]
    replace_array(artifacts, name, change(array(artifacts, name)))
    with pytest.raises(ArtifactError, match=rf"/{named}\.npy: "):
        ask_all(Recommender.open(artifacts))


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|O', 'fortran_order': False, 'shape': (5,), }",
        "{'descr': '<i4', 'fortran_order': True, 'shape': (5,), }",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (4611686018427387904,), }",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (-5,), }",
        "__import__('os').abort()",
    ],
)
def test_a_header_that_is_none(artifacts: Path, header: str) -> None:
    path = artifacts / "versions" / NAME / "sections.npy"
    data = path.read_bytes()
    line = header.ljust(len(data) - 10 - 4 * N - 1).encode() + b"\n"
    path.write_bytes(data[:10] + line + data[-4 * N :])
    assert path.stat().st_size == len(data)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    rewrite(artifacts, lambda manifest: nested(manifest, path.name, sha256=digest))
    assert not ask_everything(artifacts)
    assert "sections.npy" in refused(artifacts)


def test_a_header_of_another_version_is_refused(artifacts: Path) -> None:
    path = artifacts / "versions" / NAME / "sections.npy"
    values = np.load(path)
    with path.open("wb") as file:
        np.lib.format.write_array(file, values, version=(2, 0))
    reseal(artifacts, "sections")
    assert "sections.npy: its header" in refused(artifacts)


@pytest.mark.parametrize("name", ["ids.npy", "manifest.json"])
@pytest.mark.parametrize("kind", ["link", "directory", "pipe", "nothing"])
def test_what_is_no_regular_file(artifacts: Path, name: str, kind: str) -> None:
    path = artifacts / "versions" / NAME / name
    path.rename(artifacts / name)
    if kind == "link":
        path.symlink_to(artifacts / name)
    elif kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    assert not ask_everything(artifacts)
    assert name in refused(artifacts)


@pytest.mark.parametrize("name", [f"versions/{NAME}", "versions"])
def test_a_link_on_the_way(artifacts: Path, tmp_path: Path, name: str) -> None:
    (artifacts / name).rename(tmp_path / NAME)
    (artifacts / name).symlink_to(tmp_path / NAME)
    assert not ask_everything(artifacts)
    assert "it is a link" in refused(artifacts)


def test_an_artifacts_directory_may_be_a_link(artifacts: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(artifacts)
    assert ask_everything(tmp_path / "link")


def test_a_story_shown_that_is_not_known(artifacts: Path) -> None:
    gone = array(artifacts, "key_rows")[0]
    for name in ("key_hashes", "key_rows"):
        replace_array(artifacts, name, array(artifacts, name)[1:])
    slots = array(artifacts, "key_slots")
    replace_array(artifacts, "key_slots", np.where(slots == gone, -1, slots))
    assert ask_everything(artifacts)
    assert "unknown, or not published yet" in refused(artifacts)


def without_slots(artifacts: Path) -> None:
    """Make of a version one that older code has written."""
    (artifacts / "versions" / NAME / "key_slots.npy").unlink()
    rewrite(artifacts, lambda manifest: manifest["files"].pop("key_slots.npy"))


def test_a_version_without_slots_answers_alike(artifacts: Path) -> None:
    sources = [*IDS, "unknown", "rains", ""]
    found = [Recommender.open(artifacts).page(source) for source in sources]
    without_slots(artifacts)
    assert verify(artifacts / "versions" / NAME, "version")
    assert [Recommender.open(artifacts).page(source) for source in sources] == found


def test_keys_that_are_damaged_where_there_are_no_slots(artifacts: Path) -> None:
    without_slots(artifacts)
    replace_array(artifacts, "key_rows", array(artifacts, "key_rows") - N)
    with pytest.raises(ArtifactError, match=r"/ids\.npy: "):
        ask_all(Recommender.open(artifacts))


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_file_replaced_between_looking_and_opening(
    artifacts: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, looked = artifacts / "current", Path.lstat

    def replaced(self: Path) -> os.stat_result:
        found = looked(self)
        if self == path:
            path.rename(tmp_path / "moved")
            path.symlink_to(tmp_path / "moved") if kind == "link" else os.mkfifo(path)
        return found

    monkeypatch.setattr(Path, "lstat", replaced)
    with pytest.raises(ArtifactError, match="current: "):
        open_regular(path, 100)


def test_a_file_that_nobody_listed(artifacts: Path) -> None:
    (artifacts / "versions" / NAME / "more.npy").touch()
    assert "more.npy: the manifest does not list it" in refused(artifacts)


@pytest.mark.parametrize(
    "pointer", ["", "..", "../copy", "/etc", "a/b", NAME + "\n\n", "\xff", "é"]
)
def test_a_pointer_that_names_no_version(artifacts: Path, pointer: str) -> None:
    (artifacts / "current").write_text(pointer)
    with pytest.raises(ArtifactError, match="is not the name of a version"):
        Recommender.open(artifacts)


def test_a_big_endian_machine_is_refused(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "byteorder", "big")
    with pytest.raises(ArtifactError, match="little-endian"):
        open_version(sound / "versions" / NAME)

"""A site whose views are hard to cut and count, beside which two artifacts directories begin."""

import json
from pathlib import Path

from tests.training.cli.commands import ymal
from tests.training.worlds import MINUTE, START, World, busy
from training.records import DAY, HOUR, utc

CONFIG = (
    '[ranking]\nevery = "6h"\nmin_transitions = 100\n'
    "[lists]\nevent_cosine = 0\n[gate]\nmax_repeated = 1\n"
)
MIDDLE = START + 4 * DAY + 7 * MINUTE + 1_000_000
"""A time inside of a bucket."""

FILES = "--articles", "articles.jsonl", "--views", "views.csv"
COUNTED = "--articles", "articles.jsonl", "--increments", "inc"


def site_in(folder: Path) -> Path:
    """Write its files, and one key for both artifacts directories."""
    world = busy(World(folder))
    for robot in range(3):  # beyond the limits, over midnight, with reloads
        world.session(f"robot{robot}", START + 4 * DAY - 6 * HOUR, ["n00", "n01", "n01"] * 220)
    world.views += [("twin", name, utc(MIDDLE)) for name in ("n07", "n03", "n05", "n05")]
    world.views += [("lost", "unknown", utc(START + DAY))] * 3
    world.write()
    (folder / "ymal.toml").write_text(CONFIG)
    for name in "views", "counted":
        (folder / name).mkdir()
        (folder / name / "key").write_bytes(bytes(range(32)))
    return folder


def json_of(*arguments: object, cwd: Path, now: int | None = None) -> dict[str, object]:
    """Run a command up to a time, and return its JSON."""
    moment = () if now is None else ("--now", utc(now))
    printed = json.loads(ymal(*arguments, *moment, "--json", cwd=cwd).stdout)
    assert isinstance(printed, dict)
    return printed


def same_served(folder: Path) -> None:
    """Check that both directories serve the same bytes, and would carry on from the same."""
    for kind in "states", "versions":
        one, other = arrays(folder / "views", kind), arrays(folder / "counted", kind)
        assert len(one) > 10
        assert one.keys() == other.keys()
        assert [name for name in one if one[name] != other[name]] == []
    manifests = [
        json.loads((served(folder / name, "versions") / "manifest.json").read_bytes())
        for name in ("views", "counted")
    ]
    assert manifests[0]["traffic"] == manifests[1]["traffic"]
    assert manifests[0]["quality"] == manifests[1]["quality"]


def arrays(artifacts: Path, kind: str) -> dict[str, bytes]:
    """Return the bytes of the served version's arrays, or of its state's."""
    files = sorted(served(artifacts, kind).glob("*.npy"))
    return {file.name: file.read_bytes() for file in files}


def served(artifacts: Path, kind: str) -> Path:
    """Return the directory of the served version, or of its state."""
    return artifacts / kind / (artifacts / "current").read_text().strip()

"""Views of an address that an article had before are views of this article."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.training.cli.commands import ymal

SLUGS = {"1": "bridge", "2": "tram", "3": "bees"}


def write(site: Path, slugs: Mapping[str, str], hour: int, views: list[str]) -> None:
    """Write the articles, and the views of an hour of 2026-11-29."""
    day, others = "2026-11-28T10:00:00Z", [f"filler{number}" for number in range(20)]
    rows = [
        {"id": name, "title": f"All about {slug}", "url": f"https://n.example/{slug}"}
        for name, slug in {**slugs, **{other: other for other in others}}.items()
    ]
    articles = "".join(json.dumps(row | {"published_at": day}) + "\n" for row in rows)
    (site / "articles.jsonl").write_text(articles)
    lines = [
        f"u{n},https://n.example/{slug},2026-11-29T{hour:02}:{n:02}:00Z"
        for n, slug in enumerate(views)
    ]
    (site / "views.csv").write_text("\n".join(["user,article,time", *lines]) + "\n")


def unknown_in(site: Path, *command: str) -> int:
    done = ymal(*command, "--json", cwd=site)
    return int(json.loads(done.stdout)["left_out"].get("unknown article", 0))


def test_former_addresses_outlive_refreshes_trainings_and_readers(tmp_path: Path) -> None:
    (tmp_path / "ymal.toml").write_text(
        '[paths]\narticles = ["articles.jsonl"]\nviews = ["views.csv"]\n'
        '[views]\narticle_by = "url"\n'
    )
    write(tmp_path, SLUGS, 9, ["bridge", "tram"])
    assert unknown_in(tmp_path, "train") == 0
    write(tmp_path, SLUGS | {"1": "bridge-closed"}, 10, ["bridge", "bridge-closed"])
    assert unknown_in(tmp_path, "refresh") == 0
    write(tmp_path, SLUGS | {"1": "bridge-shut"}, 11, ["bridge", "bridge-closed", "bridge-shut"])
    assert unknown_in(tmp_path, "refresh") == 0
    ymal("forget", "--user", "u0", cwd=tmp_path)
    views = ["bridge", "bridge-closed", "bridge-shut", "never"]
    write(tmp_path, SLUGS | {"1": "bridge-open"}, 12, views)
    assert unknown_in(tmp_path, "train", "--force", "--why", "test") == 1
    write(tmp_path, SLUGS | {"1": "bridge-open"}, 13, views)
    assert unknown_in(tmp_path, "count") == 1
    for state in (tmp_path / "artifacts/states").glob("*/former_urls.npy"):
        state.write_bytes(b"")
    assert unknown_in(tmp_path, "train", "--force", "--why", "test") == 3  # u0 is left out

"""What the gate refuses: a month of trainings with bad days among them, a week of refreshes.

    python -m benchmarks.gate days [ARTICLES]     # a simulated site, 30 nights, 4 of them bad
    python -m benchmarks.gate refreshes CONFIG    # every 15 minutes of a site's last 7 days
    python -m benchmarks.gate trainings CONFIG    # every night of the same

Each version is really written and compared with the one served, in a directory that is thrown
away. Prints every refusal with its reasons, and the extremes of each figure by which is judged.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from training.config import Config, Settings, load
from training.data import default_now, read_site
from training.pipeline import refresh, train
from training.progress import Stages
from training.records import DAY, HOUR
from training.release import Published
from training.served import load_served, publish
from training.simulate import simulate

HISTORY, NIGHTS = 14, 30
WARM = 3
"""Nights before the first bad one."""

Day = tuple[list[dict[str, object]], list[list[str]]]
"""Articles, and rows of views."""


def cut_off(articles: list[dict[str, object]], views: list[list[str]], now: datetime) -> Day:
    """The log of views ends at noon."""
    noon = iso(now - timedelta(hours=12))
    return articles, [row for row in views if row[2] < noon]


def other_ids(articles: list[dict[str, object]], views: list[list[str]], _now: datetime) -> Day:
    """Every id is written in another way, in both files."""
    renamed = [{**article, "id": f"post-{article['id']}"} for article in articles]
    return renamed, [[row[0], f"post-{row[1]}", *row[2:]] for row in views]


def robots(articles: list[dict[str, object]], views: list[list[str]], now: datetime) -> Day:
    """Four hundred made-up readers go from every story to one and the same, for two hours."""
    draw = np.random.default_rng(7)
    recent = [str(article["id"]) for article in articles[-400:]]
    wanted, attack = recent[50], list(views)
    for robot in range(400):
        time = now - timedelta(hours=2) + timedelta(seconds=int(draw.integers(1800)))
        for _ in range(20):
            for story in (recent[int(draw.integers(len(recent)))], wanted):
                attack.append([f"robot{robot}", story, iso(time), "5"])
                time += timedelta(seconds=60)
    return articles, [row for row in attack if row[2] < iso(now)]


def old_articles(articles: list[dict[str, object]], views: list[list[str]], now: datetime) -> Day:
    """The articles file is that of the day before."""
    yesterday = iso(now - timedelta(days=1))
    return [article for article in articles if str(article["published_at"]) < yesterday], views


BAD: dict[int, Callable[[list[dict[str, object]], list[list[str]], datetime], Day]] = {
    WARM: cut_off,
    WARM + 7: other_ids,
    WARM + 14: robots,
    WARM + 21: old_articles,
}


def days(
    folder: Path, *, articles: int = 2000, readers: int = 3000, nights: int = NIGHTS, every: int = 7
) -> dict[int, Published]:
    """Train on a simulated site at the end of each day; give what came of each night.

    Parameters
    ----------
    folder : Path
        For the site's files and the artifacts.
    articles, readers : int
        Of the site, over all days.
    nights : int
        How many.
    every : int
        A bad one comes so often, the first after three.
    """
    simulate(folder, articles=articles, days=HISTORY + nights, readers=readers, seed=5)
    told = [json.loads(line) for line in (folder / "articles.jsonl").open()]
    head, *rows = [line.rstrip("\n").split(",") for line in (folder / "views.csv").open()]
    first = datetime.fromisoformat(rows[0][2]).astimezone(UTC)
    bad = {WARM + every * place: make for place, make in enumerate(BAD.values())}
    done = {}
    for night in range(nights):
        now = first.replace(hour=0, minute=0, second=0) + timedelta(days=HISTORY + night + 1)
        known = [article for article in told if article["published_at"] < iso(now)]
        read = [row for row in rows if row[2] < iso(now)]
        if night in bad:
            known, read = bad[night](known, read, now)
        (folder / "a.jsonl").write_text("".join(json.dumps(article) + "\n" for article in known))
        lines = "\n".join(",".join(row) for row in [head, *read])
        (folder / "v.csv").write_text(lines + "\n")
        done[night] = trained(
            Settings(Config(), folder), folder / "artifacts", now, ["a.jsonl"], ["v.csv"]
        )
    return done


def trained(
    settings: Settings, artifacts: Path, now: datetime, articles: list[str], views: list[str]
) -> Published:
    """Train up to a moment as `ymal train --now` does."""
    paths = [[str(settings.folder / name) for name in names] for names in (articles, views)]
    site = read_site(settings.config, *paths, key=b"")
    microseconds = int(now.timestamp()) * 1_000_000
    run = train(site, microseconds, jobs=2)
    return publish(run, site, artifacts, Stages(), command="train")


def refreshes(settings: Settings, folder: Path, every: int = HOUR // 4) -> list[Published]:
    """Train seven days before the end, and refresh from there on."""
    site = read_site(settings.config, settings.articles(), settings.views(), key=b"")
    end = default_now(site)
    now = end - 7 * DAY
    now -= now % every
    done = [publish(train(site, now, jobs=2), site, folder, Stages(), command="train")]
    while now + every <= end:
        now += every
        before = load_served(folder, settings.config)
        run = refresh(site, before.state, before.recommendations, now, jobs=2)
        done.append(publish(run, site, folder, Stages(), command="refresh", base=before))
    return done


def trainings(settings: Settings, folder: Path) -> list[Published]:
    """Train at the end of each of the last seven days."""
    site = read_site(settings.config, settings.articles(), settings.views(), key=b"")
    end = default_now(site)
    return [
        publish(train(site, end - back * DAY, jobs=2), site, folder, Stages(), command="train")
        for back in range(7, -1, -1)
    ]


def iso(time: datetime) -> str:
    """Write a time as the simulated files have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def tell(done: list[Published]) -> None:
    """Print the refusals and the extremes of the figures."""
    refused = [published for published in done if published.standing.refused]
    for published in refused:
        print(f"{published.name} refused: {'; '.join(published.standing.outside)}")
    compared = [published.standing.figures or {} for published in done[1:]]
    for figure in compared[0]:
        values = [f[figure] for f, p in zip(compared, done[1:], strict=True) if p not in refused]
        print(f"{figure:16} {min(values):10.4f} … {max(values):.4f}")
    print(f"{len(done)} versions, {len(refused)} refused")


def main(what: str, given: str | None) -> None:
    """Run one of the three."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if what == "days":
            nights = days(folder, articles=int(given or 2000))
            for night, make in BAD.items():
                print(f"night {night}: {(make.__doc__ or '').strip()}")
            print(f"refused: nights {[n for n, p in nights.items() if p.standing.refused]}")
            tell(list(nights.values()))
        else:
            settings = load(Path(given or ""))
            tell((refreshes if what == "refreshes" else trainings)(settings, folder))


if __name__ == "__main__":
    main(sys.argv[1], (sys.argv[2:] or [None])[0])

"""Click-through of served lists, on a toy site whose every impression can be counted by hand."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from recommender import Recommender, Snapshot
from tests.training.cli.commands import failure, ymal
from tests.training.worlds import NOW, World, busy
from training import Config, read
from training.errors import EXIT_DATA, EXIT_USAGE
from training.metrics.click_through import ClickThrough, measure_click_through
from training.records import DAY, HOUR, utc
from training.release import serving_history

MINUTE = HOUR // 60
Row = tuple[str, str, str, str, str, str]


@dataclass
class Log:
    """Views that tell what led to them, after a version was published."""

    folder: Path
    start: int
    snapshot: Snapshot
    rows: list[Row] = field(default_factory=list)

    def opens(self, reader: str, at: int, article: str) -> None:
        self.rows.append((reader, article, utc(self.start + at * MINUTE), "", "", ""))

    def clicks(
        self, reader: str, at: int, on: str, block: str, slot: int, version: str = "",
        named_slot: int | None = None,
    ) -> str:  # fmt: skip
        """Click on a slot of a page; say which article that opened."""
        article = self.snapshot.page(on)[block].items[slot - 1].id
        time = utc(self.start + at * MINUTE)
        self.rows.append((reader, article, time, block, str(named_slot or slot), version))
        return article

    def write(self) -> Path:
        names = "user,article,time,referrer_block,referrer_slot,referrer_version"
        path = self.folder / "clicks.csv"
        path.write_text("\n".join([names, *(",".join(row) for row in self.rows)]) + "\n")
        return path

    def measure(self, last: int = DAY, **options: object) -> ClickThrough:
        site = read(Config(), articles=[self.folder / "articles.jsonl"], views=[self.write()])
        return measure_click_through(
            site, self.folder / "artifacts", now=self.end, last=last, **options
        )

    @property
    def end(self) -> int:
        return self.start + 10 * HOUR


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    busy(World(folder)).write()
    files = ["--articles", "articles.jsonl", "--views", "views.csv"]
    ymal("train", *files, "--now", utc(NOW), cwd=folder)
    return folder


@pytest.fixture
def log(published: Path) -> Log:
    ((when, _),) = serving_history(published / "artifacts")
    return Log(published, when, Recommender.open(published / "artifacts").snapshot())


def of(report: ClickThrough, group: str, **names: object) -> tuple[int, int]:
    (line,) = [f for f in report.figures[group] if names.items() <= f.items()]
    assert line["ctr"] == line["clicks"] / line["shown"]
    return line["shown"], line["clicks"]


def test_each_view_shows_its_page_and_a_click_is_on_one_slot_of_it(log: Log) -> None:
    for number in range(4):
        log.opens(f"r{number}", 2 * number, "n30")
    log.clicks("r0", 1, "n30", "related", 1)
    log.clicks("r1", 3, "n30", "related", 1)
    log.clicks("r2", 5, "n30", "popular", 2)
    report = log.measure()
    assert report.views == {"views": 7, "shown": 7, "gone": 0, "untold": 0}
    assert report.clicks == {"clicks": 3, "traced": 3, "moved": 0, "untraced": 0}
    assert of(report, "slot", block="related", slot=1) == (7, 2)
    assert of(report, "slot", block="popular", slot=2) == (7, 1)
    assert of(report, "block", block="related") == (7 * 5, 2)
    (version,) = report.figures["version"]
    assert version["version"] == log.snapshot.version
    assert version["clicks"] == 3
    page = log.snapshot.page("n30")
    reason = page["related"].items[0].reason
    assert of(report, "reason", block="related", reason=reason)[1] == 2
    for group in report.figures.values():
        assert sum(line["clicks"] for line in group) == 3
        assert sum(line["shown"] for line in group) == report.figures["version"][0]["shown"]
    low, high = version["ci"]
    assert low <= version["ctr"] <= high


def test_stories_opened_in_tabs_are_clicks_on_the_page_that_shows_them(log: Log) -> None:
    log.opens("r", 0, "n30")
    log.clicks("r", 1, "n30", "related", 1)
    log.clicks("r", 2, "n30", "related", 2)  # the page before it is that of the first
    report = log.measure()
    assert report.clicks["traced"] == 2
    assert of(report, "block", block="related") == (3 * 5, 2)


def test_what_no_page_before_it_shows_is_not_traced(log: Log) -> None:
    log.opens("r", 0, "n30")
    log.clicks("s", 1, "n30", "related", 1)  # another reader
    log.clicks("r", 2, "n30", "related", 1, version="20200101T000000Z-001")  # never served
    log.clicks("r", 40, "n30", "related", 3)  # another session
    assert log.measure().clicks == {"clicks": 3, "traced": 0, "moved": 0, "untraced": 3}


def test_a_click_on_a_slot_that_moved_is_counted(log: Log) -> None:
    log.opens("r", 0, "n30")
    log.clicks("r", 1, "n30", "related", 2, named_slot=1)  # the first was left out for this reader
    report = log.measure()
    assert report.clicks["moved"] == 1
    assert of(report, "slot", block="related", slot=2)[1] == 1


def test_a_view_before_the_first_version_shows_nothing_unless_a_click_names_one(log: Log) -> None:
    log.opens("r", -10, "n30")
    log.clicks("r", -9, "n30", "related", 1, version=log.snapshot.version)
    log.opens("s", -5, "n30")
    report = log.measure()
    assert report.views == {"views": 3, "shown": 1, "gone": 0, "untold": 2}
    assert of(report, "slot", block="related", slot=1) == (1, 1)


def test_views_of_a_version_that_is_gone_are_counted(log: Log) -> None:
    audit = log.folder / "artifacts" / "audit.jsonl"
    kept = audit.read_text()
    later = {"when": utc(log.start + HOUR), "what": "refresh", "served": "20260601T000000Z-001"}
    log.opens("r", 0, "n30")
    log.clicks("r", 1, "n30", "related", 1)
    log.opens("s", 61, "n30")
    try:
        audit.write_text(kept + "no entry\n" + json.dumps(later) + "\n")
        report = log.measure()
    finally:
        audit.write_text(kept)
    assert report.views == {"views": 3, "shown": 2, "gone": 1, "untold": 0}


def test_blocks_that_the_pages_do_not_show_are_left_out(log: Log) -> None:
    log.opens("r", 0, "n30")
    log.clicks("r", 1, "n30", "related", 1)
    log.clicks("r", 2, "n30", "popular", 1)
    report = log.measure(blocks=["related"])
    assert [line["block"] for line in report.figures["block"]] == ["related"]
    assert report.clicks["clicks"] == report.clicks["traced"] == 1


def test_only_pages_of_the_last_days_count(log: Log) -> None:
    log.opens("r", 0, "n30")
    log.clicks("r", 1, "n30", "related", 1)
    log.opens("s", 9 * 60, "n30")
    log.clicks("s", 9 * 60 + 1, "n30", "related", 1)
    report = log.measure(last=2 * HOUR)
    assert of(report, "slot", block="related", slot=1) == (2, 1)


def test_the_command_prints_and_writes_it(log: Log) -> None:
    for number in range(20):
        log.opens(f"r{number}", number, "n30")
        if number % 4 == 0:
            log.clicks(f"r{number}", number + 1, "n30", "related", 1)
    files = ["--articles", "articles.jsonl", "--views", log.write().name, "--now", utc(log.end)]
    done = ymal("evaluate", "--served", *files, "--json", "served.json", cwd=log.folder)
    assert "by slot" in done.stdout
    assert re.search(rf"^related 1 +25 +5 +{5 / 25:.4f} \[", done.stdout, re.MULTILINE)
    report = json.loads((log.folder / "served.json").read_text())
    assert report["views"]["shown"] == 25
    assert report["protocol"]["start"] == utc(log.end - 7 * DAY)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--served", "--every", "1h"], EXIT_USAGE, "--every and --served exclude each other"),
        (["--blocks", "related"], EXIT_USAGE, "--blocks needs --served"),
        (
            ["--served", "--blocks", "hot"],
            EXIT_USAGE,
            "--blocks hot: no such block; choose from latest",
        ),
        (["--served", "--views", "views.csv"], EXIT_DATA, "name its column in views.referrer_bloc"),
        (["--served", "--artifacts", "none"], EXIT_DATA, "is kept: raise versions.keep"),
    ],
)
def test_a_mistake_is_one_line(log: Log, arguments: list[str], code: int, says: str) -> None:
    log.opens("r", 0, "n30")
    log.clicks("r", 1, "n30", "related", 1)
    files = ["--articles", "articles.jsonl", "--views", log.write().name, "--now", utc(log.end)]
    if "--views" in arguments:
        files = ["--articles", "articles.jsonl"]
    assert says in failure("evaluate", *files, *arguments, cwd=log.folder, code=code)

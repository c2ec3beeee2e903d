"""Nothing unpublished or withdrawn is shown, from whatever a database writes."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from recommender import Recommender
from tests.thorough import scaled
from tests.training.worlds import spelled
from training.catalogue import empty_catalogue, merge
from training.cli.init import format_config
from training.cli.refresh import refresh
from training.cli.times import read_moment
from training.cli.train import train
from training.config import load
from training.data import UnmappedStateError, read_site
from training.data.guess import guess_config
from training.export import ArticlePages, json_lines
from training.ranking import known_at
from training.ranking.rules import EligibilityContext, eligible
from training.records import Site, Window
from training.release import set_hold

Row = Mapping[str, object]
Values = Mapping[str, Sequence[object]]
NOW, LATER = "2026-05-20T12:00:00Z", "2026-05-20T13:00:00Z"
PUBLISHED, UNPUBLISHED = "Story", "SECRET"
"""First words of the titles."""


@dataclass(frozen=True)
class Dialect:
    """How a system exports articles.

    Attributes
    ----------
    names : its columns of id, title, text, publish time.
    published : the columns of state, each with the values of published rows.
    unpublished : of those columns and the publish time, the values that make a row unpublished.
    write : writes rows into a file.
    """

    names: tuple[str, str, str, str]
    published: Values
    unpublished: Values
    write: Callable[[Path, Sequence[Row]], Path]


def as_csv(nothing: str) -> Callable[[Path, Sequence[Row]], Path]:
    def write(folder: Path, rows: Sequence[Row]) -> Path:
        path = folder / "articles.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            for row in rows:
                writer.writerow({key: nothing if v is None else v for key, v in row.items()})
        return path

    return write


def as_json(folder: Path, rows: Sequence[Row]) -> Path:
    path = folder / "articles.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


DIALECTS = {
    "WordPress": Dialect(
        ("ID", "post_title", "post_content", "post_date_gmt"),
        {"post_status": ["publish"], "post_type": ["post"], "post_password": [""]},
        {
            "post_status": ["draft", "auto-draft", "trash", "private", "pending", "future"],
            "post_type": ["revision", "page", "attachment"],
            "post_password": ["s3cret"],
            "post_date_gmt": ["0000-00-00 00:00:00", "2026-06-01 08:00:00"],
        },
        as_csv(""),
    ),
    "PostgreSQL": Dialect(
        ("article_id", "headline", "body", "first_published_at"),
        {"is_live": ["t"], "is_draft": ["f"], "withdrawn": ["f", None], "trashed_at": [None]},
        {
            "is_live": ["f"],
            "is_draft": ["t"],
            "withdrawn": ["t"],
            "trashed_at": ["2026-05-03 10:00:00+00"],
            "first_published_at": [None, "2026-06-01 08:00:00+00"],
        },
        as_csv(""),
    ),
    "MySQL": Dialect(
        ("id", "title", "content", "publish_date"),
        {"published": [1], "hidden": [0], "withdrawn": ["b'0'", 0], "trashed_at": [None]},
        {
            "published": [0],
            "hidden": [1],
            "withdrawn": ["b'1'", 1],
            "trashed_at": ["2026-05-03 10:00:00"],
            "publish_date": ["0000-00-00 00:00:00"],
        },
        as_csv("\\N"),
    ),
    "pandas": Dialect(
        ("story_id", "title", "text", "published_at"),
        {"status": ["live"], "withdrawn": [0.0, "nan"], "is_published": ["True"]},
        {"status": ["draft"], "withdrawn": [1.0, "True"], "is_published": ["False"]},
        as_csv("nan"),
    ),
    "Drupal": Dialect(
        ("nid", "title", "body", "created"),
        {"status": [1, "1"], "moderation_state": ["published"], "type": ["article"]},
        {"status": [0, "0"], "moderation_state": ["needs_review", "draft"], "type": ["page"]},
        as_json,
    ),
    "Django": Dialect(
        ("pk", "headline", "text", "publish_date"),
        {"live": [True], "is_withdrawn": [False, None], "workflow_state": ["published"]},
        {
            "live": [False],
            "is_withdrawn": [True],
            "workflow_state": ["in_review", "draft"],
            "publish_date": [None],
        },
        as_json,
    ),
    "Ghost": Dialect(
        ("id", "title", "plaintext", "published_at"),
        {
            "status": ["published"],
            "visibility": ["public"],
            "type": ["post"],
            "email_only": [False, None],
        },
        {
            "status": ["draft", "scheduled", "sent"],
            "visibility": ["members", "paid"],
            "type": ["page"],
            "email_only": [True],
            "published_at": [None, "2026-06-01T08:00:00Z"],
        },
        as_json,
    ),
}
each = pytest.mark.parametrize("name", sorted(DIALECTS))


def published_row(dialect: Dialect, number: int) -> dict[str, object]:
    """Return a row, with the titles of a published one."""
    article, title, body, time = dialect.names
    words = f"{spelled(number)} {spelled(number % 3)}"
    states = {name: values[number % len(values)] for name, values in dialect.published.items()}
    return {
        article: f"a{number}",
        title: f"{PUBLISHED} of the harbour {words}",
        body: f"The harbour has {words} and the bridge {spelled(number + 50)}. " * 3,
        time: f"2026-05-{number % 9 + 1:02} 08:00:00",
        **states,
    }


def unpublish(dialect: Dialect, row: Row, changed: Row) -> dict[str, object]:
    title = dialect.names[1]
    return {**row, title: str(row[title]).replace(PUBLISHED, UNPUBLISHED), **changed}


def published_ids(dialect: Dialect, rows: Sequence[Row]) -> set[str]:
    article, title, *_ = dialect.names
    return {str(row[article]) for row in rows if str(row[title]).startswith(PUBLISHED)}


def write_site(folder: Path, dialect: Dialect, rows: Sequence[Row]) -> dict[str, list[str]]:
    """Write articles, and views of all, by editors too; return the paths."""
    views = folder / "views.csv"
    lines = [
        f"u{n % 5},{row[dialect.names[0]]},2026-05-19T08:{n:02}:00Z"
        for n, row in enumerate([*rows, *rows])
    ]
    views.write_text("\n".join(["user,article,time", *lines]) + "\n")
    return {"articles": [str(dialect.write(folder, rows))], "views": [str(views)]}


def write_config(folder: Path, paths: Mapping[str, Sequence[str]]) -> Path:
    """Write what `ymal init` writes."""
    config = folder / "ymal.toml"
    config.write_text(format_config(paths, guess_config(paths["articles"], paths["views"])))
    return config


def eligible_ids(site: Site) -> set[str]:
    """Return the ids that lists may hold, and that are sources."""
    now = read_moment(NOW)
    catalogue, _, _ = merge(empty_catalogue(), Window(0, now, site.views, site.articles, site.ids))
    known = known_at(catalogue.published, site.views.first_views(len(site.ids), now))
    found = eligible(EligibilityContext(now, catalogue, known), site.config)
    return {catalogue.ids[row] for row in np.flatnonzero(found).tolist()}


@each
@settings(max_examples=scaled(12), deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_no_combination_of_columns_shows_what_is_not_published(
    name: str, data: st.DataObject
) -> None:
    """An export may have any of its system's columns, and a row several reasons."""
    dialect = DIALECTS[name]
    columns = data.draw(st.sets(st.sampled_from(sorted(dialect.published)), min_size=1))
    absent = set(dialect.published) - columns
    reasons = {
        column: st.sampled_from(values)
        for column, values in dialect.unpublished.items()
        if column not in absent
    }
    change = st.sets(st.sampled_from(sorted(reasons)), min_size=1).flatmap(
        lambda chosen: st.fixed_dictionaries({column: reasons[column] for column in chosen})
    )
    changes = data.draw(st.lists(change, min_size=1, max_size=6))
    rows = [published_row(dialect, number) for number in range(8 + len(changes))]
    rows[8:] = [unpublish(dialect, *pair) for pair in zip(rows[8:], changes, strict=True)]
    rows = [
        {k: v for k, v in row.items() if k not in absent}
        for row in data.draw(st.permutations(rows))
    ]
    with TemporaryDirectory() as place:
        paths = write_site(Path(place), dialect, rows)
        config = load(write_config(Path(place), paths)).config
        site = read_site(config, *paths.values(), key=b"")
        assert eligible_ids(site) == published_ids(dialect, rows)


@each
def test_a_column_that_is_not_mapped_stops(name: str, tmp_path: Path) -> None:
    """Unless a flag or the lack of a time tells the row already."""
    dialect = DIALECTS[name]
    for column, values in dialect.unpublished.items():
        rows = [published_row(dialect, number) for number in range(8)]
        rows[7] = unpublish(dialect, rows[7], {column: values[0]})
        paths = write_site(tmp_path, dialect, rows)
        lines = write_config(tmp_path, paths).read_text().splitlines()
        config = tmp_path / "unmapped.toml"
        config.write_text("\n".join(line for line in lines if not line.startswith("only =")))
        try:
            site = read_site(load(config).config, *paths.values(), key=b"")
        except UnmappedStateError:
            continue
        assert eligible_ids(site) == published_ids(dialect, rows)


def check_served(artifacts: Path, live: set[str]) -> None:
    """All that is published is known, and nothing else is in the version, a page or an export."""
    snapshot = Recommender.open(artifacts).snapshot()
    assert set(snapshot.ids()) == live
    assert not snapshot.search(UNPUBLISHED)
    shown: set[str] = set()
    for article in live:
        shown |= {story.id for story in snapshot.related(article, 50)}
        shown |= {story.id for story in snapshot.next_for([article], 50)}
        shown |= {story.id for block in snapshot.page(article).blocks for story in block.items}
    assert shown == live
    exported = b"".join(json_lines(ArticlePages(snapshot, 50, lambda _: None)))
    version = (artifacts / "versions" / snapshot.version).iterdir()
    assert UNPUBLISHED.encode() not in exported + b"".join(file.read_bytes() for file in version)


@pytest.mark.parametrize("name", ["Ghost", "PostgreSQL"])
def test_what_is_not_published_is_nowhere(name: str, tmp_path: Path) -> None:
    """In what train and a refresh publish; and in what is served while a version is held."""
    dialect = DIALECTS[name]
    found = dialect.unpublished.items()
    changes = [{column: value} for column, values in found for value in values]
    rows = [published_row(dialect, number) for number in range(8 + len(changes))]
    before = [*rows[:8], *map(unpublish, repeat(dialect), rows[8:], changes)]
    config = write_config(tmp_path, write_site(tmp_path, dialect, before))
    artifacts = tmp_path / "artifacts"
    train(config=config, artifacts=artifacts, now=NOW, quiet=True, jobs=1)
    check_served(artifacts, published_ids(dialect, before))

    after = [*map(unpublish, repeat(dialect), rows[:6], changes), *rows[6:]]
    write_site(tmp_path, dialect, after)
    refresh(config=config, artifacts=artifacts, now=LATER, quiet=True, jobs=1)
    check_served(artifacts, published_ids(dialect, after))

    set_hold(artifacts, "election")
    last = [*after[:7], unpublish(dialect, rows[7], changes[0]), *after[8:]]
    write_site(tmp_path, dialect, last)
    refresh(config=config, artifacts=artifacts, now=LATER, quiet=True, jobs=1)
    assert "a7" not in Recommender.open(artifacts)

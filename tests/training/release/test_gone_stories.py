"""Which stories are withdrawn since an input does not publish them any more."""

from collections.abc import Mapping, Set
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recommender.worlds import TOY
from training.records import Articles, ArticlesRead
from training.release import gone_stories

SHOWN = sorted(article.id for article in TOY.articles if article.known)
FIRST, *OTHERS = SHOWN


def read(unpublished: Mapping[str, str], listed: Set[str] = frozenset()) -> ArticlesRead:
    """What an input says in which something is published."""
    published = Articles.with_ids(["published"])
    return ArticlesRead(published, [], unpublished, listed, is_certain=True)


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return TOY.publish(tmp_path_factory.mktemp("toy"))


def test_what_a_version_shows_and_the_input_does_not(artifacts: Path, tmp_path: Path) -> None:
    draft = read({FIRST: "status", "draft": "status"}, {*OTHERS, "new"})
    assert gone_stories(artifacts, draft, is_complete=False, max_gone=0) == {FIRST}
    missing = read({}, {*OTHERS, "new"})
    assert gone_stories(artifacts, missing, is_complete=False, max_gone=0) == set()
    assert gone_stories(artifacts, missing, is_complete=True, max_gone=0) == {FIRST}
    assert gone_stories(artifacts, read({}, {*SHOWN}), is_complete=True, max_gone=0) == set()
    assert gone_stories(tmp_path, draft, is_complete=True, max_gone=1) == set()


def test_a_file_that_was_cut_short_withdraws_nothing(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that say so act in any number; what is lacking only up to a share."""
    monkeypatch.setattr("training.release.overrides.GONE_ARTICLES_ALLOWED", 1)
    cut, drafts = read({}), read(dict.fromkeys(SHOWN, "status"), {*SHOWN})
    assert gone_stories(artifacts, cut, is_complete=True, max_gone=0.2) == set()
    assert gone_stories(artifacts, cut, is_complete=True, max_gone=1) == {*SHOWN}
    undated = read(dict.fromkeys(SHOWN, ""), {*SHOWN})
    assert gone_stories(artifacts, undated, is_complete=False, max_gone=0.2) == set()
    assert gone_stories(artifacts, drafts, is_complete=True, max_gone=0.2) == {*SHOWN}
    nothing = replace(drafts, articles=Articles.empty())
    assert gone_stories(artifacts, nothing, is_complete=True, max_gone=0.2) == set()
    one = replace(read({FIRST: "status"}), articles=Articles.empty())
    assert gone_stories(artifacts, one, is_complete=False, max_gone=0.2) == {FIRST}

"""Views of front and section pages: counted, and no sign of missing articles."""

from pathlib import Path

import pytest

from training.config import Config
from training.data import read_site
from training.data.navigation import NAVIGATION
from training.records import Site

KEY = bytes(32)
ARTICLES = (
    "id,title,section,url\n"
    "1,Cup,Sport & Fun,https://news.example/sport/2026/cup\n"
    "2,Sea,Science,https://news.example/science/2026/sea\n"
)


def read(folder: Path, pages: list[str], by: str) -> Site:
    (folder / "a.csv").write_text(ARTICLES)
    rows = "".join(f"u{n},{page},2026-05-01T08:00:{n:02d}Z\n" for n, page in enumerate(pages))
    (folder / "v.csv").write_text(f"user,article,time\n{rows}")
    config = Config.model_validate({"views": {"article_by": by}})
    return read_site(config, [str(folder / "a.csv")], [str(folder / "v.csv")], key=KEY)


@pytest.mark.parametrize(
    "page",
    ["/", "https://news.example", "/index.html", "/sport", "https://news.example/Sport/2026/",
     "/tag/sea", "/sport-fun/", "/page/2", ""],
)  # fmt: skip
def test_a_page_that_leads_to_articles(tmp_path: Path, page: str) -> None:
    site = read(tmp_path, [page, "/sport/2026/cup"], "url")
    assert site.left_out == {NAVIGATION: 1}
    assert site.views.count == 1
    assert (site.traffic.views.sum(), site.traffic.unknown.sum()) == (1, 0)
    assert not site.traffic.unknown_ids


@pytest.mark.parametrize("page", ["/sport/2026/final", "/about", "/sports"])
def test_a_page_that_may_be_an_article(tmp_path: Path, page: str) -> None:
    assert read(tmp_path, [page, "/sport/2026/cup"], "url").left_out == {"unknown article": 1}


def test_other_events_than_page_views_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ARTICLES)
    events = "u,1,2026-05-01T08:00Z,View\n,1,,ping\nu,1,2026-05-01T08:01Z,\nu,2,9 o'clock,ping\n"
    (tmp_path / "v.csv").write_text("user,article,time,event\n" + events)
    config = Config.model_validate({"views": {"only": {"event": ["view"]}}})
    site = read_site(config, [str(tmp_path / "a.csv")], [str(tmp_path / "v.csv")], key=KEY)
    assert (site.left_out, site.views.count) == ({"no page view (event)": 3}, 1)


def test_an_empty_id_is_no_bad_row(tmp_path: Path) -> None:
    site = read(tmp_path, ["", "1", "", "2", "nan"], "id")
    assert site.left_out == {NAVIGATION: 3}
    assert not site.quarantine

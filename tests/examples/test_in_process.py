"""The examples for backends in Python, each in its framework."""

import re
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import django
import pytest
from django import conf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from examples import django_related, flask_app
from recommender import Recommender
from tests.recommender.worlds import NAME, TOY, Article
from tests.services import Service, free_port, running

ODD = "sport/2026 ä?#%&+\"'<b>"
PAGE: list[dict[str, object]] = [
    {"key": "related", "title": "You May Also Like", "slots": 3, "priority": 1, "most": 3},
    {"key": "popular", "title": "Popular", "slots": 2, "priority": 2, "most": 2},
]
SITE = replace(
    TOY,
    articles=[*TOY.articles, Article(ODD, "An <i>odd</i> id", items=((0, 0.5, "text"),))],
    page=PAGE,
)
SECOND = 1.1
"""Seconds after which a process looks again."""


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    return SITE.publish(tmp_path / "artifacts")


def remove(artifacts: Path) -> None:
    shutil.rmtree(artifacts)


def damage(artifacts: Path) -> None:
    (artifacts / "versions" / NAME / "popular.npy").write_bytes(b"")


def empty_ids(artifacts: Path) -> None:
    """What is damaged where it is read, after it was opened."""
    path = artifacts / "versions" / NAME / "list_items.npy"
    data = path.read_bytes()
    path.write_bytes(data[:128] + b"\xff" * (len(data) - 128))


BAD = pytest.mark.parametrize("spoil", [remove, damage, empty_ids])
Spoil = Callable[[Path], None]


# Flask


@pytest.fixture
def flask_site(artifacts: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setitem(flask_app.app.config, "ARTIFACTS", artifacts)
    monkeypatch.setitem(flask_app.app.config, "SECRET_KEY", "secret")
    flask_app.recommender.cache_clear()
    return flask_app.app.test_client()


def headings(html: str) -> list[str]:
    return re.findall(r"<h2>(.*)</h2>", html)


def linked(html: str) -> list[str]:
    return re.findall(r">([^<]*)</a>", html)


def test_flask_shows_the_blocks_without_what_was_seen(flask_site: Any) -> None:
    page = flask_site.get("/stories/storm").text
    assert headings(page) == ["You May Also Like", "Popular"]
    assert linked(page) == ["Rain", "Snow", "Goal", "Vote"]
    assert linked(flask_site.get("/stories/snow").text) == ["Rain", "Goal", "Vote"]


def test_flask_links_to_any_id(flask_site: Any) -> None:
    page = flask_site.get(f"/stories/{quote(ODD)}")
    assert page.status_code == 200
    assert linked(page.text)[0] == "Storm"
    assert "<b>" not in page.text


@BAD
def test_the_page_stands_in_flask(flask_site: Any, artifacts: Path, spoil: Spoil) -> None:
    spoil(artifacts)
    page = flask_site.get("/stories/storm")
    assert page.status_code == 200
    assert headings(page.text) == []


# Django

TEMPLATE = """{% load related %}{% related id 3 exclude=seen as stories %}
{% for story in stories %}<a href="{{ story.url }}">{{ story.title }}</a>{% endfor %}"""


def story(request: HttpRequest, id: str) -> HttpResponse:  # noqa: A002
    return render(request, "story.html", {"id": id, "seen": request.GET.getlist("seen")})


urlpatterns = [path("stories/<path:id>", story)]


@pytest.fixture(scope="module", autouse=True)
def _django() -> None:
    loader = ("django.template.loaders.locmem.Loader", {"story.html": TEMPLATE})
    options = {"loaders": [loader], "libraries": {"related": django_related.__name__}}
    conf.settings.configure(
        ROOT_URLCONF=__name__,
        ALLOWED_HOSTS=["testserver"],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": options}
        ],
    )
    django.setup()


@pytest.fixture
def django_site(artifacts: Path) -> Iterator[Client]:
    django_related.recommender.cache_clear()
    with override_settings(YMAL_ARTIFACTS=artifacts):
        yield Client()


def test_django_renders_the_tag(django_site: Client) -> None:
    page = django_site.get("/stories/storm")
    assert linked(page.text) == ["Rain", "Snow", "Goal"]
    assert '<a href="/rain">' in page.text
    assert linked(django_site.get("/stories/storm?seen=rain&seen=goal").text) == ["Snow", "Vote"]
    assert linked(django_site.get(f"/stories/{quote(ODD)}").text)[0] == "Storm"


@BAD
def test_the_page_stands_in_django(django_site: Client, artifacts: Path, spoil: Spoil) -> None:
    spoil(artifacts)
    page = django_site.get("/stories/storm")
    assert page.status_code == 200
    assert linked(page.text) == []


def test_a_request_is_of_one_version(flask_site: Any, django_site: Client, artifacts: Path) -> None:
    del flask_site, django_site
    request = RequestFactory().get("/")
    with flask_app.app.test_request_context():
        before = flask_app.snapshot(), django_related.snapshot(request)
        SITE.publish(artifacts, "next-1")
        time.sleep(SECOND)
        assert (flask_app.snapshot(), django_related.snapshot(request)) == before
    assert [found.version for found in before] == [NAME, NAME]
    assert flask_app.recommender().version == django_related.recommender().version == "next-1"


# FastAPI


@pytest.fixture
def fastapi_site(artifacts: Path, tmp_path: Path) -> Iterator[Service]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port)]
    with running(
        [*command, "examples.fastapi_app:app"],
        port,
        tmp_path / "log",
        path="/docs",
        cwd=Path(__file__).parents[2],
        env={"YMAL_ARTIFACTS": str(artifacts)},
    ) as started:
        yield started


def ids(found: dict[str, Any]) -> list[str]:
    return [item["id"] for item in found["related"]]


def test_fastapi_gives_a_story_with_its_list(fastapi_site: Service, artifacts: Path) -> None:
    right = Recommender.open(artifacts).related("storm", exclude=["rain"])
    found = fastapi_site.get("/stories/storm?seen=rain").json()
    assert found == {
        "id": "storm",
        "version": NAME,
        "related": [item.as_dict() for item in right],
    }
    assert ids(found) == ["snow", "goal", "vote"]
    assert ids(fastapi_site.get(f"/stories/{quote(ODD)}").json())[0] == "storm"
    assert fastapi_site.get("/stories/storm?" + "seen=x&" * 101).status == 422


@BAD
def test_the_answer_stands_in_fastapi(fastapi_site: Service, artifacts: Path, spoil: Spoil) -> None:
    spoil(artifacts)
    found = fastapi_site.get("/stories/storm")
    assert found.status == 200
    assert ids(found.json()) == []


# All of them


def test_what_is_trained_later_is_shown(
    flask_site: Any, django_site: Client, fastapi_site: Service, artifacts: Path
) -> None:
    def shown() -> list[list[str]]:
        return [
            linked(flask_site.get("/stories/storm").text)[:1],
            linked(django_site.get("/stories/storm").text)[:1],
            ids(fastapi_site.get("/stories/storm").json())[:1],
        ]

    remove(artifacts)
    assert shown() == [[], [], []]
    SITE.publish(artifacts)
    assert shown() == [["Rain"], ["Rain"], ["rain"]]

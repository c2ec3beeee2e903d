"""HTML pages of the service: a search over titles, a story with its blocks, the error page.

They load nothing, run no script, and change nothing.
"""

from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from ..html import render_story, render_template
from ..snapshot import Snapshot
from .parameters import Parameter

MAX_FOUND: Final = 20
"""Stories that a search shows."""

QUERY: Final = Parameter("q", "Words of a title.", {"type": "string", "maxLength": 200})
STORY: Final = Parameter("id", "Id of a story.", {"type": "string"})

_SEARCH_URL: Final = "./"


def search_page(snapshot: Snapshot, query: str) -> str:
    """Render the search form and its results as one HTML document."""
    query = query.strip()
    return render_template(
        "search.html",
        query=query,
        found=snapshot.search(query, MAX_FOUND),
        max_found=MAX_FOUND,
        max_query=QUERY.schema["maxLength"],
        snapshot=snapshot,
        story_url=story_url,
    )


def story_page(snapshot: Snapshot, article: str) -> str:
    """Render a story's page as `ymal page --html` does, its links leading to such pages.

    Raises
    ------
    UnknownArticle
        If the version does not know it.
    """
    page = snapshot.page(article, missing="error")
    title, section = snapshot.headline(article)
    return render_story(
        page,
        title=title,
        section=section,
        now=snapshot.now,
        age=snapshot.age,
        search_url=_SEARCH_URL,
        story_url=lambda story: story_url(story.id),
    )


def error_page(error: HTTPException) -> Response:
    """Return the page that explains an error to a person."""
    detail = error.detail[:1].upper() + error.detail[1:]
    page = render_template("error.html", detail=detail, search_url=_SEARCH_URL)
    return html_response(page, error.status_code)


def html_response(document: str, status: int = 200) -> Response:
    """Return an HTML response; the head of the document restricts what it may load."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(document, status, headers)


def story_url(article: str) -> str:
    """Return the URL of a story's page, relative to any page here.

    The id is in the query, since browsers would resolve some ids in a path to another path.

    Examples
    --------
    >>> story_url("a/b ü")
    'story?id=a%2Fb%20%C3%BC'
    """
    return f"story?id={quote(article, safe='')}"

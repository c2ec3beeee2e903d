"""The small page for people: a search over titles, and a story with what stands under it.

It loads nothing, runs no script, and changes nothing.
"""

from collections.abc import Sequence
from html import escape
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from ..cached_version import Card
from ..html import document, label, moment, render, version
from ..snapshot import Snapshot

FOUND: Final = 20
"""Stories that a search shows at most."""

LONGEST: Final = 200
"""Characters of what is searched for."""

_STYLE: Final = """
form { display: flex; gap: .5rem; padding-top: 1.25rem; max-width: 40rem; }
input, button { font: 1rem/1.3 var(--sans); color: inherit; padding: .5rem .75rem;
  border: 1px solid var(--quiet); border-radius: 0; background: var(--paper); }
input::placeholder { color: var(--quiet); opacity: 1; }
input { flex: 1; min-width: 0; }
button { background: var(--ink); color: var(--paper); border-color: var(--ink); cursor: pointer; }
:is(input, button):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.found { max-width: 40rem; }
.found p:last-child { font: .9375rem/1.4 var(--sans); color: var(--quiet); }
.found ol { columns: 1; list-style: none; }
.found li { margin: 0; padding-bottom: 1rem; }
.found li:first-child a { font-size: inherit; line-height: inherit; }
.found time { font: .8125rem/1.4 var(--sans); color: var(--quiet); }
"""

_BACK: Final = '<nav lang="en"><a href="./">Search</a></nav>'


def search(now: Snapshot, words: str) -> str:
    """Give the search, and what it finds, as one HTML document."""
    words = words.strip()
    title = f"{words} – " if words else ""
    body = f"""<header>
<h1>You May Also Like</h1>
<form role="search" action="./"><input type="search" name="q" value="{escape(words)}" dir="auto"
aria-label="Words of a title" placeholder="Words of a title"
maxlength="{LONGEST}"><button>Search</button></form>
{version(now.version, now.now, now.age)}
</header>
{_results(now.search(words, FOUND)) if words else ""}"""
    return document(escape(f"{title}You May Also Like"), body, style=_STYLE, forms="'self'")


def story(now: Snapshot, article: str) -> str:
    """Give a story's page as `ymal page --html` draws it, its links leading to such pages.

    Raises
    ------
    UnknownArticle
        If the version does not know it.
    """
    page = now.page(article, missing="error")
    title, section = now.headline(article)
    return render(
        page,
        title=title,
        section=section,
        now=now.now,
        age=now.age,
        above=_BACK,
        address=lambda story: address(story.id),
    )


def sorry(error: HTTPException) -> Response:
    """Tell people that there is no such page, and why."""
    title = "This page cannot be shown"
    body = f"""<header>{_BACK}
<h1>{title}</h1>
</header>
<p>{escape(error.detail[:1].upper() + error.detail[1:])}.</p>"""
    return shown(document(title, body), error.status_code)


def shown(text: str, status: int = 200) -> Response:
    """Answer by an HTML document; what it may load stands in its head."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(text, status, headers)


def address(article: str) -> str:
    """Give the address of a story's page, from any page here: no path, which some ids would break.

    Examples
    --------
    >>> address("a/b ü")
    'story?id=a%2Fb%20%C3%BC'
    """
    return f"story?id={quote(article, safe='')}"


def _results(found: Sequence[tuple[str, Card]]) -> str:
    told = "" if found else "<p>No title has all these words.</p>"
    if len(found) == FOUND:
        told = f"<p>These are the {FOUND} newest; more words find others.</p>"
    results = "\n".join(
        f'<li>{label(section)}<a href="{address(article)}" dir="auto">'
        f"{escape(title.strip() or article)}</a>{moment(at) if at else ''}</li>"
        for article, (title, _, section, at, _) in found
    )
    listed = f"<ol>\n{results}\n</ol>" if results else ""
    return f'<section class="found" aria-label="Found">\n{listed}{told}\n</section>'

"""The small page for people: a search over titles, and a story with what stands under it.

It loads nothing, runs no script, and changes nothing.
"""

from collections.abc import Iterable
from html import escape
from typing import Final
from urllib.parse import quote

from ..html import document, label, moment, render, version
from ..shelf import Card
from ..snapshot import Snapshot

STORY: Final = "/story/"
"""Path of a story's page, before the id."""

_STYLE: Final = """
form { display: flex; gap: .5rem; padding-top: 1.25rem; max-width: 40rem; }
input, button { font: 1rem/1.3 var(--sans); color: inherit; padding: .5rem .75rem;
  border: 1px solid var(--quiet); border-radius: 0; background: var(--paper); }
input { flex: 1; min-width: 0; }
button { background: var(--ink); color: var(--paper); border-color: var(--ink); cursor: pointer; }
:is(input, button):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.found { max-width: 40rem; }
.found ol { columns: 1; list-style: none; }
.found li { margin: 0; padding-bottom: 1rem; }
.found li:first-child a { font-size: inherit; line-height: inherit; }
.found time { font: .8125rem/1.4 var(--sans); color: var(--quiet); }
"""

_BACK: Final = '<p class="version" lang="en"><a href="/">Search</a></p>'


def search(now: Snapshot, words: str) -> str:
    """Give the search, and what it finds, as one HTML document."""
    words = words.strip()
    found = now.search(words)
    title = f"{words} – " if words else ""
    body = f"""<header>
<h1>You May Also Like</h1>
<form role="search" action="/"><input type="search" name="q" value="{escape(words)}" dir="auto"
aria-label="Words of a title" maxlength="200"><button>Search</button></form>
{version(now.version, now.now, now.age)}
</header>
<section class="found" aria-label="Found">
{_results(found) if found or not words else "<p>No title has all these words.</p>"}
</section>"""
    return document(escape(f"{title}You May Also Like"), body, style=_STYLE, forms="'self'")


def story(now: Snapshot, article: str) -> str:
    """Give a story's page as `ymal page --html` draws it, its links leading to such pages."""
    title, section = now.headline(article)
    return render(
        now.page(article),
        title=title,
        section=section,
        now=now.now,
        age=now.age,
        above=_BACK,
        address=lambda story: address(story.id),
    )


def address(article: str) -> str:
    """Give the address of a story's page.

    Examples
    --------
    >>> address("a/b ü")
    '/story/a%2Fb%20%C3%BC'
    """
    return STORY + quote(article, safe="")


def _results(found: Iterable[tuple[str, Card]]) -> str:
    results = "\n".join(
        f'<li>{label(section)}<a href="{address(article)}" dir="auto">'
        f"{escape(title.strip() or article)}</a>{moment(at) if at else ''}</li>"
        for article, (title, _, section, at) in found
    )
    return f"<ol>\n{results}\n</ol>" if results else ""

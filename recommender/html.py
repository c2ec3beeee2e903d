"""A page's blocks as one HTML document, for editors to look at without a server."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape

from .values import Block, Page, RelatedStory

LABELLED = frozenset({"related", "weekly"})  # blocks in which each story names its section
LONG = 8  # a block of more stories stands in two columns

STYLE = """
:root { --paper: #fdfcfa; --ink: #16181a; --quiet: #5a5e62; --accent: #9c1c1f; --rule: #dcd8d0;
  --serif: Charter, "Iowan Old Style", Georgia, Cambria, "Noto Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
  color-scheme: light dark; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #14161a; --ink: #e9e6df; --quiet: #a4a7ab; --accent: #f2938a; --rule: #353940; }
}
@counter-style number { system: extends decimal; suffix: "\\2002"; }
* { box-sizing: border-box; margin: 0; padding: 0; }
body { background: var(--paper); color: var(--ink); font: 1.0625rem/1.35 var(--serif);
  overflow-wrap: anywhere; }
main { max-width: 78rem; margin: auto; padding: 2rem 1.25rem 3rem; }
header { padding-bottom: 2.25rem; }
h1 { max-width: 26em; font-size: clamp(1.75rem, 1.2rem + 2.2vw, 2.75rem); line-height: 1.12;
  text-wrap: balance; }
h2 { padding: .6rem 0 .9rem; border-top: 3px solid; font: 700 1rem/1.3 var(--sans); }
.label, .version, .why { font: .8125rem/1.4 var(--sans); color: var(--quiet); }
.label { padding-bottom: .15rem; color: var(--accent); font-size: .75rem; font-weight: 600;
  text-transform: uppercase; }
.label:dir(ltr) { letter-spacing: .04em; }
header .label { padding-bottom: .5rem; font-size: .875rem; }
.version { padding-top: .9rem; }
time { white-space: nowrap; }
nav { padding-bottom: 1.5rem; font: .875rem/1.4 var(--sans); }
nav a { text-decoration: underline 1px; text-underline-offset: .2em; width: fit-content; }
section { min-width: 0; padding-bottom: 1.5rem; }
ol { list-style: number; column-gap: 3rem; column-rule: 1px solid var(--rule); }
li { break-inside: avoid; margin-inline-start: 2rem; padding-bottom: .7rem; }
li::marker { color: var(--quiet); }
li:first-child a { font-size: 1.3125rem; line-height: 1.2; }
a { display: block; color: inherit; text-decoration: none; text-wrap: pretty; }
a:hover { text-decoration: underline 1px; text-underline-offset: .15em; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.why { padding-top: .35rem; visibility: hidden; }
li:hover .why, a:focus-visible ~ .why { visibility: visible; }
code { font: .75rem ui-monospace, Menlo, Consolas, monospace; }
.why code::before { content: "·\\a0"; }
@media (min-width: 40rem) { ol { columns: 2; } }
@media (min-width: 64rem) {
  .blocks { display: grid; grid-template-columns: repeat(3, 1fr); gap: 1rem 3rem; overflow: clip;
    margin: 0 -.5rem; padding: 0 .5rem; }
  .blocks section { position: relative; }
  .blocks section::before { content: ""; position: absolute; inset-block: 0 1.5rem;
    inset-inline-start: -1.5rem; border-inline-start: 1px solid var(--rule); }
  ol { columns: 1; }
  .long { grid-column: span 2; }
  .long ol { columns: 2; }
}
@media (hover: none), print { .why { visibility: visible; } }
@media print { main { padding: 0; } h2 { break-after: avoid; } :root { font-size: 10pt; } }
"""


def render(
    page: Page,
    *,
    title: str,
    section: str,
    now: datetime,
    language: str = "en",
    age: timedelta | None = None,
    above: str = "",
    address: Callable[[RelatedStory], str] | None = None,
) -> str:
    """Give a page as one HTML document: the foot of a news story, as its readers would see it.

    The document holds its whole look, loads nothing and runs no script. Under the article's
    headline stand the blocks in the order of the page; why a story stands there shows when the
    pointer is over it or the keyboard's focus on it, and always on paper and on touch screens.

    Parameters
    ----------
    page : what `Recommender.page` gave.
    title : headline of the source; where it is empty, the source's id stands instead.
    section : section of the source; may be empty.
    now : the time of the version's data, aware.
    language : language of the headlines, as HTML's `lang` has it.
    age : how old the data is; None leaves it out.
    above : HTML that stands above the headline.
    address : gives where a story's link leads; by default to its own url.

    Returns
    -------
    The document. Every text in it is escaped; an address is linked if it is relative or of
    `http` or `https`, any other becomes `#`.

    Examples
    --------
    >>> story = RelatedStory("8", "Rain & sun", "/8", "", None, 1, None, "latest", "Just in")
    >>> blocks = (Block("latest", "Latest", (story,)),)
    >>> text = render(Page("7", "v", blocks), title="Wind", section="", now=datetime.now(UTC))
    >>> '<a href="/8" dir="auto" aria-describedby="why-1-1">Rain &amp; sun</a>' in text
    True
    """
    headline = escape(title.strip() or page.source)
    blocks = "\n".join(
        _block(block, place, address or _own) for place, block in enumerate(page.blocks, 1)
    )
    body = f"""<header>{above}{label(section)}
<h1 dir="auto">{headline}</h1>
{version(page.version, now, age)}
</header>
<div class="blocks">
{blocks}
</div>"""
    return document(headline, body, language=language)


def document(
    title: str, body: str, *, language: str = "en", style: str = "", forms: str = "'none'"
) -> str:
    """Give a whole HTML document in this look.

    Parameters
    ----------
    title, body : HTML, escaped.
    language : as HTML's `lang` has it.
    style : more CSS.
    forms : where its forms may lead, as a Content Security Policy has it; nowhere by default.
    """
    policy = f"default-src 'none'; style-src 'unsafe-inline'; form-action {forms}"
    return f"""<!DOCTYPE html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def version(name: str, now: datetime, age: timedelta | None = None) -> str:
    """Give the line that says which version it is, up to when its data was read, how old it is."""
    old = "" if age is None else f", {_said(age)} old"
    return f"""<p class="version" lang="en">Version {escape(name)}, data up to
{moment(now)}{old}</p>"""


def moment(at: datetime) -> str:
    """Give a time, to the minute."""
    time = at.astimezone(UTC)
    return f'<time datetime="{time:%Y-%m-%dT%H:%M:%SZ}">{time:%Y-%m-%d %H:%M} UTC</time>'


def label(section: str) -> str:
    """Give a section's label, nothing for no section."""
    return f'<p class="label" dir="auto">{escape(section)}</p>' if section.strip() else ""


def _said(age: timedelta) -> str:
    """Say how long something is, in its largest unit.

    Examples
    --------
    >>> [_said(timedelta(minutes=minutes)) for minutes in (0, 1, 90, 3000)]
    ['0 minutes', '1 minute', '2 hours', '2 days']
    """
    minutes = age.total_seconds() / 60
    unit, size = next(
        (unit for unit in (("day", 1440), ("hour", 60)) if minutes >= unit[1]), ("minute", 1)
    )
    count = round(minutes / size)
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _own(story: RelatedStory) -> str:
    return story.url


def _block(block: Block, place: int, address: Callable[[RelatedStory], str]) -> str:
    """Give one block, the `place`-th of its page."""
    stories = "\n".join(
        _story(story, address(story), f"why-{place}-{number}", labelled=block.key in LABELLED)
        for number, story in enumerate(block.items, 1)
    )
    long = ' class="long"' if len(block.items) > LONG else ""
    return f"""<section{long} aria-labelledby="block-{place}">
<h2 id="block-{place}" dir="auto">{escape(block.title)}</h2>
<ol>
{stories}
</ol>
</section>"""


def _story(story: RelatedStory, address: str, why: str, *, labelled: bool) -> str:
    """Give one story; `why` is the id of the element that says why it stands here."""
    above = label(story.section) if labelled else ""
    return (
        f'<li>{above}<a href="{escape(_linked(address))}" dir="auto" aria-describedby="{why}">'
        f'{escape(story.title.strip() or story.id)}</a><p class="why" id="{why}" role="tooltip" '
        f'dir="auto">{escape(story.why)} <code>{escape(story.reason)}</code></p></li>'
    )


def _linked(url: str) -> str:
    r"""Give an address that may be linked, else `#`.

    Browsers overlook spaces and control characters before and in `javascript:`; so does this.

    Examples
    --------
    >>> [_linked(url) for url in ("/7?a=b:c", "HTTP://a.example/", " java\nscript:x", "")]
    ['/7?a=b:c', 'HTTP://a.example/', '#', '#']
    """
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", url), re.IGNORECASE)
    linked = scheme is None or scheme[1].lower() in {"http", "https"}
    return (linked and url.strip()) or "#"

"""A page's blocks as one HTML document: the foot of a news story, as its readers would see it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from operator import attrgetter

from ..values import Page, RelatedStory
from .environment import render_template


def render_story(
    page: Page,
    *,
    title: str,
    section: str,
    now: datetime,
    language: str = "en",
    age: timedelta | None = None,
    search_url: str = "",
    story_url: Callable[[RelatedStory], str] = attrgetter("url"),
) -> str:
    """Render a page as one HTML document that loads nothing and runs no script.

    The article's headline is followed by the blocks in the order of the page. The reason of a story
    is shown under the pointer or the keyboard's focus, and always on paper and on touch screens.

    Parameters
    ----------
    page : what `Recommender.page` returned.
    title : headline of the source; its id takes the place of an empty one.
    section : section of the source; may be empty.
    now : the time of the version's data, aware.
    language : language of the headlines, as HTML's `lang` has it.
    age : how old the data is; None leaves it out.
    search_url : where a link above the headline leads; no link where it is empty.
    story_url : where a story's link leads; by default to its own URL.

    Returns
    -------
    The document. Every text in it is escaped; a URL is linked if it is relative or of `http` or
    `https`, any other becomes `#`.

    Examples
    --------
    >>> from datetime import UTC
    >>> from recommender.values import Block
    >>> story = RelatedStory("8", "Rain & sun", "/8", "", None, 1, None, "latest", "Just in")
    >>> blocks = (Block("latest", "Latest", (story,)),)
    >>> text = render_story(
    ...     Page("7", "v", blocks), title="Wind", section="", now=datetime.now(UTC)
    ... )
    >>> '<a href="/8" dir="auto" aria-describedby="why-1-1">Rain &amp; sun</a>' in text
    True
    """
    return render_template(
        "story.html",
        page=page,
        headline=title.strip() or page.source,
        section=section,
        now=now,
        language=language,
        age=age,
        search_url=search_url,
        story_url=story_url,
    )

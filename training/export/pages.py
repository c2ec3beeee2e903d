"""Look up list and page of every article in one snapshot, for export."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from recommender import Block, RelatedStory, Snapshot
from recommender.cached_version import Card
from training.records import quantity

_EVERY: Final = 500
"""Articles between two progress notes."""


class ArticlePage(NamedTuple):
    """Id and card of an article, its list, and the blocks of its page."""

    article: str
    card: Card
    related: list[RelatedStory]
    page: tuple[Block, ...]


class ArticlePages:
    """Iterates over list and page of all articles, in catalogue order.

    Parameters
    ----------
    snapshot : Snapshot
        The version and the overrides to use.
    n : int
        Maximum number of stories in a list.
    note : callable
        Called with a line of progress every 500 articles.

    Attributes
    ----------
    snapshot, n : as given.
    articles, stories : numbers yielded so far; a story counts once per list or block.
    """

    def __init__(self, snapshot: Snapshot, n: int, note: Callable[[str], None]) -> None:
        self.snapshot, self.n, self._note = snapshot, n, note
        self.articles = self.stories = 0

    def __iter__(self) -> Iterator[ArticlePage]:
        """Yield list and page of one article after the other."""
        total = len(self.snapshot)
        for article, card in self.snapshot.articles():
            if self.articles % _EVERY == 0:
                self._note(f"{self.articles:,} of {quantity(total, 'article')}")
            related = self.snapshot.related(article, self.n)
            page = self.snapshot.page(article).blocks
            self.articles += 1
            self.stories += len(related) + sum(len(block.items) for block in page)
            yield ArticlePage(article, card, related, page)

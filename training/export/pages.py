"""What is exported: what one snapshot answers for each of its articles."""

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from recommender import Block, RelatedStory, Snapshot
from recommender.cached_version import Card

_EVERY: Final = 500
"""Articles between two notes."""


class ArticlePage(NamedTuple):
    """An article by id and card, its list, and the blocks of its page."""

    article: str
    card: Card
    related: list[RelatedStory]
    page: tuple[Block, ...]


class ArticlePages:
    """The answers for all articles, in the order of the catalogue, one at a time.

    Parameters
    ----------
    snapshot : Snapshot
        What is asked: its version, and the overrides in force when it was taken.
    n : int
        Stories in a list at most.
    note : callable
        Told now and then how far it is.

    Attributes
    ----------
    snapshot, n : as given.
    articles, stories : how many were given so far; a story counts where it stands.
    """

    def __init__(self, snapshot: Snapshot, n: int, note: Callable[[str], None]) -> None:
        self.snapshot, self.n, self._note = snapshot, n, note
        self.articles = self.stories = 0

    def __iter__(self) -> Iterator[ArticlePage]:
        """Ask for one article after the other."""
        total = len(self.snapshot)
        for article, card in self.snapshot.articles():
            if self.articles % _EVERY == 0:
                self._note(f"{self.articles:,} of {total:,} articles")
            related = self.snapshot.related(article, self.n)
            page = self.snapshot.page(article).blocks
            self.articles += 1
            self.stories += len(related) + sum(len(block.items) for block in page)
            yield ArticlePage(article, card, related, page)

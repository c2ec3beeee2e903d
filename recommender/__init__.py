"""Related stories for a site's backend, read from what `ymal train` published.

    from recommender import Recommender
    rec = Recommender.open("artifacts")
    for story in rec.related("9737535", n=5):
        print(story.rank, story.title)

Standard library only; the folder works under any other name too.
"""

from .lookup import Recommender
from .manifest import ArtifactError
from .snapshot import Snapshot, UnknownArticle
from .values import Block, Page, RelatedStory

__all__ = [
    "ArtifactError",
    "Block",
    "Page",
    "Recommender",
    "RelatedStory",
    "Snapshot",
    "UnknownArticle",
]

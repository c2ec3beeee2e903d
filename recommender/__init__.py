"""Related stories for a site's backend, read from the output of `ymal train`.

    from recommender import Recommender
    rec = Recommender.open("artifacts")
    for story in rec.related("9737535", n=5):
        print(story.rank, story.title)

It needs only the standard library. The folder may be renamed.
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

"""The values a lookup gives."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RelatedStory:
    """One story under an article.

    Attributes
    ----------
    id : the site's own id.
    title, url, section : as the site gave them; `""` where it gave none.
    published_at : aware, UTC; None where the site gave no time.
    rank : place in the answer, from 1.
    score : probability that a reader of the article opens this story next, by the model; it need
        not fall with the rank. None for a story that comes from a site-wide ranking.
    reason : code of why it stands here: `readers`, `text`, `event`, `section`, `popular`, `latest`.
    """

    id: str
    title: str
    url: str
    section: str
    published_at: datetime | None
    rank: int
    score: float | None
    reason: str

    def as_dict(self) -> dict[str, str | int | float | None]:
        """Give the story as JSON has it; `published_at` in ISO 8601 with `Z`, or None.

        Examples
        --------
        >>> RelatedStory("7", "Rain", "", "weather", None, 1, 0.25, "text").as_dict()["score"]
        0.25
        """
        time = None if self.published_at is None else self.published_at.isoformat()
        return {
            "id": self.id,
            "title": self.title,
            "url": self.url,
            "section": self.section,
            "published_at": time and time.replace("+00:00", "Z"),
            "rank": self.rank,
            "score": self.score,
            "reason": self.reason,
        }

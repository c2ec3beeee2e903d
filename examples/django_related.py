"""Related stories in Django: a template tag.

Copy this file as `related.py` into the folder `templatetags` of an app, and set
`YMAL_ARTIFACTS = "/srv/news/artifacts"` in the settings. Then, in a template:

    {% load related %}
    {% related article.id 5 exclude=seen as stories %}
    {% for story in stories %}<a href="{{ story.url }}">{{ story.title }}</a>{% endfor %}

`pip install --no-deps ymal` is enough beside Django.
"""

import logging
from collections.abc import Iterable
from functools import cache

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import RequestContext

from recommender import ArtifactError, Recommender, RelatedStory, Snapshot

register = template.Library()
log = logging.getLogger(__name__)


@cache
def recommender() -> Recommender:
    """Open the artifact once per process. After an error the next request tries again."""
    return Recommender.open(settings.YMAL_ARTIFACTS)


def snapshot(request: HttpRequest) -> Snapshot:
    """Give the served version, the same one for all tags of a request."""
    if not hasattr(request, "ymal"):
        request.ymal = recommender().snapshot()
    return request.ymal


@register.simple_tag(takes_context=True)
def related(
    context: RequestContext,
    id: object,  # noqa: A002
    n: int = 5,
    exclude: Iterable[object] = (),
) -> list[RelatedStory]:
    """Give the related stories of an article; none if the artifact is missing or damaged."""
    try:
        now = snapshot(context.request)
        return now.related(str(id), n, [str(seen) for seen in exclude])
    except ArtifactError as error:
        log.warning("no related stories: %s", error)
        return []

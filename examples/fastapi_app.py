"""Related stories in FastAPI: dependencies.

    YMAL_ARTIFACTS=artifacts granian --interface asgi examples.fastapi_app:app

`pip install --no-deps ymal` is enough beside FastAPI.
"""

import logging
import os
from functools import cache
from typing import Annotated

from fastapi import Depends, FastAPI, Query

from recommender import ArtifactError, Recommender, Snapshot

app = FastAPI()
log = logging.getLogger(__name__)


@cache
def recommender() -> Recommender:
    """Open the artifact once per process. After an error the next request tries again."""
    return Recommender.open(os.environ["YMAL_ARTIFACTS"])


async def snapshot() -> Snapshot | None:
    """Give the served version; FastAPI calls this once per request.

    It is `async` because a lookup takes microseconds and needs no thread.
    """
    try:
        return recommender().snapshot()
    except ArtifactError as error:
        log.warning("no related stories: %s", error)
        return None


Now = Annotated[Snapshot | None, Depends(snapshot)]


async def related(
    now: Now,
    id: str,  # noqa: A002
    seen: Annotated[list[str], Query(max_length=100)] = [],  # noqa: B006
) -> list[dict[str, object]]:
    """Give the related stories of an article; none if the artifact is missing or damaged."""
    try:
        return [story.as_dict() for story in now.related(id, 5, seen)] if now else []
    except ArtifactError as error:
        log.warning("no related stories: %s", error)
        return []


@app.get("/stories/{id:path}")
async def story(
    id: str,  # noqa: A002
    now: Now,
    stories: Annotated[list[dict[str, object]], Depends(related)],
) -> dict[str, object]:
    """Give an article and its related stories, from one version."""
    return {"id": id, "related": stories, "version": now and now.version}

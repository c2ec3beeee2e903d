"""The blocks under a story, in Flask.

    FLASK_ARTIFACTS=artifacts FLASK_SECRET_KEY=... flask --app examples/flask_app.py run

`pip install --no-deps ymal` is enough beside Flask.
"""

from functools import cache

from flask import Flask, g, render_template_string, session

from recommender import ArtifactError, Block, Recommender, Snapshot

SEEN = 20
"""Maximum number of stories that a reader's session remembers."""

PAGE = """<!doctype html>
<title>{{ id }}</title>
<h1>{{ id }}</h1>
{% for block in blocks %}
<h2>{{ block.title }}</h2>
<ol>
  {% for story in block.items %}
  <li><a href="{{ url_for('story', id=story.id) }}">{{ story.title }}</a></li>
  {% endfor %}
</ol>
{% endfor %}
"""

app = Flask(__name__)
app.config.from_prefixed_env()


@cache
def recommender() -> Recommender:
    """Open the artifact once per process. After an error the next request tries again."""
    return Recommender.open(app.config["ARTIFACTS"])


def snapshot() -> Snapshot:
    """Give the served version, the same one for the whole request."""
    if "snapshot" not in g:
        g.snapshot = recommender().snapshot()
    return g.snapshot


def blocks(id: str, seen: list[str]) -> tuple[Block, ...]:  # noqa: A002
    """Give the blocks under an article; none if the artifact is missing or damaged."""
    try:
        return snapshot().page(id, exclude=seen).blocks
    except ArtifactError as error:
        app.logger.warning("no related stories: %s", error)
        return ()


@app.get("/stories/<path:id>")
def story(id: str) -> str:  # noqa: A002
    """Show an article and, under it, stories that the reader has not seen."""
    seen = session.get("seen", [])
    session["seen"] = [*seen, id][-SEEN:]
    return render_template_string(PAGE, id=id, blocks=blocks(id, seen))

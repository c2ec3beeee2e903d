"""HTML pages drawn by Jinja2: one environment, one base template, one stylesheet.

Jinja2 comes with the extras `serve` and `report`; it is imported when the first page is drawn.
"""

from .environment import render_template
from .story import render_story

__all__ = ["render_story", "render_template"]

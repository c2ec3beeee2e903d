"""What all browser tests share."""

import shutil
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page

CHROMIUM: Final = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

LOOKS: Final = [(375, "light"), (1280, "dark")]
OVERFLOW: Final = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


def violations(tab: Page, *undecided: str) -> list[tuple[str, str]]:
    """Return what axe-core finds wrong or cannot decide: the rule, the first element.

    Rules in `undecided` may stay undecided.
    """
    found = Axe().run(tab, options={"resultTypes": ["violations", "incomplete"]}).response
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}
    unsure = [rule for rule in found["incomplete"] if rule["id"] not in undecided]
    return [(r["id"], r["nodes"][0]["html"]) for r in found["violations"] + unsure]

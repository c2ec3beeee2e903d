"""A browser, and files opened in it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.tabs import CHROMIUM


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=CHROMIUM)


@pytest.fixture
def open_file(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a file at a width; at the end of the test the browser must have reported nothing."""
    reported: list[str] = []
    contexts = []

    def open_tab(width: int, file: Path, **settings: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: reported.append(message.text))
        tab.on("pageerror", lambda error: reported.append(error.message))
        tab.on("request", lambda request: reported.append(request.url))
        tab.on("dialog", lambda dialog: reported.append(dialog.message))
        tab.goto(file.as_uri())
        assert reported.pop(0) == file.as_uri()
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert reported == [], "it loads nothing and runs nothing"

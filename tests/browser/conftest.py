"""A browser, and addresses opened in it."""

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


@pytest.fixture(scope="module")
def tab_of(browser: Browser) -> Callable[..., Page]:
    """Return a tab of a width: the same for the same settings, since a new one loads axe anew."""
    tabs: dict[tuple[object, ...], Page] = {}

    def tab_of(width: int, **settings: Any) -> Page:
        key = (width, *sorted(settings.items()))
        if key not in tabs:
            context = browser.new_context(viewport={"width": width, "height": 800}, **settings)
            tabs[key] = context.new_page()
        return tabs[key]

    return tab_of


@pytest.fixture
def open_address(tab_of: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Open an address in a tab that calls listeners, by event, until the test is done."""
    attached: list[tuple[Page, str, Callable[..., object]]] = []

    def open_address(
        width: int, url: str, listeners: dict[str, Callable[..., object]], **settings: Any
    ) -> Page:
        tab = tab_of(width, **settings)
        tab.emulate_media(media="null")
        tab.mouse.move(0, 0)
        for event, listener in listeners.items():
            tab.on(event, listener)  # type: ignore[call-overload]
            attached.append((tab, event, listener))
        tab.goto(url)
        return tab

    yield open_address
    for tab, event, listener in attached:
        tab.remove_listener(event, listener)


@pytest.fixture
def open_file(open_address: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Open a file at a width; at the end of the test the browser must have reported nothing."""
    reported: list[str] = []

    def open_file(width: int, file: Path, **settings: Any) -> Page:
        listeners = {
            "console": lambda message: reported.append(message.text),
            "pageerror": lambda error: reported.append(error.message),
            "request": lambda request: reported.append(request.url),
            "dialog": lambda dialog: reported.append(dialog.message),
        }
        tab = open_address(width, file.as_uri(), listeners, **settings)
        assert reported.pop(0) == file.as_uri()
        return tab

    yield open_file
    assert reported == [], "it loads nothing and runs nothing"

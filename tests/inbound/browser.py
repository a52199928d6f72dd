"""A real browser for pages: the system's Chromium, driven by Playwright. Tests that need one are
skipped where there is none."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
]


def chromium() -> str | None:
    """Where the browser is: the one that CHROMIUM names, else one on the path."""
    return (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )


needs_browser = pytest.mark.skipif(
    chromium() is None,
    reason="no Chromium here: install the package `chromium`, or name one with CHROMIUM=…",
)


@contextmanager
def started() -> Iterator[Browser]:
    """The browser; every page has a profile of its own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def browsing(
    browser: Browser,
    width: int = 700,
    scheme: Literal["light", "dark"] = "light",
    locale: str = "en-GB",
) -> Iterator[Page]:
    """A tab without JavaScript: the pages must work without it."""
    context = browser.new_context(
        java_script_enabled=False,
        color_scheme=scheme,
        locale=locale,
        viewport={"width": width, "height": 900},
    )
    try:
        yield context.new_page()
    finally:
        context.close()

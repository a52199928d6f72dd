"""Makes the pictures of docs/reports.md: the charts of the reports and the printed page, of a
made-up book of renewals (`docs.report_book`).

    python -m docs.make_report_pictures [FOLDER]      needs Chromium (CHROMIUM names it where it is
                                                      not on the path) and the extra `charts`

FOLDER: a book that was made before; without it one is made, which takes a minute.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from docs.report_book import NOW, make, run
from docs.terminal_picture import HERE

PICTURES = HERE / "reports"
CHARTS = (
    ("renewals", "due"),
    ("load", "load"),
    ("funnel", "funnel"),
    ("retention", "retention"),
    ("forecast", "forecast"),
    ("answers", "answers"),
    ("lost", "lost"),
)
"""Reports that are drawn, and what their pictures are called."""


def draw(folder: Path) -> None:
    """Every picture, in both languages."""
    os.environ.update(RENEWALS_ALLOW_TIME_TRAVEL="1", RENEWALS_DIR=str(folder))
    PICTURES.mkdir(exist_ok=True)
    for language in ("en", "ja"):
        for report, name in CHARTS:
            file = PICTURES / f"{name}.{language}.png"
            run("report", report, "--lang", language, "--chart", str(file), at=NOW)
        page = folder / f"page.{language}.html"
        run("report", "renewals", "--lang", language, "--html", str(page), at=NOW)
        photograph(page, PICTURES / f"page.{language}.png")


def photograph(page: Path, picture: Path) -> None:
    """The first person's page, as a browser shows it."""
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        shown = browser.new_page(viewport={"width": 1120, "height": 800})
        shown.goto(page.as_uri())
        shown.locator("section").nth(1).screenshot(path=picture)
        browser.close()


def main() -> None:
    """Makes the book, if there is none, and the pictures."""
    if len(sys.argv) > 1:
        draw(Path(sys.argv[1]))
        return
    with TemporaryDirectory() as parent:
        make(Path(parent))
        draw(Path(parent))


if __name__ == "__main__":
    main()

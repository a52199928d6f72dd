"""Makes docs/hubspot.init.LANGUAGE.png and docs/hubspot.dry_run.LANGUAGE.png: what connecting an
account and a first round would bring, as a terminal shows it, before anything is written.

    python -m docs.make_hubspot_pictures        needs Chromium (CHROMIUM names it where it is not on
                                                the path)

The account is the tests' own server, filled with deals that are made up.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from docs.terminal_picture import HERE, draw, sent
from tests.servers.hubspot.__main__ import furnish
from tests.servers.hubspot.limits import Limits
from tests.servers.hubspot.server import HubSpotServer

DEALS, SEED = 60, 7
INIT = ("sync", "hubspot", "--init")
TITLES = {"en": "Proposed for config.toml", "ja": "config.toml の案"}
"""Where the proposal begins, which the page shows as text."""


def main() -> None:
    """Draws all four."""
    with TemporaryDirectory() as parent, HubSpotServer(limits=Limits.none()) as server:
        furnish(server, DEALS, SEED)
        env = {
            "RENEWALS_DIR": parent,
            "HUBSPOT_API_URL": server.url,
            "HUBSPOT_TOKEN": server.token,
        }
        sent(("init",), env)
        for language in TITLES:
            said = sent((*INIT, "--dry-run", "--lang", language), env).splitlines()
            shown = said[: _place(said, TITLES[language])]
            draw(["$ renewals sync hubspot --init --dry-run", *shown], picture("init", language))
        sent((*INIT, "--yes"), env)
        for language in TITLES:
            said = sent(("sync", "hubspot", "--dry-run", "--lang", language), env).splitlines()
            draw(["$ renewals sync hubspot --dry-run", *said], picture("dry_run", language))


def _place(lines: list[str], title: str) -> int:
    """The line of a heading, or the end."""
    return next((n for n, line in enumerate(lines) if title in line), len(lines))


def picture(name: str, language: str) -> Path:
    """Where a picture goes."""
    return HERE / f"hubspot.{name}.{language}.png"


if __name__ == "__main__":
    main()

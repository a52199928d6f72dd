"""The pages behind links as the listener serves them, for make_pictures.py: two contracts in a
database of their own, on 5 January 2027."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import update

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_config
from scheduler.core.config.reading import Config, read_config
from scheduler.inbound.links import LESS, Link
from scheduler.storage.database.engine import open_engine
from tests.inbound.office import ANN_ID, CHIKA_ID, Site, Visited, office, stage
from tests.storage.builders import T

Shot = tuple[str, str, int, int, bool]
"""(file name, HTML, width, height, dark)."""


def shots() -> Iterator[Shot]:
    """Every page worth a picture."""
    with _site() as site:
        yield _shot("answer-won-ja", site.get(site.link("won", CHIKA_ID, "C-2")), 1120)
        yield _shot("answer-lost-en", site.get(site.link("lost", ANN_ID)), 1170)
        yield _shot(
            "answer-snooze-mistake-en-phone",
            site.answer("snooze", ANN_ID, until="2027-03-30"),
            850,
            500,
        )
        done = site.answer(
            "renew", CHIKA_ID, "C-2", note="ご担当者様と口頭で合意", expected_on="2027-01-20"
        )
        yield _shot("done-ja", done, 540)
        yield _shot(
            "answered-ja-phone-dark",
            site.get(site.link("at_risk", CHIKA_ID, "C-2")),
            1080,
            500,
            dark=True,
        )
        yield _shot("undone-ja", site.undo(done), 350)
        yield _shot("less-ja", site.get(f"/less/{site.links.token(LESS, Link(CHIKA_ID))}"), 590)
        yield _shot(
            "less-en-phone-dark",
            site.get(f"/less/{site.links.token(LESS, Link(ANN_ID))}"),
            690,
            500,
            dark=True,
        )
        site.answer("won", ANN_ID)
        yield _shot("closed-en", site.get(site.link("at_risk", ANN_ID)), 690)
        old = site.link("renew", ANN_ID)
        site.later(days=31)
        yield _shot("expired-en", site.get(old), 350)
        yield _shot("forged-ja", site.get("/a/forged", Accept_Language="ja"), 260)


@contextmanager
def _site() -> Iterator[Site]:
    """The pages with the shipped policy."""
    config = read_config(shipped_config(), "config.toml", holidays_of)
    assert isinstance(config, Config)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'pages.db'}"
        engine, reading = open_engine(url), open_engine(url, reading=True)
        stage(engine, policy=config.policy)
        with engine.begin() as connection:
            connection.execute(
                update(T["people"]).where(T["people"].c.id == CHIKA_ID).values(name="田中 千佳")
            )
            connection.execute(
                update(T["contracts"]).values(
                    product="Pro 50席",
                    auto_renew=True,
                    notice="2 months",
                    decide_by=date(2027, 1, 31),
                )
            )
            connection.execute(
                update(T["contracts"])
                .where(T["contracts"].c.number == "C-1")
                .values(product="Pro, 50 seats")
            )
        with office(engine, reading, config.policy) as site:
            yield site
        engine.dispose()
        reading.dispose()


def _shot(name: str, page: Visited, height: int, width: int = 700, *, dark: bool = False) -> Shot:
    """One picture to make."""
    return name, page.text, width, height, dark

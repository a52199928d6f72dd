"""docs/attention.md tells what people get; each of its stories is lived here by the real services,
and must come out word for word."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from scheduler.core.answers.answer import Answer
from scheduler.core.words.lexicon import ForecastCall, Verb
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from tests.cast import at
from tests.services.stories import Story

TOLD = Path(__file__).parents[3] / "docs" / "attention.md"
JANUARY = (date(2026, 12, 20), date(2027, 4, 16))


def told() -> dict[str, list[str]]:
    """The stories of the document, by name."""
    found = re.findall(
        r"<!-- story: (.+?) -->\n+```text\n(.*?)```", TOLD.read_text("utf-8"), re.DOTALL
    )
    return {name: text.splitlines() for name, text in found}


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """A database with the cast."""
    engine: Engine = open_engine(f"sqlite:///{tmp_path / 'story.db'}")
    upgrade(engine, at("2026-04-01"))
    yield Story(engine)
    engine.dispose()


def nobody_answers(story: Story) -> list[str]:
    story.contract()
    return story.live(*JANUARY)


def an_answer_on_the_third_day(story: Story) -> list[str]:
    story.contract()
    renews = Answer(Verb.FORECAST, "", call=ForecastCall.RENEW, expected_on=date(2027, 2, 10))
    orders = Answer(Verb.WON, "")
    return story.live(
        *JANUARY,
        {date(2027, 1, 5): lambda s: s.says(renews), date(2027, 2, 12): lambda s: s.says(orders)},
    )


def the_owner_is_away(story: Story) -> list[str]:
    story.contract()
    story.away("Ann", date(2026, 12, 28), date(2027, 1, 22), "Chika")
    return story.live(date(2026, 12, 20), date(2027, 1, 29))


def over_the_japanese_year_end(story: Story) -> list[str]:
    story.contract("Chika")
    return story.live(date(2026, 12, 20), date(2027, 1, 29))


def over_golden_week(story: Story) -> list[str]:
    story.contract("Chika", ends_on=date(2027, 5, 20))
    return story.live(date(2027, 2, 10), date(2027, 5, 19))


def renews_by_itself_with_two_months_notice(story: Story) -> list[str]:
    story.contract(auto_renew=True, notice="2 months", decide_by=date(2027, 1, 31))
    return story.live(*JANUARY)


STORIES: dict[str, Callable[[Story], list[str]]] = {
    "nobody answers": nobody_answers,
    "an answer on the third day": an_answer_on_the_third_day,
    "the owner is away": the_owner_is_away,
    "over the Japanese year-end": over_the_japanese_year_end,
    "over Golden Week": over_golden_week,
    "renews by itself with two months' notice": renews_by_itself_with_two_months_notice,
}


@pytest.mark.parametrize("name", STORIES)
def test_what_the_document_tells_is_what_happens(name: str, story: Story) -> None:
    assert STORIES[name](story) == told().get(name), "docs/attention.md tells it otherwise"


def test_nothing_goes_out_at_night_on_a_closed_day_or_after_the_answer(story: Story) -> None:
    lines = an_answer_on_the_third_day(story)
    assert not [line for line in lines if line.startswith(("Sat", "Sun"))]
    assert lines[-1].startswith("Wed 10 Feb"), "won on the 12th: nothing more is said"

"""Whatever the core refuses reads the same in a command, on a page and in a form on Slack."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, update

from scheduler.channels.slack.workspace import SlackWorkspace
from scheduler.cli.errors import explain
from scheduler.core.answers.answer import Answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Lost
from scheduler.core.words.lexicon import ForecastCall, Language, Verb
from scheduler.inbound.slack.actions import INTERACTIVE, VIEW_SUBMISSION, Actions
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.answers.answering import answer
from scheduler.storage.answers.worklist import WorklistRows
from scheduler.storage.database.transactions import transactions
from scheduler.storage.people.absences import Absences
from tests.cast import ANN, at
from tests.inbound.office import ANN_ID, POLICY, Site
from tests.render.shipped import SHIPPED
from tests.storage.builders import T

NOW = at("2027-01-05")
REFUSED: list[tuple[str, dict[str, str], Answer, str]] = [
    (
        "snooze",
        {"until": "2027-01-05"},
        Answer(Verb.SNOOZE, "Ann", until=date(2027, 1, 5)),
        "until",
    ),
    (
        "snooze",
        {"until": "2027-03-01"},
        Answer(Verb.SNOOZE, "Ann", until=date(2027, 3, 1)),
        "until",
    ),
    (
        "renew",
        {"expected_on": "2026-12-01"},
        Answer(Verb.FORECAST, "Ann", call=ForecastCall.RENEW, expected_on=date(2026, 12, 1)),
        "expected_on",
    ),
    (
        "renew",
        {"expected_on": "2027-07-02"},
        Answer(Verb.FORECAST, "Ann", call=ForecastCall.RENEW, expected_on=date(2027, 7, 2)),
        "confirm",
    ),
    (
        "won",
        {"ends_on": "2027-01-01"},
        Answer(Verb.WON, "Ann", ends_on=date(2027, 1, 1)),
        "ends_on",
    ),
    (
        "won",
        {"starts_on": "2029-01-01", "ends_on": "2029-12-31"},
        Answer(Verb.WON, "Ann", starts_on=date(2029, 1, 1), ends_on=date(2029, 12, 31)),
        "starts_on",
    ),
    (
        "notice",
        {"reason": "budget", "on": "2027-02-02"},
        Answer(Verb.NOTICE, "Ann", on=date(2027, 2, 2), lost=Lost("budget")),
        "confirm",
    ),
]


@pytest.mark.parametrize(
    ("offer", "typed", "said", "field"), REFUSED, ids=[f"{r[0]} {r[1]}" for r in REFUSED]
)
@pytest.mark.parametrize("language", Language)
def test_a_refusal_is_the_same_sentence_at_every_door(
    site: Site, offer: str, typed: dict[str, str], said: Answer, field: str, language: Language
) -> None:
    refused = at_the_command(site, said)
    sentence = refused.label.alone(language)
    explained = explain(refused, language)
    assert explained is not None
    assert explained.text.startswith(refused.label.of(language))
    reads(site.engine, language)
    page = site.answer(offer, ANN_ID, **typed)
    assert (page.status, sentence in page.says) == (422, True), page.says
    assert f'aria-describedby="{field}-error"' in page.text
    shown = on_slack(site, offer, typed)
    assert sentence in json.dumps(shown, ensure_ascii=False)
    assert field in (shown.get("errors") or [b.get("block_id") for b in shown["view"]["blocks"]])


def test_a_closed_deal_says_so_at_every_door(site: Site) -> None:
    answer(site.pages.answering, "C-1", Answer(Verb.LOST, "Ann", lost=Lost("budget")), POLICY, NOW)
    refused = at_the_command(site, Answer(Verb.FORECAST, "Ann", call=ForecastCall.RENEW))
    assert refused.for_command.en.endswith(": renewals answer C-1 undo")
    assert refused.label.alone(Language.EN) in site.get(site.link("renew", ANN_ID)).says


def at_the_command(site: Site, said: Answer) -> AnswerRefusedError:
    """What a command is refused with."""
    with pytest.raises(AnswerRefusedError) as refused:
        answer(site.pages.answering, "C-1", said, POLICY, NOW)
    return refused.value


def reads(engine: Engine, language: Language) -> None:
    """Ann reads that language, and has an account on Slack."""
    with engine.begin() as connection:
        connection.execute(
            update(T["people"])
            .where(T["people"].c.id == ANN_ID)
            .values(language=language.value, slack_id="U0ANN", name=ANN.name)
        )


def on_slack(site: Site, offer: str, typed: Mapping[str, str]) -> dict[str, Any]:
    """What a form is answered with; Slack itself is not asked."""
    actions = Actions(
        WorklistRows(site.engine, site.engine),
        site.pages.answering,
        transactions(site.engine, Absences),
        SlackWorkspace("xoxb-none", "http://127.0.0.1:9"),
        lambda: TemplateRenderer(SHIPPED, pressable=True),
        lambda: POLICY,
    )
    about = {
        "subject": site.nudge("C-1", ANN_ID),
        "offer": offer,
        "for_all": False,
        "channel": "",
        "home": False,
        "read_at": NOW.isoformat(),
    }
    filled = {"amount": "3,600,000", "term": "12 months"} if offer == "won" else {}
    values = {name: {"value": {"value": text}} for name, text in (filled | dict(typed)).items()}
    payload = {
        "type": VIEW_SUBMISSION,
        "user": {"id": "U0ANN"},
        "view": {
            "id": "V1",
            "callback_id": "answer",
            "private_metadata": json.dumps(about),
            "state": {"values": values},
        },
    }
    shown = actions.response(INTERACTIVE, payload, NOW)
    assert shown is not None
    return shown

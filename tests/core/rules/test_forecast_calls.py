"""What follows from what people said of a renewal: when an expected decision or order is asked
about, in full. Ann owns the deal, Bob manages her."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import EXPECTED, Deal, Event
from scheduler.core.rules.forecast_calls import calls, is_late
from scheduler.core.words.lexicon import EventState, ForecastCall, Health, Paperwork
from scheduler.core.words.reasons import reason
from tests.cast import CHIKA, OFTEN, T3M, TOKYO, at, contract, deal, policy
from tests.core.in_full import in_full

LAST = date(2027, 3, 31)
UNDER = policy(attention=replace(OFTEN, one_question_days=7))
RENEWS = contract(decide_by=date(2027, 2, 28), auto_renew=True)
ANSWERED: Any = {"answered_at": at("2027-01-05")}


def said(of: Deal, now: str) -> list[str]:
    """What this rule alone says, in full."""
    return in_full(calls(of, UNDER, at(now)), of)


def asked(on: str = "2026-12-31", milestone: str = T3M.id, **more: Any) -> Event:
    """A question."""
    fired = Event(milestone, LAST, date.fromisoformat(on), EventState.FIRED, "", at(on))
    return replace(fired, **more)


def waits_for(
    day: str, *events: Event, of: Contract | None = None, chosen: bool = False, **more: Any
) -> Deal:
    """Ann said on 5 January that it is decided on this day."""
    known: dict[str, Any] = {"called_on": date(2027, 1, 5), "call": ForecastCall.RENEW}
    return deal(
        of or contract(),
        events=events or (asked(**ANSWERED),),
        expected_on=date.fromisoformat(day),
        expected_by_default=chosen,
        **(known | more),
    )


def line(day: str, asks: str, why: str, step: int = 0, marks: str = "") -> list[str]:
    """The question about the expected day."""
    return [
        f"expected+{step} {day} on {asks} fired: {why}",
        f"to person:1 as owner: expected+{step} {day}{marks}",
    ]


DUE = "the decision or order was expected on"
EARLY = (
    "2027-02-26 is the last working day before a deadline; the decision or order was expected on "
    "2027-03-10"
)
FAR = asked("2027-01-20")
BACK = asked("2027-01-12", step=1, reason=reason("seen_over"), **ANSWERED)


@pytest.mark.parametrize(
    ("of", "now", "lines"),
    [
        (waits_for("2027-02-10"), "2027-02-09", ["looks 2027-02-10 00:00"]),
        (waits_for("2027-02-10"), "2027-02-10", line("2027-02-10", "2027-02-10",
                                                     f"{DUE} 2027-02-10")),
        (waits_for("2027-02-13"), "2027-02-14", ["looks 2027-02-15 00:00"]),
        (waits_for("2027-02-10", chosen=True), "2027-02-10",
         line("2027-02-10", "2027-02-10", "asked again on 2027-02-10; nobody has named a day")),
        (waits_for("2027-03-10", of=RENEWS), "2027-02-25", ["looks 2027-02-26 00:00"]),
        (waits_for("2027-03-10", of=RENEWS), "2027-02-26",
         line("2027-03-10", "2027-02-26", EARLY, marks=", pressing")),
        (waits_for("2027-03-10", of=RENEWS, called_on=date(2027, 2, 26)), "2027-02-26",
         ["looks 2027-03-10 00:00"]),
        (waits_for("2027-03-10", of=RENEWS, chosen=True), "2027-02-26",
         line("2027-03-10", "2027-02-26", "asked again on 2027-03-10; nobody has named a day",
              marks=", pressing")),
        (waits_for("2027-03-31"), "2027-03-30", ["looks 2027-03-31 00:00"]),
        (waits_for("2027-04-01"), "2027-03-30", ["looks 2027-03-31 00:00"]),
        (waits_for("2027-04-01", called_on=LAST), "2027-03-31", []),
        (waits_for("2027-02-10", called_on=date(2027, 2, 10)), "2027-02-10", ["looks 2027-03-31 00:00"]),
        (waits_for("2027-02-10", asked(), called_on=None), "2027-02-09", ["looks 2027-02-10 00:00"]),
        (waits_for("2027-01-07", asked(), called_on=None), "2027-01-06", []),
        (waits_for("2027-01-08", asked(), called_on=None), "2027-01-06", ["looks 2027-01-08 00:00"]),
        (waits_for("2027-02-10", asked(), called_on=None, chosen=True), "2027-02-09", []),
        (waits_for("2027-02-10", asked(), called_on=date(2027, 1, 5)), "2027-02-09",
         ["looks 2027-02-10 00:00"]),
        (waits_for("2027-02-10", asked(**ANSWERED), BACK), "2027-02-09", ["looks 2027-02-10 00:00"]),
        (waits_for("2027-02-10", asked(**ANSWERED), BACK, chosen=True), "2027-02-09",
         ["looks 2027-03-31 00:00"]),
        (waits_for("2027-02-10", of=contract(None)), "2027-02-09", ["looks 2027-02-10 00:00"]),
        (waits_for("2027-02-10", paperwork=Paperwork.ORDERED), "2027-02-10", []),
        (waits_for("2027-02-10", asked(**ANSWERED),
                   asked("2027-02-10", EXPECTED, anchor_on=date(2027, 2, 10))), "2027-02-11", []),
        (waits_for("2027-02-10", asked("2027-02-01", EXPECTED, anchor_on=date(2027, 2, 10),
                                       **ANSWERED)), "2027-02-10",
         line("2027-02-10", "2027-02-10", f"{DUE} 2027-02-10", step=1)),
    ],
)  # fmt: skip
def test_an_expected_day_is_asked_about_when_it_comes_or_on_the_last_working_day(
    of: Deal, now: str, lines: list[str]
) -> None:
    assert said(of, now) == lines


def test_the_expected_day_and_the_answer_are_days_where_the_owner_is() -> None:
    hers = waits_for("2027-02-10", owner=CHIKA)
    assert calls(hers, UNDER, at("2027-02-01")).wake_at == at("2027-02-10 00:00", TOKYO)
    evening = asked(answered_at=at("2027-02-09 20:00"))
    answered = replace(hers, events=(evening,), called_on=None)
    assert calls(answered, UNDER, at("2027-02-09 21:00")).wake_at == at("2027-03-31 00:00", TOKYO)
    late = replace(hers, events=(asked(at=at("2027-02-02 20:00")),), called_on=None)
    assert calls(late, UNDER, at("2027-02-03")).wake_at is None


def test_a_forecast_and_a_health_that_disagree_are_named_with_the_healths_reason() -> None:
    of = deal(call=ForecastCall.RENEW, called_on=date(2027, 1, 5), health=Health.CRITICAL)
    told = "the forecast is “will renew”, but the health is “critical”"
    assert [s.split("fired: ")[1] for s in said(of, "2027-01-05")[:1]] == [told]
    why = replace(of, health_because="use is falling")
    assert said(why, "2027-01-05")[0].endswith(f"{told} (use is falling)")


@pytest.mark.parametrize(
    ("stage", "late"), [("renewal_3m", False), ("renewal_1m", True), ("won", False)]
)
def test_the_last_stage_before_the_end_is_late(stage: str, late: bool) -> None:
    assert is_late(deal(stage=stage), UNDER) is late

"""How a term ends: won by itself, lost by a notice, or asked about and when again. Each decision is
looked at in full."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import ENDED, Deal, Event, Lost, Nudge
from scheduler.core.deal.people import Recipient
from scheduler.core.deal.pipeline import AutoRenewal, StageKind
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after
from scheduler.core.rules.renewal import closing_cancels, decides_itself_on, renewal
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import EventState, ForecastCall, NudgeState
from scheduler.core.words.reasons import code_of, reason
from tests.cast import CHIKA, EXISTING, T1M, TOKYO, at, contract, deal, policy
from tests.core.in_full import in_full

RENEWS = contract(notice=Term(2), auto_renew=True)
AT_END = replace(EXISTING, auto_renewal=AutoRenewal.AT_END)
LAST = date(2027, 3, 31)
UNDER = policy(T1M)


def said(of: Deal, now: str, under: Policy = UNDER) -> list[str]:
    """What this rule alone says, in full."""
    decision = renewal(of, under, at(now))
    assert {m.at for m in decision.moves} | {e.at for e in decision.events} <= {at(now)}
    return in_full(decision, of)


def waits(number: int = 1, **more: object) -> Nudge:
    """A nudge that has not gone out."""
    plain = Nudge(f"n{number}", T1M.id, LAST, 0, Recipient(number), "owner", "")
    return replace(plain, **more)  # type: ignore[arg-type]


WON = [
    "stable -> won by policy 1: renewed automatically: no notice by 2027-01-31",
    "auto_renewal+0 2027-01-31 on 2027-02-03 fired: renewed automatically: no notice by 2027-01-31",
    "to person:1 as owner: auto_renewal+0 2027-01-31",
    "not to person:1 renewal_1m+0: the deal was closed as won",
    "not to person:2 renewal_1m+0: the deal was closed as won",
    "won: 3600000 12 months until 2028-03-31",
    "then 2027-04-01 to 2028-03-31",
]
SILENTLY = [
    (
        "stable -> won by policy 1: had renewed automatically (no notice by 2027-01-31) when first "
        "loaded"
    ),
    (
        "auto_renewal+0 2027-01-31 on 2027-02-03 baseline: had renewed automatically (no notice by "
        "2027-01-31) when first loaded"
    ),
    *WON[3:],
]
LOST = [
    "stable -> lost by policy 1: ended by the notice received on 2027-01-20",
    "not to person:1 renewal_1m+0: the deal was closed as lost",
    "not to person:2 renewal_1m+0: the deal was closed as lost",
]
SENT = waits(3, state=NudgeState.SENT)
TWO = (waits(), waits(2, state=NudgeState.HELD), SENT)


@pytest.mark.parametrize(
    ("more", "now", "lines"),
    [
        ({}, "2027-02-02 23:59", ["looks 2027-02-03 00:00"]),
        ({}, "2027-02-03 00:00", WON),
        ({"baseline_at": at("2027-02-03 00:00")}, "2027-02-03", SILENTLY),
        ({"baseline_at": at("2027-02-02 23:59")}, "2027-02-03", WON),
        ({"notice_on": date(2027, 1, 20)}, "2027-02-02", ["looks 2027-02-03 00:00"]),
        ({"notice_on": date(2027, 1, 20)}, "2027-02-03", [*LOST, "lost: other"]),
        ({"notice_on": date(2027, 1, 20), "notice_lost": Lost("budget")}, "2027-02-03",
         [*LOST, "lost: budget"]),
        ({"stage": "won"}, "2027-02-03", []),
        ({"stage": "nowhere"}, "2027-02-03", []),
        ({"stage": "onboarding"}, "2027-02-02", ["looks 2027-02-03 00:00"]),
    ],
)  # fmt: skip
def test_silence_or_a_notice_decides_a_term_that_renews_itself(
    more: dict[str, object], now: str, lines: list[str]
) -> None:
    assert said(deal(RENEWS, **{"nudges": TWO, **more}), now) == lines


def test_what_is_won_has_no_deadline_where_there_was_no_notice_to_give() -> None:
    of = deal(contract(auto_renew=True))
    assert said(of, "2027-04-05")[1] == (
        "auto_renewal+0 2027-03-31 on 2027-04-05 fired: renewed automatically: no notice by "
        "2027-03-31"
    )


@pytest.mark.parametrize(
    ("of", "pipeline", "on"),
    [
        (RENEWS, EXISTING, "2027-02-03"),
        (contract(auto_renew=True), EXISTING, "2027-04-05"),
        (RENEWS, AT_END, "2027-04-01"),
        (contract(), EXISTING, None),
        (contract(None, auto_renew=True), EXISTING, None),
        (contract(auto_renew=True, evergreen=True), EXISTING, None),
    ],
)
@pytest.mark.parametrize("noticed", [False, True])
def test_the_day_on_which_a_term_decides_itself(
    of: Contract, pipeline: object, on: str | None, noticed: bool
) -> None:
    under = policy(T1M, pipeline=pipeline)
    day = decides_itself_on(deal(of, notice_on=LAST if noticed else None), under)
    by_notice = "2027-04-01" if noticed and of.ends_on else None
    assert (day.isoformat() if day else None) == (on or by_notice)


def test_nothing_decides_itself_without_renewals_or_after_an_undone_one() -> None:
    of = deal(RENEWS)
    shop = replace(
        EXISTING, stages=tuple(s for s in EXISTING.stages if s.kind not in KINDS_OF_CUSTOMERS)
    )
    assert decides_itself_on(of, policy(T1M, pipeline=shop)) is None
    assert decides_itself_on(replace(of, pipeline="gone"), UNDER) is None
    undone = Event("auto_renewal", LAST, LAST, EventState.FIRED, "", at("2027-02-03"))
    assert decides_itself_on(replace(of, events=(undone,)), UNDER) is None
    assert renewal(
        replace(of, stage="onboarding"), policy(T1M, pipeline=shop), at("2027-05-01")
    ) == (renewal(deal(contract(None)), UNDER, at("2027-05-01")))


KINDS_OF_CUSTOMERS = (StageKind.ACTIVE, StageKind.RENEWAL)


def test_a_closing_deal_cancels_what_has_not_gone_out() -> None:
    cancels = closing_cancels(deal(nudges=TWO), "lost")
    assert [(c.key, code_of(c.reason)) for c in cancels] == [
        ("n1", "deal_closed"),
        ("n2", "deal_closed"),
    ]


LISTED = (
    "ended+0 2027-03-31 on 2027-04-01 baseline: had already ended on 2027-03-31 when first "
    "loaded; it is listed, but nobody is asked"
)
ASKED = [
    "ended+0 2027-03-31 on 2027-04-01 fired: ended on 2027-03-31 without an answer",
    "to person:1 as owner: ended+0 2027-03-31",
]


@pytest.mark.parametrize(
    ("of", "loaded", "lines"),
    [
        (contract(), "2027-04-01 00:00", [LISTED]),
        (contract(), "2027-03-31 23:59", ASKED),
        (contract(auto_renew=True), "2027-04-01 00:00", [LISTED]),
    ],
)
def test_what_was_over_at_the_first_load_is_listed_once(
    of: Contract, loaded: str, lines: list[str]
) -> None:
    now = "2027-04-01" if lines == ASKED else "2027-04-05"
    loaded_deal = deal(of, baseline_at=at(loaded))
    assert said(loaded_deal, now) == lines
    listed = after(loaded_deal, renewal(loaded_deal, UNDER, at(now)))
    assert said(listed, now) == []


def test_the_day_of_the_first_load_is_the_owners() -> None:
    """At that instant it is the next day already in Tokyo."""
    of = deal(contract(), baseline_at=at("2027-03-31 20:00"), owner=CHIKA)
    assert said(of, "2027-04-05")[0] == LISTED


@pytest.mark.parametrize(
    ("more", "now", "lines"),
    [
        ({}, "2027-03-31 23:59", ["looks 2027-04-01 00:00"]),
        ({}, "2027-04-01 00:00", ASKED),
        ({"notice_on": date(2027, 3, 1)}, "2027-03-31", ["looks 2027-04-01 00:00"]),
        ({"expected_on": date(2027, 4, 9)}, "2027-04-01", ASKED),
        ({"expected_on": date(2027, 4, 9), "call": ForecastCall.AT_RISK}, "2027-04-01", ASKED),
        ({"expected_on": date(2027, 4, 9), "call": ForecastCall.RENEW}, "2027-04-01",
         ["looks 2027-04-10 00:00"]),
        ({"expected_on": date(2027, 4, 2), "call": ForecastCall.RENEW}, "2027-04-01",
         ["looks 2027-04-03 00:00"]),
        ({"expected_on": date(2027, 4, 1), "call": ForecastCall.RENEW}, "2027-04-01", ASKED),
        ({"expected_on": date(2027, 3, 31), "call": ForecastCall.RENEW}, "2027-04-01", ASKED),
        ({"expected_on": date(2028, 6, 1), "call": ForecastCall.RENEW}, "2027-04-01",
         ["looks 2028-03-31 00:00"]),
    ],
)  # fmt: skip
def test_after_the_end_the_owner_is_asked_on_the_next_day_or_after_the_expected_one(
    more: dict[str, object], now: str, lines: list[str]
) -> None:
    assert said(deal(contract(), **more), now) == lines


def ended(step: int = 0, on: str = "2027-04-01", **more: object) -> Event:
    """The question after the end."""
    day = date.fromisoformat(on)
    fired = Event(ENDED, LAST, day, EventState.FIRED, reason("ended"), at(on), step)
    return replace(fired, **more)  # type: ignore[arg-type]


def again(step: int, day: str, late: str = "") -> list[str]:
    """The question after the end, asked again."""
    return [
        f"ended+{step} 2027-03-31 on {day} fired: still no answer since it ended on 2027-03-31",
        f"to person:1 as owner: ended+{step} 2027-03-31{late}",
    ]


SNOOZED: Any = {"snoozed_until": date(2027, 4, 12), "snoozed_by": 1}
BACK = ended(1, "2027-04-12", reason=reason("snooze_over"))
SIX = tuple(waits(n, state=NudgeState.SENT) for n in range(1, 7))


@pytest.mark.parametrize(
    ("events", "more", "now", "lines"),
    [
        ((ended(),), {}, "2027-05-01", []),
        ((ended(**SNOOZED),), {}, "2027-04-11", ["looks 2027-04-12 00:00"]),
        ((ended(**SNOOZED),), {}, "2027-04-12", again(1, "2027-04-12")),
        ((ended(), ended(1, "2027-04-08", **SNOOZED)), {}, "2027-04-12", again(2, "2027-04-12")),
        ((ended(1, "2027-04-08", **SNOOZED), ended()), {}, "2027-04-12", again(2, "2027-04-12")),
        ((ended(**SNOOZED),), {"expected_on": date(2027, 4, 20)}, "2027-04-12",
         ["looks 2027-04-21 00:00"]),
        ((ended(**SNOOZED),), {"expected_on": date(2027, 4, 1)}, "2027-04-12",
         again(1, "2027-04-12")),
        ((ended(answered_at=at("2027-04-05")),), {"expected_on": date(2027, 4, 9)}, "2027-04-10",
         again(1, "2027-04-10")),
        ((ended(answered_at=at("2027-04-05")),), {}, "2027-08-01", []),
        ((ended(),), {"expected_on": date(2027, 4, 9)}, "2027-04-10", []),
        ((ended(answered_at=at("2027-04-05")),), {"expected_on": LAST}, "2027-04-10", []),
        ((BACK, ended(2, "2027-04-12", snoozed_until=date(2027, 4, 19))), {"nudges": SIX},
         "2027-04-19", ["looks 2027-07-13 00:00"]),
        ((BACK, ended(2, "2027-04-12", snoozed_until=date(2027, 4, 19))),
         {"nudges": SIX[:5], "expected_on": date(2027, 4, 10)}, "2027-04-19",
         again(3, "2027-04-19")),
        ((BACK, ended(2, "2027-04-12", snoozed_until=date(2027, 4, 19))),
         {"nudges": SIX[:5], "expected_on": date(2027, 4, 10), "expected_by_default": True},
         "2027-04-19", ["looks 2027-07-13 00:00"]),
        ((BACK, ended(2, "2027-04-12", snoozed_until=date(2027, 4, 19))),
         {"nudges": SIX[:5]}, "2027-04-19", ["looks 2027-07-13 00:00"]),
        ((BACK, ended(2, "2027-04-12", answered_at=at("2027-04-14"))),
         {"nudges": SIX, "expected_on": date(2027, 4, 20)}, "2027-04-21", ["looks 2027-07-15 00:00"]),
        ((BACK, ended(2, "2027-04-12", answered_at=at("2027-04-14"))),
         {"nudges": SIX, "expected_on": date(2027, 8, 20)}, "2027-04-21", ["looks 2027-08-21 00:00"]),
        ((ended(anchor_on=date(2027, 3, 30)),), {}, "2027-04-05", []),
    ],
)  # fmt: skip
def test_a_question_after_the_end_comes_back_on_its_day_while_little_was_said(
    events: tuple[Event, ...], more: dict[str, object], now: str, lines: list[str]
) -> None:
    assert said(deal(contract(), events=events, **more), now) == lines


@pytest.mark.parametrize(
    ("on", "at_", "now", "lines"),
    [
        ("2027-04-01", "2027-04-01", "2027-04-07", ["looks 2027-04-08 00:00"]),
        ("2027-04-01", "2027-04-01", "2027-04-08", ["2027-04-08"]),
        ("2027-04-01", "2027-04-06", "2027-04-08", ["looks 2027-04-13 00:00"]),
        ("2027-04-01", "2027-04-05 23:30", "2027-04-08", ["looks 2027-04-12 00:00"]),
    ],
)
def test_what_no_digest_lists_is_asked_every_week_after_it_was_said(
    on: str, at_: str, now: str, lines: list[str]
) -> None:
    alone = deal(contract(), owner=None, manager=None, events=(ended(on=on, at=at(at_)),))
    found = said(alone, now)
    assert ([found[0].split(" on ")[1][:10]] if len(found) > 1 else found) == lines


ONLY = {kind: replace(EXISTING, stages=tuple(s for s in EXISTING.stages if s.kind is not kind))
        for kind in KINDS_OF_CUSTOMERS}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS_OF_CUSTOMERS)
def test_stages_of_one_kind_are_enough_for_renewals(kind: StageKind) -> None:
    under = policy(T1M, pipeline=ONLY[kind])
    of = deal(RENEWS, stage="onboarding")
    assert said(of, "2027-02-02", under) == ["looks 2027-02-03 00:00"]
    assert decides_itself_on(of, under) == date(2027, 2, 3)


def test_the_days_of_an_end_are_the_owners() -> None:
    """Chika's days begin nine hours before London's."""
    hers = deal(RENEWS, owner=CHIKA)
    assert renewal(hers, UNDER, at("2027-02-01")).wake_at == at("2027-02-03 00:00", TOKYO)
    loaded = replace(hers, baseline_at=at("2027-02-02 20:00"))
    assert said(loaded, "2027-02-03")[1].startswith("auto_renewal+0 2027-01-31 on 2027-02-03 base")
    plain = deal(contract(), owner=CHIKA)
    assert renewal(plain, UNDER, at("2027-03-01")).wake_at == at("2027-04-01 00:00", TOKYO)
    late = [BACK, ended(2, "2027-04-12", answered_at=at("2027-04-14 20:00"))]
    quiet = replace(plain, events=tuple(late), nudges=SIX, expected_on=date(2027, 4, 20))
    assert renewal(quiet, UNDER, at("2027-04-21")).wake_at == at("2027-07-16 00:00", TOKYO)
    gone = replace(plain, owner=replace(CHIKA, active=False), manager=None)
    told = replace(gone, events=(ended(at=at("2027-04-01 20:00")),))
    assert renewal(told, UNDER, at("2027-04-03")).wake_at == at("2027-04-09 00:00", TOKYO)

"""Reminders, returns and last calls in full: in which words, to whom, and what they replace. Ann
owns the deal, Bob manages her; she was asked three months before the end."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import EXPECTED, Deal, Event, Nudge
from scheduler.core.deal.people import Absence, Person, Recipient
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.firing import fire_milestones
from scheduler.core.rules.followup import asked_already, followup, open_question
from scheduler.core.words.lexicon import EventState, Language, NudgeState, Paperwork
from scheduler.core.words.reasons import reason, word
from tests.cast import (
    ANN,
    BOB,
    CHIKA,
    DAN,
    DEADLINE,
    EXISTING,
    OFTEN,
    T1M,
    T3M,
    TOKYO,
    WELCOME,
    at,
    contract,
    deal,
    policy,
)
from tests.core.in_full import in_full

LAST = date(2027, 3, 31)
UNDER = policy(attention=OFTEN)
RENEWS = contract(decide_by=date(2027, 2, 28), auto_renew=True)
"""Its deadline is a Sunday: the last working day before it is Friday the 26th."""


def asked(milestone: str = T3M.id, on: str = "2026-12-31", step: int = 0, **more: Any) -> Event:
    """A question that somebody was told."""
    said = Event(
        milestone, LAST, date.fromisoformat(on[:10]), EventState.FIRED, "", at(on), step=step
    )
    return replace(said, **more)


def waits(number: int, milestone: str = T3M.id, step: int = 0, **more: Any) -> Nudge:
    """A nudge that has not gone out."""
    return replace(Nudge(f"n{number}", milestone, LAST, step, Recipient(1), "owner", ""), **more)


def said(of: Deal, now: str, under: Policy = UNDER) -> list[str]:
    """What this rule alone says, in full."""
    return in_full(followup(of, under, at(now)), of)


WAITING = (
    waits(1),
    waits(2, step=1, state=NudgeState.HELD),
    waits(3, T1M.id),
    waits(4, anchor_on=date(2027, 1, 1)),
    waits(5, step=1, state=NudgeState.SENT),
)
REPLACED = [
    f"not to person:1 renewal_3m+{step}: people hear about renewal_3m instead" for step in (0, 1)
]
CALL = "renewal_3m+1 2027-03-31 on 2027-02-26 fired: the last working day before the deadline of "
TO_BOTH = [
    "to person:1 as owner: renewal_3m+1 2027-03-31, pressing",
    "to person:2 as manager: renewal_3m+1 2027-03-31, urgent",
]
END_CALL = "the last working day before it ends on 2027-03-31; no answer since 2026-12-31"


@pytest.mark.parametrize(
    ("of", "now", "lines"),
    [
        (RENEWS, "2027-02-26", [f"{CALL}2027-02-28; no answer since 2026-12-31", *TO_BOTH,
                                *REPLACED]),
        (contract(), "2027-03-31", [
            f"renewal_3m+1 2027-03-31 on 2027-03-31 fired: {END_CALL}",
            "to person:1 as owner: renewal_3m+1 2027-03-31, pressing",
            "to person:2 as manager: renewal_3m+1 2027-03-31, urgent",
            *REPLACED,
        ]),
        (contract(), "2027-01-05", [
            "renewal_3m+1 2027-03-31 on 2027-01-05 fired: no answer since 2026-12-31: reminder 1",
            "to person:1 as owner: renewal_3m+1 2027-03-31",
            *REPLACED,
        ]),
    ],
)  # fmt: skip
def test_a_reminder_and_a_last_call_replace_what_of_the_question_has_not_gone_out(
    of: Contract, now: str, lines: list[str]
) -> None:
    assert said(deal(of, events=(asked(),), nudges=WAITING), now) == lines


def test_a_last_call_reaches_whom_the_milestone_tells_the_owner_and_the_manager() -> None:
    for_sales = policy(replace(T3M, tell=("slack:#cs",)), attention=OFTEN)
    of = deal(RENEWS, events=(asked(),))
    assert [line.split(" as ")[0] for line in said(of, "2027-02-26", for_sales)[1:]] == [
        "to slack:#cs",
        "to person:1",
        "to person:2",
    ]


def quiet(until: str, **more: Any) -> Event:
    """The question, kept quiet by Ann until then."""
    return asked(snoozed_until=date.fromisoformat(until), snoozed_by=1, **more)


def on(day: str, code: str = "said_snooze") -> dict[str, str]:
    """What was said to keep it quiet, and when."""
    return {"answer": reason(code, by="Ann", on=day)}


BACK = "renewal_3m+1 2027-03-31 on"
MINE = "to person:1 as snoozed: renewal_3m+1 2027-03-31"
WISHED = f"{CALL}2027-02-28; no answer since 2026-12-31"


@pytest.mark.parametrize(
    ("of", "event", "now", "lines"),
    [
        (RENEWS, quiet("2027-01-12"), "2027-01-11", ["looks 2027-01-12 00:00"]),
        (RENEWS, quiet("2027-01-12"), "2027-01-12", [
            f"{BACK} 2027-01-12 fired: asked again as requested: snoozed until 2027-01-12", MINE]),
        (RENEWS, quiet("2027-01-12", seen=True), "2027-01-12", [
            f"{BACK} 2027-01-12 fired: seen, but nothing has happened until 2027-01-12", MINE]),
        (RENEWS, quiet("2027-01-12", **on("2027-01-04", "said_notice_withdrawn")), "2027-01-12", [
            f"{BACK} 2027-01-12 fired: the notice was taken back; asked again on 2027-01-12", MINE]),
        (RENEWS, quiet("2027-02-25"), "2027-02-24", ["looks 2027-02-25 00:00"]),
        (RENEWS, quiet("2027-02-26"), "2027-02-25", ["looks 2027-02-26 00:00"]),
        (RENEWS, quiet("2027-02-26"), "2027-02-26", [WISHED, TO_BOTH[0]]),
        (RENEWS, quiet("2027-03-20"), "2027-02-25", ["looks 2027-02-26 00:00"]),
        (RENEWS, quiet("2027-03-20"), "2027-02-27", [WISHED, TO_BOTH[0]]),
        (RENEWS, quiet("2027-03-20", seen=True), "2027-02-26", [WISHED, *TO_BOTH]),
        (RENEWS, quiet("2027-03-20"), "2027-03-01", ["looks 2027-03-20 00:00"]),
        (RENEWS, quiet("2027-03-20", **on("2027-02-26")), "2027-02-26", ["looks 2027-03-20 00:00"]),
        (RENEWS, quiet("2027-03-20", **on("2027-02-25")), "2027-02-26", [WISHED, TO_BOTH[0]]),
        (RENEWS, quiet("2027-03-20", at=at("2027-02-26 23:30")), "2027-02-26",
         ["looks 2027-03-20 00:00"]),
    ],
)  # fmt: skip
def test_what_was_kept_quiet_comes_back_on_its_day_or_as_the_last_call(
    of: Contract, event: Event, now: str, lines: list[str]
) -> None:
    assert said(deal(of, events=(event,)), now) == lines


@pytest.mark.parametrize(
    "settled", [{"notice_on": date(2027, 1, 10)}, {"paperwork": Paperwork.ORDERED}]
)
def test_what_is_settled_has_no_last_call(settled: dict[str, Any]) -> None:
    of = deal(RENEWS, events=(quiet("2027-03-20"),), **settled)
    assert said(of, "2027-02-26") == ["looks 2027-03-20 00:00"]


DELEGATE = Absence(date(2027, 1, 4), date(2027, 1, 20), CHIKA.id)


@pytest.mark.parametrize(
    ("by", "people", "told"),
    [
        (DAN.id, (DAN,), ["to person:4 as snoozed"]),
        (BOB.id, (), ["to person:2 as snoozed"]),
        (DAN.id, (), ["to person:1 as owner"]),
        (None, (), ["to person:1 as owner"]),
        (DAN.id, (replace(DAN, active=False),), ["to person:1 as owner"]),
        (DAN.id, (replace(DAN, absences=(DELEGATE,)), CHIKA), ["to person:3 as snoozed"]),
        (DAN.id, (replace(DAN, absences=(replace(DELEGATE, last_on=date(2027, 1, 11)),)), CHIKA),
         ["to person:4 as snoozed"]),
    ],
)  # fmt: skip
def test_it_comes_back_to_whoever_kept_it_quiet_if_they_are_here(
    by: int | None, people: tuple[Person, ...], told: list[str]
) -> None:
    event = replace(quiet("2027-01-12"), snoozed_by=by)
    of = deal(events=(event,), people={p.id: p for p in people})
    assert [
        line.split(":")[0] + ":" + line.split(":")[1] for line in said(of, "2027-01-12")[1:]
    ] == told


SOLD = replace(T3M, tell=("sales", "slack:#cs"))


def test_where_they_are_not_it_goes_to_whom_the_milestone_tells() -> None:
    of = deal(events=(replace(quiet("2027-01-12"), snoozed_by=99),), sales=DAN)
    assert said(of, "2027-01-12", policy(SOLD, attention=OFTEN))[1:] == [
        "to person:4 as sales: renewal_3m+1 2027-03-31",
        "to slack:#cs as address: renewal_3m+1 2027-03-31",
    ]


FIRST = "the last working day before the deadline of 2027-02-28"
END_FIRST = "the last working day before it ends on 2027-03-31"
REACHED = "renewal_1m reached (counted from ends_on, 2027-03-31)"
CALLING = replace(OFTEN, one_question_days=0)
EARLY = replace(T3M, id="early", series="early", moves_to=None)
LATE = replace(T1M, offset=replace(T1M.offset, months=0, days=0), asks=True)
"""It comes on the last day of the contract."""


@pytest.mark.parametrize(
    ("of", "events", "asks", "now", "why"),
    [
        (RENEWS, (), T1M, "2027-02-26", FIRST),
        (RENEWS, (), T1M, "2027-02-28", FIRST),
        (RENEWS, (), T1M, "2027-03-01", REACHED),
        (contract(decide_by=date(2027, 3, 1), auto_renew=True), (), T1M, "2027-02-26", REACHED),
        (contract(), (), LATE, "2027-03-31", END_FIRST),
        (RENEWS, (asked(EARLY.id, "2027-01-29"),), T1M, "2027-02-26",
         f"{FIRST}; no answer since 2027-01-29"),
        (RENEWS, (asked(EARLY.id, "2027-01-29"), asked(EARLY.id, "2027-02-05", 1)), T1M,
         "2027-02-26", f"{FIRST}; no answer since 2027-01-29"),
        (RENEWS, (asked(EARLY.id, "2027-01-29", at=at("2027-01-30")),), T1M, "2027-02-26",
         f"{FIRST}; no answer since 2027-01-30"),
        (RENEWS, (asked(EARLY.id, answered_at=at("2027-01-30")),), T1M, "2027-02-26", REACHED),
        (RENEWS, (asked(EARLY.id, snoozed_until=date(2027, 3, 1)),), T1M, "2027-02-26", REACHED),
        (RENEWS, (asked(EARLY.id, snoozed_until=date(2027, 3, 1), seen=True),), T1M,
         "2027-02-26", f"{FIRST}; no answer since 2026-12-31"),
        (RENEWS, (asked(EARLY.id),), replace(T1M, ask=T1M.label), "2027-02-26", REACHED),
        (RENEWS, (), replace(T1M, ask=T1M.label), "2027-02-26", FIRST),
        (RENEWS, (), replace(T1M, asks=False), "2027-02-26", REACHED),
    ],
)  # fmt: skip
def test_a_first_question_on_the_last_working_day_says_so(
    of: Contract, events: tuple[Event, ...], asks: Milestone, now: str, why: str
) -> None:
    under = policy(asks, *([EARLY] if events else []), attention=CALLING)
    found = deal(of, events=events, stage="renewal_1m")
    lines = in_full(fire_milestones(found, under, at(now)), found)
    assert lines[0].split("fired: ")[1] == why
    to = [line.split(" as ")[0] for line in lines if line.startswith("to ")]
    assert to == ["to person:1", *(["to person:2"] if "last working" in why else [])]


def test_nothing_is_a_last_call_where_there_are_none_or_all_is_settled() -> None:
    for under, more in (
        (replace(CALLING, last_call=False), {}),
        (CALLING, {"paperwork": Paperwork.ORDERED}),
    ):
        found = deal(RENEWS, stage="renewal_1m", **more)
        decision = fire_milestones(found, policy(T1M, attention=under), at("2027-02-26"))
        assert len(decision.nudges) == 1


JOINS = Attention(repeat_every=0)


@pytest.mark.parametrize(
    ("events", "asks", "on_", "under", "joined"),
    [
        ((asked(EXPECTED, "2027-02-03"),), T1M, "2027-02-10", JOINS, True),
        ((asked(EXPECTED, "2027-02-02"),), T1M, "2027-02-10", JOINS, False),
        ((asked(EXPECTED, "2027-02-19"),), replace(T1M, tell=("owner", "sales")), "2027-02-26",
         JOINS, False),
        ((asked("gone", "2027-02-19"),), T1M, "2027-02-26", JOINS, False),
        ((asked(DEADLINE.id, "2027-02-19"),), T1M, "2027-02-26", JOINS, True),
        ((asked(DEADLINE.id, "2027-02-19"), asked(WELCOME.id, "2027-02-20")), T1M, "2027-02-26",
         JOINS, True),
        ((asked(DEADLINE.id, "2027-02-19", state=EventState.SKIPPED),), T1M, "2027-02-26", JOINS,
         False),
        ((asked(DEADLINE.id, "2027-02-11"),), T1M, "2027-02-10", JOINS, False),
        ((asked(DEADLINE.id, "2027-01-20"),), T1M, "2027-02-19", JOINS, True),
        ((asked(DEADLINE.id, "2027-01-20"),), T1M, "2027-02-18", JOINS, False),
        ((asked(DEADLINE.id, "2027-01-20"),), T1M, "2027-02-26", JOINS, True),
        ((asked(DEADLINE.id, "2027-01-20", answered_at=at("2027-01-21")),), T1M, "2027-02-19",
         JOINS, False),
        ((asked(DEADLINE.id, "2027-01-20"),), T1M, "2027-02-19",
         replace(JOINS, last_call=False), False),
        ((asked(T3M.id, "2027-01-20"),), DEADLINE, "2027-02-19", JOINS, False),
        ((asked(T3M.id, "2027-01-20"),), T1M, "2027-02-19", JOINS, False),
        ((asked(DEADLINE.id, "2027-02-19"),), T1M, "2027-02-26",
         replace(JOINS, one_question_days=0), False),
        ((asked(DEADLINE.id, "2027-02-19"),), replace(T1M, asks=False), "2027-02-26", JOINS, False),
    ],
)  # fmt: skip
def test_a_question_joins_what_was_asked_a_few_days_before_or_is_called_a_few_days_after(
    events: tuple[Event, ...], asks: Milestone, on_: str, under: Attention, joined: bool
) -> None:
    rules = policy(T3M, asks, DEADLINE, WELCOME, attention=under)
    found = asked_already(asks, date.fromisoformat(on_), deal(RENEWS, events=events), rules)
    assert (found is not None) is joined


def test_the_days_of_a_ladder_are_the_owners() -> None:
    """Asked at half past eleven in the evening in London, which is the next day in Tokyo."""
    hers = deal(owner=CHIKA, events=(asked(at=at("2027-01-12 23:30")),))
    mine = deal(owner=ANN, events=(asked(at=at("2027-01-12 23:30")),))
    assert said(mine, "2027-01-13") == ["looks 2027-01-15 00:00"]
    assert followup(hers, UNDER, at("2027-01-13")).wake_at == at("2027-01-18 00:00", TOKYO)


@pytest.mark.parametrize("stage", ["won", "lost", "nowhere"])
def test_a_deal_that_is_closed_or_in_no_stage_is_not_reminded(stage: str) -> None:
    assert said(deal(stage=stage, events=(asked(),)), "2027-01-05") == []


def without(*kinds: StageKind) -> Policy:
    """Insistent, in a pipeline without stages of these kinds."""
    stages = tuple(s for s in EXISTING.stages if s.kind not in kinds)
    return policy(attention=OFTEN, pipeline=replace(EXISTING, stages=stages))


A, R = StageKind.ACTIVE, StageKind.RENEWAL


@pytest.mark.parametrize(
    ("under", "ends_on", "now", "back"),
    [
        (without(A), LAST, "2027-03-31", True),
        (without(A), LAST, "2027-04-01", False),
        (without(R), LAST, "2027-04-01", False),
        (without(A, R), LAST, "2027-04-01", True),
        (without(A), None, "2027-04-01", True),
    ],
)
def test_after_the_end_only_what_has_no_renewal_is_asked_again(
    under: Policy, ends_on: date | None, now: str, back: bool
) -> None:
    event = quiet("2027-03-30", **on("2027-03-29"))
    found = followup(deal(contract(ends_on), stage="onboarding", events=(event,)), under, at(now))
    assert bool(found.events) is back


HELLO = replace(WELCOME, asks=True, in_stages=())


@pytest.mark.parametrize(
    ("events", "speaks"),
    [
        ((asked(), asked(HELLO.id, "2027-01-10")), T3M.id),
        ((asked(EXPECTED), asked(HELLO.id, "2027-01-10")), EXPECTED),
        ((asked(T1M.id), asked(HELLO.id, "2027-01-10")), HELLO.id),
        ((asked(answered_at=at("2027-01-02")), asked(HELLO.id, "2027-01-10")), HELLO.id),
        ((asked(HELLO.id), asked(on="2027-01-10", answered_at=at("2027-01-11"))), None),
        ((asked(HELLO.id, answered_at=at("2027-01-02")), asked(T1M.id, "2026-12-30")), None),
        ((asked("gone"),), None),
        ((asked("gone", snoozed_until=date(2027, 1, 20)),), "gone"),
    ],
)
def test_a_question_about_the_renewal_speaks_before_any_other(
    events: tuple[Event, ...], speaks: str | None
) -> None:
    rules = policy(T3M, replace(T1M, ask=T1M.label), HELLO, attention=OFTEN)
    found = open_question(deal(events=events), rules)
    assert (found.last.milestone if found else None) == speaks


def test_what_stands_between_two_questions_hides_neither() -> None:
    far = asked(DEADLINE.id, "2027-02-05")
    near = asked(WELCOME.id, "2027-01-01")
    rules = policy(T3M, T1M, DEADLINE, WELCOME, attention=replace(JOINS, last_call=False))
    of = deal(RENEWS, events=(far, near))
    assert asked_already(T1M, date(2027, 2, 10), of, rules) is far


def test_the_days_of_quiet_and_of_last_calls_are_the_owners_too() -> None:
    evening: dict[str, Any] = {"at": at("2027-01-12 20:00")}
    hers = deal(RENEWS, owner=CHIKA, events=(quiet("2027-03-20", **evening),))
    assert followup(hers, UNDER, at("2027-01-20")).wake_at == at("2027-02-26 00:00", TOKYO)
    soon = replace(hers, events=(quiet("2027-01-25", **evening),))
    assert followup(soon, UNDER, at("2027-01-20")).wake_at == at("2027-01-25 00:00", TOKYO)
    told = replace(hers, events=(asked(**evening),))
    assert said(told, "2027-02-26")[0] == f"{CALL}2027-02-28; no answer since 2027-01-13"
    on_time = quiet("2027-03-20", at=at("2027-02-25 20:00"))
    assert said(replace(hers, events=(on_time,)), "2027-02-26") == ["looks 2027-03-19 15:00"]
    late = asked(EXPECTED, "2027-02-02", at=at("2027-02-02 20:00"))
    joins = policy(T3M, T1M, attention=JOINS)
    assert asked_already(T1M, date(2027, 2, 10), replace(hers, events=(late,)), joins) is late
    first = replace(hers, events=(asked(EARLY.id, **evening),), stage="renewal_1m")
    lines = fire_milestones(first, policy(T1M, EARLY, attention=CALLING), at("2027-02-26"))
    assert [word(e.reason, Language.EN) for e in lines.events] == [
        f"{FIRST}; no answer since 2027-01-13"
    ]


def test_a_ladder_goes_on_after_a_return_with_the_rungs_that_are_left() -> None:
    """Reminder 1 was said, then somebody kept it quiet; it came back and counts from there."""
    seen = asked(on="2027-01-05", step=1, reason=reason("asked_again", times=1),
                 snoozed_until=date(2027, 1, 12), seen=True)  # fmt: skip
    back = asked(on="2027-01-12", step=2, reason=reason("seen_over"))
    of = deal(events=(asked(), seen, back))
    assert said(of, "2027-01-14") == ["looks 2027-01-15 00:00"]
    assert said(of, "2027-01-15")[0] == (
        f"renewal_3m+3 {LAST} on 2027-01-15 fired: no answer since 2027-01-12: reminder 2"
    )
    assert said(of, "2027-01-20")[0] == (
        f"renewal_3m+4 {LAST} on 2027-01-20 fired: no answer since 2027-01-12: reminder 3, also to "
        "the manager"
    )
    assert said(deal(contract(None), events=(asked(),)), "2027-01-05")[0].endswith("reminder 1")


@pytest.mark.parametrize(
    ("asked_on", "again"), [("2027-02-02", "2027-02-15"), ("2027-02-01", "2027-02-15")]
)
def test_half_way_to_a_last_call_is_the_later_of_two_days(asked_on: str, again: str) -> None:
    once = policy(replace(T3M, repeat_every=0), attention=replace(OFTEN, repeat_every=12))
    found = followup(deal(RENEWS, events=(asked(on=asked_on),)), once, at(asked_on))
    assert found.wake_at == at(f"{again} 00:00")


SEEN = {
    "snoozed_until": date(2027, 4, 9),
    "snoozed_by": ANN.id,
    "seen": True,
    "answer": reason("said_seen", by="Ann", on="2027-01-04"),
}
BOB_IN_TOKYO = replace(BOB, zone=TOKYO, calendar="jp")
BOB_IN_AUCKLAND = replace(BOB, zone="Pacific/Auckland")
ANN_IN_CALIFORNIA = replace(ANN, zone="America/Los_Angeles")
MONDAY = contract(decide_by=date(2027, 1, 11), auto_renew=True)
"""Its deadline is a holiday in Japan."""
AHEAD = (
    "renewal_3m+1 2027-03-31 on {on} fired: the manager cannot be reached on {last_on}, the last"
)


@pytest.mark.parametrize(
    ("owner", "manager", "of", "last_on", "ahead_on"),
    [
        (ANN, BOB, MONDAY, "2027-01-11", None),
        (ANN, BOB_IN_TOKYO, MONDAY, "2027-01-11", "2027-01-08"),
        (CHIKA, BOB_IN_TOKYO, MONDAY, "2027-01-08", None),
        (ANN, BOB_IN_TOKYO, RENEWS, "2027-02-26", None),
        (ANN_IN_CALIFORNIA, BOB_IN_TOKYO, RENEWS, "2027-02-26", None),
        (ANN_IN_CALIFORNIA, BOB_IN_AUCKLAND, RENEWS, "2027-02-26", "2027-02-25"),
        (ANN, BOB_IN_AUCKLAND, contract(), "2027-03-31", None),
        (ANN_IN_CALIFORNIA, BOB_IN_AUCKLAND, contract(), "2027-03-31", None),
        (ANN, BOB_IN_TOKYO, contract(ends_on=date(2027, 1, 11)), "2027-01-11", "2027-01-08"),
    ],
)
@pytest.mark.parametrize("quiet", [{}, SEEN], ids=["", "seen"])
def test_a_manager_whom_a_last_call_would_reach_too_late_is_told_on_the_last_day_that_helps(
    owner: Person,
    manager: Person,
    of: Contract,
    last_on: str,
    ahead_on: str | None,
    quiet: dict[str, Any],
) -> None:
    before = asked(on="2027-01-04", **quiet)
    theirs = deal(of, owner=owner, manager=manager, events=(before,))
    under = policy(attention=replace(OFTEN, repeat_every=0))
    if ahead_on is not None:
        early = at(f"{ahead_on} 20:00")
        ahead = followup(theirs, under, early)
        assert [n.recipient for n in ahead.nudges] == [Recipient(BOB.id)]
        assert in_full(ahead, theirs)[0].startswith(AHEAD.format(on=ahead_on, last_on=last_on))
        (event,) = ahead.events
        assert replace(event, step=0, day_on=before.day_on, reason="", at=before.at) == before
        theirs = replace(theirs, events=(before, event))
        assert not followup(theirs, under, early).events, "once"
    told = [n.recipient.person_id for n in followup(theirs, under, at(f"{last_on} 12:00")).nudges]
    assert told == ([owner.id, BOB.id] if ahead_on is None else [owner.id])

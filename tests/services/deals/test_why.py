"""The story of a deal: what stands is told from its events, what comes from the rules that will
decide it."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.deal.people import Absence
from scheduler.core.facts.explain import Counting, Origin
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, EventState, Verb
from scheduler.core.words.reasons import code_of, fact
from scheduler.services.deals import listing
from scheduler.services.deals.deal_story import AskedPerson, Chapter, DayState, DealStory
from scheduler.services.deals.why import story
from tests.cast import (
    ANN,
    BOB,
    DAN,
    DEADLINE,
    FALLBACK,
    T1M,
    T3M,
    at,
    contract,
    deal,
    milestone,
    policy,
)
from tests.core.life import Life

EVERY_RULE = policy(T3M, T1M, DEADLINE)
RICH = replace(
    T3M, where=(Condition("amount", Operator.AT_LEAST, (9_000_000,)),), open_until=Offset(days=20)
)


def lived(of: Deal, until: str, under: Policy = EVERY_RULE) -> Deal:
    """The deal as the daemon leaves it on that day, looked at since October."""
    life = Life(of, under).until(at("2026-10-01"), at(until))
    return replace(life.deal, wake_at=life.wake_at, policy_version=under.version)


def told(of: Deal, now: datetime, under: Policy = EVERY_RULE) -> DealStory:
    """Its story."""
    return story(listing.Life(of), under, now)


def standings(of: DealStory) -> list[tuple[str, str, str]]:
    """Day, milestone and standing of every chapter."""
    return [(str(c.on), c.milestone, c.standing.value) for c in of.chapters]


def chapter(of: DealStory, milestone_id: str) -> Chapter:
    """The one chapter of a milestone."""
    [found] = [c for c in of.chapters if c.milestone == milestone_id]
    return found


def test_what_happened_and_what_comes_stand_in_the_calendars_order() -> None:
    now = at("2027-01-04")
    assert standings(told(lived(deal(contract(notice=Term(2))), "2027-01-04"), now)) == [
        ("2026-12-31", "renewal_3m", "fired"),
        ("2027-01-01", "decide_by_30d", "fired"),
        ("2027-02-26", "renewal_1m", "to_come"),
        ("2027-04-01", "ended", "to_come"),
    ]


def test_those_to_come_say_whom_they_ask_and_where_they_lead() -> None:
    coming = chapter(told(lived(deal(), "2027-01-04"), at("2027-01-04")), "renewal_1m")
    assert (coming.asked, coming.moves_to, coming.expected) == (
        (AskedPerson("Ann Ito"),),
        "renewal_1m",
        EventState.FIRED,
    )


def test_who_is_asked_instead_of_somebody_comes_with_the_reason() -> None:
    away = replace(
        ANN, absences=(Absence(date(2027, 2, 22), date(2027, 3, 5), delegate_id=DAN.id),)
    )
    coming = chapter(
        told(
            lived(deal(owner=away, people={p.id: p for p in (away, BOB, DAN)}), "2027-01-04"),
            at("2027-01-04"),
        ),
        "renewal_1m",
    )
    assert [(a.name, code_of(a.because)) for a in coming.asked] == [("Dan Fox", "away")]
    orphan = chapter(told(lived(deal(owner=None), "2027-01-04"), at("2027-01-04")), "renewal_1m")
    assert [(a.name, code_of(a.because)) for a in orphan.asked] == [(FALLBACK, "nobody_in_role")]


def test_what_is_merely_told_asks_nothing() -> None:
    under = policy(T3M, milestone("heads_up", "-4 months", series="heads_up"))
    shown = told(
        lived(deal(contract(notice=Term(2), auto_renew=True)), "2026-11-01", under),
        at("2026-11-01"),
        under,
    )
    assert [(c.milestone, c.asks) for c in shown.chapters if c.asked] == [
        ("heads_up", False),
        ("renewal_3m", True),
        ("auto_renewal", False),
    ]


def test_an_automatic_renewal_keeps_a_later_milestone_from_being_reached() -> None:
    shown = told(
        lived(deal(contract(notice=Term(2), auto_renew=True)), "2027-01-04"), at("2027-01-04")
    )
    assert (chapter(shown, "auto_renewal").standing, chapter(shown, "renewal_1m").standing) == (
        DayState.TO_COME,
        DayState.OVER,
    )
    assert code_of(chapter(shown, "renewal_1m").reason) == "auto_renewed"


def test_a_notice_is_the_end_that_comes() -> None:
    said = Answer(Verb.NOTICE, ANN.name, ANN, on=date(2027, 1, 5), lost=Lost("budget"))
    given = apply_answer(lived(deal(), "2027-01-04"), said, EVERY_RULE, at("2027-01-05")).deal
    leaving = chapter(told(replace(given, wake_at=at("2027-01-05")), at("2027-01-05 12:00")), "")
    assert (leaving.on, leaving.standing, code_of(leaving.reason)) == (
        date(2027, 4, 1),
        DayState.TO_COME,
        "notice_took_effect",
    )


def test_a_condition_that_may_still_become_true_is_waited_for() -> None:
    under = policy(RICH)
    waiting = chapter(
        told(lived(deal(), "2027-01-04", under), at("2027-01-04"), under), "renewal_3m"
    )
    assert (waiting.standing, waiting.open_until, waiting.expected) == (
        DayState.WAITING,
        date(2027, 1, 20),
        EventState.EXPIRED,
    )
    assert code_of(waiting.reason) == "where_false"
    expired = chapter(
        told(lived(deal(), "2027-01-25", under), at("2027-01-25"), under), "renewal_3m"
    )
    assert (expired.standing, fact(expired.reason, "read")) == (
        DayState.EXPIRED,
        fact(waiting.reason, "read"),
    ), "in the words of the rule"


def test_what_waits_for_a_stage_says_so() -> None:
    under = policy(replace(T3M, in_stages=("critical",), open_until=Offset(days=20)))
    waiting = chapter(
        told(lived(deal(), "2027-01-04", under), at("2027-01-04"), under), "renewal_3m"
    )
    assert (waiting.standing, code_of(waiting.reason), fact(waiting.reason, "stage")) == (
        DayState.WAITING,
        "stage_not_meant",
        "stable",
    )


@pytest.mark.parametrize("now", ["2026-03-01", "2027-01-04"])
def test_a_milestone_longer_than_the_term_says_so_before_and_after(now: str) -> None:
    short = deal(contract(date(2027, 2, 28), starts_on=date(2027, 1, 1), term=Term(2)))
    seen = short if now < "2026-10" else lived(short, now)
    assert chapter(told(seen, at(now)), "renewal_3m").standing is DayState.TOO_LONG


def test_a_day_that_no_sweep_has_settled_is_due() -> None:
    shown = told(
        replace(lived(deal(), "2026-12-01"), wake_at=at("2026-12-31 00:00")), at("2027-01-04")
    )
    assert (chapter(shown, "renewal_3m").standing, chapter(shown, "renewal_3m").expected) == (
        DayState.DUE,
        EventState.FIRED,
    )
    assert shown.alarm.due


def test_a_deal_of_an_older_policy_is_due() -> None:
    assert not told(lived(deal(), "2027-01-04"), at("2027-01-04")).alarm.due
    assert told(
        lived(deal(), "2027-01-04"), at("2027-01-04"), policy(T3M, T1M, DEADLINE, version=2)
    ).alarm.due


def test_what_was_withdrawn_and_what_stands_are_two_chapters() -> None:
    life = Life(deal(), EVERY_RULE).until(at("2026-10-01"), at("2027-01-04"))
    life.deal = replace(life.deal, contract=contract(date(2027, 6, 30)))
    life.look(at("2027-01-05"))
    shown = told(replace(life.deal, wake_at=life.wake_at, policy_version=1), at("2027-01-05"))
    assert standings(shown)[:2] == [
        ("2026-12-31", "renewal_3m", "withdrawn"),
        ("2027-03-30", "renewal_3m", "to_come"),
    ]
    assert (shown.chapters[0].was, code_of(shown.chapters[0].reason)) == (
        EventState.FIRED,
        "anchor_moved",
    )


def test_an_evergreen_contract_has_anniversaries_and_no_end() -> None:
    under = policy(T3M, milestone("yearly", "-1 month", anchor=Anchor.ANNIVERSARY, series="yearly"))
    shown = told(
        lived(deal(contract(None, evergreen=True)), "2026-10-02", under), at("2026-10-02"), under
    )
    assert standings(shown) == [
        ("2027-03-01", "yearly", "to_come"),
        ("None", "renewal_3m", "no_day"),
    ]


def test_a_policy_that_counts_otherwise_now_shows_both_days() -> None:
    seen = lived(deal(), "2027-01-04")
    later = replace(EVERY_RULE, milestones=(replace(T3M, offset=Offset(months=-4)), T1M, DEADLINE))
    fired = chapter(told(seen, at("2027-01-04"), later), "renewal_3m")
    assert (fired.on, fired.by_rule_on) == (date(2026, 12, 31), date(2026, 11, 30))


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc"])
def test_a_zone_that_nobody_knows_hides_no_past(zone: str) -> None:
    seen = lived(deal(), "2027-01-04")
    shown = told(replace(seen, owner=replace(ANN, zone=zone)), at("2027-01-04"))
    assert shown.undecided
    assert shown.counted == Counting("weekdays", Origin.OWNER, "Europe/London", Origin.PIPELINE)
    assert standings(shown)[0] == ("2026-12-31", "renewal_3m", "fired")


def test_a_deal_that_cannot_be_decided_keeps_its_past() -> None:
    broken = replace(lived(deal(), "2027-01-04"), pipeline="nowhere", wake_at=at("2027-01-04"))
    shown = told(broken, at("2027-01-04"))
    assert shown.undecided
    assert standings(shown) == [("2026-12-31", "renewal_3m", "fired")]

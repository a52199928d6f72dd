"""Who may answer for a deal, and when: authority belongs to a place and has a time; having been
asked once gives a say in that question only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.authority import Authority, authority, may_answer, owner_instead
from scheduler.core.deal.deal import Deal, Event, Nudge
from scheduler.core.deal.people import Absence, Person, Recipient
from scheduler.core.words.lexicon import EventState, NudgeState, Role
from tests.cast import ANN, BOB, CHIKA, DAN, at, deal

TODAY = date(2027, 1, 6)
EVE = Person(5, "Eve Sol", Role.MANAGER)
ADMIN = Person(6, "Ada", Role.ADMIN)
END = date(2027, 3, 31)
NONE, ASKED, FULL = Authority.NONE, Authority.ASKED, Authority.FULL


def away(person: Person, first: str, last: str, delegate: Person) -> Person:
    return replace(
        person,
        absences=(Absence(date.fromisoformat(first), date.fromisoformat(last), delegate.id),),
    )


def told(
    person: Person,
    milestone: str = "renewal_3m",
    step: int = 0,
    state: NudgeState = NudgeState.SENT,
) -> Nudge:
    return Nudge(
        f"{milestone}-{step}-{person.id}",
        milestone,
        END,
        step,
        Recipient(person_id=person.id),
        "owner",
        "",
        state,
    )


def asked(milestone: str, day: str, step: int = 0, state: EventState = EventState.FIRED) -> Event:
    return Event(milestone, END, date.fromisoformat(day), state, "", at(day), step)


def of(*events: Event, nudges: Sequence[Nudge] = (), owner: Person = ANN) -> Deal:
    people = {p.id: p for p in (ANN, BOB, CHIKA, DAN, EVE)}
    return deal(
        owner=owner,
        manager=replace(BOB, manager_id=EVE.id),
        events=events,
        nudges=tuple(nudges),
        people=people,
    )


@pytest.mark.parametrize(
    ("person", "level"),
    [
        (ANN, FULL),
        (BOB, FULL),
        (EVE, FULL),
        (ADMIN, FULL),
        (CHIKA, NONE),
        (DAN, NONE),
        (replace(ANN, active=False), NONE),
    ],
)
def test_whose_deal_it_is(person: Person, level: Authority) -> None:
    assert authority(person, of(), TODAY) is level


@pytest.mark.parametrize(
    ("first", "last", "may"),
    [
        ("2027-01-04", "2027-01-06", True),
        ("2027-01-06", "2027-01-20", True),
        ("2027-01-07", "2027-01-20", False),
        ("2026-12-20", "2027-01-05", False),
        ("2027-07-01", "2027-07-08", False),
    ],
)
@pytest.mark.parametrize("whose", ["owner", "manager"])
def test_a_delegate_acts_on_the_days_of_the_absence_only(
    whose: str, first: str, last: str, may: bool
) -> None:
    known = of()
    someone = away(known.owner if whose == "owner" and known.owner else BOB, first, last, DAN)
    assert (
        may_answer(
            DAN,
            replace(known, owner=someone) if whose == "owner" else replace(known, manager=someone),
            TODAY,
        )
        is may
    )


def test_the_delegate_of_a_delegate_acts_while_both_are_away() -> None:
    chika = away(CHIKA, "2027-01-05", "2027-01-08", DAN)
    known = replace(
        of(owner=away(ANN, "2027-01-04", "2027-01-15", chika)),
        people={CHIKA.id: chika, DAN.id: DAN},
    )
    assert [may_answer(DAN, known, date(2027, 1, day)) for day in (4, 5, 8, 9)] == [
        False,
        True,
        True,
        False,
    ]


ONE = (asked("renewal_3m", "2026-12-31"),)
REMINDED = (*ONE, asked("renewal_3m", "2027-01-05", 1))
LATER = (*ONE, asked("renewal_1m", "2027-02-26"))


@pytest.mark.parametrize(
    ("events", "nudges", "level"),
    [
        pytest.param(ONE, [told(DAN)], ASKED, id="what was asked of them is theirs to answer"),
        pytest.param(
            REMINDED,
            [told(DAN), told(ANN, step=1)],
            ASKED,
            id="a reminder of it to somebody else changes nothing",
        ),
        pytest.param(
            LATER, [told(DAN), told(ANN, "renewal_1m")], NONE, id="a later question took its place"
        ),
        pytest.param(
            LATER,
            [told(DAN), told(DAN, "renewal_1m")],
            NONE,
            id="an old link does not answer a new question",
        ),
        pytest.param(
            ONE,
            [told(ANN), told(DAN, state=NudgeState.CANCELLED)],
            NONE,
            id="what never went out was never asked",
        ),
        pytest.param(ONE, [told(ANN)], NONE, id="a link of somebody else"),
    ],
)
def test_who_was_asked_answers_that_question_and_no_other(
    events: Sequence[Event], nudges: Sequence[Nudge], level: Authority
) -> None:
    known = of(*events, nudges=nudges)
    assert authority(DAN, known, TODAY, nudges[0].key) is level
    assert authority(DAN, known, TODAY) is NONE


def test_a_former_owner_has_a_say_in_what_they_were_asked_and_the_new_one_in_everything() -> None:
    known = of(*ONE, nudges=[told(ANN)], owner=CHIKA)
    assert [authority(p, known, TODAY, "renewal_3m-0-1") for p in (ANN, CHIKA, DAN)] == [
        ASKED,
        FULL,
        NONE,
    ]


def test_only_those_who_were_asked_and_no_more_are_told_whose_the_deal_is() -> None:
    assert owner_instead(ASKED, of()) == ANN
    assert owner_instead(FULL, of()) is None
    assert owner_instead(ASKED, replace(of(), owner=None)) is None

"""Absences, delegates and successors: who gets what is meant for somebody who is not there. Ann
owns the deal, Bob manages her, Chika stands in."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Absence, Person, Recipient
from scheduler.core.rules.decide import after, decide
from scheduler.core.rules.routing import route
from scheduler.core.rules.succession import passed_on_to, succession
from scheduler.core.words.lexicon import Language, NudgeState
from scheduler.core.words.reasons import word
from tests.cast import ANN, BOB, CHIKA, DAN, FALLBACK, OFTEN, at, contract, deal, policy, sent

POLICY = policy(attention=OFTEN)
LONG = Absence(date(2026, 12, 28), date(2027, 1, 8), CHIKA.id)
SHORT = Absence(date(2026, 12, 31), date(2027, 1, 1), CHIKA.id)
DAY = date(2026, 12, 31)


def with_people(of: Deal, *people: Person) -> Deal:
    """The deal, knowing these people and the cast."""
    return replace(of, people={p.id: p for p in (ANN, BOB, CHIKA, DAN, *people)})


def routed(role: str, of: Deal) -> tuple[str, str, int | None]:
    """Whom a role leads to, why, and instead of whom."""
    [found] = route(role, of, POLICY, DAY)
    return found.recipient.key, word(found.because, Language.EN), found.instead_of


def away(person: Person, *absences: Absence, **more: object) -> Person:
    """The person with absences."""
    return replace(person, absences=absences, **more)  # type: ignore[arg-type]


def test_a_long_absence_goes_to_the_delegate() -> None:
    of = with_people(deal(owner=away(ANN, LONG)))
    assert routed("owner", of) == ("person:3", "Ann Ito is away until 2027-01-08", ANN.id)


def test_a_short_absence_waits() -> None:
    assert routed("owner", with_people(deal(owner=away(ANN, SHORT)))) == ("person:1", "", None)


def test_a_short_absence_with_a_deadline_inside_goes_to_the_delegate() -> None:
    of = with_people(deal(contract(decide_by=date(2027, 1, 1)), owner=away(ANN, SHORT)))
    assert routed("owner", of)[0] == "person:3"


def test_without_a_delegate_a_long_absence_waits_unless_a_deadline_falls_inside_then_the_manager_hears() -> (
    None
):
    nobody = Absence(LONG.first_on, LONG.last_on)
    assert routed("owner", with_people(deal(owner=away(ANN, nobody))))[0] == "person:1"
    near = contract(decide_by=date(2027, 1, 5))
    assert routed("owner", with_people(deal(near, owner=away(ANN, nobody))))[::2] == (
        "person:2",
        ANN.id,
    )


def test_a_delegate_who_is_away_too_passes_it_on() -> None:
    chika = away(CHIKA, Absence(LONG.first_on, LONG.last_on, DAN.id))
    assert routed("owner", with_people(deal(owner=away(ANN, LONG)), chika)) == (
        "person:4",
        "Ann Ito is away until 2027-01-08",
        ANN.id,
    )


def test_a_circle_of_delegates_ends_at_the_fallback() -> None:
    chika = away(CHIKA, Absence(LONG.first_on, LONG.last_on, ANN.id))
    assert routed("owner", with_people(deal(owner=away(ANN, LONG)), chika)) == (
        FALLBACK,
        "Ann Ito is away until 2027-01-08",
        ANN.id,
    )


@pytest.mark.parametrize(
    ("bob", "more", "leads_to"),
    [
        (replace(BOB, active=False), (), FALLBACK),
        (replace(BOB, active=False, manager_id=4), (), "person:4"),
        (
            replace(BOB, active=False, manager_id=4),
            (replace(DAN, active=False, manager_id=2),),
            FALLBACK,
        ),
        (replace(BOB, active=False, manager_id=99), (), FALLBACK),
        (away(BOB, LONG), (), "person:3"),
    ],
    ids=["the chain ends", "the next manager", "a circle", "a manager nobody knows", "away"],
)
def test_a_manager_who_has_left_leads_to_the_next(
    bob: Person, more: tuple[Person, ...], leads_to: str
) -> None:
    assert routed("manager", with_people(deal(manager=bob), bob, *more))[0] == leads_to


def test_an_owner_who_has_left_leads_to_the_fallback() -> None:
    assert routed("owner", deal(owner=replace(ANN, active=False)))[0] == FALLBACK


def told(of: Deal) -> list[tuple[str, str, str]]:
    """Nudges of T-3m: recipient, state, reason."""
    return [
        (n.recipient.key, n.state.value, word(n.reason or n.because, Language.EN))
        for n in of.nudges
        if n.milestone == "renewal_3m"
    ]


def asked(of: Deal) -> Deal:
    """The deal on the day of T-3m, nothing sent yet."""
    return after(of, decide(of, POLICY, at("2026-12-31")))


def later(of: Deal, day: str) -> Deal:
    """The deal after another look."""
    return after(of, decide(of, POLICY, at(day)))


def test_what_waits_for_somebody_who_goes_away_goes_to_the_delegate_and_back() -> None:
    waiting = asked(with_people(deal()))
    gone = later(replace(waiting, owner=away(ANN, LONG)), "2026-12-31 11:00")
    assert told(gone) == [
        ("person:1", "cancelled", "passed on to 千佳 田中"),
        ("person:3", "waiting", "Ann Ito is away until 2027-01-08"),
    ]
    back = later(replace(gone, owner=ANN), "2026-12-31 12:00")
    assert told(back)[1:] == [
        ("person:3", "cancelled", "passed on to Ann Ito"),
        ("person:1", "waiting", ""),
    ]
    keys = [n.key for n in back.nudges]
    assert len(keys) == len(set(keys))


def test_what_was_told_already_is_not_told_again_because_the_owner_goes_away() -> None:
    gone = later(
        replace(sent(asked(with_people(deal()))), owner=away(ANN, LONG)), "2026-12-31 11:00"
    )
    assert told(gone) == [("person:1", "sent", "")]


def test_the_reminders_of_somebody_who_is_away_go_to_the_delegate() -> None:
    gone = later(replace(sent(asked(with_people(deal()))), owner=away(ANN, LONG)), "2027-01-05")
    assert told(gone)[1:] == [("person:3", "waiting", "Ann Ito is away until 2027-01-08")]
    assert gone.nudges[-1].instead_of == ANN.id


def test_a_new_owner_inherits_what_waits_and_what_was_asked() -> None:
    fresh = later(replace(asked(with_people(deal())), owner=DAN), "2026-12-31 11:00")
    assert told(fresh) == [
        ("person:1", "cancelled", "passed on to Dan Fox"),
        ("person:4", "waiting", ""),
    ]
    inherited = later(replace(sent(asked(with_people(deal()))), owner=DAN), "2027-01-04")
    assert told(inherited) == [
        ("person:1", "sent", ""),
        ("person:4", "waiting", "inherited with the deal; waiting for an answer since 2026-12-31"),
    ]
    assert decide(sent(inherited), POLICY, at("2027-01-04 11:00")).changes is False


@pytest.mark.parametrize("state", [NudgeState.DEAD, NudgeState.IN_DOUBT])
def test_a_question_that_never_reached_the_old_owner_for_certain_is_inherited_too(
    state: NudgeState,
) -> None:
    was = asked(with_people(deal()))
    lost = replace(was, owner=DAN, nudges=tuple(replace(n, state=state) for n in was.nudges))
    assert [n.recipient.key for n in decide(lost, POLICY, at("2027-01-04 12:00")).nudges] == [
        "person:4"
    ]


def test_an_answered_question_is_not_inherited() -> None:
    done = sent(asked(with_people(deal())))
    answered = replace(
        done, owner=DAN, events=tuple(replace(e, answered_at=at("2027-01-04")) for e in done.events)
    )
    assert decide(answered, POLICY, at("2027-01-04 12:00")).changes is False


def test_an_owner_found_at_last_gets_what_waited_for_the_fallback() -> None:
    nobody = asked(with_people(deal(owner=None)))
    assert told(nobody)[0][:2] == (FALLBACK, "waiting")
    found = later(replace(nobody, owner=ANN), "2026-12-31 11:00")
    assert [(r, s) for r, s, _ in told(found)] == [(FALLBACK, "cancelled"), ("person:1", "waiting")]


def test_two_roles_that_meet_in_one_person_are_told_once() -> None:
    both = replace(
        POLICY, milestones=tuple(replace(m, tell=("owner", "manager")) for m in POLICY.milestones)
    )
    of = with_people(deal(owner=BOB))
    decided = decide(of, both, at("2026-12-31"))
    assert [n.recipient.key for n in decided.nudges] == ["person:2"]


FOR_ANN = Nudge("n", "renewal_3m", date(2027, 3, 31), 0, Recipient(1), "owner", "")


@pytest.mark.parametrize(
    ("owner", "nudge", "taker"),
    [
        (DAN, FOR_ANN, DAN),
        (ANN, FOR_ANN, None),
        (None, FOR_ANN, None),
        (replace(DAN, active=False), FOR_ANN, None),
        (DAN, replace(FOR_ANN, role="manager"), None),
        (DAN, replace(FOR_ANN, recipient=Recipient(address=FALLBACK)), None),
        (ANN, replace(FOR_ANN, recipient=Recipient(3), instead_of=1), None),
        (DAN, replace(FOR_ANN, recipient=Recipient(3), instead_of=1), DAN),
        (replace(DAN, absences=(LONG,)), replace(FOR_ANN, recipient=Recipient(3)), None),
        (replace(DAN, absences=(LONG,)), FOR_ANN, replace(DAN, absences=(LONG,))),
    ],
)
def test_who_has_taken_a_deal_over_from_whom_a_nudge_told(
    owner: Person | None, nudge: Nudge, taker: Person | None
) -> None:
    assert passed_on_to(nudge, with_people(deal(owner=owner)), POLICY, DAY) == taker


@pytest.mark.parametrize(
    ("people", "owner", "told"),
    [
        ({}, DAN, "passed on to Dan Fox"),
        ({4: replace(DAN, name="Dan")}, DAN, "passed on to Dan"),
        ({}, None, f"passed on to {FALLBACK}"),
    ],
)
def test_what_is_passed_on_says_to_whom(
    people: dict[int, Person], owner: Person | None, told: str
) -> None:
    waits = after(deal(), decide(deal(), POLICY, at("2026-12-31")))
    theirs = replace(waits, owner=owner, people=people)
    assert [
        word(c.reason, Language.EN) for c in succession(theirs, POLICY, at("2026-12-31")).cancels
    ] == [told]

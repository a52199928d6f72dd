"""Who is told, and by which way: every `tell` leads to somebody, and never silently to nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.people import Absence, Person, Recipient
from scheduler.core.policy.attention import Attention
from scheduler.core.rules.routing import (
    Routed,
    destination_of_address,
    destinations_of,
    is_long,
    route,
)
from scheduler.core.time.calendar import WEEKDAYS
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.reasons import word
from tests.cast import ANN, BOB, DAN, EXISTING, FALLBACK, contract, deal, policy

SLACK, MAIL, PREVIEW = ChannelName.SLACK, ChannelName.EMAIL, ChannelName.PREVIEW
GONE = replace(ANN, active=False)


@pytest.mark.parametrize(
    ("tell", "owner", "manager", "recipient", "role", "because"),
    [
        ("owner", ANN, BOB, Recipient(1), "owner", ""),
        ("manager", ANN, BOB, Recipient(2), "manager", ""),
        (
            "owner",
            None,
            None,
            Recipient(address=FALLBACK),
            "owner",
            "the owner is not set; sent to the fallback",
        ),
        (
            "manager",
            ANN,
            None,
            Recipient(address=FALLBACK),
            "manager",
            "the manager is not set; sent to the fallback",
        ),
        (
            "sales",
            ANN,
            BOB,
            Recipient(address=FALLBACK),
            "sales",
            "the sales owner is not set; sent to the fallback",
        ),
        (
            "owner",
            GONE,
            BOB,
            Recipient(address=FALLBACK),
            "owner",
            "the owner Ann Ito is no longer active; sent to the fallback",
        ),
        ("fallback", ANN, BOB, Recipient(address=FALLBACK), "fallback", ""),
        ("slack:#renewals", ANN, BOB, Recipient(address="slack:#renewals"), "address", ""),
    ],
)
def test_every_tell_leads_to_somebody(
    tell: str,
    owner: Person | None,
    manager: Person | None,
    recipient: Recipient,
    role: str,
    because: str,
) -> None:
    routed = route(tell, deal(owner=owner, manager=manager), policy(), date(2027, 1, 5))
    assert [(r.recipient, r.role, word(r.because, Language.EN)) for r in routed] == [
        (recipient, role, because)
    ]


@pytest.mark.parametrize(
    ("slack_id", "email", "configured", "destinations"),
    [
        (
            "U0ANN",
            "ann@example.com",
            (SLACK, MAIL, PREVIEW),
            [(SLACK, "U0ANN"), (MAIL, "ann@example.com")],
        ),
        ("U0ANN", "ann@example.com", (MAIL, PREVIEW), [(MAIL, "ann@example.com")]),
        (None, "ann@example.com", (SLACK, MAIL), [(MAIL, "ann@example.com")]),
        (None, "ann@example.com", (SLACK, PREVIEW), []),
        (None, None, (SLACK, MAIL, PREVIEW), []),
        ("U0ANN", "ann@example.com", (PREVIEW,), [(PREVIEW, "ann@example.com")]),
        ("U0ANN", None, (PREVIEW,), [(PREVIEW, "U0ANN")]),
        (None, None, (PREVIEW,), [(PREVIEW, "Ann Ito")]),
    ],
)
def test_a_persons_ways_the_best_first(
    slack_id: str | None,
    email: str | None,
    configured: Sequence[ChannelName],
    destinations: list[tuple[ChannelName, str]],
) -> None:
    assert destinations_of(replace(ANN, slack_id=slack_id, email=email), configured) == destinations


def test_somebody_known_only_by_an_address_in_place_of_a_name_has_no_way() -> None:
    unknown = replace(ANN, name="ann@example.com", slack_id=None, email=None)
    assert destinations_of(unknown, (PREVIEW,)) == []


@pytest.mark.parametrize(
    ("address", "configured", "destination"),
    [
        ("email:a:b@example.com", (MAIL,), (MAIL, "a:b@example.com")),
        ("slack:#renewals", (SLACK, MAIL, PREVIEW), (SLACK, "#renewals")),
        ("email:renewals@example.com", (MAIL, PREVIEW), (MAIL, "renewals@example.com")),
        ("email:renewals@example.com", (SLACK, PREVIEW), (PREVIEW, "renewals@example.com")),
        ("slack:#renewals", (PREVIEW,), (PREVIEW, "#renewals")),
    ],
)
def test_an_address_whose_channel_is_not_configured_is_kept_for_reading(
    address: str, configured: Sequence[ChannelName], destination: tuple[ChannelName, str]
) -> None:
    assert destination_of_address(address, configured) == destination


def test_deals_of_a_pipeline_that_is_gone_have_a_fallback_all_the_same() -> None:
    assert [policy().fallback_of(name) for name in ("existing", "gone")] == [FALLBACK, FALLBACK]


TODAY = date(2027, 1, 5)
WEEKS, DAYS = Absence(TODAY, date(2027, 1, 25), DAN.id), Absence(TODAY, date(2027, 1, 6), DAN.id)
ALONE = replace(WEEKS, delegate_id=None)
ADMIN = "email:admin@example.com"
UPWARDS = "Bob Hill is away until 2027-01-25 and nobody stands in, so it goes to the "


UNDER_DAN = replace(BOB, manager_id=DAN.id)


def away(person: Person, absence: Absence) -> Person:
    """Somebody who is away."""
    return replace(person, absences=(absence,))


@pytest.mark.parametrize(
    ("tell", "owner", "manager", "recipient", "instead_of"),
    [
        ("owner", away(ANN, WEEKS), BOB, Recipient(DAN.id), ANN.id),
        ("owner", away(ANN, DAYS), BOB, Recipient(ANN.id), None),
        ("owner", away(ANN, ALONE), BOB, Recipient(ANN.id), None),
        ("owner", away(ANN, replace(WEEKS, first_on=date(2027, 1, 6))), BOB, Recipient(1), None),
        ("manager", ANN, away(BOB, WEEKS), Recipient(DAN.id), BOB.id),
        ("manager", ANN, away(BOB, ALONE), Recipient(address=ADMIN), BOB.id),
        ("manager", ANN, replace(BOB, active=False), Recipient(address=FALLBACK), None),
        ("manager", ANN, replace(BOB, active=False, manager_id=DAN.id), Recipient(DAN.id), None),
        ("owner", replace(GONE, absences=(WEEKS,)), BOB, Recipient(address=FALLBACK), None),
    ],
)
def test_who_stands_in_for_somebody_away(
    tell: str, owner: Person, manager: Person, recipient: Recipient, instead_of: int | None
) -> None:
    of = deal(owner=owner, manager=manager, people={p.id: p for p in (owner, manager, DAN)})
    (routed,) = route(tell, of, policy(), TODAY)
    assert (routed.recipient, routed.role, routed.instead_of) == (recipient, tell, instead_of)


@pytest.mark.parametrize(
    ("tell", "owner", "manager", "because"),
    [
        ("owner", away(ANN, WEEKS), BOB, "Ann Ito is away until 2027-01-25"),
        ("manager", ANN, away(BOB, WEEKS), "Bob Hill is away until 2027-01-25"),
        ("manager", ANN, away(BOB, ALONE), UPWARDS + "admins"),
        ("manager", ANN, away(UNDER_DAN, ALONE), UPWARDS + "next manager up"),
        (
            "owner",
            away(ANN, replace(WEEKS, delegate_id=BOB.id)),
            away(BOB, replace(WEEKS, delegate_id=DAN.id)),
            "Ann Ito is away until 2027-01-25",
        ),
        ("owner", ANN, BOB, ""),
    ],
)
def test_whoever_stands_in_is_told_for_whom(
    tell: str, owner: Person, manager: Person, because: str
) -> None:
    of = deal(owner=owner, manager=manager, people={p.id: p for p in (owner, manager, DAN)})
    (routed,) = route(tell, of, policy(), TODAY)
    assert word(routed.because, Language.EN) == because


def test_what_goes_to_the_fallback_since_there_is_no_admin_says_so() -> None:
    of = deal(owner=ANN, manager=away(BOB, ALONE))
    (routed,) = route("manager", of, replace(policy(), admins=()), TODAY)
    assert routed.recipient == Recipient(address=FALLBACK)
    assert word(routed.because, Language.EN) == UPWARDS + "fallback"


def test_every_admin_is_told() -> None:
    rules = replace(policy(), admins=(ADMIN, "slack:#ops"))
    assert route("admin", deal(), rules, TODAY) == [
        Routed(Recipient(address=ADMIN), "admin", ""),
        Routed(Recipient(address="slack:#ops"), "admin", ""),
    ]


def test_a_fallback_is_that_of_the_deals_own_pipeline() -> None:
    rules, other = policy(), "email:new-business@example.com"
    rules = replace(
        rules, pipelines={**rules.pipelines, "new": replace(EXISTING, id="new", fallback=other)}
    )
    of = replace(deal(), pipeline="new", owner=None)
    routed = [
        r.recipient.address for name in ("fallback", "owner") for r in route(name, of, rules, TODAY)
    ]
    assert routed == [other, other]


def test_delegates_in_a_circle_lead_to_the_fallback() -> None:
    ann, dan = away(ANN, WEEKS), away(DAN, replace(WEEKS, delegate_id=ANN.id))
    of = deal(owner=ann, people={p.id: p for p in (ann, dan, BOB)})
    (routed,) = route("owner", of, policy(), TODAY)
    assert routed.recipient == Recipient(address=FALLBACK)
    assert routed.instead_of == ANN.id


@pytest.mark.parametrize(
    ("ends_on", "hears"),
    [
        (date(2027, 1, 4), ANN),
        (date(2027, 1, 5), DAN),
        (date(2027, 1, 6), DAN),
        (date(2027, 1, 20), ANN),
    ],
)
def test_a_deadline_within_even_a_short_absence_goes_to_the_delegate(
    ends_on: date, hears: Person
) -> None:
    of = deal(contract(ends_on), owner=away(ANN, DAYS), people={p.id: p for p in (ANN, DAN)})
    (routed,) = route("owner", of, policy(), TODAY)
    assert routed.recipient == Recipient(hears.id)


@pytest.mark.parametrize(
    ("first", "last", "long"),
    [
        (date(2027, 1, 4), date(2027, 1, 7), False),
        (date(2027, 1, 4), date(2027, 1, 8), True),
        (date(2027, 1, 2), date(2027, 1, 8), True),
        (date(2027, 1, 2), date(2027, 1, 7), False),
        (date(2027, 1, 4), date(2027, 1, 10), True),
        (date(2027, 1, 9), date(2027, 1, 10), False),
    ],
)
def test_an_absence_is_long_from_five_business_days(first: date, last: date, *, long: bool) -> None:
    five = policy(attention=Attention(absence_days=5))
    assert is_long(Absence(first, last), WEEKDAYS, five) is long


def test_one_business_day_is_long_where_one_is_enough() -> None:
    one = policy(attention=Attention(absence_days=1))
    day = date(2027, 1, 4)
    assert is_long(Absence(day, day), WEEKDAYS, one)
    assert not is_long(Absence(date(2027, 1, 2), date(2027, 1, 3)), WEEKDAYS, one)


@pytest.mark.parametrize(
    ("calendar", "pipelines", "long"),
    [("jp", "weekdays", False), (None, "jp", False), ("weekdays", "jp", True)],
)
@pytest.mark.parametrize("tell", ["owner", "manager"])
def test_the_business_days_of_an_absence_are_those_of_whoever_is_away(
    tell: str, calendar: str | None, pipelines: str, *, long: bool
) -> None:
    """From 28 December to 4 January there are six weekdays, and two business days in Japan."""
    absence = Absence(date(2026, 12, 28), date(2027, 1, 4), DAN.id if tell == "owner" else None)
    gone = away(replace(ANN if tell == "owner" else BOB, calendar=calendar), absence)
    rules = policy(
        attention=Attention(absence_days=6), pipeline=replace(EXISTING, calendar=pipelines)
    )
    of = replace(
        deal(people={p.id: p for p in (gone, DAN)}),
        owner=gone if tell == "owner" else ANN,
        manager=gone if tell == "manager" else BOB,
    )
    (routed,) = route(tell, of, rules, date(2026, 12, 28))
    stands_in = Recipient(DAN.id) if tell == "owner" else Recipient(address=ADMIN)
    assert routed.recipient == (stands_in if long else Recipient(gone.id))

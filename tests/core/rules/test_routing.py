"""Who is told, and by which way: every `tell` leads to somebody, and never silently to nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.people import Absence, Person, Recipient
from scheduler.core.rules.routing import route, way_of_address, ways_of
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.reasons import word
from tests.cast import ANN, BOB, DAN, FALLBACK, deal, policy

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
            "nobody is the owner; sent to the fallback",
        ),
        (
            "manager",
            ANN,
            None,
            Recipient(address=FALLBACK),
            "manager",
            "nobody is the manager; sent to the fallback",
        ),
        (
            "sales",
            ANN,
            BOB,
            Recipient(address=FALLBACK),
            "sales",
            "nobody is the sales owner; sent to the fallback",
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
    ("slack_id", "email", "configured", "ways"),
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
    ways: list[tuple[ChannelName, str]],
) -> None:
    assert ways_of(replace(ANN, slack_id=slack_id, email=email), configured) == ways


@pytest.mark.parametrize(
    ("address", "configured", "way"),
    [
        ("slack:#renewals", (SLACK, MAIL, PREVIEW), (SLACK, "#renewals")),
        ("email:renewals@example.com", (MAIL, PREVIEW), (MAIL, "renewals@example.com")),
        ("email:renewals@example.com", (SLACK, PREVIEW), (PREVIEW, "renewals@example.com")),
        ("slack:#renewals", (PREVIEW,), (PREVIEW, "#renewals")),
    ],
)
def test_an_address_whose_channel_is_not_configured_is_kept_for_reading(
    address: str, configured: Sequence[ChannelName], way: tuple[ChannelName, str]
) -> None:
    assert way_of_address(address, configured) == way


def test_deals_of_a_pipeline_that_is_gone_have_a_fallback_all_the_same() -> None:
    assert [policy().fallback_of(name) for name in ("existing", "gone")] == [FALLBACK, FALLBACK]


TODAY = date(2027, 1, 5)
WEEKS, DAYS = Absence(TODAY, date(2027, 1, 25), DAN.id), Absence(TODAY, date(2027, 1, 6), DAN.id)
ALONE = replace(WEEKS, delegate_id=None)
ADMIN = "email:admin@example.com"


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

"""The fixed cast and a small policy for tests of the core: Ann owns the account, Bob is her
manager, Chika works in Tokyo, Dan is in another team."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Contract, Customer, Money
from scheduler.core.deal.deal import Deal, LostReason
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import WEEKDAYS, Calendar, Closure
from scheduler.core.time.dates import Offset, Shift, Term, decide_by, send_instant
from scheduler.core.words.keys import deal_key
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, Health, Language, Role

LONDON, TOKYO = "Europe/London", "Asia/Tokyo"

BOB = Person(
    2, "Bob Hill", Role.MANAGER, "bob@example.com", "U0BOB", LONDON, "weekdays", Language.EN
)
ANN = Person(
    1,
    "Ann Ito",
    Role.REP,
    "ann@example.com",
    "U0ANN",
    LONDON,
    "weekdays",
    Language.EN,
    manager_id=2,
)
CHIKA = Person(
    3, "千佳 田中", Role.REP, "chika@example.jp", "U0CHIKA", TOKYO, "jp", Language.JA, manager_id=2
)
DAN = Person(4, "Dan Fox", Role.REP, "dan@example.com", "U0DAN", LONDON, "weekdays", Language.EN)
FALLBACK = "email:renewals@example.com"
ONCE = Attention(repeat_every=0, last_call=False, one_question_days=0)
"""Asks once and never repeats."""
OFTEN = Attention(repeat_every=3, owner_repeats=2, manager_repeats=2, admin_repeats=1, seen_for=5)
"""A short rhythm, in which every kind of rung comes."""

JP_DAYS = {date(2026, 12, 29): "年末年始", date(2027, 1, 1): "元日", date(2027, 1, 11): "成人の日"}
JP = Calendar(
    "jp",
    holidays=lambda year: {d: n for d, n in JP_DAYS.items() if d.year == year},
    closures=(Closure.parse("12-29..01-03", "年末年始"),),
)


def label(text: str) -> Label:
    """The same text in both languages."""
    return Label.given({"ja": text, "en": text})


EXISTING = Pipeline(
    "existing",
    label("Existing customers"),
    (
        Stage("onboarding", StageKind.ONBOARDING, label("Onboarding")),
        Stage("stable", StageKind.ACTIVE, label("Stable"), health=Health.STABLE),
        Stage("at_risk", StageKind.ACTIVE, label("At risk"), health=Health.AT_RISK),
        Stage("critical", StageKind.ACTIVE, label("Critical"), health=Health.CRITICAL),
        Stage("renewal_3m", StageKind.RENEWAL, label("Renewal (3 months)")),
        Stage("renewal_1m", StageKind.RENEWAL, label("Renewal (1 month)")),
        Stage("won", StageKind.WON, label("Won")),
        Stage("lost", StageKind.LOST, label("Lost")),
    ),
    FALLBACK,
    default_active="stable",
    zone=LONDON,
    calendar="weekdays",
)


def milestone(id: str, offset: str, **more: Any) -> Milestone:
    """A milestone counted from the end unless said otherwise."""
    return Milestone(
        id,
        "existing",
        label(id),
        more.pop("anchor", Anchor.ENDS_ON),
        Offset.parse(offset),
        more.pop("series", "renewal"),
        **more,
    )


T3M = milestone("renewal_3m", "-3 months", moves_to="renewal_3m", asks=True, shift=Shift.EARLIER)
T1M = milestone("renewal_1m", "-1 month", moves_to="renewal_1m", asks=True, shift=Shift.EARLIER)
DEADLINE = milestone(
    "decide_by_30d", "-30 days", anchor=Anchor.DECIDE_BY, series="deadline", asks=True
)
WELCOME = milestone(
    "onboarding_30d",
    "+30 days",
    anchor=Anchor.STARTS_ON,
    series="onboarding",
    in_stages=("onboarding",),
)


def policy(*milestones: Milestone, **more: Any) -> Policy:
    """A policy of the one pipeline; T-3m and T-1m unless others are given."""
    pipeline = more.pop("pipeline", EXISTING)
    return Policy(
        version=more.pop("version", 1),
        pipelines={pipeline.id: pipeline},
        milestones=milestones or (T3M, T1M),
        calendars={"weekdays": WEEKDAYS, "jp": JP},
        zone=LONDON,
        calendar="weekdays",
        language=Language.EN,
        lost_reasons={
            "existing": (LostReason("budget", label("Budget")), LostReason("other", label("Other")))
        },
        admins=("email:admin@example.com",),
        attention=more.pop("attention", ONCE),
        **more,
    )


def contract(ends_on: date | None = date(2027, 3, 31), **more: Any) -> Contract:
    """A year's contract of Aoba for ¥3,600,000 a year that ends on `ends_on`, without
    auto-renewal."""
    starts_on = more.pop("starts_on", date(2026, 4, 1))
    notice = more.pop("notice", None)
    default = decide_by(ends_on, notice) if ends_on and notice else None
    return Contract(
        id=more.pop("id", 1),
        number=more.pop("number", "C-1"),
        customer=more.pop("customer", Customer(1, "Aoba Trading", "JP", "enterprise")),
        product=more.pop("product", "Pro"),
        starts_on=starts_on,
        ends_on=ends_on,
        term=more.pop("term", Term(12)),
        notice=notice,
        decide_by=more.pop("decide_by", default),
        auto_renew=more.pop("auto_renew", False),
        amount=more.pop("amount", Money(3_600_000, "JPY")),
        **more,
    )


def deal(of: Contract | None = None, **more: Any) -> Deal:
    """Ann's deal of `of`, in stage stable since the contract's start."""
    arrived = more.pop("arrived_at", at("2026-04-01"))
    return Deal(
        id=more.pop("id", 1),
        key=more.pop("key", deal_key("test", "C-1")),
        version=1,
        pipeline="existing",
        stage=more.pop("stage", "stable"),
        stage_entered_at=more.pop("stage_entered_at", arrived),
        contract=of or contract(),
        arrived_at=arrived,
        owner=more.pop("owner", ANN),
        manager=more.pop("manager", BOB),
        health=more.pop("health", Health.STABLE),
        **more,
    )


def at(text: str, zone: str = LONDON) -> datetime:
    """`2027-01-04` (10:00 there) or `2027-01-04 09:30`, local time in `zone`, as an instant."""
    day, _, clock = text.partition(" ")
    return send_instant(
        date.fromisoformat(day), time.fromisoformat(clock or "10:00"), ZoneInfo(zone)
    ).astimezone(UTC)


def sent(deal: Deal, milestones: Iterable[str] = ()) -> Deal:
    """The deal after its waiting nudges (of `milestones`, or all) went out."""
    from scheduler.core.words.lexicon import NudgeState  # noqa: PLC0415

    names = set(milestones)
    return replace(
        deal,
        nudges=tuple(
            replace(n, state=NudgeState.SENT)
            if n.state is NudgeState.WAITING and (not names or n.milestone in names)
            else n
            for n in deal.nudges
        ),
    )

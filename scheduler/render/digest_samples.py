"""Made-up digests of every kind, from DESIGN's example and four contracts beside it, so that their
templates are tried and seen before use.

Always holds: the same facts every time; the day is Monday, 28 December 2026.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import ENDED, Deal, Event, Lost, LostReason, Won
from scheduler.core.deal.people import Absence, Person
from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.facts.digest_deals import DigestDeals, digest_deals
from scheduler.core.facts.digest_facts import (
    HANDOVER_PICKS,
    TEAM_PICKS,
    WEEK_PICKS,
    DigestChanges,
    EndMoved,
    MovedDeal,
    RedirectedNudge,
    handover_facts,
    returned_facts,
    team_facts,
    weekly_facts,
)
from scheduler.core.facts.digest_health import HealthTurned
from scheduler.core.facts.tally import tally
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.forecast import ForecastMonth, ForecastPlace, Likelihood
from scheduler.core.reports.team_forecast import forecast_facts
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState, ForecastCall, Health, Language
from scheduler.core.words.reasons import reason
from scheduler.render.samples import NOW, TODAY, bare_deal, full_deal, milestone

_SINCE = date(2026, 12, 21)
_NAMES = {
    Language.JA: ("みどり製作所", "ひかり物流", "さくら食品", "あかね建設", "高橋 健", "山本 葵"),
    Language.EN: (
        "Midori Works",
        "Hikari Logistics",
        "Sakura Foods",
        "Akane Construction",
        "Kay Marsh",
        "Lee Wong",
    ),
}


def _names(language: Language) -> Sequence[str]:
    """Customers and colleagues; English ones for a language that has none of its own."""
    return _NAMES.get(language, _NAMES[Language.EN])


_STAGES = (
    Stage("at_risk", StageKind.ACTIVE, Label("At risk")),
    Stage("renewal_3m", StageKind.RENEWAL, Label("Renewal (3 months)")),
    Stage("won", StageKind.WON, Label("Won")),
    Stage("lost", StageKind.LOST, Label("Lost", context="digest_samples")),
)
_POLICY = Policy(
    1,
    {
        "existing": Pipeline(
            "existing",
            Label("Existing customers"),
            _STAGES,
            "email:renewals@example.com",
        )
    },
    (replace(milestone(), moves_to="renewal_3m"),),
    {},
    lost_reasons={"existing": (LostReason("budget", Label("Budget cut or not approved")),)},
)


def digests(language: Language) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every kind of digest, with much to say and with as little as there may be."""
    for recipient in ("Ann", ""):
        for kind, facts in (
            ("weekly", week(language)),
            ("weekly", quiet_week(language)),
            (
                "weekly",
                week(language)
                | {
                    "since": None,
                    "changes": 0,
                    "waiting_rest": 3,
                    "coming_rest": 12,
                    "new_count": 30,
                },
            ),
            ("team", team(language)),
            (
                "team",
                team(language)
                | {
                    "waiting": [],
                    "waiting_count": 0,
                    "away": [],
                    "notices": 0,
                    "doubt": 0,
                    "reps_rest": 9,
                },
            ),
            ("weekly", past_week(language, 1)),
            ("team", past_team(language, 7)),
            ("returned", returned(language)),
            ("returned", returned(language) | {"left_open": 0, "told_rest": 2}),
            ("handover", handover(language)),
            ("handover", handover(language) | {"deals_rest": 2, "open": 1}),
        ):
            yield kind, {"recipient": recipient, **facts}
    yield (
        "weekly",
        {
            "recipient": "Ann",
            **weekly_facts(
                _week([bare_deal()]), DigestChanges(), _POLICY, TODAY, _SINCE, language, NOW
            ),
        },
    )
    yield (
        "handover",
        {
            "recipient": "",
            **handover_facts(Person(1, "X"), _left([bare_deal()]), _POLICY, TODAY, language),
        },
    )


def week(language: Language) -> dict[str, Any]:
    """A week with everything in it."""
    first, second, third, fourth = _deals(language)
    won = replace(third, stage="won", won=Won(Money(5_200_000, "JPY"), None, date(2027, 12, 31)))
    lost = replace(fourth, stage="lost", lost=Lost("budget"))
    moved = (
        MovedDeal(won, "renewal_3m", "won"),
        MovedDeal(lost, "renewal_3m", "lost"),
        MovedDeal(first, "at_risk", "renewal_3m"),
    )
    ends = (EndMoved(second, date(2027, 1, 31), date(2027, 2, 28)),)
    return weekly_facts(
        _week([full_deal(language), first, second]),
        DigestChanges(moved, ends, (second,), healths=_turned(language)),
        _POLICY,
        TODAY,
        _SINCE,
        language,
        NOW,
    )


def past_week(language: Language, count: int) -> dict[str, Any]:
    """A week of somebody who has `count` contracts that had ended before they were loaded."""
    return weekly_facts(
        _week(_loaded_late(language, count)),
        DigestChanges(),
        _POLICY,
        TODAY,
        _SINCE,
        language,
        NOW,
    )


def past_team(language: Language, count: int) -> dict[str, Any]:
    """The team of that person."""
    deals = _loaded_late(language, count)
    owner = deals[0].owner
    assert owner is not None
    reports = {owner: tally(deals, _POLICY, TODAY)}
    team = digest_deals(deals, TEAM_PICKS, _POLICY, TODAY)
    return team_facts(reports, team, _POLICY, TODAY, language, {})


def _loaded_late(language: Language, count: int) -> list[Deal]:
    """Contracts that had ended before they were loaded, the oldest end last."""
    deal = _deals(language)[3]
    return [
        replace(
            deal,
            id=50 + n,
            events=(replace(deal.events[0], state=EventState.BASELINE),),
            contract=replace(
                deal.contract, number=f"OLD-{n}", ends_on=date(2026, 12, 20) - timedelta(days=n)
            ),
        )
        for n in range(count)
    ]


def quiet_week(language: Language) -> dict[str, Any]:
    """A week in which nothing is due and nothing changed."""
    deal = full_deal(language)
    later = replace(
        deal,
        contract=replace(deal.contract, ends_on=date(2027, 12, 31), decide_by=date(2027, 10, 31)),
    )
    return weekly_facts(_week([later]), DigestChanges(), _POLICY, TODAY, _SINCE, language, NOW)


def team(language: Language) -> dict[str, Any]:
    """A team of three, one of them away and one who has left."""
    first, second, third, fourth = _deals(language)
    ann = full_deal(language).owner
    assert ann is not None
    ken = Person(7, _names(language)[4])
    away = replace(ann, absences=(Absence(date(2027, 1, 4), date(2027, 1, 8), ken.id),))
    gone = Person(8, _names(language)[5], active=False)
    doubtful = replace(second, call=ForecastCall.AT_RISK)
    notice = replace(third, notice_on=date(2026, 12, 25))
    theirs = {ken: [doubtful, notice], gone: [fourth]}
    owned = {p: [replace(d, owner=p) for d in deals] for p, deals in theirs.items()}
    reports = {away: [full_deal(language), first], **owned}
    team = digest_deals(
        [d for deals in reports.values() for d in deals], TEAM_PICKS, _POLICY, TODAY
    )
    return team_facts(
        {p: tally(deals, _POLICY, TODAY) for p, deals in reports.items()},
        team,
        _POLICY,
        TODAY,
        language,
        {ken.id: ken},
        _turned(language),
    ) | {"forecast": team_money()}


def team_money() -> dict[str, Any] | None:
    """The forecast of that team: one contract became safe within the week."""
    place = ForecastPlace("JPY", date(2027, 1, 1))
    now, before = (
        ForecastMonth(place, open=Counter(dict(zip(Likelihood, amounts, strict=True))))
        for amounts in (
            (9_600_000, 8_400_000, 1_200_000, 640_000),
            (4_400_000, 13_600_000, 1_200_000, 640_000),
        )
    )
    return forecast_facts([now], [before], date(2027, 5, 31))


def _turned(language: Language) -> tuple[HealthTurned, ...]:
    """One customer who does better, one who does worse."""
    first, second, *_ = _deals(language)
    why = "予算の承認済み" if language is Language.JA else "budget approved"
    better = replace(first, health=Health.STABLE, health_because=why)
    worse = replace(second, health=Health.CRITICAL, health_because="")
    return (HealthTurned(better, Health.AT_RISK), HealthTurned(worse, Health.STABLE))


def returned(language: Language) -> dict[str, Any]:
    """Three reminders that somebody else got: one answered, one not, one that only told
    something."""
    first, second, third, _ = _deals(language)
    holder = _names(language)[4]
    answered = replace(first.events[0], answered_at=_at(24), answer=reason("said_renew", by=holder))
    told = (
        RedirectedNudge(second, second.events[0], holder),
        RedirectedNudge(replace(first, events=(answered,)), answered, holder),
        RedirectedNudge(
            replace(third, events=()),
            replace(third.events[0], milestone="auto_renewal", day_on=date(2026, 12, 24)),
            holder,
        ),
    )
    return returned_facts(
        [Absence(date(2026, 12, 17), date(2026, 12, 25))], told, _POLICY, TODAY, language
    )


def handover(language: Language) -> dict[str, Any]:
    """The list of deals that a manager gets when somebody leaves."""
    return handover_facts(
        Person(8, _names(language)[5], active=False),
        _left([full_deal(language), *_deals(language)]),
        _POLICY,
        TODAY,
        language,
    )


def _week(deals: Sequence[Deal]) -> DigestDeals:
    """Somebody's own deals."""
    return digest_deals(deals, WEEK_PICKS, _POLICY, TODAY)


def _left(deals: Sequence[Deal]) -> DigestDeals:
    """The deals of somebody who has left."""
    return digest_deals(deals, HANDOVER_PICKS, _POLICY, TODAY)


def _deals(language: Language) -> tuple[Deal, Deal, Deal, Deal]:
    """Four contracts with a question each: asked six days ago, asked and snoozed, asked today,
    asked after its end."""
    ends = ((2027, 1, 31), (2027, 2, 28), (2027, 3, 15), (2026, 12, 20))
    asked = (
        _asked(22),
        replace(_asked(18), snoozed_until=date(2027, 1, 12)),
        _asked(28),
        replace(_asked(21), milestone=ENDED),
    )
    amounts = (8_400_000, 1_200_000, 5_200_000, 640_000)
    made = []
    for n, (day, event, amount) in enumerate(zip(ends, asked, amounts, strict=True)):
        deal = full_deal(language)
        customer = replace(deal.contract.customer, name=_names(language)[n])
        facts = {
            "number": f"MD-22{n + 1:02}",
            "customer": customer,
            "ends_on": date(*day),
            "decide_by": None,
            "auto_renew": False,
        }
        contract = replace(deal.contract, **facts, amount=Money(amount, "JPY"))  # type: ignore[arg-type]
        made.append(
            replace(
                deal,
                id=10 + n,
                stage="renewal_3m",
                contract=contract,
                events=(replace(event, anchor_on=date(*day)),),
            )
        )
    return made[0], made[1], made[2], made[3]


def _asked(day: int) -> Event:
    """A question of a day in December."""
    return Event(
        "renewal_3m", date(2027, 1, 31), date(2026, 12, day), EventState.FIRED, "", _at(day)
    )


def _at(day: int) -> datetime:
    return datetime(2026, 12, day, 0, 0, tzinfo=UTC)

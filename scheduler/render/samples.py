"""Made-up nudges: one that knows everything and one that knows next to nothing. Templates are tried
on them before they are used.

Always holds: the full one is DESIGN's example, Aoba on 28 December 2026; both give the same facts
every time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from scheduler.core.answers.offers import OFFERS
from scheduler.core.deal.contracts import Contract, Customer, Money
from scheduler.core.deal.deal import AUTO_RENEWAL, Deal, Event, Won
from scheduler.core.deal.people import Person
from scheduler.core.facts.nudge_facts import alert_facts, message_facts, nudge_facts
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar, Closure
from scheduler.core.time.dates import Offset, Shift, Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import (
    Anchor,
    EventState,
    ForecastCall,
    Health,
    Language,
    Paperwork,
)
from scheduler.core.words.reasons import reason

TODAY = date(2026, 12, 28)
NOW = datetime(2026, 12, 28, 1, 0, tzinfo=UTC)
_CLOSED = Calendar("sample", closures=(Closure.parse("12-29..01-03", "年末年始休業"),))
_POLICY = Policy(1, {}, (), {"sample": _CLOSED}, calendar="sample")
_WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.JA: {
        "customer": "青葉商事",
        "product": "Pro 50席",
        "because": "ログイン−38%、推進担当の異動",
        "owner": "佐藤",
        "sales": "田中",
        "manager": "鈴木",
    },
    Language.EN: {
        "customer": "Aoba Trading",
        "product": "Pro, 50 seats",
        "because": "logins −38%, champion moved on",
        "owner": "Ann Ito",
        "sales": "Ken Tanaka",
        "manager": "Bob Hill",
    },
}
_LABEL = Label("3 months before renewal")


def milestone(name: str = "renewal_3m") -> Milestone:
    """The milestone three months before the end, under any name."""
    return Milestone(
        name,
        "existing",
        _LABEL,
        Anchor.ENDS_ON,
        Offset(months=-3),
        "renewal",
        Shift.EARLIER,
        asks=True,
    )


def full_deal(language: Language) -> Deal:
    """Aoba's contract, about which everything is known."""
    said = _WORDS.get(language, _WORDS[Language.EN])
    contract = Contract(
        1,
        "AB-1042",
        Customer(1, said["customer"], "JP", "enterprise"),
        said["product"],
        date(2026, 4, 1),
        date(2027, 3, 31),
        Term(months=12),
        Term(months=2),
        date(2027, 1, 31),
        auto_renew=True,
        amount=Money(3_600_000, "JPY"),
        url="https://app.hubspot.com/contacts/1/record/0-3/1042",
    )
    owner, sales, manager = (
        Person(n, said[role], language=language)
        for n, role in enumerate(("owner", "sales", "manager"), 1)
    )
    deal = Deal(1, "sample", 1, "existing", "at_risk", NOW, contract, NOW, owner, sales, manager)
    return replace(deal, health=Health.AT_RISK, health_because=said["because"])


def bare_deal() -> Deal:
    """A contract about which nothing is known but its number."""
    contract = Contract(
        2,
        "X-1",
        Customer(2, ""),
        "",
        None,
        None,
        None,
        None,
        None,
        auto_renew=False,
        amount=Money(0, "JPY"),
    )
    return Deal(2, "bare", 1, "existing", "stable", NOW, contract, NOW)


def event(name: str = "renewal_3m", step: int = 0) -> Event:
    """The milestone's day, moved from 31 December to the last working day."""
    why = reason("reached", label=name, anchor="ends_on", anchor_on="2027-03-31")
    return Event(name, date(2027, 3, 31), TODAY, EventState.FIRED, why, NOW, step)


def full(language: Language, name: str = "renewal_3m", **more: Any) -> dict[str, Any]:
    """The facts of the full deal; `more` changes single ones."""
    deal = full_deal(language)
    return (
        nudge_facts(deal, milestone(name), event(name), _POLICY, TODAY, language, _CLOSED)
        | {"template": name}
        | more
    )


def bare(language: Language, name: str = "renewal_3m") -> dict[str, Any]:
    """The facts of the bare deal."""
    return nudge_facts(
        bare_deal(), milestone(name), event(name), _POLICY, TODAY, language, _CLOSED
    ) | {"template": name}


def linked(
    language: Language, name: str = "renewal_3m", base_url: str = "https://renewals.example.com"
) -> dict[str, Any]:
    """The full deal with everything that can be answered, each under its link."""
    offered = [
        OFFERS[offer]
        for offer in "renew at_risk unsure notice snooze seen paperwork won lost health".split()
    ]
    offers = [
        {"id": o.id, "label": o.label.of(language), "style": o.style, "asks_more": bool(o.fields)}
        for o in offered
    ]
    return full(
        language,
        name,
        offers=offers,
        links={offer.id: f"{base_url}/a/{offer.id}" for offer in offered},
    )


def of_every_shape(language: Language, name: str) -> Iterator[dict[str, Any]]:
    """Nudges that together reach every branch of a template."""
    yield full(language, name)
    yield bare(language, name)
    yield bare(language, name) | {"evergreen": True, "asks": False, "step": 3}
    for word in Paperwork:
        received = "order" if word is Paperwork.ORDERED else ""
        yield full(
            language,
            name,
            paperwork=word.value,
            paperwork_label=word.value,
            step=2,
            received=received,
            **_expected("2027-01-20", 23),
        )
    for call in ForecastCall:
        yield full(
            language,
            name,
            call=call.value,
            call_label=call.value,
            called_on="2026-12-21",
            **_expected("2027-01-20", 23, said=False),
        )
    yield full(
        language,
        name,
        call="renew",
        call_label="renew",
        called_on="2026-12-21",
        **_expected("2026-12-27", -1),
    )
    for received in ("notice", ""):
        past = {
            "auto_renew": False,
            "decide_days_left": -3,
            "deadline_on": None,
            "days_left": -9,
            "estimated": True,
        }
        yield full(
            language, name, notice_on="2027-01-10", received=received, asks=not received, **past
        )
    yield full(
        language,
        name,
        asks=False,
        ask="…",
        decide_by_working="2027-01-31",
        renewed_until="2028-03-31",
        url_label="",
    )
    yield linked(language, name)
    yield linked(language, name) | {"offers": [], "links": {}}


def _expected(day: str, days_left: int, *, said: bool = True) -> dict[str, Any]:
    """When to ask again, and whether somebody named that day."""
    return {"expected_on": day, "expected_days_left": days_left, "expected_said": said}


def messages(language: Language, names: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every kind of message with its facts."""
    for name in names:
        for item in of_every_shape(language, name):
            yield "nudges", message_facts("Ann", [item])
    several = [
        item | {"customer": f"C{n // 2}"}
        for n, item in enumerate(of_every_shape(language, "default"))
    ]
    yield (
        "nudges",
        {**message_facts("Ann", several), "less_url": "https://renewals.example.com/less/x"},
    )
    yield (
        "fresh_link",
        {
            **message_facts("Ann", [linked(language)]),
            "less_url": "https://renewals.example.com/less/x",
        },
    )
    for recipient in ("Ann", ""):
        yield "nudges", message_facts(recipient, several)
        yield "digest", message_facts(recipient, several) | {"count": 412}
        yield "digest", message_facts(recipient, []) | {"count": 412}
    yield "alert", alert_facts("Slack", "invalid_auth", "SLACK_BOT_TOKEN")
    yield "alert", alert_facts("Slack", "invalid_auth")


def renewed(language: Language) -> dict[str, Any]:
    """The facts of a term that the system renewed."""
    deal = replace(
        full_deal(language), won=Won(Money(3_600_000, "JPY"), Term(months=12), date(2028, 3, 31))
    )
    said = replace(
        event(AUTO_RENEWAL),
        anchor_on=date(2027, 1, 31),
        reason=reason("auto_renewed", decide_by="2027-01-31"),
    )
    return nudge_facts(deal, AUTO_RENEWAL, said, _POLICY, date(2027, 2, 3), language, _CLOSED)

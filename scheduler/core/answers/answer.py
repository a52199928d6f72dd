"""An answer as somebody gave it, what it changes, and how it is kept and told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from scheduler.core.deal.deal import Cancel, Deal, Event, Lost, NextTerm
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import Passage
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ForecastCall, Health, Paperwork, Verb
from scheduler.core.words.reasons import reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said. Fields a verb does not use stay empty; `amount` (in whole units of the
    contract's currency), `term`, `starts_on` and `ends_on` are the renewed ones and default to the
    contract's, and `renewal_term` is that of the terms after it; for a notice `ends_on` is the last
    day of a contract that has no end. `confirmed`: what is unusual about it is meant.

    `by` is None when a command was given by nobody we know; `name` always says who. `via` is where
    it was said (command, slack, mail), `request` the click or link it came from: one request counts
    once.
    """

    verb: Verb
    name: str
    by: Person | None = None
    until: date | None = None
    call: ForecastCall | None = None
    health: Health | None = None
    paperwork: Paperwork | None = None
    expected_on: date | None = None
    amount: Decimal | None = None
    term: Term | None = None
    ends_on: date | None = None
    lost: Lost | None = None
    on: date | None = None
    starts_on: date | None = None
    renewal_term: Term | None = None
    confirmed: bool = False
    note: str = ""
    health_reason: str | None = None
    via: str = "command"
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer changes: the deal (with its contract) as it is now, passages to add, events
    touched, nudges cancelled, the term it opens.

    `means` is what whoever answered has to know of it.
    """

    deal: Deal
    moves: tuple[Passage, ...] = ()
    events: tuple[Event, ...] = ()
    cancels: tuple[Cancel, ...] = ()
    successor: NextTerm | None = None
    means: Label | None = None


def details_of(said: Answer) -> dict[str, Any]:
    """What was said besides the verb, as it is kept and told: texts only, nothing for what was not
    said.

    >>> day = date(2027, 2, 10)
    >>> details_of(Answer(Verb.FORECAST, "Ann", call=ForecastCall.RENEW, expected_on=day))
    {'call': 'renew', 'expected_on': '2027-02-10'}
    """
    days = {
        "until": said.until,
        "expected_on": said.expected_on,
        "starts_on": said.starts_on,
        "ends_on": said.ends_on,
        "on": said.on,
    }
    words = {
        "call": said.call.value if said.call else None,
        "health": said.health.value if said.health else None,
        "health_reason": said.health_reason,
        "paperwork": said.paperwork.value if said.paperwork else None,
        "amount": str(said.amount) if said.amount is not None else None,
        "term": str(said.term) if said.term else None,
        "renewal_term": str(said.renewal_term) if said.renewal_term else None,
        "lost": asdict(said.lost) if said.lost else None,
        "note": said.note or None,
    }
    given = words | {name: day.isoformat() for name, day in days.items() if day}
    return {name: value for name, value in given.items() if value is not None}


def said_words(said: Answer, on: date) -> str:
    """Who said what and on which day, as a stored reason."""
    return kept_words(said.verb, said.name, details_of(said), on)


def kept_words(verb: Verb, name: str, details: Mapping[str, Any], on: date) -> str:
    """As `said_words`, of an answer that is kept (`details_of`)."""
    lost = details.get("lost") or {}
    known: Mapping[Verb, Mapping[str, object]] = {
        Verb.SNOOZE: {"until": details.get("until")},
        Verb.PAPERWORK: {"paperwork": details.get("paperwork", "—")},
        Verb.HEALTH: {"health": details.get("health", "—")},
        Verb.LOST: {"why": lost.get("reason", "—")},
    }
    code = details.get("call", verb.value) if verb is Verb.FORECAST else verb.value
    return reason(f"said_{code}", by=name, on=on, **known.get(verb, {}))

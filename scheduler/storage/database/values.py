"""Converts between rows and core values: the JSON of won and lost, people, money. Always holds:
`x_from(x_to(v)) == v`."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost, Won
from scheduler.core.deal.people import Absence, Person, Recipient, WorkingHours
from scheduler.core.deal.pipeline import Passage
from scheduler.core.health.timeline import HealthTimeline, SaidHealth, Step
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Health, Language, Pace, Role


def won_to(won: Won | None) -> dict[str, Any] | None:
    """The JSON of a renewal."""
    if won is None:
        return None
    return {
        "amount": won.amount.minor,
        "currency": won.amount.currency,
        "term": str(won.term) if won.term else None,
        "ends_on": won.ends_on.isoformat() if won.ends_on else None,
    }


def won_from(data: Mapping[str, Any] | None) -> Won | None:
    """The renewal in a JSON."""
    if not data:
        return None
    ends_on = data.get("ends_on")
    return Won(
        Money(data["amount"], data["currency"]),
        term_from(data.get("term")),
        date.fromisoformat(ends_on) if ends_on else None,
    )


def lost_to(lost: Lost | None) -> dict[str, Any] | None:
    """The JSON of a loss."""
    return (
        {
            "reason": lost.reason,
            "second": lost.second,
            "avoidable": lost.avoidable,
            "note": lost.note,
        }
        if lost
        else None
    )


def lost_from(data: Mapping[str, Any] | None) -> Lost | None:
    """The loss in a JSON."""
    return (
        Lost(data["reason"], data.get("second"), data.get("avoidable"), data.get("note") or "")
        if data
        else None
    )


_TERMS: dict[str, Term] = {}


def term_from(text: str | None) -> Term | None:
    """A term as rows hold it; parsed once per spelling."""
    if not text:
        return None
    if text not in _TERMS:
        _TERMS[text] = Term.parse(text)
    return _TERMS[text]


def hours_from(text: str | None) -> WorkingHours | None:
    """`09:00-18:00` as working hours."""
    if not text:
        return None
    opens, _, closes = text.partition("-")
    return WorkingHours(time.fromisoformat(opens.strip()), time.fromisoformat(closes.strip()))


def person_from(row: Mapping[Any, Any], absences: tuple[Absence, ...] = ()) -> Person:
    """Makes a person of one row of `people`."""
    return Person(
        id=row["id"],
        name=row["name"],
        role=Role(row["role"]),
        email=row["email"],
        slack_id=row["slack_id"],
        zone=row["zone"],
        calendar=row["calendar"],
        language=Language(row["language"]) if row["language"] else None,
        hours=hours_from(row["hours"]),
        manager_id=row["manager_id"],
        active=bool(row["active"]),
        pace=Pace(row["pace"]),
        absences=absences,
    )


def absence_from(row: Mapping[Any, Any]) -> Absence:
    """Makes an absence of one row of `absences`."""
    return Absence(row["first_on"], row["last_on"], row["delegate_id"], row["id"])


@lru_cache(maxsize=4096)  # a few hundred people get what thousands of rows hold
def recipient_from(key: str, person_id: int | None) -> Recipient:
    """The recipient of a row."""
    return Recipient(person_id=person_id) if person_id is not None else Recipient(address=key)


def said_health_to(said: SaidHealth | None) -> str | None:
    """The JSON of what a person said about a customer's health."""
    if said is None:
        return None
    return json.dumps(
        {
            "state": said.state.value,
            "at": said.at.isoformat(),
            "by": said.by,
            "until": said.until.isoformat() if said.until else None,
            "note": said.note,
            "reason": said.reason,
        },
        ensure_ascii=False,
    )


def said_health_from(text: str | None) -> SaidHealth | None:
    """The health that a person gave, from a JSON."""
    if not text:
        return None
    data = json.loads(text)
    until = data["until"]
    return SaidHealth(
        Health(data["state"]),
        datetime.fromisoformat(data["at"]),
        data["by"],
        datetime.fromisoformat(until) if until else None,
        data["note"],
        data.get("reason", ""),
    )


def health_timeline_to(timeline: HealthTimeline | None) -> str | None:
    """The JSON of a health timeline."""
    if timeline is None:
        return None
    steps = [
        [s.at.isoformat(), s.state.value, s.score, s.because, _iso(s.fresh_at)]
        for s in timeline.steps
    ]
    facts = {"mark": timeline.fingerprint, "since": _iso(timeline.since), "trend": timeline.trend}
    return json.dumps(facts | {"steps": steps}, ensure_ascii=False)


def health_timeline_from(text: str | None) -> HealthTimeline | None:
    """The health timeline in a JSON."""
    if not text:
        return None
    data = json.loads(text)
    steps = tuple(
        Step(datetime.fromisoformat(at), Health(state), score, because, _instant(fresh_at))
        for at, state, score, because, fresh_at in data["steps"]
    )
    return HealthTimeline(data["mark"], steps, _instant(data["since"]), data["trend"])


def passage_to(deal_id: int, passage: Passage) -> tuple[Any, ...]:
    """A row of `passages`: deal_id, from_stage, to_stage, at, because, actor_kind, actor,
    observed."""
    actor = passage.actor
    return (
        deal_id,
        passage.from_stage,
        passage.to_stage,
        passage.at,
        passage.because,
        actor.kind.value,
        actor.name,
        passage.observed,
    )


def fingerprint_in(text: str | None) -> str:
    """The fingerprint of the health timeline in a JSON, without reading the rest."""
    return text.partition('"mark": "')[2].partition('"')[0] if text else ""


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

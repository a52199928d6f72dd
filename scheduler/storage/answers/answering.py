"""The queries of answering. Always holds: what an answer changed is kept with it, so that undo can
put exactly that back and nothing else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select, update
from typing_extensions import override

from scheduler.core.answers.answer import Answer, Answered, details_of
from scheduler.core.answers.earlier import KeptAnswer
from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import Deal, Event
from scheduler.core.deal.people import Person
from scheduler.core.words.lexicon import ActorKind, EventState, NudgeState, Verb
from scheduler.core.words.reasons import reason
from scheduler.services.answers.answering import UndoableAct
from scheduler.services.answers.answering_many import ManyTransaction
from scheduler.services.deals.listing import NOTE
from scheduler.storage.answers.undoable import ANSWERS, STANDS, as_json_value, last_act
from scheduler.storage.database.deals import CONTRACTS, DEALS, EVENTS, NUDGES, PASSAGES, load_deals
from scheduler.storage.database.naming import named
from scheduler.storage.database.new_deals import insert_successor
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.database.values import lost_to, said_health_to, won_to
from scheduler.storage.delivery.forming import columns_when_restored
from scheduler.storage.delivery.refreshing import mark_posted

_UNSENT = (NudgeState.WAITING.value, NudgeState.HELD.value)


def deal_named(key: str) -> ColumnElement[bool]:
    """Whether a deal is the one a nudge is about, or has the number `#12`."""
    if key.startswith("#"):
        return DEALS.c.id == (
            int(key[1:]) if key[1:].isascii() and key[1:].isdigit() and len(key) < 12 else 0
        )
    return DEALS.c.id.in_(select(NUDGES.c.deal_id).where(NUDGES.c.key == key))


class AnswerQueries(OnConnection, ManyTransaction):
    """Records answers and notes, and takes them back."""

    @override
    def deals_of(self, contract: str) -> Sequence[Deal]:
        query = (
            select(DEALS.c.id)
            .join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
            .where(named(contract), DEALS.c.voided_at.is_(None))
            .order_by(DEALS.c.id.desc())
        )
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(of=DEALS)
        return load_deals(self._connection, list(self._connection.scalars(query)))

    @override
    def deal_of_nudge(self, key: str) -> Deal | None:
        """The deal a nudge is about (or the deal's own number, `#12`), locked; None if there is no
        such nudge or its deal is voided."""
        query = select(DEALS.c.id).where(deal_named(key), DEALS.c.voided_at.is_(None))
        if self._connection.dialect.name == "postgresql":
            query = query.with_for_update(of=DEALS)
        return next(iter(load_deals(self._connection, list(self._connection.scalars(query)))), None)

    @override
    def is_known(self, request: str) -> bool:
        return (
            self._connection.scalar(select(ANSWERS.c.id).where(ANSWERS.c.request == request))
            is not None
        )

    @override
    def is_taken_back(self, request: str) -> bool:
        undone = (ANSWERS.c.request == request) & ANSWERS.c.undone_at.is_not(None)
        return self._connection.scalar(select(ANSWERS.c.id).where(undone)) is not None

    @override
    def said_since(self, deal: Deal, at: datetime) -> Sequence[KeptAnswer]:
        mine = (ANSWERS.c.deal_id == deal.id) & (ANSWERS.c.at > at) & STANDS
        columns = (ANSWERS.c.verb, ANSWERS.c.actor, ANSWERS.c.at, ANSWERS.c.details)
        found = self._connection.execute(select(*columns).where(mine).order_by(ANSWERS.c.id.desc()))
        return [KeptAnswer(Verb(r.verb), r.actor, r.at, r.details) for r in found]

    @override
    def record(self, before: Deal, said: Answer, answered: Answered, now: datetime) -> int:
        old, new = _fields(before), _fields(answered.deal)
        changed = {k: v for k, v in new.items() if v != old[k]}
        kept: dict[str, Any] = {
            "fields": {k: as_json_value(old[k]) for k in changed},
            "after": {k: as_json_value(v) for k, v in changed.items()},
        }
        closing = bool(answered.deal.won or answered.deal.lost) and bool(answered.moves)
        self._write_deal(before.id, changed | {"closed_at": now} if closing else changed, now)
        kept["events"] = self._write_events(before, answered, now)
        kept["nudges"] = self._cancel(answered)
        kept["passage"] = self._passage(before, answered)
        if answered.deal.contract != before.contract:
            kept["contract"] = self._write_dates(before.contract, answered.deal.contract)
        if answered.successor is not None:
            kept["successor"] = insert_successor(
                self._connection, answered.deal, answered.successor, now
            )
        row = {
            "deal_id": before.id,
            "verb": said.verb.value,
            "details": details_of(said),
            "before": kept,
            "person_id": said.by.id if said.by else None,
            "actor": said.name,
            "via": said.via,
            "request": said.request,
            "at": now,
        }
        mark_posted(self._connection, [before.id], now)
        number: int = self._connection.execute(
            insert(ANSWERS).values(**row).returning(ANSWERS.c.id)
        ).scalar_one()
        return number

    def _write_deal(self, deal_id: int, values: Mapping[str, Any], now: datetime) -> None:
        """Writes changed fields, a new version, and the alarm set to now."""
        self._connection.execute(
            update(DEALS)
            .where(DEALS.c.id == deal_id)
            .values(version=DEALS.c.version + 1, wake_at=now, **values)
        )

    def _write_dates(self, before: Contract, after: Contract) -> dict[str, dict[str, Any]]:
        """Writes the dates an answer gives a contract; returns how they were and are."""
        was, now = ({"ends_on": c.ends_on, "decide_by": c.decide_by} for c in (before, after))
        self._connection.execute(update(CONTRACTS).where(CONTRACTS.c.id == before.id).values(**now))
        return {
            "before": {k: as_json_value(v) for k, v in was.items()},
            "after": {k: as_json_value(v) for k, v in now.items()},
        }

    def _dates_back(self, contract: Contract, kept: Mapping[str, Mapping[str, Any]]) -> None:
        """Puts a contract's dates back, unless they have changed since."""
        now = {
            "ends_on": as_json_value(contract.ends_on),
            "decide_by": as_json_value(contract.decide_by),
        }
        if now == kept["after"]:
            self._connection.execute(
                update(CONTRACTS)
                .where(CONTRACTS.c.id == contract.id)
                .values(**{k: _day(v) for k, v in kept["before"].items()})
            )

    def _write_events(
        self, before: Deal, answered: Answered, now: datetime
    ) -> list[dict[str, Any]]:
        """Writes events that were answered or snoozed; returns how they were."""
        known = {e.id: e for e in before.events}
        for event in answered.events:
            self._connection.execute(
                update(EVENTS)
                .where(EVENTS.c.id == event.id)
                .values(
                    answered_at=event.answered_at,
                    snoozed_until=event.snoozed_until,
                    snoozed_by=event.snoozed_by,
                    seen=event.seen,
                    answer=event.answer,
                )
            )
        return [_as_it_was(known[e.id]) for e in answered.events]

    def _cancel(self, answered: Answered) -> list[dict[str, str]]:
        """Cancels unsent nudges; returns how they were."""
        reasons = {c.key: c.reason for c in answered.cancels}
        unsent = select(NUDGES.c.key, NUDGES.c.state, NUDGES.c.reason).where(
            NUDGES.c.key.in_(reasons), NUDGES.c.state.in_(_UNSENT)
        )
        was = [
            {"key": n.key, "state": n.state, "reason": n.reason}
            for n in self._connection.execute(unsent)
        ]
        for nudge in was:
            cancelled = update(NUDGES).where(NUDGES.c.key == nudge["key"])
            self._connection.execute(
                cancelled.values(state=NudgeState.CANCELLED.value, reason=reasons[nudge["key"]])
            )
        return was

    def _passage(self, before: Deal, answered: Answered) -> int | None:
        """Writes the passage an answer made; returns its number."""
        number = None
        for move in answered.moves:
            row = {
                "deal_id": before.id,
                "from_stage": move.from_stage,
                "to_stage": move.to_stage,
                "at": move.at,
                "because": move.because,
                "actor_kind": move.actor.kind.value,
                "actor": move.actor.name,
                "observed": move.observed,
            }
            number = self._connection.execute(
                insert(PASSAGES).values(**row).returning(PASSAGES.c.id)
            ).scalar_one()
        return number

    @override
    def of_batch(self, batch: str) -> Sequence[tuple[int, int]]:
        mine = ANSWERS.c.request.startswith(batch, autoescape=True) & ANSWERS.c.undone_at.is_(None)
        return [
            (r.id, r.deal_id)
            for r in self._connection.execute(
                select(ANSWERS.c.id, ANSWERS.c.deal_id).where(mine).order_by(ANSWERS.c.id.desc())
            )
        ]

    @override
    def note(self, deal: Deal, text: str, by: Person | None, name: str, now: datetime) -> int:
        """Keeps a note with a deal."""
        row = {
            "deal_id": deal.id,
            "verb": NOTE,
            "details": {"note": text},
            "before": {},
            "person_id": by.id if by else None,
            "actor": name,
            "at": now,
        }
        number: int = self._connection.execute(
            insert(ANSWERS).values(**row, via="command").returning(ANSWERS.c.id)
        ).scalar_one()
        return number

    @override
    def last_note(self, deals: Collection[int]) -> tuple[int, str] | None:
        """The newest note of these deals that was not taken back."""
        query = select(ANSWERS.c.id, ANSWERS.c.details).where(
            ANSWERS.c.deal_id.in_(deals), ANSWERS.c.verb == NOTE, ANSWERS.c.undone_at.is_(None)
        )
        row = self._connection.execute(query.order_by(ANSWERS.c.id.desc()).limit(1)).one_or_none()
        return (row.id, row.details["note"]) if row else None

    @override
    def forget_note(self, number: int, now: datetime) -> None:
        self._connection.execute(
            update(ANSWERS).where(ANSWERS.c.id == number).values(undone_at=now)
        )

    @override
    def last_act(self, deals: Sequence[Deal]) -> UndoableAct | None:
        return last_act(self._connection, deals)

    @override
    def undo(self, act: UndoableAct, name: str, now: datetime) -> None:
        kept, deal = act.before, act.deal
        present = {k: as_json_value(v) for k, v in _fields(deal).items()}
        back = {k: v for k, v in kept["fields"].items() if present[k] == kept["after"][k]}
        values: dict[str, Any] = {k: _typed(k, v) for k, v in back.items()}
        if "stage" in back:
            values["closed_at"] = None
            self._passage_back(act, name, now)
        self._write_deal(deal.id, values, now)
        for event in kept.get("events", ()):
            self._event_back(event)
        for nudge in kept.get("nudges", ()):
            self._nudge_back(nudge, now)
        mark_posted(self._connection, [deal.id], now)
        if kept.get("contract"):
            self._dates_back(deal.contract, kept["contract"])
        if kept.get("successor") is not None:
            self._void(kept["successor"], now)
        if act.answer_id is not None:
            self._connection.execute(
                update(ANSWERS).where(ANSWERS.c.id == act.answer_id).values(undone_at=now)
            )

    def _event_back(self, event: Mapping[str, Any]) -> None:
        """Puts a question back as it was, together with the event that carries it on if its day has
        moved since."""
        row = self._connection.execute(select(EVENTS).where(EVENTS.c.id == event["id"])).one()
        same = (
            EVENTS.c[name] == getattr(row, name)
            for name in ("deal_id", "milestone", "step", "answer")
        )
        moved = and_(*same, EVENTS.c.state != EventState.WITHDRAWN.value, EVENTS.c.id > row.id)
        which = (
            or_(EVENTS.c.id == row.id, moved)
            if row.state == EventState.WITHDRAWN.value and row.answer
            else EVENTS.c.id == row.id
        )
        self._connection.execute(
            update(EVENTS)
            .where(which)
            .values(
                answered_at=_instant(event["answered_at"]),
                snoozed_until=_day(event["snoozed_until"]),
                snoozed_by=event["snoozed_by"],
                seen=event.get("seen", False),
                answer=event.get("answer", ""),
            )
        )

    def _nudge_back(self, nudge: Mapping[str, str], now: datetime) -> None:
        """Puts a cancelled nudge back: a held one is held in its message again if that has not gone
        out, a waiting one is due at once."""
        which = NUDGES.c.key == nudge["key"]
        again = columns_when_restored(self._connection, which, nudge["state"], now)
        cancelled = NUDGES.c.state == NudgeState.CANCELLED.value
        self._connection.execute(
            update(NUDGES).where(which, cancelled).values(reason=nudge["reason"], **again)
        )

    def _passage_back(self, act: UndoableAct, name: str, now: datetime) -> None:
        """Marks a passage as undone, so that it no longer counts, and adds one that leads back."""
        self._connection.execute(
            update(PASSAGES).where(PASSAGES.c.id == act.before["passage"]).values(voided_at=now)
        )
        row = {
            "deal_id": act.deal.id,
            "from_stage": act.deal.stage,
            "to_stage": act.before["fields"]["stage"],
            "at": now,
            "because": reason("undone", by=name),
            "actor_kind": ActorKind.PERSON.value,
            "actor": name,
            "observed": True,
        }
        self._connection.execute(insert(PASSAGES).values(**row))

    def _void(self, deal_id: int, now: datetime) -> None:
        """Voids the term that was opened, and cancels its nudges that were not sent."""
        self._connection.execute(
            update(DEALS)
            .where(DEALS.c.id == deal_id)
            .values(voided_at=now, wake_at=None, version=DEALS.c.version + 1)
        )
        self._connection.execute(
            update(NUDGES)
            .where(NUDGES.c.deal_id == deal_id, NUDGES.c.state.in_(_UNSENT))
            .values(state=NudgeState.CANCELLED.value, reason=reason("voided"))
        )


def _as_it_was(event: Event) -> dict[str, Any]:
    """An event's columns that an answer changes, before the change."""
    return {
        "id": event.id,
        "answered_at": as_json_value(event.answered_at),
        "snoozed_until": as_json_value(event.snoozed_until),
        "snoozed_by": event.snoozed_by,
        "seen": event.seen,
        "answer": event.answer,
    }


def _fields(deal: Deal) -> dict[str, Any]:
    """The columns an answer may change."""
    return {
        "stage": deal.stage,
        "stage_entered_at": deal.stage_entered_at,
        "health": deal.health.value,
        "health_because": deal.health_because,
        "health_said": said_health_to(deal.said_health),
        "paperwork": deal.paperwork.value,
        "expected_on": deal.expected_on,
        "expected_chosen": deal.expected_by_default,
        "call": deal.call.value if deal.call else None,
        "called_on": deal.called_on,
        "call_note": deal.call_note or None,
        "notice_on": deal.notice_on,
        "notice_lost": lost_to(deal.notice_lost),
        "won": won_to(deal.won),
        "lost": lost_to(deal.lost),
    }


def _typed(column: str, value: Any) -> Any:
    """A JSON value, in its column's type."""
    if column.endswith("_on"):
        return _day(value)
    return _instant(value) if column.endswith("_at") else value


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _instant(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None

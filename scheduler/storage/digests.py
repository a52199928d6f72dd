"""The queries of digests. Always holds: looking locks nothing; a message with the same key is never queued twice."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, exists, func, or_, select, text, update

from scheduler.core.deal import Deal
from scheduler.core.digest_facts import Changes, Elsewhere, EndMoved, Moved
from scheduler.core.people import Absence, Person
from scheduler.core.policy import Policy
from scheduler.core.words import ChannelName, MessageState, NudgeState
from scheduler.services.digests import DigestLook, DigestTransaction, Letter, Standing, Unready
from scheduler.storage.absences import everybody
from scheduler.storage.deals import ABSENCES, CONTRACTS, DEALS, NUDGES, PASSAGES, PEOPLE, load_deals, load_people
from scheduler.storage.engine import explained, transaction
from scheduler.storage.forming import MESSAGES, alert_admins, insert_message
from scheduler.storage.meta import get_fact, set_fact
from scheduler.storage.rows import metadata
from scheduler.storage.values import absence_from

IMPORTS, CHANGES = metadata.tables["imports"], metadata.tables["import_changes"]
_LOCK = 7_220_119
_OPEN = and_(DEALS.c.closed_at.is_(None), DEALS.c.voided_at.is_(None))
_UNDER_WAY = (MessageState.QUEUED.value, MessageState.CLAIMED.value, MessageState.HANDED_OVER.value)
_MOST = 900
CHECKED_WEEK = "digest_checked_week"


class DigestRows:
    """scheduler.services.digests.DigestStore on SQL: looks with the reading engine, writes with the other."""

    def __init__(self, engine: Engine, reading: Engine) -> None:
        self._engine = engine
        self._reading = reading

    @contextmanager
    def looking(self) -> Iterator[DigestLook]:
        """A snapshot; nothing is locked."""
        with explained(self._reading), self._reading.connect() as connection:
            yield Look(connection)

    @contextmanager
    def writing(self) -> Iterator[DigestTransaction]:
        """A transaction that commits at the end of the block and rolls back on any error; one machine at a time."""
        with transaction(self._engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
            yield Writing(connection)


class Look:
    """scheduler.services.digests.DigestLook on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def people(self) -> Sequence[Person]:
        """Everybody, with the absences that stand."""
        return everybody(self._connection)

    def known(self, keys: Collection[str]) -> set[str]:
        """Those of these messages that there are."""
        wanted = list(keys)
        parts = [wanted[n : n + _MOST] for n in range(0, len(wanted), _MOST)]
        return {k for part in parts for k in self._connection.scalars(select(MESSAGES.c.key).where(MESSAGES.c.key.in_(part)))}

    def is_being_told(self, recipient: str, now: datetime) -> bool:
        """Whether a bundle for him is about to be formed or to go out."""
        waiting = exists().where(
            NUDGES.c.recipient == recipient,
            NUDGES.c.state == NudgeState.WAITING.value,
            NUDGES.c.message_id.is_(None),
            NUDGES.c.due_at <= now,
        )
        going = exists().where(
            MESSAGES.c.recipient == recipient,
            MESSAGES.c.kind == "nudges",
            MESSAGES.c.state.in_(_UNDER_WAY),
            MESSAGES.c.not_before_at <= now,
        )
        return bool(self._connection.scalar(select(or_(waiting, going))))

    def owners(self) -> Collection[int]:
        """Those who own an open deal."""
        return set(self._connection.scalars(select(PEOPLE.c.id).where(_has_open_deal(PEOPLE.c.id))))

    def owned(self, owners: Collection[int]) -> Sequence[Deal]:
        """The open deals of these owners."""
        return load_deals(self._connection, list(self._connection.scalars(_deals_of(owners, _OPEN))))

    def changes(self, owner: int, since: datetime) -> Changes:
        """What became of a person's deals since then."""
        passed = self._passed(owner, since)
        ends = self._ends(owner, since)
        new = list(self._connection.scalars(_deals_of([owner], and_(_OPEN, DEALS.c.arrived_at > since, CONTRACTS.c.system_made.is_(False)))))
        deals = {d.id: d for d in load_deals(self._connection, list(dict.fromkeys([*passed, *ends, *new])))}
        moved = (Moved(deals[d], first, last) for d, (first, last) in passed.items() if first != last and d not in new)
        moved_ends = (EndMoved(deals[d], old, to) for d, (old, to) in ends.items() if old != to and d not in new)
        return Changes(tuple(moved), tuple(moved_ends), tuple(deals[d] for d in new))

    def _passed(self, owner: int, since: datetime) -> dict[int, tuple[str, str]]:
        """By deal: its stage before its first move since then, and after its last."""
        query = (
            select(PASSAGES.c.deal_id, PASSAGES.c.from_stage, PASSAGES.c.to_stage)
            .where(PASSAGES.c.deal_id.in_(_deals_of([owner], DEALS.c.voided_at.is_(None))))
            .where(PASSAGES.c.at > since, PASSAGES.c.observed, PASSAGES.c.voided_at.is_(None), PASSAGES.c.from_stage.is_not(None))
            .order_by(PASSAGES.c.id)
        )
        found: dict[int, tuple[str, str]] = {}
        for deal, before, after in self._connection.execute(query):
            found[deal] = (found[deal][0] if deal in found else before, after)
        return found

    def _ends(self, owner: int, since: datetime) -> dict[int, tuple[date | None, date | None]]:
        """By deal: the contract's end before the first import since then that moved it, and after the last."""
        query = (
            select(DEALS.c.id, CHANGES.c.before, CHANGES.c.after)
            .join(IMPORTS, IMPORTS.c.id == CHANGES.c.import_id)
            .join(DEALS, and_(DEALS.c.contract_id == CHANGES.c.row_id, CHANGES.c.table_name == "contracts"))
            .where(IMPORTS.c.started_at > since, IMPORTS.c.state == "completed", DEALS.c.id.in_(_deals_of([owner], _OPEN)))
            .order_by(CHANGES.c.id)
        )
        found: dict[int, tuple[date | None, date | None]] = {}
        for deal, before, after in self._connection.execute(query):
            if "ends_on" in after:
                found[deal] = (found[deal][0] if deal in found else _day(before["ends_on"]), _day(after["ends_on"]))
        return found

    def last_at(self, person: int, kind: str) -> datetime | None:
        """When he last got a message of this kind."""
        newest = select(MESSAGES.c.created_at).where(MESSAGES.c.person_id == person, MESSAGES.c.kind == kind)
        return self._connection.execute(newest.order_by(MESSAGES.c.id.desc()).limit(1)).scalar()

    def over(self, today: date) -> Mapping[int, Sequence[Absence]]:
        """By person: absences that are over, ended or taken back, of which nothing was told yet."""
        over = or_(ABSENCES.c.last_on <= today, ABSENCES.c.cancelled_at.is_not(None))
        query = select(ABSENCES).where(ABSENCES.c.told_at.is_(None), ABSENCES.c.first_on <= today, over).order_by(ABSENCES.c.first_on)
        found: dict[int, list[Absence]] = defaultdict(list)
        for row in self._connection.execute(query).mappings():
            found[row["person_id"]].append(absence_from(row))
        return found

    def elsewhere(self, person: int, since: datetime) -> Sequence[Elsewhere]:
        """What went to somebody else instead of this person, the latest of each question."""
        rows = self._connection.execute(
            select(NUDGES)
            .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
            .where(NUDGES.c.instead_of == person, NUDGES.c.created_at >= since, NUDGES.c.state != NudgeState.CANCELLED.value)
            .where(DEALS.c.voided_at.is_(None))
            .order_by(NUDGES.c.id)
        ).all()
        latest = {(r.deal_id, r.milestone, r.anchor_on): r for r in rows}
        deals = {d.id: d for d in load_deals(self._connection, list({r.deal_id for r in latest.values()}))}
        people = load_people(self._connection, {r.person_id for r in latest.values() if r.person_id is not None})
        found = []
        for row in latest.values():
            deal, holder = deals[row.deal_id], people.get(row.person_id)
            event = next((e for e in deal.events if e.key == (row.milestone, row.anchor_on, row.step)), None)
            if event is not None:
                found.append(Elsewhere(deal, event, holder.name if holder else row.recipient.partition(":")[2]))
        return found

    def left(self) -> Sequence[int]:
        """Those who are no longer active, have open deals, and whose manager was not told."""
        query = select(PEOPLE.c.id).where(PEOPLE.c.active.is_(False), PEOPLE.c.left_told_at.is_(None), _has_open_deal(PEOPLE.c.id))
        return list(self._connection.scalars(query.order_by(PEOPLE.c.id)))

    def letters(self, left: int) -> int:
        """How often somebody's deals were handed over before."""
        facts = self._connection.scalars(select(MESSAGES.c.facts).where(MESSAGES.c.kind == "handover"))
        return sum(1 for f in facts if f and f.get("left_id") == left)

    def standing(self) -> Standing:
        """What is held or in doubt."""
        since = func.min(NUDGES.c.created_at).label("since")
        held = self._connection.execute(
            select(func.coalesce(func.max(PEOPLE.c.name), NUDGES.c.recipient).label("name"), func.count().label("n"), since)
            .select_from(NUDGES.outerjoin(PEOPLE, PEOPLE.c.id == NUDGES.c.person_id))
            .where(NUDGES.c.state == NudgeState.HELD.value, NUDGES.c.message_id.is_(None))
            .group_by(NUDGES.c.recipient)
            .order_by(since)
        ).all()
        count = select(func.count()).select_from(MESSAGES)
        held_messages, doubtful = (
            self._connection.scalar(count.where(MESSAGES.c.state == s.value)) for s in (MessageState.HELD, MessageState.IN_DOUBT)
        )
        return Standing(tuple((r.name, r.n, r.since) for r in held), held_messages or 0, doubtful or 0)

    def unready(self, configured: Collection[ChannelName], ending: Collection[str]) -> Unready:
        """What cannot be told to anybody, or never comes up. `ending` are the pipelines whose contracts should have an end."""
        open_deals = select(func.count()).select_from(DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)).where(_OPEN)
        gone = select(PEOPLE.c.id).where(PEOPLE.c.active.is_(False))
        nobody = or_(CONTRACTS.c.owner_id.is_(None), CONTRACTS.c.owner_id.in_(gone))
        without_owner = self._connection.scalar(open_deals.where(nobody)) or 0
        endless = and_(CONTRACTS.c.ends_on.is_(None), CONTRACTS.c.evergreen.is_(False), DEALS.c.pipeline.in_(ending))
        without_end = self._connection.scalar(open_deals.where(endless)) or 0
        ways = {ChannelName.SLACK: PEOPLE.c.slack_id, ChannelName.EMAIL: PEOPLE.c.email}
        usable = [column for channel, column in ways.items() if channel in configured]
        if not usable:
            return Unready(without_owner, without_end)
        names = select(PEOPLE.c.name).where(PEOPLE.c.active, *(c.is_(None) for c in usable), _has_open_deal(PEOPLE.c.id))
        return Unready(without_owner, without_end, tuple(self._connection.scalars(names.order_by(PEOPLE.c.name))))

    def checked_week(self) -> str | None:
        """The last week for which `unready` was looked at."""
        return get_fact(self._connection, CHECKED_WEEK)


class Writing:
    """scheduler.services.digests.DigestTransaction on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self, letter: Letter, now: datetime) -> bool:
        """Queues a message unless there is one with its key, and marks what is told with it."""
        self.told(letter.absences, now)
        if letter.left is not None:
            self._connection.execute(update(PEOPLE).where(PEOPLE.c.id == letter.left).values(left_told_at=now))
        if self._connection.scalar(select(MESSAGES.c.id).where(MESSAGES.c.key == letter.key)) is not None:
            return False
        values = {
            "key": letter.key,
            "kind": letter.kind,
            "recipient": letter.recipient.key,
            "person_id": letter.recipient.person_id,
            "channel": letter.way[0].value,
            "address": letter.way[1],
            "language": letter.language.value,
            "window_on": letter.window_on,
            "facts": dict(letter.facts) | ({"left_id": letter.left} if letter.left is not None else {}),
        }
        insert_message(self._connection, values, now)
        return True

    def told(self, absences: Collection[int], now: datetime) -> None:
        """Nothing went elsewhere in these absences."""
        if absences:
            self._connection.execute(update(ABSENCES).where(ABSENCES.c.id.in_(absences)).values(told_at=now))

    def check_week(self, week: str) -> None:
        """Notes that `unready` was looked at."""
        set_fact(self._connection, CHECKED_WEEK, week)

    def alert(self, key: str, facts: Mapping[str, Any], policy: Policy, configured: Collection[ChannelName], now: datetime) -> bool:
        """Tells the admins once for each `key`; whether it was new."""
        return alert_admins(self._connection, key, facts, policy, configured, now)


def _deals_of(owners: Collection[int], where: ColumnElement[bool]) -> Select[Any]:
    """The numbers of these owners' deals."""
    joined = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
    return select(DEALS.c.id).select_from(joined).where(CONTRACTS.c.owner_id.in_(owners), where).order_by(DEALS.c.id)


def _has_open_deal(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether somebody owns an open deal."""
    return exists().where(CONTRACTS.c.owner_id == person, DEALS.c.contract_id == CONTRACTS.c.id, _OPEN)


def _day(text_: str | None) -> date | None:
    """A day as import_changes keeps it."""
    return date.fromisoformat(text_) if text_ else None

"""The queries of digests. Always holds: looking locks nothing; a message with the same key is never
queued twice."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from typing_extensions import override

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Absence, Person
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.facts.digest_deals import DealSelection, DigestDeals, Most
from scheduler.core.facts.digest_facts import (
    FEW,
    DigestChanges,
    EndMoved,
    MovedDeal,
    RedirectedNudge,
)
from scheduler.core.facts.digest_health import HealthTurned
from scheduler.core.facts.punctuality import MonthLine
from scheduler.core.facts.tally import Tally
from scheduler.core.messages.channels import PERSONAL
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName, MessageState, NudgeState
from scheduler.services.digests.digests import (
    AdminMatters,
    DigestLook,
    DigestMessage,
    DigestTransaction,
    Unready,
)
from scheduler.storage.database.deals import (
    ABSENCES,
    CONTRACTS,
    DEALS,
    NUDGES,
    PASSAGES,
    PEOPLE,
    load_deals,
    load_people,
)
from scheduler.storage.database.meta import get_fact, set_fact
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection, take_turn
from scheduler.storage.database.values import absence_from
from scheduler.storage.delivery.forming import MESSAGES, AlertQueries, insert_once
from scheduler.storage.delivery.punctuality import kept_lines
from scheduler.storage.digests.health import turned
from scheduler.storage.digests.standing import OPEN
from scheduler.storage.digests.tally import DigestCounts
from scheduler.storage.people.absences import everybody

IMPORTS, CHANGES = metadata.tables["imports"], metadata.tables["import_changes"]
_LOCK = 7_220_119
_JOINED = DEALS.join(CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id)
_UNDER_WAY = (MessageState.QUEUED.value, MessageState.CLAIMED.value, MessageState.HANDED_OVER.value)
_MOST = 900
CHECKED_WEEK = "digest_checked_week"


class DigestLookQueries(OnConnection, DigestLook):
    """The rows that digests tell; `storage.reports.digests` adds the numbers of reports."""

    @override
    def people(self) -> Sequence[Person]:
        return list(self._everybody.values())

    @cached_property
    def _everybody(self) -> Mapping[int, Person]:
        """The same by number."""
        return {p.id: p for p in everybody(self._connection)}

    @override
    def known(self, keys: Collection[str]) -> set[str]:
        wanted = list(keys)
        parts = [wanted[n : n + _MOST] for n in range(0, len(wanted), _MOST)]
        return {
            k
            for part in parts
            for k in self._connection.scalars(
                select(MESSAGES.c.key).where(MESSAGES.c.key.in_(part))
            )
        }

    @override
    def being_told(self, persons: Collection[int], now: datetime) -> set[int]:
        recipients = {f"person:{person}": person for person in persons}
        waiting = select(NUDGES.c.recipient).where(
            NUDGES.c.recipient.in_(recipients),
            NUDGES.c.state == literal_column(f"'{NudgeState.WAITING}'"),
            NUDGES.c.message_id.is_(None),
            NUDGES.c.due_at <= now,
        )
        going = select(MESSAGES.c.recipient).where(
            MESSAGES.c.recipient.in_(recipients),
            MESSAGES.c.kind == "nudges",
            MESSAGES.c.state.in_(_UNDER_WAY),
            MESSAGES.c.not_before_at <= now,
        )
        return {
            recipients[recipient]
            for query in (waiting, going)
            for recipient in self._connection.scalars(query.distinct())
        }

    @override
    def owners(self) -> Collection[int]:
        return set(self._connection.scalars(select(PEOPLE.c.id).where(_has_open_deal(PEOPLE.c.id))))

    @override
    def books(
        self, owners: Collection[int], most: Most, policy: Policy, today: date
    ) -> Mapping[int, DigestDeals]:
        return DigestCounts(self._connection, policy, today, self._everybody).books(owners, most)

    @override
    def team(
        self, owners: Collection[int], most: Most, policy: Policy, today: date
    ) -> tuple[Mapping[int, Tally], Mapping[DealSelection, Sequence[Deal]]]:
        return DigestCounts(self._connection, policy, today, self._everybody).team(owners, most)

    @override
    def pipelines(self, owner: int) -> Sequence[str]:
        query = (
            select(DEALS.c.pipeline)
            .select_from(_JOINED)
            .where(CONTRACTS.c.owner_id == owner, OPEN)
            .group_by(DEALS.c.pipeline)
        )
        return list(
            self._connection.scalars(query.order_by(func.count().desc(), func.min(DEALS.c.id)))
        )

    @override
    def changes(self, owner: int, since: datetime, policy: Policy) -> DigestChanges:
        fresh = and_(OPEN, DEALS.c.arrived_at > since, CONTRACTS.c.system_made.is_(False))
        new = list(self._connection.scalars(_deals_of([owner], fresh)))
        passed, known = self._passed(owner, since), set(new)
        turned = [t for t in self._turned(owner, since, policy) if t.deal.id not in known]
        told = {t.deal.id for t in turned if _is_among_active(t.deal, passed, policy)}
        ends = {
            d: days
            for d, days in self._ends(owner, since).items()
            if days[0] != days[1] and d not in known
        }
        by_kind: dict[str, list[int]] = {"won": [], "lost": [], "moved": []}
        for deal, (kind, first, last) in passed.items():
            if first != last and deal not in known and deal not in told:
                by_kind[kind].append(deal)
        moved = [deal for deals in by_kind.values() for deal in deals[:FEW]]
        shown = [*moved, *list(ends)[:FEW], *new[:FEW]]
        deals = {d.id: d for d in load_deals(self._connection, list(dict.fromkeys(shown)))}
        return DigestChanges(
            tuple(MovedDeal(deals[d], *passed[d][1:]) for d in passed if d in set(moved)),
            tuple(EndMoved(deals[d], *ends[d]) for d in list(ends)[:FEW]),
            tuple(deals[d] for d in new[:FEW]),
            {
                name: len(found)
                for name, found in {**by_kind, "ends": ends, "new": new, "healths": turned}.items()
            },
            tuple(turned[:FEW]),
        )

    @override
    def turned(self, owners: Collection[int], since: datetime) -> Sequence[HealthTurned]:
        return turned(self._connection, owners, since)

    def _turned(self, owner: int, since: datetime, policy: Policy) -> Sequence[HealthTurned]:
        """The same of one person, where health is measured; elsewhere it is what they said."""
        return self.turned([owner], since) if policy.health is not None else ()

    def _passed(self, owner: int, since: datetime) -> dict[int, tuple[str, str, str]]:
        """By deal: what became of it, its stage before its first move since then, and after its
        last."""
        became = case(
            (DEALS.c.lost.is_not(None), "lost"), (DEALS.c.won.is_not(None), "won"), else_="moved"
        )
        query = (
            select(PASSAGES.c.deal_id, became, PASSAGES.c.from_stage, PASSAGES.c.to_stage)
            .join(DEALS, DEALS.c.id == PASSAGES.c.deal_id)
            .where(PASSAGES.c.deal_id.in_(_deals_of([owner], DEALS.c.voided_at.is_(None))))
            .where(
                PASSAGES.c.at > since,
                PASSAGES.c.observed,
                PASSAGES.c.voided_at.is_(None),
                PASSAGES.c.from_stage.is_not(None),
            )
            .order_by(PASSAGES.c.id)
        )
        found: dict[int, tuple[str, str, str]] = {}
        for deal, kind, before, after in self._connection.execute(query):
            found[deal] = (kind, found[deal][1] if deal in found else before, after)
        return found

    def _ends(self, owner: int, since: datetime) -> dict[int, tuple[date | None, date | None]]:
        """By deal: the contract's end before the first import since then that moved it, and after
        the last."""
        query = (
            select(DEALS.c.id, CHANGES.c.before, CHANGES.c.after)
            .join(IMPORTS, IMPORTS.c.id == CHANGES.c.import_id)
            .join(
                DEALS,
                and_(DEALS.c.contract_id == CHANGES.c.row_id, CHANGES.c.table_name == "contracts"),
            )
            .where(
                IMPORTS.c.started_at > since,
                IMPORTS.c.state == "completed",
                DEALS.c.id.in_(_deals_of([owner], OPEN)),
            )
            .order_by(CHANGES.c.id)
        )
        found: dict[int, tuple[date | None, date | None]] = {}
        for deal, before, after in self._connection.execute(query):
            if "ends_on" in after:
                found[deal] = (
                    found[deal][0] if deal in found else _day(before["ends_on"]),
                    _day(after["ends_on"]),
                )
        return found

    @override
    def last_at(self, persons: Collection[int], kind: str) -> Mapping[int, datetime]:
        newest = (
            select(func.max(MESSAGES.c.id))
            .where(MESSAGES.c.person_id.in_(persons), MESSAGES.c.kind == kind)
            .group_by(MESSAGES.c.person_id)
        )
        query = select(MESSAGES.c.person_id, MESSAGES.c.created_at).where(MESSAGES.c.id.in_(newest))
        return {row.person_id: row.created_at for row in self._connection.execute(query)}

    @override
    def over(self, today: date) -> Mapping[int, Sequence[Absence]]:
        over = or_(ABSENCES.c.last_on <= today, ABSENCES.c.cancelled_at.is_not(None))
        query = (
            select(ABSENCES)
            .where(ABSENCES.c.told_at.is_(None), ABSENCES.c.first_on <= today, over)
            .order_by(ABSENCES.c.first_on)
        )
        found: dict[int, list[Absence]] = defaultdict(list)
        for row in self._connection.execute(query).mappings():
            found[row["person_id"]].append(absence_from(row))
        return found

    @override
    def elsewhere(self, person: int, since: datetime) -> Sequence[RedirectedNudge]:
        rows = self._connection.execute(
            select(NUDGES)
            .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
            .where(
                NUDGES.c.instead_of == person,
                NUDGES.c.created_at >= since,
                NUDGES.c.state != NudgeState.CANCELLED.value,
            )
            .where(DEALS.c.voided_at.is_(None))
            .order_by(NUDGES.c.id)
        ).all()
        latest = {(r.deal_id, r.milestone, r.anchor_on): r for r in rows}
        deals = {
            d.id: d
            for d in load_deals(self._connection, list({r.deal_id for r in latest.values()}))
        }
        people = load_people(
            self._connection, {r.person_id for r in latest.values() if r.person_id is not None}
        )
        found = []
        for row in latest.values():
            deal, holder = deals[row.deal_id], people.get(row.person_id)
            event = next(
                (e for e in deal.events if e.key == (row.milestone, row.anchor_on, row.step)), None
            )
            if event is not None:
                found.append(
                    RedirectedNudge(
                        deal, event, holder.name if holder else row.recipient.partition(":")[2]
                    )
                )
        return found

    @override
    def left(self) -> Sequence[int]:
        query = select(PEOPLE.c.id).where(
            PEOPLE.c.active.is_(False), PEOPLE.c.left_told_at.is_(None), _has_open_deal(PEOPLE.c.id)
        )
        return list(self._connection.scalars(query.order_by(PEOPLE.c.id)))

    @override
    def letters(self, left: int) -> int:
        facts = self._connection.scalars(
            select(MESSAGES.c.facts).where(MESSAGES.c.kind == "handover")
        )
        return sum(1 for f in facts if f and f.get("left_id") == left)

    @override
    def standing(self) -> AdminMatters:
        since = func.min(NUDGES.c.created_at).label("since")
        held = self._connection.execute(
            select(
                func.coalesce(func.max(PEOPLE.c.name), NUDGES.c.recipient).label("name"),
                func.count().label("n"),
                since,
            )
            .select_from(NUDGES.outerjoin(PEOPLE, PEOPLE.c.id == NUDGES.c.person_id))
            .where(NUDGES.c.state == NudgeState.HELD.value, NUDGES.c.message_id.is_(None))
            .group_by(NUDGES.c.recipient)
            .order_by(since)
        ).all()
        count = select(func.count()).select_from(MESSAGES)
        held_messages, doubtful = (
            self._connection.scalar(count.where(MESSAGES.c.state == s.value))
            for s in (MessageState.HELD, MessageState.IN_DOUBT)
        )
        return AdminMatters(
            tuple((r.name, r.n, r.since) for r in held), held_messages or 0, doubtful or 0
        )

    @override
    def unready(self, configured: Collection[ChannelName], ending: Collection[str]) -> Unready:
        open_deals = select(func.count()).select_from(_JOINED).where(OPEN)
        gone = select(PEOPLE.c.id).where(PEOPLE.c.active.is_(False))
        nobody = or_(CONTRACTS.c.owner_id.is_(None), CONTRACTS.c.owner_id.in_(gone))
        without_owner = self._connection.scalar(open_deals.where(nobody)) or 0
        endless = and_(
            CONTRACTS.c.ends_on.is_(None),
            CONTRACTS.c.evergreen.is_(False),
            DEALS.c.pipeline.in_(ending),
        )
        without_end = self._connection.scalar(open_deals.where(endless)) or 0
        usable = [PEOPLE.c[field] for name, field in PERSONAL.items() if name in configured]
        if not usable:
            return Unready(without_owner, without_end)
        names = select(PEOPLE.c.name).where(
            PEOPLE.c.active, *(c.is_(None) for c in usable), _has_open_deal(PEOPLE.c.id)
        )
        return Unready(
            without_owner,
            without_end,
            tuple(self._connection.scalars(names.order_by(PEOPLE.c.name))),
        )

    @override
    def punctual(self) -> Sequence[MonthLine]:
        return kept_lines(self._connection)

    @override
    def checked_week(self) -> str | None:
        return get_fact(self._connection, CHECKED_WEEK)


class DigestQueries(AlertQueries, DigestTransaction):
    """Queues digests, one machine at a time."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        take_turn(connection, _LOCK)

    @override
    def queue(self, letter: DigestMessage, now: datetime) -> bool:
        self.told(letter.absences, now)
        if letter.left is not None:
            self._connection.execute(
                update(PEOPLE).where(PEOPLE.c.id == letter.left).values(left_told_at=now)
            )
        values = {
            "key": letter.key,
            "kind": letter.kind,
            "recipient": letter.recipient.key,
            "person_id": letter.recipient.person_id,
            "channel": letter.destination[0].value,
            "address": letter.destination[1],
            "language": letter.language.value,
            "window_on": letter.window_on,
            "facts": dict(letter.facts)
            | ({"left_id": letter.left} if letter.left is not None else {}),
        }
        return insert_once(self._connection, values, now)

    @override
    def told(self, absences: Collection[int], now: datetime) -> None:
        if absences:
            self._connection.execute(
                update(ABSENCES).where(ABSENCES.c.id.in_(absences)).values(told_at=now)
            )

    @override
    def check_week(self, week: str) -> None:
        set_fact(self._connection, CHECKED_WEEK, week)


def _is_among_active(
    deal: Deal, passed: Mapping[int, tuple[str, str, str]], policy: Policy
) -> bool:
    """Whether a deal's move led only from one stage of health to another, so that its health says
    it already."""
    stages = policy.pipeline(deal.pipeline)
    found = [stages.find(stage) for stage in passed.get(deal.id, ())[1:]]
    return all(stage is not None and stage.kind is StageKind.ACTIVE for stage in found)


def _deals_of(owners: Collection[int], where: ColumnElement[bool]) -> Select[Any]:
    """The numbers of these owners' deals."""
    return (
        select(DEALS.c.id)
        .select_from(_JOINED)
        .where(CONTRACTS.c.owner_id.in_(owners), where)
        .order_by(DEALS.c.id)
    )


def _has_open_deal(person: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether somebody owns an open deal."""
    return exists().where(
        CONTRACTS.c.owner_id == person, DEALS.c.contract_id == CONTRACTS.c.id, OPEN
    )


def _day(text_: str | None) -> date | None:
    """A day as import_changes keeps it."""
    return date.fromisoformat(text_) if text_ else None

"""The queries of release. Always holds: only what is held now changes; a message that was handed
over once is never queued here."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select, true, update
from typing_extensions import override

from scheduler.core.deal.people import Person
from scheduler.core.words.lexicon import MessageState, NudgeState
from scheduler.core.words.reasons import code_of, reason
from scheduler.services.delivery.release import (
    DoubtVerdict,
    HeldBack,
    HeldMessage,
    HeldNudges,
    ReleaseTransaction,
)
from scheduler.storage.database.deals import NUDGES, PEOPLE
from scheduler.storage.database.meta import get_fact
from scheduler.storage.database.timekeeping import TIME_TRAVEL
from scheduler.storage.database.transactions import OnConnection
from scheduler.storage.delivery.forming import MESSAGES
from scheduler.storage.people.absences import everybody


class ReleaseQueries(OnConnection, ReleaseTransaction):
    """Finds what is held, and lets it go."""

    @override
    def people(self) -> Sequence[Person]:
        return everybody(self._connection)

    @override
    def held(self, person: int | None, since: datetime | None) -> HeldBack:
        rehearsal = get_fact(self._connection, TIME_TRAVEL) is not None
        return HeldBack(
            tuple(self._nudges(person, since)), tuple(self._messages(person, since)), rehearsal
        )

    def _nudges(self, person: int | None, since: datetime | None) -> Iterator[HeldNudges]:
        """By recipient, the longest first."""
        oldest = func.min(NUDGES.c.created_at).label("oldest")
        query = (
            select(
                NUDGES.c.recipient,
                func.max(PEOPLE.c.name).label("name"),
                func.count().label("n"),
                oldest,
                func.max(NUDGES.c.reason).label("reason"),
            )
            .select_from(NUDGES.outerjoin(PEOPLE, PEOPLE.c.id == NUDGES.c.person_id))
            .where(_is_held(person, since))
            .group_by(NUDGES.c.recipient)
            .order_by(oldest)
        )
        for row in self._connection.execute(query):
            yield HeldNudges(row.name or row.recipient, row.n, row.oldest, row.reason)

    def _messages(self, person: int | None, since: datetime | None) -> Iterator[HeldMessage]:
        """Messages that are held or in doubt, the oldest first."""
        states = [MessageState.HELD.value, MessageState.IN_DOUBT.value]
        query = (
            select(MESSAGES, PEOPLE.c.name.label("name"))
            .select_from(MESSAGES.outerjoin(PEOPLE, PEOPLE.c.id == MESSAGES.c.person_id))
            .where(
                MESSAGES.c.state.in_(states),
                MESSAGES.c.person_id == person if person is not None else true(),
            )
            .where(MESSAGES.c.created_at >= since if since is not None else true())
            .order_by(MESSAGES.c.id)
        )
        for row in self._connection.execute(query):
            untouched = row.attempts == 0 and row.handed_over_at is None
            doubt = row.state == MessageState.IN_DOUBT.value
            if doubt and code_of(row.reason) == "went_on":
                continue
            yield HeldMessage(
                row.id, row.name or row.recipient, row.created_at, row.reason, doubt, untouched
            )

    @override
    def release(self, person: int | None, since: datetime | None, now: datetime) -> int:
        free = (
            update(NUDGES)
            .where(_is_held(person, since))
            .values(state=NudgeState.WAITING.value, late=False, due_at=now, reason="")
        )
        return self._connection.execute(free).rowcount

    @override
    def queue_again(self, messages: Sequence[int], now: datetime) -> int:
        if not messages:
            return 0
        held = and_(
            MESSAGES.c.id.in_(messages),
            MESSAGES.c.state == MessageState.HELD.value,
            MESSAGES.c.handed_over_at.is_(None),
        )
        queued = self._connection.execute(
            update(MESSAGES)
            .where(held)
            .values(state=MessageState.QUEUED.value, not_before_at=now, reason="")
        )
        carried = and_(NUDGES.c.message_id.in_(messages), NUDGES.c.state == NudgeState.HELD.value)
        self._connection.execute(
            update(NUDGES).where(carried).values(state=NudgeState.WAITING.value, reason="")
        )
        return queued.rowcount

    @override
    def settle(self, number: int, verdict: DoubtVerdict, now: datetime) -> bool:
        """Settles a message in doubt; False where there is none with this number. What is sent
        again is made anew for its reader's next window."""
        doubt = and_(MESSAGES.c.id == number, MESSAGES.c.state == MessageState.IN_DOUBT.value)
        row = self._connection.execute(
            select(MESSAGES.c.kind, MESSAGES.c.handed_over_at).where(doubt).with_for_update()
        ).first()
        if row is None:
            return False
        nudges = update(NUDGES).where(
            NUDGES.c.message_id == number, NUDGES.c.state == NudgeState.IN_DOUBT.value
        )
        message = update(MESSAGES).where(doubt)
        if verdict is DoubtVerdict.SENT:
            at = row.handed_over_at or now
            self._connection.execute(
                nudges.values(
                    state=NudgeState.SENT.value, sent_at=at, reason=reason("settled_sent")
                )
            )
            self._connection.execute(
                message.values(
                    state=MessageState.SENT.value, sent_at=at, reason=reason("settled_sent")
                )
            )
        elif row.kind == "nudges":
            free = {"message_id": None, "due_at": now, "late": False, "reason": ""}
            self._connection.execute(nudges.values(state=NudgeState.WAITING.value, **free))
            self._connection.execute(
                message.values(state=MessageState.CANCELLED.value, reason=reason("settled_again"))
            )
        else:
            anew = {"not_before_at": now, "handed_over_at": None, "unknowns": 0, "attempts": 0}
            self._connection.execute(
                message.values(state=MessageState.QUEUED.value, reason="", **anew)
            )
        return True


def _is_held(person: int | None, since: datetime | None) -> ColumnElement[bool]:
    """Nudges that are held and that no message carries."""
    return and_(
        NUDGES.c.state == NudgeState.HELD.value,
        NUDGES.c.message_id.is_(None),
        NUDGES.c.person_id == person if person is not None else true(),
        NUDGES.c.created_at >= since if since is not None else true(),
    )

"""When a waiting message may reach its reader: not while they are away, once a week if they prefer
that, otherwise in their working hours (DESIGN §5 "Attention").

Always holds: delivery and projection follow the same rule; every wait names the instant at which to
look again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from heapq import heapify, heappop, heappush

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Person, Recipient
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.messages.states import Message
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import destinations_of, known_person
from scheduler.core.rules.windows import Hold, Open, next_window, window
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.time.weeks import next_digest_day
from scheduler.core.words.lexicon import ChannelName, Pace, Urgency
from scheduler.core.words.reasons import reason


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may go out before `until_at`, and why. `away`: the reader is absent, so who stands in
    is decided again. `weekly`: the reader wants one message a week; pressing nudges do not wait for
    it."""

    until_at: datetime
    because: str
    away: bool = False
    weekly: bool = False


def reach(
    person: Person | None,
    pipeline: Pipeline | None,
    policy: Policy,
    now: datetime,
    *,
    pressing: bool,
) -> Open | Wait:
    """Whether a person (None: an address) may be reached at `now`; `pressing`: with something that
    does not wait for the weekly message."""
    hours, zone, calendar = (
        policy.hours_of(person),
        policy.zone_of(person, pipeline),
        policy.calendar_of(person, pipeline),
    )
    today = local_day(now, zone)
    absence = person.absence_on(today) if person is not None else None
    if absence is not None:
        back = next_window(absence.last_on, hours, zone, calendar)
        return Wait(back.until_at, reason("away_wait", until=absence.last_on), away=True)
    if person is not None and person.pace is Pace.WEEKLY and not pressing:
        weekly = next_digest_day(today, policy.attention.digest_weekday, calendar)
        if weekly != today:
            return Wait(
                send_instant(weekly, hours.opens, zone), reason("weekly", day=weekly), weekly=True
            )
    found = window(now, hours, zone, calendar)
    return Wait(found.until_at, found.because) if isinstance(found, Hold) else found


def may_leave(
    message: Message, reader: Person | None, pipeline: str | None, policy: Policy, now: datetime
) -> Open | Wait | None:
    """Whether a message that was made earlier may leave now, in its reader's window; None for a
    message that does not wait for a window (an alert, a fresh link).

    A weekly bundle is made only on its day, so it does not wait for that day again.
    """
    if message.kind in AT_ANY_HOUR:
        return None
    return reach(
        reader, policy.pipelines.get(pipeline) if pipeline else None, policy, now, pressing=True
    )


AT_ANY_HOUR = frozenset({"alert", "fresh_link"})
"""Kinds of messages that somebody waits for, or must act on."""


@dataclass(frozen=True, slots=True)
class Reached:
    """When a nudge goes out and to whom (`person:7` or an address), and the earlier instants at
    which the deal is decided again.

    `at_once`: it goes out even if the recipient has had their message of this window. `mid`: it
    came up while the window was open.
    """

    at: datetime
    recipient: str
    window_on: date
    anew: tuple[datetime, ...] = ()
    at_once: bool = False
    mid: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose hours count (None: the pipeline's), and whether the nudge is pressing and whether it
    goes out at once."""

    recipient: str
    person: Person | None
    pipeline: Pipeline | None
    pressing: bool
    at_once: bool


class DeliveryWindows:
    """When nudges go out if nothing goes wrong.

    `told`: who has had their one message of a window already, as (recipient, day). `flooded`:
    recipients whose late nudges the flood breaker holds.
    """

    def __init__(
        self,
        policy: Policy,
        channels: Collection[ChannelName],
        told: Collection[tuple[str, date]] = (),
        flooded: Collection[str] = (),
    ) -> None:
        self._policy = policy
        self._channels = tuple(channels)
        self._told = frozenset(told)
        self._told_by: dict[str, list[date]] = {}
        for recipient, day in sorted(self._told):
            self._told_by.setdefault(recipient, []).append(day)
        self._flooded = frozenset(flooded)
        self._known: dict[tuple[str, str, datetime, Urgency], Reached] = {}
        self._readers: dict[Reached, Reader] = {}

    def __call__(self, nudge: Nudge, deal: Deal, at: datetime) -> Reached | None:
        """When a nudge that waits at `at` goes out; None for one that is held."""
        if self.holds(nudge):
            return None
        key = (nudge.recipient.key, deal.pipeline, at, nudge.urgency)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._find(self._reader(nudge, deal), at)
        return found

    def readers(self, some: Iterable[Reached]) -> dict[Reached, Reader]:
        """Whose hours counted."""
        return {reached: self._readers[reached] for reached in some}

    def learn(self, readers: Mapping[Reached, Reader]) -> None:
        """Takes over the readers that another process found."""
        self._readers.update(readers)

    def holds(self, nudge: Nudge) -> bool:
        """Whether the flood breaker holds it."""
        return (
            bool(self._flooded)
            and nudge.late
            and nudge.urgency is Urgency.NORMAL
            and nudge.recipient.key in self._flooded
        )

    def standing_of(self, person: Person) -> tuple[bool, bool, tuple[date, ...]]:
        """What else decides somebody's windows, besides their hours: whether they can be reached at
        all, whether the flood breaker holds their late nudges, and the days on which they have had
        their message."""
        recipient = Recipient(person_id=person.id).key
        return (
            bool(destinations_of(person, self._channels)),
            recipient in self._flooded,
            tuple(self._told_by.get(recipient, ())),
        )

    def one_a_window(self, all_reached: Iterable[Reached]) -> Mapping[Reached, Reached]:
        """The nudges that miss their window because the recipient's one message of it has already
        gone, and when each goes out instead."""
        waiting = [
            (r.at, r.recipient, not r.at_once, n, r, r)
            for n, r in enumerate(dict.fromkeys(all_reached))
        ]
        heapify(waiting)
        last: dict[tuple[str, date], datetime] = {}
        later: dict[Reached, Reached] = {}
        while waiting:
            at, recipient, _, n, now, origin = heappop(waiting)
            if now.at_once or last.setdefault((recipient, now.window_on), at) == at:
                last[recipient, now.window_on] = at  # what waits at the same instant goes with it
                continue
            following = self._find(
                self._readers[origin], self._next_window(self._readers[origin], at)
            )
            later[origin] = following
            heappush(waiting, (following.at, recipient, True, n, following, origin))
        return later

    def _reader(self, nudge: Nudge, deal: Deal) -> Reader:
        """Who gets the nudge: the fallback if its recipient cannot be reached at all."""
        pipeline, recipient = self._policy.pipelines.get(deal.pipeline), nudge.recipient.key
        person = person_of(nudge, deal)
        if nudge.recipient.person_id is not None and (
            person is None or not person.active or not destinations_of(person, self._channels)
        ):
            person, recipient = None, self._policy.fallback_of(deal.pipeline)
        at_once = nudge.urgency is Urgency.URGENT or (
            person is not None and person.pace is Pace.IMMEDIATE
        )
        return Reader(recipient, person, pipeline, nudge.urgency is not Urgency.NORMAL, at_once)

    def _find(self, reader: Reader, at: datetime) -> Reached:
        """Moves from wait to wait, as delivery does, until the reader can be reached."""
        anew: list[datetime] = []
        since = at
        while True:
            found = reach(
                reader.person, reader.pipeline, self._policy, at, pressing=reader.pressing
            )
            if isinstance(found, Wait):
                anew += [at] if found.away else []
                at = found.until_at
            elif (reader.recipient, found.window_on) in self._told and not reader.at_once:
                at = self._next_window(reader, at)
            else:
                reached = Reached(
                    at,
                    reader.recipient,
                    found.window_on,
                    tuple(anew),
                    reader.at_once,
                    mid=at == since,
                )
                self._readers.setdefault(reached, reader)
                return reached

    def _next_window(self, reader: Reader, at: datetime) -> datetime:
        """When the recipient's next window opens."""
        policy, person, pipeline = self._policy, reader.person, reader.pipeline
        zone = policy.zone_of(person, pipeline)
        return next_window(
            local_day(at, zone), policy.hours_of(person), zone, policy.calendar_of(person, pipeline)
        ).until_at


def person_of(nudge: Nudge, deal: Deal) -> Person | None:
    """Who a nudge is for, if it is for a person that the deal knows."""
    return known_person(nudge.recipient.person_id, deal)

"""One look at everything that is told in digests: who is back, whose owner has left, whose week or
team is due, what admins must look after.

Always holds: each thing is told once, by a key in the database; a look at which nothing is due
costs a few queries, whatever the number of deals.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.time.weeks import digest_day, iso_week
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import Anchor, ChannelName
from scheduler.ports import Begin
from scheduler.services.delivery.alerts import Alert, still_held, unready_alert
from scheduler.services.digests.digests import (
    AT_ONCE,
    DigestLook,
    DigestMessage,
    DigestTransaction,
    weekly_letters,
)
from scheduler.services.digests.handing_over import handover_letters, returned_letters

LETTERS, WRITTEN_AT_ONCE = 2 * AT_ONCE, 10


@dataclass(frozen=True, slots=True)
class Digested:
    """The result of a look: messages queued, absences that needed none, alerts."""

    messages: int = 0
    silent: int = 0
    alerts: int = 0

    def __add__(self, other: "Digested") -> "Digested":
        return Digested(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))

    @property
    def total(self) -> int:
        """Things that were done."""
        return self.messages + self.silent + self.alerts


def digest_once(
    looking: Begin[DigestLook],
    writing: Begin[DigestTransaction],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
    limit: int = LETTERS,
    enough: Callable[[], bool] = lambda: False,
    stop: Callable[[], bool] = lambda: False,
) -> Digested:
    """One step for up to `limit` messages, or fewer once `enough` says so, but at least one unless
    told to `stop`; `total` is 0 when nothing is due. `configured` are the channels there are.
    Nothing is written while anything is counted, and only some messages in one transaction."""
    with looking() as look:
        found = []
        for letter in islice(_letters(look, policy, configured, now, stop), limit):
            found.append(letter)
            if enough():
                break
        held = _held(look, policy, now)
        week = _week_to_check(look, policy, now)
        unready = _unready(look, policy, configured, week) if week else None
    done = Digested()
    for start in range(0, len(found), WRITTEN_AT_ONCE):
        with writing() as transaction:
            for letter in found[start : start + WRITTEN_AT_ONCE]:
                done += _write(transaction, letter, now)
    if held is None and week is None:
        return done
    with writing() as transaction:
        done += Digested(
            alerts=sum(
                int(transaction.alert(*a, policy, configured, now)) for a in (held, unready) if a
            )
        )
        if week is not None:
            transaction.check_week(week)
    return done


def _write(
    transaction: DigestTransaction, letter: DigestMessage | tuple[int, ...], now: datetime
) -> Digested:
    """Queues a message, or notes that nothing went to anybody else in these absences."""
    if isinstance(letter, DigestMessage):
        return Digested(messages=int(transaction.queue(letter, now)))
    transaction.told(letter, now)
    return Digested(silent=len(letter))


def _letters(
    look: DigestLook,
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
    stop: Callable[[], bool],
) -> Iterator[DigestMessage | tuple[int, ...]]:
    """The letters that are due, first those that cannot wait for the week."""
    people = {p.id: p for p in look.people()}
    yield from handover_letters(look, people, policy, configured, now)
    yield from returned_letters(look, people, policy, configured, now)
    yield from weekly_letters(look, people, policy, configured, now, stop)


def _held(look: DigestLook, policy: Policy, now: datetime) -> Alert | None:
    """The admins' alert of every working day while something has been held since the day before."""
    zone = policy.zone_of(None)
    today = local_day(now, zone)
    early = now < send_instant(today, policy.attention.digest_at, zone)
    if (
        early
        or not policy.calendar_of(None).is_business_day(today)
        or not _is_new(look, f"held:{today}", policy)
    ):
        return None
    standing = look.standing()
    if not standing.messages_held and all(
        local_day(since, zone) >= today for _, _, since in standing.held
    ):
        return None
    return still_held(
        f"held:{today}", standing.held, standing.messages_held, today, policy.language
    )


def _week_to_check(look: DigestLook, policy: Policy, now: datetime) -> str | None:
    """The ISO week for which it is time to look at what is not as it should be."""
    zone = policy.zone_of(None)
    today = local_day(now, zone)
    day = digest_day(today, policy.attention.digest_weekday, policy.calendar_of(None))
    due = day is not None and send_instant(day, policy.attention.digest_at, zone) <= now
    return iso_week(today) if due and look.checked_week() != iso_week(today) else None


def _unready(
    look: DigestLook, policy: Policy, configured: Collection[ChannelName], week: str
) -> Alert | None:
    """Contracts and people that nothing can be told about or to, messages in doubt, and how many
    reminders were in time."""
    ending = {m.pipeline for m in policy.milestones if m.anchor is Anchor.ENDS_ON}
    found, doubtful, punctual = (
        look.unready(configured, ending),
        look.standing().in_doubt,
        look.punctual(),
    )
    if not (found.without_owner or found.without_end or found.unreachable or doubtful or punctual):
        return None
    counts = (found.without_owner, found.without_end, doubtful)
    return unready_alert(f"unready:{week}", counts, found.unreachable, policy.language, punctual)


def _is_new(look: DigestLook, key: str, policy: Policy) -> bool:
    """Whether an admin was not told this yet."""
    keys = [stable_key("alert", key, address) for address in policy.admins]
    return len(look.known(keys)) < len(set(keys))

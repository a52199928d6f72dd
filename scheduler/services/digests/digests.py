"""Digests (DESIGN §5 "Attention"): a person's week and a manager's team, once a week each, so that
silence is never ambiguous.

When
    The digest of an ISO week is due on `digest_on` at `digest_at` in the reader's own zone, on a
    closed day the next business day of that week; it goes out in the first open window from then
    until the week is over, also when the daemon was off or the reader away on the day itself.
How
    1. look (nothing is locked): who has one due, no message with its key, an open window, and
       nothing of their own on its way just now;
    2. gather what there is to say; 3. queue it in one transaction that asks for the key again.
Always holds: the key holds person, kind and ISO week, so that no week has two, however many
machines look or zones change; a person without an open deal gets none; a digest is not a day's
bundle, and where there is one in the same window it follows it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfoNotFoundError

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Absence, Person, Recipient
from scheduler.core.facts.digest_deals import DealSelection, DigestDeals, Most, picks
from scheduler.core.facts.digest_facts import (
    TEAM_PICKS,
    WEEK_PICKS,
    DigestChanges,
    RedirectedNudge,
    team_facts,
    weekly_facts,
)
from scheduler.core.facts.digest_health import HealthTurned, in_order
from scheduler.core.facts.punctuality import MonthLine
from scheduler.core.facts.tally import Tally
from scheduler.core.policy.policy import Policy
from scheduler.core.reports.renewals import StoredRenewal
from scheduler.core.rules.routing import Destination, destinations_of
from scheduler.core.rules.windows import Hold, window
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.time.weeks import digest_day, iso_week
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.services.delivery.alerts import AlertTransaction
from scheduler.services.digests.forecasting import team_forecast
from scheduler.services.people.naming import PeopleLook

WEEKLY, TEAM = "weekly", "team"
AT_ONCE = 50
"""How many readers' weeks, or members of a team, are counted by the same queries, between two
checks for a stop."""


@dataclass(frozen=True, slots=True)
class DigestMessage:
    """One message that is not a bundle of nudges, ready to be queued. `absences` and `left` count
    as told with it."""

    key: str
    kind: str
    recipient: Recipient
    destination: Destination
    language: Language
    facts: Mapping[str, Any]
    window_on: date
    absences: tuple[int, ...] = ()
    left: int | None = None


@dataclass(frozen=True, slots=True)
class AdminMatters:
    """What admins must look after: held nudges by recipient, with the day the first came up, and
    what is not as it should be."""

    held: tuple[tuple[str, int, datetime], ...] = ()
    messages_held: int = 0
    in_doubt: int = 0


@dataclass(frozen=True, slots=True)
class Unready:
    """Open contracts without a current owner, or without an end (and not evergreen), and owners
    whom nothing reaches."""

    without_owner: int = 0
    without_end: int = 0
    unreachable: tuple[str, ...] = ()


class DigestLook(PeopleLook, Protocol):
    """A snapshot to read from."""

    def known(self, keys: Collection[str]) -> set[str]:
        """The keys among these for which there is a message."""

    def being_told(self, persons: Collection[int], now: datetime) -> set[int]:
        """The people among these for whom a bundle is about to be formed or to go out."""

    def owners(self) -> Collection[int]:
        """The people who own an open deal."""

    def books(
        self, owners: Collection[int], most: Most, policy: Policy, today: date
    ) -> Mapping[int, DigestDeals]:
        """The facts known of open deals, by owner; owners without one are left out."""

    def team(
        self, owners: Collection[int], most: Most, policy: Policy, today: date
    ) -> tuple[Mapping[int, Tally], Mapping[DealSelection, Sequence[Deal]]]:
        """The numbers about open deals, by owner, and the first open deals of each list for all
        these owners together."""

    def renewals(
        self, pipelines: Collection[str], before: datetime | None, owners: Collection[int]
    ) -> Sequence[StoredRenewal]:
        """The terms of these people, as they stood before an instant, or stand; what was agreed is
        not read."""

    def pipelines(self, owner: int) -> Sequence[str]:
        """The pipelines of their open deals, the one with the most deals first."""

    def changes(self, owner: int, since: datetime, policy: Policy) -> DigestChanges:
        """What happened to a person's deals since then."""

    def turned(self, owners: Collection[int], since: datetime) -> Sequence[HealthTurned]:
        """The deals of these owners that got better or worse since then, in the order in which
        they are told."""

    def last_at(self, persons: Collection[int], kind: str) -> Mapping[int, datetime]:
        """When each of them last got a message of this kind; people who never did are left out."""

    def over(self, today: date) -> Mapping[int, Sequence[Absence]]:
        """Absences that ended or were taken back and of which nothing was told yet, by person."""

    def elsewhere(self, person: int, since: datetime) -> Sequence[RedirectedNudge]:
        """The nudges that went to somebody else instead of this person, the latest of each
        question."""

    def left(self) -> Sequence[int]:
        """People who are no longer active, have open deals, and whose manager was not told yet."""

    def letters(self, left: int) -> int:
        """How often somebody's deals were handed over before."""

    def standing(self) -> AdminMatters:
        """The matters that are held or in doubt."""

    def unready(self, configured: Collection[ChannelName], ending: Collection[str]) -> Unready:
        """The contracts that cannot be told to anybody, or never come up. `ending` are the
        pipelines whose contracts should have an end."""

    def punctual(self) -> Sequence[MonthLine]:
        """How many reminders were in time, as last kept."""

    def checked_week(self) -> str | None:
        """The last week for which `unready` was looked at."""


class DigestTransaction(AlertTransaction, Protocol):
    """One open transaction that writes digests."""

    def queue(self, letter: DigestMessage, now: datetime) -> bool:
        """Queues a message unless there is one with its key, and marks what is told with it."""

    def told(self, absences: Collection[int], now: datetime) -> None:
        """Notes that nothing went to anybody else in these absences."""

    def check_week(self, week: str) -> None:
        """Notes that `unready` was looked at."""


def open_window(person: Person, policy: Policy, now: datetime) -> date | None:
    """The day of the window in which the person may be reached now; None outside one, or while they
    are away."""
    day = _window_on(person, policy, now)
    return None if day is None or person.absence_on(day) else day


def _window_on(person: Person, policy: Policy, now: datetime) -> date | None:
    """The day of the window that is open now; the person may be away."""
    found = window(now, policy.hours_of(person), policy.zone_of(person), policy.calendar_of(person))
    return None if isinstance(found, Hold) else found.window_on


def week_due(person: Person, policy: Policy, now: datetime) -> str | None:
    """The ISO week whose digest the person may have now; None before its hour.

    A `digest_at` after the person's hours counts as the beginning of their hours.
    """
    zone, hours = policy.zone_of(person), policy.hours_of(person)
    today = local_day(now, zone)
    day = digest_day(today, policy.attention.digest_weekday, policy.calendar_of(person))
    at = policy.attention.digest_at if policy.attention.digest_at < hours.closes else hours.opens
    return iso_week(today) if day is not None and send_instant(day, at, zone) <= now else None


def _all_due(
    people: Iterable[Person], policy: Policy, now: datetime
) -> Iterator[tuple[Person, str, date]]:
    """The people who may have a digest now, with its week and the window's day; worked out once for
    all who share a zone, hours and calendar."""
    due: dict[tuple[Any, ...], tuple[str, date] | None] = {}
    for person in people:
        alike = (person.zone, person.hours, person.calendar)
        if alike not in due:
            due[alike] = _due(person, policy, now)
        if (found := due[alike]) is not None and person.absence_on(found[1]) is None:
            yield person, *found


def _due(person: Person, policy: Policy, now: datetime) -> tuple[str, date] | None:
    """The week whose digest people like this one may have now, and the window's day.

    Somebody whose zone this machine does not know does not hold up the others; the sweep tells the
    admins about their contracts.
    """
    try:
        week, day = week_due(person, policy, now), _window_on(person, policy, now)
    except ZoneInfoNotFoundError:
        return None
    return (week, day) if week and day else None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A digest that is due: its reader, kind and week, and the window's day."""

    person: Person
    kind: str
    week: str
    day: date
    destination: Destination

    @property
    def key(self) -> str:
        """The key that makes it the only one."""
        return digest_key(self.kind, self.person, self.week)


def weekly_letters(
    look: DigestLook,
    people: Mapping[int, Person],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[DigestMessage]:
    """The digests of weeks and teams that are due and not made yet. `stop` is asked throughout; a
    letter that it interrupts is not finished."""
    wanted = _wanted(look, people, policy, configured, now)
    for day in dict.fromkeys(w.day for w in wanted):
        same = [w for w in wanted if w.day == day]
        for start in range(0, len(same), AT_ONCE):
            yield from _letters(look, same[start : start + AT_ONCE], people, policy, now, stop)


def _wanted(
    look: DigestLook,
    people: Mapping[int, Person],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Sequence[_Wanted]:
    """The digests that are due, can be sent and are not made yet, weeks before teams."""
    due = list(_all_due((p for p in people.values() if p.active), policy, now))
    owners = look.owners() if due else ()
    managers = {p.manager_id for p in people.values() if p.id in owners and p.manager_id != p.id}
    wanted = [
        _Wanted(person, kind, week, day, destination)
        for kind, whose in ((WEEKLY, owners), (TEAM, managers))
        for person, week, day in due
        if person.id in whose
        and (destination := next(iter(destinations_of(person, configured)), None)) is not None
    ]
    keys = {w.key: w for w in wanted}
    known = look.known(keys)
    return [w for key, w in keys.items() if key not in known]


def _letters(
    look: DigestLook,
    wanted: Sequence[_Wanted],
    people: Mapping[int, Person],
    policy: Policy,
    now: datetime,
    stop: Callable[[], bool],
) -> Iterator[DigestMessage]:
    """Makes the letters of one day, some at a time: what they all need is asked for once."""
    if stop():
        return
    told = look.being_told([w.person.id for w in wanted], now)
    free, day = [w for w in wanted if w.person.id not in told], wanted[0].day
    readers = [w.person.id for w in free if w.kind == WEEKLY]
    books, last = look.books(readers, WEEK_PICKS, policy, day), look.last_at(readers, WEEKLY)
    told_at = look.last_at([w.person.id for w in free if w.kind == TEAM], TEAM)
    for one in free:
        if one.kind == TEAM:
            facts = _team(look, one.person, people, policy, day, told_at.get(one.person.id), stop)
            if facts is not None:
                theirs = members(one.person, people)
                facts |= {"forecast": team_forecast(look, theirs, policy, day, now)}
        else:
            facts = _week(
                look,
                one.person,
                books.get(one.person.id),
                last.get(one.person.id),
                policy,
                day,
                now,
            )
        if facts is not None:
            language = policy.language_of(one.person)
            yield DigestMessage(
                one.key,
                one.kind,
                Recipient(person_id=one.person.id),
                one.destination,
                language,
                facts | {"week": one.week},
                day,
            )


def digest_key(kind: str, person: Person, week: str) -> str:
    """The key of a person's digest of a week."""
    return stable_key("digest", kind, person.id, week)


def _week(
    look: DigestLook,
    person: Person,
    own: DigestDeals | None,
    last: datetime | None,
    policy: Policy,
    today: date,
    now: datetime,
) -> dict[str, Any] | None:
    """The facts of a person's week; None without an open deal."""
    if own is None:
        return None
    changes = look.changes(person.id, last, policy) if last is not None else DigestChanges()
    since = local_day(last, policy.zone_of(person)) if last is not None else None
    return weekly_facts(own, changes, policy, today, since, policy.language_of(person), now)


def members(manager: Person, people: Mapping[int, Person]) -> Sequence[int]:
    """The people whom somebody manages."""
    return [p.id for p in people.values() if p.manager_id == manager.id and p.id != manager.id]


def _team(
    look: DigestLook,
    manager: Person,
    people: Mapping[int, Person],
    policy: Policy,
    today: date,
    last: datetime | None,
    stop: Callable[[], bool],
) -> dict[str, Any] | None:
    """The facts of a team's week, `last` being when its manager last had one; None if nobody in it
    has an open deal, or if there is no time to finish."""
    theirs = members(manager, people)
    tallies: dict[int, Tally] = {}
    picked: dict[DealSelection, list[Deal]] = {pick: [] for pick in TEAM_PICKS}
    turned: list[HealthTurned] = []
    for start in range(0, len(theirs), AT_ONCE):
        if stop():
            return None
        some = theirs[start : start + AT_ONCE]
        own, first = look.team(some, TEAM_PICKS, policy, today)
        tallies |= own
        for pick, deals in first.items():
            picked[pick] += deals
        if last is not None and policy.health is not None:
            turned += look.turned(some, last)
    if not tallies:
        return None
    book = DigestDeals(
        sum(tallies.values(), Tally()),
        {p: picks(deals, {p: TEAM_PICKS[p]}, policy, today)[p] for p, deals in picked.items()},
    )
    return team_facts(
        {people[p]: own for p, own in tallies.items()},
        book,
        policy,
        today,
        policy.language_of(manager),
        people,
        in_order(turned),
    )

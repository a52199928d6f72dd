"""What changes hands among people: on return, what went to somebody else; when somebody has left,
all their deals (DESIGN §5 "Attention").

    returned   one message in the first window after an absence, with every nudge that somebody else
               got instead; nothing when nothing did
    handover   one message to the manager of somebody who left, as soon as that manager may be
               reached, once for each time somebody leaves
Always holds: a manager who has left or is away is skipped in favour of the next (a delegate
first); where nobody is left the pipeline's fallback gets it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from scheduler.core.deal.people import Person, Recipient
from scheduler.core.facts.digest_facts import HANDOVER_PICKS, handover_facts, returned_facts
from scheduler.core.policy.milestone_days import MIDNIGHT
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import destination_of_address, destinations_of
from scheduler.core.rules.windows import Hold, window
from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.digests.digests import DigestLook, DigestMessage, open_window

RETURNED, HANDOVER = "returned", "handover"


def returned_letters(
    look: DigestLook,
    people: Mapping[int, Person],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Iterator[DigestMessage | tuple[int, ...]]:
    """For everybody who is back: a letter with what went to somebody else, or the numbers of
    absences in which nothing did."""
    for person_id, absences in look.over(now.date()).items():
        person = people[person_id]
        zone, numbers = policy.zone_of(person), tuple(a.id for a in absences if a.id is not None)
        destination = next(iter(destinations_of(person, configured)), None)
        if not person.active or destination is None:
            yield numbers
            continue
        day = open_window(person, policy, now)
        if day is None or any(a.id in numbers for a in person.absences if a.last_on >= day):
            continue
        since = send_instant(min(a.first_on for a in absences), MIDNIGHT, zone)
        elsewhere = look.elsewhere(person_id, since)
        if not elsewhere:
            yield numbers
            continue
        language = policy.language_of(person)
        facts = returned_facts(absences, elsewhere, policy, local_day(now, zone), language)
        key = stable_key("digest", RETURNED, *numbers)
        yield DigestMessage(
            key,
            RETURNED,
            Recipient(person_id=person_id),
            destination,
            language,
            facts,
            day,
            absences=numbers,
        )


def handover_letters(
    look: DigestLook,
    people: Mapping[int, Person],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Iterator[DigestMessage]:
    """For everybody who has left: a letter with their open deals, to the person in charge of their
    team now."""
    for person_id in look.left():
        left = people[person_id]
        reader = _in_charge(left, people, policy, configured, now)
        opened = open_window(reader, policy, now) if reader is not None else _opened(policy, now)
        if opened is None:
            continue
        own = look.books([person_id], HANDOVER_PICKS, policy, opened).get(person_id)
        if own is None:
            continue
        language = policy.language_of(reader)
        facts = handover_facts(left, own, policy, opened, language)
        key = stable_key("digest", HANDOVER, person_id, look.letters(person_id))
        if reader is not None:
            recipient, destination = (
                Recipient(person_id=reader.id),
                destinations_of(reader, configured)[0],
            )
        else:
            address = _fallback(look.pipelines(person_id), policy)
            recipient, destination = (
                Recipient(address=address),
                destination_of_address(address, configured),
            )
        yield DigestMessage(
            key, HANDOVER, recipient, destination, language, facts, opened, left=person_id
        )


def _in_charge(
    left: Person,
    people: Mapping[int, Person],
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Person | None:
    """The first person above them who is active, can be reached and is not away, a delegate before
    the next manager; None if there is nobody."""
    passed, here = {left.id}, people.get(left.manager_id or 0)
    while here is not None and here.id not in passed:
        passed.add(here.id)
        absence = here.absence_on(local_day(now, policy.zone_of(here)))
        if here.active and absence is None and destinations_of(here, configured):
            return here
        delegate = (
            people.get(absence.delegate_id or 0) if here.active and absence is not None else None
        )
        here = delegate or people.get(here.manager_id or 0)
    return None


def _opened(policy: Policy, now: datetime) -> date | None:
    """The window of an address that belongs to no person."""
    found = window(now, policy.hours, policy.zone_of(None), policy.calendar_of(None))
    return None if isinstance(found, Hold) else found.window_on


def _fallback(pipelines: Sequence[str], policy: Policy) -> str:
    """The fallback address of the first of these pipelines that exists."""
    return policy.fallback_of(next((p for p in pipelines if p in policy.pipelines), ""))

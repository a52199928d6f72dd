"""When a waiting message reaches its reader: their hours, their absence, their wish for one message
a week, and the one message of a window. Monday is 4 January 2027; everybody works from 9 to 18."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Absence, Person, Recipient, WorkingHours
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.messages.states import Message
from scheduler.core.rules.delivery_window import (
    DeliveryWindows,
    Reached,
    Wait,
    may_leave,
    person_of,
    reach,
)
from scheduler.core.rules.windows import Open
from scheduler.core.words.lexicon import ChannelName, Language, MessageState, Pace, Urgency
from scheduler.core.words.reasons import word
from tests.cast import ANN, BOB, CHIKA, DAN, EXISTING, FALLBACK, LONDON, TOKYO, at, deal, policy

UNDER = policy()
AWAY = replace(ANN, absences=(Absence(date(2027, 1, 4), date(2027, 1, 8)),))
WEEKLY = replace(ANN, pace=Pace.WEEKLY)
NOW_AND_THEN = replace(ANN, pace=Pace.IMMEDIATE)
AFTERNOON = replace(ANN, hours=WorkingHours(time(13), time(15)))
CHANNELS = (ChannelName.EMAIL, ChannelName.SLACK)


def clock(instant: datetime) -> str:
    """An instant in London."""
    return f"{instant.astimezone(ZoneInfo(LONDON)):%a %d %H:%M}"


def shown(found: Open | Wait | None) -> str:
    """What was found, in a line."""
    if found is None:
        return "at once"
    if isinstance(found, Open):
        return f"open {found.window_on:%a %d} until {clock(found.closes_at)}"
    marks = (" away" if found.away else "") + (" weekly" if found.weekly else "")
    return f"{clock(found.until_at)}{marks}: {word(found.because, Language.EN)}"


OPEN, HOURS = "open Mon 04 until Mon 04 18:00", "waits for working hours (09:00–18:00)"
GONE = "Mon 11 09:00 away: waits: away until 2027-01-08"
BUNDLE = "Mon 11 09:00 weekly: waits for the weekly bundle on 2027-01-11"


@pytest.mark.parametrize(
    ("person", "now", "pressing", "found"),
    [
        (ANN, "2027-01-04 09:00", False, OPEN),
        (ANN, "2027-01-04 08:59", False, f"Mon 04 09:00: {HOURS}"),
        (ANN, "2027-01-04 18:00", False, "Tue 05 09:00: waits for the next window (2027-01-05)"),
        (AFTERNOON, "2027-01-04 13:00", False, "open Mon 04 until Mon 04 15:00"),
        (None, "2027-01-04 09:00", False, OPEN),
        (CHIKA, "2027-01-04 09:00", False, "Tue 05 00:00: waits for the next window (2027-01-05)"),
        (AWAY, "2027-01-04 08:00", False, GONE),
        (AWAY, "2027-01-08 23:00", True, GONE),
        (AWAY, "2027-01-11 09:00", False, "open Mon 11 until Mon 11 18:00"),
        (WEEKLY, "2027-01-04 10:00", False, OPEN),
        (WEEKLY, "2027-01-04 08:00", False, f"Mon 04 09:00: {HOURS}"),
        (WEEKLY, "2027-01-05 10:00", False, BUNDLE),
        (WEEKLY, "2027-01-05 10:00", True, "open Tue 05 until Tue 05 18:00"),
        (replace(AWAY, pace=Pace.WEEKLY), "2027-01-06 10:00", False, GONE),
    ],
)
def test_when_somebody_may_be_reached(
    person: Person | None, now: str, pressing: bool, found: str
) -> None:
    assert shown(reach(person, EXISTING, UNDER, at(now), pressing=pressing)) == found


IN_JAPAN = replace(EXISTING, zone=TOKYO, calendar="jp")
CHIKA_AWAY = replace(CHIKA, absences=AWAY.absences)
CHIKA_WEEKLY = replace(CHIKA, pace=Pace.WEEKLY)
YEAR_END = "Mon 04 00:00: waits: 2026-12-31 is not a working day (年末年始)"


@pytest.mark.parametrize(
    ("person", "pipeline", "now", "found"),
    [
        (CHIKA, EXISTING, "2026-12-31 04:00", YEAR_END),
        (None, IN_JAPAN, "2026-12-31 04:00", YEAR_END),
        (ANN, IN_JAPAN, "2026-12-31 10:00", "open Thu 31 until Thu 31 18:00"),
        (CHIKA_AWAY, EXISTING, "2027-01-06", "Tue 12 00:00 away: waits: away until 2027-01-08"),
        (CHIKA_WEEKLY, EXISTING, "2027-01-05",
         "Tue 12 00:00 weekly: waits for the weekly bundle on 2027-01-12"),
        (CHIKA_WEEKLY, EXISTING, "2027-01-03 23:30", f"Mon 04 00:00: {HOURS}"),
    ],
)  # fmt: skip
def test_hours_and_days_are_the_readers_or_the_pipelines(
    person: Person | None, pipeline: Pipeline, now: str, found: str
) -> None:
    assert shown(reach(person, pipeline, UNDER, at(now), pressing=False)) == found


NIGHT = replace(CHIKA, hours=WorkingHours(time(20), time(23)))


@pytest.mark.parametrize(
    ("owner", "found"),
    [
        (CHIKA, "Tue 12 00:00 of Tue 12 person:3"),
        (NIGHT, "Tue 12 11:00 of Tue 12 person:3"),
        (replace(CHIKA, active=False), f"Tue 12 00:00 of Tue 12 {FALLBACK}"),
    ],
)
def test_the_next_window_is_the_readers_or_the_pipelines(owner: Person, found: str) -> None:
    """They had their message on Friday the 8th; Monday is a holiday in Japan."""
    told = [(who, date(2027, 1, 8)) for who in ("person:3", FALLBACK)]
    windows = DeliveryWindows(policy(pipeline=IN_JAPAN), CHANNELS, told)
    assert line(windows(nudge(Recipient(3)), deal(owner=owner), at("2027-01-07 23:00"))) == found
    late = windows(nudge(Recipient(3)), deal(owner=owner), at("2027-01-08 16:00"))
    assert line(late).replace(", mid", "") == found


@pytest.mark.parametrize(
    ("kind", "reader", "pipeline", "now", "found"),
    [
        ("nudges", ANN, "existing", "2027-01-04 09:00", OPEN),
        ("nudges", WEEKLY, "existing", "2027-01-05 09:00", "open Tue 05 until Tue 05 18:00"),
        ("nudges", AWAY, None, "2027-01-05 09:00", GONE),
        ("nudges", None, "existing", "2027-01-04 08:00", f"Mon 04 09:00: {HOURS}"),
        (
            "nudges",
            None,
            None,
            "2027-01-04 23:30",
            "Tue 05 00:00: waits for working hours (09:00–18:00)",
        ),
        ("alert", ANN, "existing", "2027-01-04 03:00", "at once"),
        ("fresh_link", AWAY, "existing", "2027-01-04 03:00", "at once"),
    ],
)
def test_what_was_made_earlier_leaves_in_its_readers_window(
    kind: str, reader: Person | None, pipeline: str | None, now: str, found: str
) -> None:
    made = Message(
        1, "m", kind, "person:1", ChannelName.EMAIL, "ann@example.com", Language.EN,
        MessageState.QUEUED, at("2027-01-04"),
    )  # fmt: skip
    elsewhere = replace(UNDER, zone="Asia/Tokyo", hours=WorkingHours())
    assert shown(may_leave(made, reader, pipeline, elsewhere, at(now))) == found


def nudge(to: Recipient = Recipient(1), **more: object) -> Nudge:  # noqa: B008
    """A nudge for Ann."""
    plain = Nudge("n", "renewal_1m", date(2027, 3, 31), 0, to, "owner", "")
    return replace(plain, **more)  # type: ignore[arg-type]


def line(found: Reached | None) -> str:
    """When, to whom, in which window; what else is known of it."""
    if found is None:
        return "held"
    marks = [*(["at once"] if found.at_once else []), *(["mid"] if found.mid else [])]
    marks += [f"decided again {clock(a)}" for a in found.anew]
    day = f" of {found.window_on:%a %d}"
    return ", ".join([f"{clock(found.at)}{day} {found.recipient}", *marks])


URGENT, PRESSING = Urgency.URGENT, Urgency.PRESSING
MUTE = replace(ANN, email=None, slack_id=None)
TWICE = replace(
    ANN,
    absences=(
        Absence(date(2027, 1, 4), date(2027, 1, 5)),
        Absence(date(2027, 1, 6), date(2027, 1, 6)),
    ),
)


@pytest.mark.parametrize(
    ("owner", "asked", "at_", "found"),
    [
        (ANN, nudge(), "2027-01-04 10:00", "Mon 04 10:00 of Mon 04 person:1, mid"),
        (ANN, nudge(), "2027-01-04 08:00", "Mon 04 09:00 of Mon 04 person:1"),
        (ANN, nudge(urgency=PRESSING), "2027-01-04 08:00", "Mon 04 09:00 of Mon 04 person:1"),
        (ANN, nudge(urgency=URGENT), "2027-01-04 08:00", "Mon 04 09:00 of Mon 04 person:1, at once"),
        (NOW_AND_THEN, nudge(), "2027-01-04 10:00", "Mon 04 10:00 of Mon 04 person:1, at once, mid"),
        (WEEKLY, nudge(), "2027-01-05 10:00", "Mon 11 09:00 of Mon 11 person:1"),
        (WEEKLY, nudge(urgency=PRESSING), "2027-01-05 10:00", "Tue 05 10:00 of Tue 05 person:1, mid"),
        (AWAY, nudge(), "2027-01-04 10:00",
         "Mon 11 09:00 of Mon 11 person:1, decided again Mon 04 10:00"),
        (TWICE, nudge(), "2027-01-04 10:00", ("Thu 07 09:00 of Thu 07 person:1, "
         "decided again Mon 04 10:00, decided again Wed 06 09:00")),
        (MUTE, nudge(), "2027-01-04 10:00", f"Mon 04 10:00 of Mon 04 {FALLBACK}, mid"),
        (replace(ANN, active=False), nudge(), "2027-01-04 10:00",
         f"Mon 04 10:00 of Mon 04 {FALLBACK}, mid"),
        (ANN, nudge(Recipient(99)), "2027-01-04 10:00",
         f"Mon 04 10:00 of Mon 04 {FALLBACK}, mid"),
        (ANN, nudge(Recipient(address="slack:#cs")), "2027-01-04 10:00",
         "Mon 04 10:00 of Mon 04 slack:#cs, mid"),
    ],
)  # fmt: skip
def test_when_a_nudge_goes_out_and_to_whom(
    owner: Person, asked: Nudge, at_: str, found: str
) -> None:
    windows = DeliveryWindows(UNDER, CHANNELS)
    of = deal(owner=owner)
    assert line(windows(asked, of, at(at_))) == found
    assert windows(asked, of, at(at_)) is windows(asked, of, at(at_)), "found once"


def test_what_was_found_holds_for_one_person_instant_and_urgency() -> None:
    windows = DeliveryWindows(UNDER, CHANNELS)
    some = (
        (nudge(), "2027-01-04 10:00"),
        (nudge(), "2027-01-04 11:00"),
        (nudge(urgency=URGENT), "2027-01-04 10:00"),
        (nudge(Recipient(2)), "2027-01-04 10:00"),
    )
    assert [line(windows(n, deal(), at(t))) for n, t in some] == [
        "Mon 04 10:00 of Mon 04 person:1, mid",
        "Mon 04 11:00 of Mon 04 person:1, mid",
        "Mon 04 10:00 of Mon 04 person:1, at once, mid",
        "Mon 04 10:00 of Mon 04 person:2, mid",
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (nudge(), "Tue 05 09:00 of Tue 05 person:1"),
        (nudge(urgency=URGENT), "Mon 04 10:00 of Mon 04 person:1, at once, mid"),
        (nudge(Recipient(2)), "Mon 04 10:00 of Mon 04 person:2, mid"),
    ],
)
def test_who_has_had_their_message_of_the_window_waits_for_the_next(
    asked: Nudge, found: str
) -> None:
    told = [("person:1", date(2027, 1, 4)), ("person:2", date(2027, 1, 5))]
    assert line(DeliveryWindows(UNDER, CHANNELS, told)(asked, deal(), at("2027-01-04"))) == found


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        (nudge(late=True), True),
        (nudge(), False),
        (nudge(late=True, urgency=PRESSING), False),
        (nudge(Recipient(2), late=True), False),
    ],
)
def test_the_flood_breaker_holds_the_late_nudges_of_who_has_too_many(
    asked: Nudge, held: bool
) -> None:
    flooded = DeliveryWindows(UNDER, CHANNELS, flooded=["person:1"])
    assert (flooded(asked, deal(), at("2027-01-04")) is None) is held
    assert not DeliveryWindows(UNDER, CHANNELS).holds(asked)


def test_what_else_decides_somebodys_windows() -> None:
    told = [("person:1", date(2027, 1, 5)), ("person:1", date(2027, 1, 4))]
    windows = DeliveryWindows(UNDER, CHANNELS, told, ["person:2"])
    assert [windows.standing_of(p) for p in (ANN, BOB, MUTE)] == [
        (True, False, (date(2027, 1, 4), date(2027, 1, 5))),
        (True, True, ()),
        (False, False, (date(2027, 1, 4), date(2027, 1, 5))),
    ]


def found(windows: DeliveryWindows, *times: str, **more: object) -> list[Reached]:
    """When Ann's nudges that wait at these times go out."""
    some = [windows(nudge(**more), deal(), at(t)) for t in times]  # type: ignore[arg-type]
    return [r for r in some if r is not None]


def moved(windows: DeliveryWindows, some: Sequence[Reached]) -> list[str]:
    """When those go out that missed their window."""
    later = windows.one_a_window(some)
    return [
        f"{clock(r.at)} -> {clock(later[r].at)} of {later[r].window_on:%a %d}"
        for r in some
        if r in later
    ]


def test_what_comes_after_the_one_message_of_a_window_joins_the_next() -> None:
    windows = DeliveryWindows(UNDER, CHANNELS)
    opening = found(windows, "2027-01-04 07:00", "2027-01-04 08:00", "2027-01-05 09:00")
    later = found(windows, "2027-01-04 10:00", "2027-01-04 17:00", "2027-01-05 12:00")
    assert moved(windows, [*later, *opening]) == [
        "Mon 04 10:00 -> Tue 05 09:00 of Tue 05",
        "Mon 04 17:00 -> Tue 05 09:00 of Tue 05",
        "Tue 05 12:00 -> Wed 06 09:00 of Wed 06",
    ]


def test_what_goes_at_once_never_waits_and_takes_the_window_for_others() -> None:
    windows = DeliveryWindows(UNDER, CHANNELS)
    urgent = found(windows, "2027-01-04 09:30", "2027-01-04 12:00", urgency=URGENT)
    plain = found(windows, "2027-01-04 12:00", "2027-01-04 13:00")
    assert moved(windows, [*plain, *urgent]) == ["Mon 04 13:00 -> Tue 05 09:00 of Tue 05"]


def test_a_window_is_one_persons() -> None:
    windows = DeliveryWindows(UNDER, CHANNELS)
    ann = found(windows, "2027-01-04 10:00")
    bob = windows(nudge(Recipient(2)), deal(), at("2027-01-04 11:00"))
    assert bob is not None
    assert moved(windows, [*ann, bob]) == []


def test_what_another_process_found_can_be_moved_too() -> None:
    theirs, ours = DeliveryWindows(UNDER, CHANNELS), DeliveryWindows(UNDER, CHANNELS)
    some = found(theirs, "2027-01-04 09:00", "2027-01-04 13:00")
    readers = theirs.readers(some)
    assert [readers[r].person for r in some] == [ANN, ANN]
    ours.learn(readers)
    assert moved(ours, some) == ["Mon 04 13:00 -> Tue 05 09:00 of Tue 05"]


@pytest.mark.parametrize(
    ("of", "to", "who"),
    [
        (deal(), Recipient(1), ANN),
        (deal(), Recipient(2), BOB),
        (deal(sales=DAN), Recipient(4), DAN),
        (deal(people={3: CHIKA}), Recipient(3), CHIKA),
        (deal(people={1: AWAY}), Recipient(1), AWAY),
        (deal(owner=None, manager=None), Recipient(1), None),
        (deal(), Recipient(address="slack:#cs"), None),
    ],
)
def test_whom_a_nudge_is_for(of: Deal, to: Recipient, who: Person | None) -> None:
    assert person_of(nudge(to), of) == who

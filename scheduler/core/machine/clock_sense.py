"""Clock sense (DESIGN §7): can the time be trusted? A wrong clock would send hundreds of nudges too
early, or none.

Always holds: pure; a doubt stays until the clocks agree again or somebody confirms the time; until
then nothing is swept and nothing sent.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.core.words.labels import Label

DISAGREEMENT = timedelta(minutes=10)
SKEW = timedelta(minutes=1)
"""How far the clocks of several machines on one database may be apart without a word."""
LONGEST_STOP = timedelta(days=3)
"""For how long a machine that was switched off meanwhile is believed to have stood still: a long
weekend."""


@dataclass(frozen=True, slots=True)
class Uptime:
    """One start of a machine (`boot`, empty if unknown) and the seconds since, by a clock that
    nobody can set."""

    boot: str
    steady: float


@dataclass(frozen=True, slots=True)
class LastSeen:
    """A sweep: its time by the wall clock, and how long the machine that swept had been running."""

    at: datetime
    on: Uptime


@dataclass(frozen=True, slots=True)
class TrustedTime:
    """The last trusted time: the wall clock `wall_at` when the monotonic clock stood at `monotonic`
    seconds, and the doubt, if any. `since`: the sweep from which the clock was too far away at the
    start; None once the clock was trusted.
    """

    wall_at: datetime
    monotonic: float
    doubt: Label | None = None
    since: datetime | None = None


def begin(wall_at: datetime, now: Uptime, last: LastSeen | None) -> TrustedTime:
    """The sense at a start: the clock is trusted unless it is further ahead of the last sweep than
    a stop explains.

    On the same start of the same machine the steady clock says exactly how long the stop was;
    otherwise it may have been LONGEST_STOP.
    """
    if last is None:
        return TrustedTime(wall_at, now.steady)
    same = bool(now.boot) and now.boot == last.on.boot and now.steady >= last.on.steady
    latest = last.at + (timedelta(seconds=now.steady - last.on.steady) if same else LONGEST_STOP)
    return (
        TrustedTime(wall_at, now.steady)
        if wall_at <= latest + DISAGREEMENT
        else TrustedTime(latest, now.steady, since=last.at)
    )


def look(
    sense: TrustedTime, wall_at: datetime, monotonic: float, last_sweep_at: datetime | None
) -> TrustedTime:
    """The sense after a look at both clocks and at the last sweep recorded in the database.

    A trusted time becomes the next reference, so that slow drift never adds up to a doubt; a
    doubted one keeps the old reference, so that coming back to it clears the doubt.
    """
    ahead = wall_at - (sense.wall_at + timedelta(seconds=monotonic - sense.monotonic))
    if abs(ahead) > DISAGREEMENT:
        return replace(
            sense,
            doubt=_jumped(ahead, wall_at) if sense.since is None else _far(sense.since, wall_at),
        )
    if last_sweep_at is not None and wall_at < last_sweep_at - SKEW:
        return replace(sense, doubt=_behind(last_sweep_at, wall_at))
    return TrustedTime(wall_at, monotonic)


def accept(wall_at: datetime, monotonic: float) -> TrustedTime:
    """The sense after the time was confirmed: by a synchronised clock, or by a person."""
    return TrustedTime(wall_at, monotonic)


def _jumped(ahead: timedelta, wall_at: datetime) -> Label:
    """The doubt when the machine's clock was moved, or the machine was suspended."""
    minutes = round(abs(ahead).total_seconds() / 60)
    if ahead > timedelta(0):
        return Label(
            "the clock jumped {minutes} minutes forward (it now says {wall_at:%Y-%m-%d %H:%M} "
            "UTC); check the time and, if it is right, run `renewals clock accept`",
            minutes=minutes,
            wall_at=wall_at,
        )
    return Label(
        "the clock jumped {minutes} minutes back (it now says {wall_at:%Y-%m-%d %H:%M} UTC); "
        "check the time and, if it is right, run `renewals clock accept`",
        minutes=minutes,
        wall_at=wall_at,
    )


def _far(last_sweep_at: datetime, wall_at: datetime) -> Label:
    """The doubt when the last sweep is further back than any known stop."""
    days = (wall_at - last_sweep_at).days
    return Label(
        (
            "the clock says {wall_at:%Y-%m-%d %H:%M} UTC, {days} days after the last sweep "
            "({last_sweep_at:%Y-%m-%d %H:%M} UTC), which is too long for an ordinary stop; check "
            "the time and, if it is right, run `renewals clock accept`"
        ),
        wall_at=wall_at,
        days=days,
        last_sweep_at=last_sweep_at,
    )


def _behind(last_sweep_at: datetime, wall_at: datetime) -> Label:
    """The doubt when the database has seen a later time than this."""
    return Label(
        (
            "the clock says {wall_at:%Y-%m-%d %H:%M} UTC, before the last sweep recorded in "
            "the database ({last_sweep_at:%Y-%m-%d %H:%M} UTC); check the time and, if it is "
            "right, run `renewals clock accept`"
        ),
        wall_at=wall_at,
        last_sweep_at=last_sweep_at,
    )

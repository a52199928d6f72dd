"""A decision in full, a line for each thing it says, so that one assertion sees all of it."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import Deal, Decision, Event, Nudge
from scheduler.core.words.lexicon import Language, NudgeState, Urgency
from scheduler.core.words.reasons import word
from tests.cast import LONDON


def in_full(decision: Decision, of: Deal) -> list[str]:
    """What `decision` says of the deal: moves, events, what is taken back, nudges, what is
    cancelled, how the term ended, and the alarm."""
    return list(_lines(decision, of))


def _lines(said: Decision, of: Deal) -> Iterator[str]:
    yield from (
        f"{m.from_stage} -> {m.to_stage} by {m.actor.name}: {_en(m.because)}" for m in said.moves
    )
    yield from (f"{_day(e)} {e.state.value}: {_en(e.reason)}{_answer(e)}" for e in said.events)
    for e in said.withdrawn:
        was = e.was.value if e.was else "?"
        yield f"{_day(e)} {e.state.value}, was {was}: {_en(e.reason)}{_answer(e)}"
    yield from (_nudge(n) for n in said.nudges)
    told = {n.key: n for n in (*of.nudges, *said.nudges)}
    for c in said.cancels:
        gone = told[c.key]
        yield f"not to {gone.recipient.key} {gone.milestone}+{gone.step}: {_en(c.reason)}"
    if said.won:
        yield f"won: {said.won.amount.major} {said.won.term} until {said.won.ends_on}"
    if said.lost:
        yield f"lost: {said.lost.reason}"
    if said.successor:
        yield f"then {said.successor.starts_on} to {said.successor.ends_on}"
    if said.wake_at:
        yield f"looks {_clock(said.wake_at)}"


def _day(e: Event) -> str:
    return f"{e.milestone}+{e.step} {e.anchor_on} on {e.day_on}"


def _answer(e: Event) -> str:
    quiet = f", quiet until {e.snoozed_until} for {e.snoozed_by}" if e.snoozed_until else ""
    seen, answered = ", seen" if e.seen else "", ", answered" if e.answered_at else ""
    was = f", was {e.was.value}" if e.was and e.state.value != "withdrawn" else ""
    return quiet + seen + answered + was + (f", row {e.id}" if e.id else "")


def _nudge(n: Nudge) -> str:
    marks = [
        *([n.state.value] if n.state is not NudgeState.WAITING else []),
        *([n.urgency.value] if n.urgency is not Urgency.NORMAL else []),
        *(["late"] if n.late else []),
        *([f"instead of {n.instead_of}"] if n.instead_of else []),
        *([_en(n.because)] if n.because else []),
    ]
    return f"to {n.recipient.key} as {n.role}: " + ", ".join(
        [f"{n.milestone}+{n.step} {n.anchor_on}", *marks]
    )


def _clock(at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(LONDON)):%Y-%m-%d %H:%M}"


def _en(stored: str) -> str:
    return word(stored, Language.EN)

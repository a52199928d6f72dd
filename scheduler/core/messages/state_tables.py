"""What the states of events, nudges and messages mean, which may follow which, and
which message a nudge in each state may have: the one place that says so (`docs/states.md` is made
of it, and the balance holds every row against it).

Always holds: every stored state is listed here; a state without followers is final.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler.core.messages.states import STATES
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState as E
from scheduler.core.words.lexicon import MessageState as M
from scheduler.core.words.lexicon import NudgeState as N


@dataclass(frozen=True, slots=True)
class State:
    """What a state means, and those that may follow."""

    meaning: Label
    then: frozenset[StrEnum] = frozenset()


_WITHDRAWN = frozenset({E.WITHDRAWN})

EVENTS: Mapping[E, State] = {
    E.FIRED: State(
        Label("its day came: people are told, the deal moves"),
        _WITHDRAWN,
    ),
    E.SUPERSEDED: State(
        Label("a later day of its series took its place"),
        _WITHDRAWN,
    ),
    E.SKIPPED: State(
        Label("its day came, but its condition was not met"),
        _WITHDRAWN,
    ),
    E.BASELINE: State(
        Label("its day was already past when the data or the milestone was added: nobody is told"),
        _WITHDRAWN,
    ),
    E.CARRIED_OVER: State(
        Label("people were already told for a day shortly before"),
        _WITHDRAWN,
    ),
    E.EXPIRED: State(
        Label("its condition was not met in time"),
        _WITHDRAWN,
    ),
    E.WITHDRAWN: State(
        Label("the date it counts from has changed; the new date has its own row"),
    ),
}
"""One row per deal, milestone, anchor day and step; each is made in its first state."""

NUDGES: Mapping[N, State] = {
    N.SENT: State(Label("its message went out")),
    N.WAITING: State(
        Label("waits for its recipient's working hours, or is in a message on its way"),
        frozenset({N.SENT, N.HELD, N.CANCELLED, N.DEAD, N.IN_DOUBT}),
    ),
    N.HELD: State(
        Label("waits until somebody releases it (`renewals release`)"),
        frozenset({N.WAITING, N.SENT, N.CANCELLED, N.IN_DOUBT}),
    ),
    N.CANCELLED: State(
        Label("no longer needed; undoing the answer or the import brings it back"),
        frozenset({N.WAITING, N.HELD}),
    ),
    N.DEAD: State(
        Label("nobody could be reached; the admins were told (`renewals retry` sends it again)"),
        frozenset({N.WAITING}),
    ),
    N.IN_DOUBT: State(
        Label(
            "nobody can say whether it arrived; the admins were told (`renewals release "
            "--in-doubt` settles it)"
        ),
        frozenset({N.SENT, N.CANCELLED, N.WAITING}),
    ),
}
"""One thing to tell one recipient; each is made waiting."""

_MESSAGES: Mapping[M, Label] = {
    M.QUEUED: Label("waits for its turn"),
    M.CLAIMED: Label("picked up by a worker, about to be sent"),
    M.HANDED_OVER: Label("is being handed to Slack or the mail server"),
    M.SENT: Label("was accepted by Slack or the mail server"),
    M.UNKNOWN: Label("may or may not have been accepted; being checked"),
    M.IN_DOUBT: Label("nobody could find out whether it arrived; the admins were told"),
    M.HELD: Label("waits until somebody releases it"),
    M.CANCELLED: Label("there was nothing left to send"),
    M.DEAD: Label("cannot be delivered; sent another way if there is one"),
}
MESSAGES: Mapping[M, State] = {
    state: State(_MESSAGES[state], frozenset(STATES[state])) for state in M
}
"""What is sent to one address."""

KINDS: Mapping[str, Label] = {
    "nudges": Label("nudges"),
    "weekly": Label("weekly list"),
    "team": Label("team's week"),
    "digest": Label("digest of an import"),
    "handover": Label("handover"),
    "returned": Label("after an absence"),
    "fresh_link": Label("fresh link"),
    "alert": Label("alert"),
}
"""What a message is about: every kind there is (`tests/core/messages/test_states.py` compares them
with those that are made)."""

ON_ITS_WAY = frozenset({M.QUEUED, M.CLAIMED, M.HANDED_OVER, M.UNKNOWN})
"""A message that will still be sent, or of which it will be known whether it was."""

CARRIED_BY: Mapping[N, frozenset[M | None]] = {
    N.SENT: frozenset({M.SENT}),
    N.WAITING: frozenset({None, *ON_ITS_WAY}),
    N.HELD: frozenset({None, M.HELD, *ON_ITS_WAY}),
    N.CANCELLED: frozenset({None, *M}),
    N.DEAD: frozenset({M.DEAD}),
    N.IN_DOUBT: frozenset({M.IN_DOUBT}),
}
"""By a nudge's state: where its message may stand (None: it has none). Anything else and the nudge
is lost, or says what nobody can prove."""


def as_markdown() -> str:
    """The tables as docs/states.md has them."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    """Line by line."""
    yield "# States"
    yield ""
    yield (
        "Made of `scheduler/core/messages/state_tables.py`; `renewals report balance` adds them up "
        "every day."
    )
    for title, equation, table in (
        ("Events", "due = " + " + ".join(state.value for state in E), EVENTS),
        ("Nudges", "nudges = " + " + ".join(state.value for state in N), NUDGES),
        ("Messages", "", MESSAGES),
    ):
        yield from ("", f"## {title}", "")
        if equation:
            yield from (f"`{equation}`", "")
        yield from ("| state | 呼び名 | meaning | 意味 | then |", "|---|---|---|---|---|")
        for state, row in table.items():
            then = ", ".join(sorted(s.value for s in row.then)) or "—"
            said = (state.value, state.label.ja, row.meaning.en, row.meaning.ja, then)
            yield f"| {' | '.join(said)} |"
    yield from ("", "## Which message a nudge has", "", "| nudge | its message |", "|---|---|")
    for nudge, carriers in CARRIED_BY.items():
        yield f"| {nudge.value} | {', '.join(sorted(c.value if c else 'none' for c in carriers))} |"

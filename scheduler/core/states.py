"""What the states of events, nudges and messages mean, and which may follow which: the one place that says so (`docs/states.md` is made of it).

Always holds: every state that is stored stands here; a state without followers is final.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from scheduler.core.labels import Label
from scheduler.core.messages import STATES
from scheduler.core.words import EventState as E
from scheduler.core.words import MessageState as M
from scheduler.core.words import NudgeState as N


@dataclass(frozen=True, slots=True)
class State:
    """What a state means, and those that may follow."""

    meaning: Label
    then: frozenset[StrEnum] = frozenset()


_WITHDRAWN = frozenset({E.WITHDRAWN})

EVENTS: Mapping[E, State] = {
    E.FIRED: State(Label("日が来て、知らせる相手に知らせた(または取引を移した)", "its day came: people are told, the deal moves"), _WITHDRAWN),
    E.SUPERSEDED: State(Label("同じ系列のより新しい日が代わりに働いた", "a later day of its series took its place"), _WITHDRAWN),
    E.SKIPPED: State(Label("日が来たが、条件に合わなかった", "its day came, but its condition did not hold"), _WITHDRAWN),
    E.BASELINE: State(
        Label("最初の取込や設定の追加より前の日のため、知らせない", "past when the data or the milestone arrived: nobody is told"), _WITHDRAWN
    ),
    E.CARRIED_OVER: State(Label("少し前の日付で知らせ済みのため、知らせ直さない", "told already for a day shortly before"), _WITHDRAWN),
    E.EXPIRED: State(Label("条件が成り立つのを待ったが、期限が過ぎた", "its condition did not come true in time"), _WITHDRAWN),
    E.WITHDRAWN: State(Label("基準日が変わって取り消された(別の日の行が代わりにある)", "the day it counted from is no longer true")),
}
"""One row per deal, milestone, anchor day and step; each is made in its first state."""

NUDGES: Mapping[N, State] = {
    N.WAITING: State(
        Label("相手の時間帯、またはまとめの送信を待つ", "waits for its recipient's window, or in a message on its way"),
        frozenset({N.SENT, N.HELD, N.CANCELLED, N.DEAD, N.IN_DOUBT}),
    ),
    N.HELD: State(
        Label("人が解除するまで送らない(renewals release)", "stays until a person releases it (`renewals release`)"),
        frozenset({N.WAITING, N.CANCELLED}),
    ),
    N.SENT: State(Label("送信された", "its message went out")),
    N.CANCELLED: State(Label("伝える必要がなくなった", "no longer mattered")),
    N.DEAD: State(Label("どの手段でも届けられない(管理者に連絡済み)", "no way leads to anybody; the admins were told")),
    N.IN_DOUBT: State(
        Label("届いたか確認できない(管理者に連絡済み)", "nobody can say whether it arrived; the admins were told"), frozenset({N.SENT, N.CANCELLED})
    ),
}
"""One thing to tell one recipient."""

_MESSAGES: Mapping[M, Label] = {
    M.QUEUED: Label("送信待ち", "waits to be sent"),
    M.CLAIMED: Label("1台が送信のために預かっている", "one worker has it"),
    M.HANDED_OVER: Label("送信先に渡している最中", "is being handed to Slack or the mail server"),
    M.SENT: Label("相手に渡った", "was taken"),
    M.UNKNOWN: Label("渡ったかどうか分からず、確認を待つ", "perhaps taken; will be looked up"),
    M.IN_DOUBT: Label("確認できなかった(管理者に連絡済み)", "could not be settled; the admins were told"),
    M.HELD: Label("人が解除するまで送らない", "stays until a person releases it"),
    M.CANCELLED: Label("送る内容がなくなった", "nothing was left to say"),
    M.DEAD: Label("送れない(次の手段か代替の宛先に回した)", "will never be taken; went another way"),
}
MESSAGES: Mapping[M, State] = {state: State(_MESSAGES[state], frozenset(STATES[state])) for state in M}
"""What is sent to one address."""


def as_markdown() -> str:
    """The tables as docs/states.md has them."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    """Line by line."""
    yield "# States"
    yield ""
    yield "Made of `scheduler/core/states.py`; `renewals report balance` adds them up every day."
    for title, equation, table in (
        ("Events", "due = " + " + ".join(state.value for state in E), EVENTS),
        ("Nudges", "nudges = " + " + ".join(state.value for state in N), NUDGES),
        ("Messages", "", MESSAGES),
    ):
        yield from ("", f"## {title}", "")
        if equation:
            yield from (f"`{equation}`", "")
        yield from ("| state | meaning | 意味 | then |", "|---|---|---|---|")
        for state, row in table.items():
            then = ", ".join(sorted(s.value for s in row.then)) or "—"
            yield f"| {state.value} | {row.meaning.en} | {row.meaning.ja} | {then} |"

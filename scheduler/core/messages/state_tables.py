"""What the states of events, nudges and messages are called and mean, which may follow which, and
which message a nudge in each state may have: the one place that says so (`docs/states.md` is made
of it, and the balance holds every row against it).

Always holds: every state that is stored stands here; a state without followers is final.
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
    """What people call a state, what it means, and those that may follow."""

    name: Label
    meaning: Label
    then: frozenset[StrEnum] = frozenset()


_WITHDRAWN = frozenset({E.WITHDRAWN})

EVENTS: Mapping[E, State] = {
    E.FIRED: State(
        Label("通知", "Fired"),
        Label(
            "日が来て、知らせる相手に知らせた(または取引を移した)",
            "its day came: people are told, the deal moves",
        ),
        _WITHDRAWN,
    ),
    E.SUPERSEDED: State(
        Label("置換", "Superseded"),
        Label("同じ系列のより新しい日が代わりに働いた", "a later day of its series took its place"),
        _WITHDRAWN,
    ),
    E.SKIPPED: State(
        Label("対象外", "Skipped"),
        Label("日が来たが、条件に合わなかった", "its day came, but its condition did not hold"),
        _WITHDRAWN,
    ),
    E.BASELINE: State(
        Label("過去分", "Baseline"),
        Label(
            "最初の取込や設定の追加より前の日のため、知らせない",
            "past when the data or the milestone arrived: nobody is told",
        ),
        _WITHDRAWN,
    ),
    E.CARRIED_OVER: State(
        Label("通知済", "Carried over"),
        Label(
            "少し前の日付で知らせ済みのため、知らせ直さない",
            "told already for a day shortly before",
        ),
        _WITHDRAWN,
    ),
    E.EXPIRED: State(
        Label("期限切れ", "Expired"),
        Label(
            "条件が成り立つのを待ったが、期限が過ぎた", "its condition did not come true in time"
        ),
        _WITHDRAWN,
    ),
    E.WITHDRAWN: State(
        Label("取消", "Withdrawn"),
        Label(
            "基準日が変わって取り消された(別の日の行が代わりにある)",
            "the day it counted from is no longer true; the new day has a row of its own",
        ),
    ),
}
"""One row per deal, milestone, anchor day and step; each is made in its first state."""

NUDGES: Mapping[N, State] = {
    N.SENT: State(
        Label("送信済み", "Sent"), Label("メッセージが相手に渡った", "its message went out")
    ),
    N.WAITING: State(
        Label("待機中", "Waiting"),
        Label(
            "相手の時間帯、またはまとめの送信を待つ",
            "waits for its recipient's window, or in a message on its way",
        ),
        frozenset({N.SENT, N.HELD, N.CANCELLED, N.DEAD, N.IN_DOUBT}),
    ),
    N.HELD: State(
        Label("保留", "Held"),
        Label(
            "人が解除するまで送らない(renewals release)",
            "stays until a person releases it (`renewals release`)",
        ),
        frozenset({N.WAITING, N.SENT, N.CANCELLED, N.IN_DOUBT}),
    ),
    N.CANCELLED: State(
        Label("取りやめ", "Cancelled"),
        Label(
            "伝える必要がなくなった(回答や取込を取り消すと元に戻る)",
            "no longer mattered; undoing the answer or the import puts it back",
        ),
        frozenset({N.WAITING, N.HELD}),
    ),
    N.DEAD: State(
        Label("送信不能", "Undeliverable"),
        Label(
            "どの手段でも届けられない(管理者に連絡済み、renewals retry で送り直す)",
            "no way led to anybody; the admins were told (`renewals retry` sends it again)",
        ),
        frozenset({N.WAITING}),
    ),
    N.IN_DOUBT: State(
        Label("不明", "In doubt"),
        Label(
            "届いたか確認できない(管理者に連絡済み、renewals release --in-doubt で確定)",
            (
                "nobody can say whether it arrived; the admins were told (`renewals release "
                "--in-doubt` settles it)"
            ),
        ),
        frozenset({N.SENT, N.CANCELLED, N.WAITING}),
    ),
}
"""One thing to tell one recipient; each is made waiting."""

_MESSAGES: Mapping[M, tuple[Label, Label]] = {
    M.QUEUED: (Label("送信待ち", "Queued"), Label("送信の順番を待つ", "waits for its turn")),
    M.CLAIMED: (
        Label("送信準備中", "Being prepared"),
        Label("1台が送信のために預かっている", "one worker has it"),
    ),
    M.HANDED_OVER: (
        Label("送信中", "Being sent"),
        Label("送信先に渡している最中", "is being handed to Slack or the mail server"),
    ),
    M.SENT: (Label("送信済み", "Sent"), Label("相手に渡った", "was taken")),
    M.UNKNOWN: (
        Label("確認中", "Being looked up"),
        Label("渡ったかどうか分からず、確認を待つ", "perhaps taken; will be looked up"),
    ),
    M.IN_DOUBT: (
        Label("不明", "In doubt"),
        Label("確認できなかった(管理者に連絡済み)", "could not be settled; the admins were told"),
    ),
    M.HELD: (
        Label("保留", "Held"),
        Label("人が解除するまで送らない", "stays until a person releases it"),
    ),
    M.CANCELLED: (
        Label("取りやめ", "Cancelled"),
        Label("送る内容がなくなった", "nothing was left to say"),
    ),
    M.DEAD: (
        Label("送信不能", "Undeliverable"),
        Label("送れない(次の手段か代替の宛先に回した)", "will never be taken; went another way"),
    ),
}
MESSAGES: Mapping[M, State] = {
    state: State(*_MESSAGES[state], frozenset(STATES[state])) for state in M
}
"""What is sent to one address."""

KINDS: Mapping[str, Label] = {
    "nudges": Label("リマインド", "nudges"),
    "weekly": Label("週のまとめ", "weekly list"),
    "team": Label("チームのまとめ", "team's week"),
    "digest": Label("取込後のまとめ", "digest of an import"),
    "handover": Label("退職者からの引き継ぎ", "handover"),
    "returned": Label("不在明けのまとめ", "after an absence"),
    "fresh_link": Label("新しいリンク", "fresh link"),
    "alert": Label("管理者への連絡", "alert"),
}
"""What a message is about: every kind there is (`tests/core/test_states.py` compares them with
those that are made)."""

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
            yield (
                f"| {state.value} | {row.name.ja} | {row.meaning.en} | {row.meaning.ja} | {then} |"
            )
    yield from ("", "## Which message a nudge has", "", "| nudge | its message |", "|---|---|")
    for nudge, carriers in CARRIED_BY.items():
        yield f"| {nudge.value} | {', '.join(sorted(c.value if c else 'none' for c in carriers))} |"

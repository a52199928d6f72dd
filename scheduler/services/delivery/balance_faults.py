"""What can be wrong with a row of the balance: what each fault means and what to do. Always holds:
every fault has both, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import NudgeState


class Fault(StrEnum):
    """What does not agree."""

    MISSING = "missing"
    SLEEPS = "sleeps"
    OVERSLEEPS = "oversleeps"
    TWICE = "twice"
    UNEQUAL = "unequal"
    UNTOLD = "untold"
    NO_EVENT = "no_event"
    NOT_CARRIED = "not_carried"
    LEFT_BEHIND = "left_behind"
    IN_DOUBT = "in_doubt"
    NOT_DEAD = "not_dead"
    STUCK_DEAL = "stuck_deal"
    STUCK_NUDGE = "stuck_nudge"
    STUCK_MESSAGE = "stuck_message"
    CHANGED = "changed"
    GONE = "gone"
    OUT_OF_STAGE = "out_of_stage"


MENDED_BY_A_LOOK = frozenset({Fault.MISSING, Fault.SLEEPS, Fault.OVERSLEEPS})
"""Nothing is lost yet: it is enough that a sweep looks at the deal."""

BY_STATE: Mapping[NudgeState, Fault] = {
    NudgeState.WAITING: Fault.LEFT_BEHIND,
    NudgeState.HELD: Fault.LEFT_BEHIND,
    NudgeState.SENT: Fault.NOT_CARRIED,
    NudgeState.IN_DOUBT: Fault.IN_DOUBT,
    NudgeState.DEAD: Fault.NOT_DEAD,
}
"""What it is called when a nudge's message stands where `states.CARRIED_BY` does not allow it."""

_LOOK = Label(
    (
        "常駐プログラム(renewals run)が毎日の照合で自動的に判定し直します。"
        "翌日も残る場合は不具合としてご報告ください"
    ),
    (
        "the daemon (`renewals run`) looks at it again in its daily balance; if it is still here "
        "tomorrow, report it as a bug"
    ),
)
_BY_HAND = Label(
    (
        "データベースを直接変更した場合は、元に戻してください。"
        "心当たりがなければ不具合としてご報告ください"
    ),
    "if somebody changed the database by hand, put it back; if nobody did, report it as a bug",
)
_ASK = Label("受信者に届いたか確認してください", "ask the recipient whether it arrived")
_TELL = Label("受信者に直接伝えてください", "tell the recipient yourself")
_LOG = Label(
    "renewals run が動いているか、ログを確認してください",
    "see whether `renewals run` is running, and look at its log",
)

FAULTS: Mapping[Fault, tuple[Label, Label]] = {
    Fault.MISSING: (
        Label(
            "日が来たのに記録がなく、次に見る予定もない",
            "its day came, but it has no event and its deal sleeps",
        ),
        _LOOK,
    ),
    Fault.SLEEPS: (
        Label(
            "いま行うことがあるのに、次に見る予定がない",
            "something is to be done now, but its deal sleeps",
        ),
        _LOOK,
    ),
    Fault.OVERSLEEPS: (
        Label(
            "次に見る予定が、次の期日より後になっている",
            "its alarm is set to after the next thing that comes",
        ),
        _LOOK,
    ),
    Fault.TWICE: (Label("同じ期日の記録が2つある", "two events stand for the same day"), _BY_HAND),
    Fault.UNEQUAL: (
        Label("この日の合計が合わない", "the sums of this day do not add up"),
        _BY_HAND,
    ),
    Fault.UNTOLD: (
        Label(
            "知らせるはずの通知タイミングにリマインドがない",
            "it fired and tells somebody, but has no nudge",
        ),
        Label("担当者に直接伝えてください", "tell the owner yourself"),
    ),
    Fault.NO_EVENT: (
        Label("リマインドの元になる記録がない", "a nudge about nothing: its event is gone"),
        _BY_HAND,
    ),
    Fault.NOT_CARRIED: (
        Label(
            "送信済みだが、送信済みのメッセージに入っていない",
            "it counts as sent, but no message that went out carries it",
        ),
        _ASK,
    ),
    Fault.LEFT_BEHIND: (
        Label(
            "終わった、または消えたメッセージに残されたまま待っている",
            "it waits in a message that is over or gone, so nobody will send it",
        ),
        _TELL,
    ),
    Fault.IN_DOUBT: (
        Label("不明のはずが、メッセージと食い違う", "it is in doubt, and its message is not"),
        _ASK,
    ),
    Fault.NOT_DEAD: (
        Label(
            "送信不能のはずが、メッセージと食い違う",
            "it counts as undeliverable, and its message does not",
        ),
        _ASK,
    ),
    Fault.STUCK_DEAL: (
        Label(
            "見る時刻を過ぎたまま、巡回されていない",
            "it was to be looked at long ago, and no sweep has",
        ),
        _LOG,
    ),
    Fault.STUCK_NUDGE: (
        Label("送信できる時刻を過ぎたまま待っている", "it could have gone out long ago"),
        _LOG,
    ),
    Fault.STUCK_MESSAGE: (
        Label("送信が途中で止まっている", "it stands still on its way out"),
        Label(
            "送信先とログを確認してください：renewals messages",
            "look at the log and at `renewals messages`",
        ),
    ),
    Fault.CHANGED: (
        Label("記録のあとに書き換えられた行", "a row that was changed after it was written"),
        _BY_HAND,
    ),
    Fault.GONE: (Label("記録のあとに消えた行", "a row that was written and is gone"), _BY_HAND),
    Fault.OUT_OF_STAGE: (
        Label(
            "取引のステージが、最後の通過記録と食い違う",
            "the deal stands in another stage than its last passage led to",
        ),
        _BY_HAND,
    ),
}
"""What each means, and what to do."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One row that does not agree. `what` is a milestone, a message's number, or a table and a
    row's number; `on` its day; `deal` the deal's number, if it has one."""

    fault: Fault
    contract: str
    customer: str
    what: str
    on: date | None = None
    deal: int | None = None

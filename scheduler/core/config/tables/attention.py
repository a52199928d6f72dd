"""`[attention]`: reminders, escalation, absences, digests."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from scheduler.core.config.fields import TimeOfDay
from scheduler.core.config.tables.shape import WORD, Table


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class AttentionTable(Table):
    """How insistent the reminders are. リマインドの頻度とエスカレーション"""

    repeat_every: Annotated[int, Field(ge=0, le=60)] = 12
    """Business days between reminders until somebody answers (0: no reminders).
    回答があるまで再通知する間隔(営業日、0＝再通知なし)"""
    owner_repeats: Annotated[int, Field(ge=0, le=20)] = 1
    """Reminders before the manager hears of it. 上長に知らせるまでの再通知の回数"""
    manager_repeats: Annotated[int, Field(ge=0, le=20)] = 0
    """Reminders with the manager before the admins hear of it.
    管理者に知らせるまでの再通知の回数"""
    admin_repeats: Annotated[int, Field(ge=0, le=20)] = 0
    """Reminders with the admins; then only digests mention it.
    管理者も含めた再通知の回数(その後は定期のまとめだけ)"""
    last_call: bool = True
    """Whether what is still open is asked on the last working day before a deadline.
    期限前の最終営業日に、未回答のものをもう一度知らせるか"""
    one_question_days: Annotated[int, Field(ge=0, le=60)] = 7
    """Two questions about the renewal within so many days are one (0: never).
    何日以内に重なる更新の質問を1回にまとめるか(0＝まとめない)"""
    seen_for: Annotated[int, Field(ge=1, le=60)] = 10
    """Business days that "seen" keeps quiet. 「確認済み」で静かになる営業日数"""
    call_for: Annotated[int, Field(ge=1, le=120)] = 10
    """Business days until a call without a day is asked again.
    予定日のない見込みを聞き直すまでの営業日数"""
    absence_days: Annotated[int, Field(ge=1, le=60)] = 3
    """An absence of so many business days goes to the delegate. 代理に回す不在の営業日数"""
    urgent_days: Annotated[int, Field(ge=0, le=60)] = 5
    """Within so many days of the notice deadline the manager hears at once.
    解約通知期限まで何日以内なら上長に即時連絡するか"""
    urgent_amount: Annotated[int, Field(ge=0)] = 10_000_000
    """From this amount (base currency) the manager hears at once; 0: never.
    上長に即時連絡する金額(基準通貨、0＝しない)"""
    pressing_days: Annotated[int, Field(ge=0, le=90)] = 7
    """Within so many days of a deadline nothing is held or saved up.
    期限まで何日以内なら保留・まとめの対象にしないか"""
    flood_nudges: Annotated[int, Field(ge=1, le=10_000)] = 25
    """More late nudges than this for one person are held for an admin.
    1人に一度にこの件数を超える遅れた通知は管理者の確認まで保留"""
    digest_on: Annotated[Weekday, WORD] = Weekday.MON
    """Day of the weekly digest. 週次のまとめの曜日"""
    digest_at: TimeOfDay = "09:00"
    """Time of the weekly digest, in the recipient's zone.
    週次のまとめの時刻(受け取る人のタイムゾーン)"""

"""`[[milestones]]`: a day counted from an anchor, for some deals, that moves and tells."""

from typing import Annotated

from pydantic import Field

from scheduler.core.config.fields import Id, OffsetText, RhythmText, Told, WaitText
from scheduler.core.config.tables.shape import WORD, Named, Table
from scheduler.core.policy.milestones import WHERE_FIELDS
from scheduler.core.time.dates import MonthEnd, Shift
from scheduler.core.words.lexicon import Anchor


class NotTable(Table):
    """`{ not = [...] }`: anything but these. これら以外"""

    not_: Annotated[list[str | int | bool], Field(min_length=1)] = Field(alias="not")
    """The values left out. 除く値"""


WhereValue = bool | int | str | Annotated[list[str | int | bool], Field(min_length=1)] | NotTable


class MilestoneTable(Table):
    """One milestone: a day counted from an anchor, for some deals, that moves and tells.
    通知タイミング"""

    id: Id
    """Permanent: what was told is remembered under it. 変更しない識別子"""
    pipeline: str
    """The pipeline it is for. 対象のパイプライン"""
    label: Named
    """What people read. 表示名"""
    anchor: Annotated[Anchor, WORD]
    """The day it is counted from. 起点の日"""
    offset: OffsetText
    """How far from the anchor, e.g. "-3 months", "+10 business days", "3か月前". 起点からの長さ"""
    shift: Annotated[Shift, WORD] = Shift.NONE
    """On a closed day: earlier (for deadlines), later, or none. 休業日に当たるとき"""
    month_end: Annotated[MonthEnd, WORD] = MonthEnd.CLAMP
    """From a month's last day: keep the day's number (clamp) or stay at the month's end (stick).
    月末の扱い"""
    every: RhythmText | None = None
    """It comes again so often until the contract's end, e.g. "3 months"; always counted from the
    anchor. 満了まで繰り返す間隔"""
    series: Id | None = None
    """Of one series the latest speaks. 同じ系列では後のものが前に代わる"""
    stages: list[str] = []
    """The stages it is for; left out: every open one. 対象のステージ(省略＝終了していないすべて)"""
    where: Annotated[
        dict[str, WhereValue],
        Field(json_schema_extra={"propertyNames": {"enum": list(WHERE_FIELDS)}}),
    ] = {}
    """Conditions, e.g. { amount = ">= 1000000", segment = ["enterprise", "mid"], health = { not =
    ["stable"] } }. 条件"""
    moves_to: str | None = None
    """The stage the deal is moved to. 取引を移すステージ"""
    tell: list[Told] = ["owner"]
    """Whom to tell: owner, manager, sales, fallback, "slack:#channel", "email:a@b.example". 宛先"""
    asks: bool = False
    """Is an answer wanted? 回答を求めるか"""
    ask: Named | None = None
    """The one thing asked; left out: the template's. お願いの文(省略＝テンプレートの文)"""
    template: str | None = None
    """The template; left out: the one named like the id. 文面(省略＝idと同じ名前)"""
    open_until: WaitText | None = None
    """How long a false condition may still come true, e.g. "30 days". 条件が成り立つのを待つ長さ"""
    spread: Annotated[int, Field(ge=0, le=60)] = 0
    """Come up to this many business days earlier, to level peaks.
    集中を避けて早める最大の営業日数"""
    repeat_every: Annotated[int, Field(ge=0, le=60)] | None = None
    """Business days between reminders; left out: [attention]'s, 0: no reminders.
    この通知の再通知の間隔(省略＝[attention]の値、0＝再通知なし)"""
    was: list[Id] = []
    """Ids of milestones that this one replaces. 置き換えた旧idの一覧"""

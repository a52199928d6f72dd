"""The whole of `config.toml`: its tables together.

`mistakes` puts errors of shape into words, `rules` checks what the tables mean together, and
`reading` turns them into a policy.
"""

from typing import Annotated, Literal

from pydantic import Field

from scheduler.core.config.fields import Address, Currency, Hours, Zone
from scheduler.core.config.tables.attention import AttentionTable
from scheduler.core.config.tables.calendars import CalendarTable, ClosureTable
from scheduler.core.config.tables.health import (
    BandTable,
    BoundsTable,
    HardRuleTable,
    HealthTable,
    MeasureTable,
)
from scheduler.core.config.tables.hubspot import HubSpotStageLine, HubSpotTable
from scheduler.core.config.tables.machine import MachineTable
from scheduler.core.config.tables.milestones import MilestoneTable
from scheduler.core.config.tables.pipelines import LostReasonTable, PipelineTable, StageTable
from scheduler.core.config.tables.shape import WORD, Shape, Table
from scheduler.core.imports.by_hand import EditRule
from scheduler.core.words.lexicon import Language


class ImportTable(Table):
    """How files come in. 取込"""

    edits: Annotated[EditRule, WORD] = EditRule.ASK
    """A field edited here that a file says otherwise: keep the edit, follow the file, or ask (keep
    and list). こちらで直した項目がファイルと違うとき"""


class ForecastTable(Table):
    """What open renewals are weighed by in `report forecast` while own history is too short: of a
    hundred, how many are expected to renew.
    更新見通しの重み(実績が足りない間、100件中何件更新するか)"""

    commit: Annotated[int, Field(ge=0, le=100)] = 95
    """The rep says it will renew, and the health is stable. 担当者が更新見込み、ヘルスも安定"""
    likely: Annotated[int, Field(ge=0, le=100)] = 80
    """One of the two. どちらか一方"""
    at_risk: Annotated[int, Field(ge=0, le=100)] = 35
    """The rep or the health says otherwise. 担当者かヘルスが危険"""
    not_assessed: Annotated[int, Field(ge=0, le=100)] = 60
    """Nobody has said anything. 未評価"""
    notice: Annotated[int, Field(ge=0, le=100)] = 0
    """A notice was received. 解約通知を受領"""
    least: Annotated[int, Field(ge=1, le=100_000)] = 20
    """So many closed renewals of the same health and forecast, and own history weighs instead.
    同じヘルス・見込みの結果がこの件数以上あれば実績を使う"""


class ConfigTable(Table):
    """Settings of renewal-scheduler. 設定ファイル config.toml"""

    language: Annotated[Language, WORD] = Language.JA
    """Language of people who have none of their own. 既定の言語"""
    zone: Zone = "Asia/Tokyo"
    """Time zone of people who have none of their own. 既定のタイムゾーン"""
    calendar: str = "jp"
    """Holiday calendar of people who have none of their own. 既定の休日カレンダー"""
    hours: Hours = "09:00-18:00"
    """Hours in which people may be reached. 既定の連絡してよい時間帯"""
    admins: Annotated[list[Address], Field(min_length=1)]
    """Who is told when the program itself needs help. 管理者の宛先"""
    resend_after_move: Annotated[int, Field(ge=0, le=366)] = 14
    """An end that moves later by fewer days than this is not told again.
    この日数未満の後ろ倒しは再通知しない"""
    email_unknown: Literal["resend", "hold"] = "resend"
    """A mail whose fate is unknown: resend it once, or hold it and ask. 結果不明のメールの扱い"""
    on_extension: Literal["renewed", "moved", "ask"] = "renewed"
    """An import moves an end later by a whole plausible term. 満了日が1期分延びた取込の扱い"""
    base_currency: Currency = "JPY"
    """The currency amounts are compared in. 金額を比べる基準通貨"""
    rates: dict[Currency, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = {}
    """What one unit of another currency is worth in the base currency. 換算レート"""
    calendars: dict[str, CalendarTable]
    """Holiday calendars by name. 休日カレンダー"""
    pipelines: Annotated[list[PipelineTable], Field(min_length=1)]
    """The pipelines. パイプライン"""
    attention: AttentionTable = AttentionTable()
    """Reminders, escalation, absences, digests. 再通知・エスカレーション・不在・まとめ"""
    milestones: list[MilestoneTable] = []
    """When deals move and people are told. 通知タイミング"""
    imports: ImportTable = Field(default=ImportTable(), alias="import")
    """Files and what was edited here. 取込と、こちらでの編集"""
    hubspot: HubSpotTable | None = None
    """HubSpot's deals, kept in step; left out: they are not. HubSpotとの同期(省略＝しない)"""
    health: HealthTable | None = None
    """Health from signals and from asking; left out: only what people say.
    シグナルと問いかけによるヘルス(省略＝人の評価だけ)"""
    forecast: ForecastTable | None = None
    """What the forecast weighs by while own history is too short. 更新見通しの重み"""
    machine: MachineTable = MachineTable()
    """This machine's own settings. このマシンの設定"""


CONFIG = Shape(
    ConfigTable,
    {
        (): ConfigTable,
        ("pipelines",): PipelineTable,
        ("pipelines", "stages"): StageTable,
        ("pipelines", "lost_reasons"): LostReasonTable,
        ("milestones",): MilestoneTable,
        ("calendars", "*"): CalendarTable,
        ("calendars", "*", "closures"): ClosureTable,
        ("attention",): AttentionTable,
        ("import",): ImportTable,
        ("health",): HealthTable,
        ("health", "enter"): BoundsTable,
        ("health", "leave"): BoundsTable,
        ("health", "measures"): MeasureTable,
        ("health", "measures", "bands"): BandTable,
        ("health", "rules"): HardRuleTable,
        ("forecast",): ForecastTable,
        ("hubspot",): HubSpotTable,
        ("hubspot", "stages", "*"): HubSpotStageLine,
        ("machine",): MachineTable,
    },
    {
        "pipelines": "[[pipelines]]",
        "milestones": "[[milestones]]",
        "calendars": "[calendars.jp]",
        "hubspot": "[hubspot]",
        "machine": "[machine]",
    },
)
"""`config.toml`."""

"""The shape of `config.toml`: pydantic models of its tables. `json_schema` turns their docstrings
into the descriptions that editors show.

Always holds: unknown keys are refused; a value is either read exactly or not at all. `mistakes`
puts errors into words, `rules` and `milestone_rules` check what the tables mean together, and
`reading` turns them into a policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from scheduler.core.config.fields import (
    LABEL_SCHEMA,
    Address,
    BaseUrl,
    ClosureText,
    Currency,
    Hours,
    Id,
    Listen,
    OffsetText,
    PropertyName,
    RhythmText,
    SpanText,
    TimeOfDay,
    Told,
    WaitText,
    WatcherUrl,
    Zone,
    label_table,
    refused,
    shown,
)
from scheduler.core.deal.pipeline import AutoRenewal, StageKind
from scheduler.core.health.policy import Reads
from scheduler.core.imports.edits import EditRule
from scheduler.core.policy.milestones import LASTING_FIELDS, WHERE_FIELDS
from scheduler.core.sync.terms import FIELDS
from scheduler.core.time.dates import MonthEnd, Shift
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, Health, Language

_Word = Field(strict=False)
_ID = r"[^/\s]([^/\r\n\t]*[^/\s])?"
STAGE_KEY = f"{_ID}/{_ID}"
"""What a line of `[hubspot.stages]` is called: both ids as HubSpot has them, with a slash inside an
id as %2F (`stage_key`)."""
_Seconds = Annotated[float, Field(allow_inf_nan=False)]


class Table(BaseModel):
    """The base of every table: nothing unknown, nothing guessed."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )


def fields_of(table: type[Table]) -> dict[str, FieldInfo]:
    """A table's settings by the names they have in the file."""
    return {field.alias or name: field for name, field in table.model_fields.items()}


Root = TypeVar("Root", bound=Table)


@dataclass(frozen=True, slots=True)
class Shape(Generic[Root]):
    """What a kind of file may contain: its table `root`, and all `tables` by their place (without a
    list's numbers, `*` for a name of the user's own); `headings` as they are written."""

    root: type[Root]
    tables: Mapping[tuple[str, ...], type[Table]]
    headings: Mapping[str, str]

    def keys_at(self, place: tuple[str | int, ...]) -> list[str]:
        """The keys of the table at `place`."""
        names = tuple(p for p in place if isinstance(p, str))
        table = self.tables.get(names) or next(
            table for path, table in self.tables.items() if _fits(path, names)
        )
        return list(fields_of(table))


def _fits(path: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether a place is one of those that `*` stands for."""
    return len(path) == len(names) and all(p in ("*", n) for p, n in zip(path, names, strict=True))


class LabelTable(Table):
    """A name in each language; in one for which nothing is written it is the English one."""

    model_config = ConfigDict(extra="allow")

    ja: str
    en: str

    def label(self) -> Label:
        """As the core knows it."""
        return Label.given(self.model_dump())


Named = Annotated[LabelTable, BeforeValidator(label_table), LABEL_SCHEMA]


class StageTable(Table):
    """One stage of a pipeline. ステージ"""

    id: Id
    """Permanent; change the label instead. 変更しない識別子(名前はlabelで変える)"""
    kind: Annotated[StageKind, _Word]
    """What the stage is for; exactly one is won, exactly one is lost.
    ステージの種類(受注・失注は1つずつ)"""
    label: Named
    """What people read. 表示名"""
    definition: Named | None = None
    """What is true of a customer in this stage. このステージにいるお客様の状態"""
    health: Annotated[Health, _Word] | None = None
    """For an active stage: the health it stands for. 稼働中のステージに対応するヘルス"""
    was: list[Id] = []
    """Ids of stages that this one replaces. 置き換えた旧ステージのid"""


class LostReasonTable(Table):
    """One reason for a loss. 失注の理由"""

    id: Id
    """Permanent; answers refer to it. 変更しない識別子"""
    label: Named
    """What people read. 表示名"""


class PipelineTable(Table):
    """One pipeline: stages in their order and the rules for moving among them. パイプライン"""

    id: Id
    """Permanent; change the label instead. 変更しない識別子"""
    label: Named
    """What people read. 表示名"""
    fallback: Address
    """Who gets what nobody else can. 担当者がいない・届かないときの宛先"""
    stages: Annotated[list[StageTable], Field(min_length=1)]
    """The stages in their order, won and lost last. ステージ(順番どおり、受注と失注は最後)"""
    lost_reasons: list[LostReasonTable] = []
    """The reasons a loss may have. 失注の理由の選択肢"""
    default_active: str | None = None
    """The active stage of a deal whose health is unknown.
    ヘルス未評価の取引が入る稼働中のステージ"""
    zone: Zone | None = None
    """Time zone of deals whose owner has none. 担当者に設定がないときのタイムゾーン"""
    calendar: str | None = None
    """Holiday calendar of deals whose owner has none. 担当者に設定がないときの休日カレンダー"""
    onboarding_days: Annotated[int, Field(ge=0, le=3650)] = 0
    """Days after which onboarding ends by itself; 0: never.
    導入サポートを自動で終える日数(0＝終えない)"""
    auto_renewal: Annotated[AutoRenewal, _Word] = AutoRenewal.AT_DECIDE_BY
    """When an auto-renewing contract without notice counts as won. 自動更新を更新確定とする時点"""
    allow_skip: bool = False
    """May people and imports skip stages? 人や取込による飛び越しを許すか"""
    allow_back: bool = False
    """May people and imports go back? 人や取込による後戻りを許すか"""
    opens: str | None = None
    """The pipeline in which a deal won here opens a contract.
    受注すると契約と取引を作る先のパイプライン"""


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
    anchor: Annotated[Anchor, _Word]
    """The day it is counted from. 起点の日"""
    offset: OffsetText
    """How far from the anchor, e.g. "-3 months", "+10 business days", "3か月前". 起点からの長さ"""
    shift: Annotated[Shift, _Word] = Shift.NONE
    """On a closed day: earlier (for deadlines), later, or none. 休業日に当たるとき"""
    month_end: Annotated[MonthEnd, _Word] = MonthEnd.CLAMP
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


class ClosureTable(Table):
    """Days on which the company is closed. 休業日"""

    days: ClosureText
    """Yearly "12-29..01-03", or once "2026-08-13..2026-08-14". 毎年または一度だけの日"""
    label: Annotated[str, Field(min_length=1)]
    """Why; people read it. 理由"""


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
    digest_on: Annotated[Weekday, _Word] = Weekday.MON
    """Day of the weekly digest. 週次のまとめの曜日"""
    digest_at: TimeOfDay = "09:00"
    """Time of the weekly digest, in the recipient's zone.
    週次のまとめの時刻(受け取る人のタイムゾーン)"""


class CalendarTable(Table):
    """Public holidays of a country, and closures of the company's own. 休日カレンダー"""

    country: str | None = None
    """Whose public holidays (ISO 3166, e.g. "JP"); left out: none. 祝日の国"""
    subdivision: str | None = None
    """A state or the like, e.g. "ENG". 州など"""
    weekend: list[Annotated[Weekday, _Word]] = [Weekday.SAT, Weekday.SUN]
    """Days of the week on which nobody works. 週休日"""
    closures: list[ClosureTable] = []
    """The company's own closed days. 会社の休業日"""


_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Points = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class BandTable(Table):
    """What values below a bound are worth. ある値より小さいときの点数"""

    below: _Finite | None = None
    """Values below this; left out in the last band: all the others.
    この値より小さいとき(最後の区分では省略)"""
    points: _Points
    """0 (worst) to 100 (best). 0(最も悪い)〜100(最も良い)"""


class GaugeTable(Table):
    """One number made of a signal. シグナルから作る1つの数値"""

    signal: Annotated[str, Field(min_length=1)]
    """The signal's name, as it is imported. シグナルの名前(取込時の名前)"""
    reads: Annotated[Reads, _Word] = Reads.LATEST
    """What is made of its values: the latest, their count, sum or mean in the window, the change of
    the mean against the time before (-0.3: 30 % less), or the days since the latest (age).
    最新値・件数・合計・平均・変化率(-0.3＝30%減)・最後からの日数"""
    window: SpanText = "30 days"
    """The span that count, sum, mean and change look at. 件数・合計・平均・変化率を見る期間"""
    against: SpanText = "90 days"
    """The span before the window that a change is compared with. 変化率で比べる、その前の期間"""
    expires: SpanText | None = None
    """A signal older than this says nothing any more; left out: it never expires.
    これより古いシグナルは使わない(省略＝ずっと使う)"""
    stages: list[str] = []
    """The stages it is for; left out: every open one. 対象のステージ(省略＝終了していないすべて)"""
    where: Annotated[
        dict[str, WhereValue],
        Field(json_schema_extra={"propertyNames": {"enum": list(LASTING_FIELDS)}}),
    ] = {}
    """Conditions, e.g. { segment = ["enterprise"] }. 条件"""


class MeasureTable(GaugeTable):
    """One part of the health score. ヘルススコアの1項目"""

    id: Id
    """Permanent; change the label instead. 変更しない識別子"""
    label: Named
    """What people read. 表示名"""
    weight: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """How much it counts beside the others. 他の項目に対する重み"""
    bands: Annotated[list[BandTable], Field(min_length=1)]
    """From the lowest values to the highest. 小さい値から大きい値の順"""
    missing: _Points | None = None
    """Its points without any data; left out: it is not counted then.
    データがないときの点数(省略＝数えない)"""


class HardRuleTable(GaugeTable):
    """A fact that makes the health at best one state, whatever the score.
    スコアにかかわらずヘルスを決める条件"""

    id: Id
    """Permanent; change the label instead. 変更しない識別子"""
    label: Named
    """What people read. 表示名"""
    at_least: _Finite | None = None
    """From this value on. この値以上のとき"""
    below: _Finite | None = None
    """Below this value. この値より小さいとき"""
    state: Literal["at_risk", "critical"]
    """The state it makes. そのときのヘルス"""


class BoundsTable(Table):
    """A score for each state. 状態ごとのスコア"""

    at_risk: _Points
    """For at risk. 要注意"""
    critical: _Points
    """For critical. 解約危機"""


class HealthTable(Table):
    """How a customer's health comes about. ヘルスの決め方"""

    enter: BoundsTable = BoundsTable(at_risk=60, critical=30)
    """Scores below which a state begins. このスコアを下回るとその状態になる"""
    leave: BoundsTable = BoundsTable(at_risk=65, critical=35)
    """Scores from which on it is left for a better one; not below `enter`.
    このスコア以上で良い方へ戻る(enter以上にする)"""
    least_share: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.5
    """The share of the weights for which there must be data; with less the customer counts as not
    assessed. データが必要な重みの割合(足りなければ未評価)"""
    least_days: Annotated[int, Field(ge=0, le=366)] = 7
    """Days a state lasts before it may get better; it gets worse at once.
    良い方へ戻るまでに必要な日数(悪い方へはすぐ変わる)"""
    of: Literal["contract", "customer"] = "contract"
    """Whose signals count: those of the contract and of the customer as a whole, or also those of
    the customer's other contracts. 契約ごとか、お客様のすべての契約をまとめるか"""
    override_for: SpanText | Literal[""] = "90 days"
    """How long what a person says stands above what is measured; "": until they say otherwise.
    人の評価が計測より優先される期間(""＝次に評価するまで)"""
    notice: Literal["at_risk", "critical", ""] = "critical"
    """The health of a customer who gave notice; "": as before. 解約通知を受けたときのヘルス"""
    pulse_after: SpanText | Literal[""] = "90 days"
    """The owner is asked how the customer does once nothing newer than this is known; "": never.
    この期間なにもわからなければ担当者に尋ねる(""＝尋ねない)"""
    pulse_months: list[Annotated[int, Field(ge=1, le=24)]] = [6, 3]
    """So many months before the end they are asked in any case. 満了の何か月前に尋ねるか"""
    pulse_fresh: SpanText = "30 days"
    """Unless something was learned within this time. この期間内にわかっていれば尋ねない"""
    measures: list[MeasureTable] = []
    """What the score is made of. スコアの項目"""
    rules: list[HardRuleTable] = []
    """What stands beside the score. スコアにかかわらない条件"""


class ImportTable(Table):
    """How files come in. 取込"""

    edits: Annotated[EditRule, _Word] = EditRule.ASK
    """A field edited here that a file says otherwise: keep the edit, follow the file, or ask (keep
    and list). ここで直した項目がファイルと違うとき"""


class StageLine(Table):
    """Where a stage of another system lands, or only its place. 他システムのステージの行き先"""

    to: str
    """A pipeline of ours, or one of its stages ("existing/stable"); "skip": left out.
    行き先(パイプライン、またはステージ。"skip"＝対象外)"""
    after: str = ""
    """For a loss: the furthest stage it is known to have come to, or "unknown".
    失注のとき、そこまで進んだステージ(不明なら"unknown")"""
    without_contract: str = ""
    """Where it lands instead while the customer has no contract. 契約のないお客様の行き先"""
    close_date: Literal["start", "end"] = "start"
    """Is its close date the contract's start or its end? クローズ日は契約の開始日か満了日か"""


NO_PLACE = Label(
    'write e.g. "existing/stable" or { to = "new_business/lost", after = "value_agreed" }'
)


def stage_line(value: Any) -> Any:
    """A line of `[stages]`; it may be just the stage's place."""
    if not isinstance(value, str | dict) or not value:
        raise refused(
            Label("{value} is not possible; {instead}", value=shown(value), instead=NO_PLACE)
        )
    return {"to": value} if isinstance(value, str) else value


class HubSpotStageLine(StageLine):
    """Where a stage of HubSpot's lands, or only its place. HubSpotのステージの行き先"""

    bought: bool = False
    """Is it a deal that was won, whose contract is followed from now on? 成約した取引か"""
    target: bool = False
    """Of several that mean the same: does a move made here go to this one?
    同じ意味のステージが複数あるとき、ここでの移動をこのステージに書くか"""


class _PlaceOrTable:
    """Tells editors that a line may be only its place."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string", "minLength": 1}, handler(core_schema)]}


class HubSpotTable(Table):
    """HubSpot's deals, kept in step. HubSpotの取引との同期"""

    every_seconds: Annotated[int, Field(ge=0, le=86_400)] = 60
    """How often the two are compared; 0: only by command.
    同期の間隔(秒、0＝コマンドのときだけ)"""
    overlap_minutes: Annotated[int, Field(ge=1, le=1440)] = 15
    """How far back each comparison looks again: HubSpot's search lags.
    毎回さかのぼって見直す時間(分)"""
    language: Annotated[Language, _Word] | None = None
    """Language of what is written there; left out: the policy's.
    HubSpotに書く文の言語(省略＝全体の既定)"""
    push: bool = False
    """Is anything written there? HubSpotに書き込むか"""
    create_renewals: bool = False
    """Is the deal of a next term that was opened here made there, if nobody has made it within a
    day? Only with push = true.
    次の契約期間の取引が1日以内に作られなければ、HubSpotに作成するか(push = true のときだけ)"""
    fields: Annotated[
        dict[str, PropertyName], Field(json_schema_extra={"propertyNames": {"enum": list(FIELDS)}})
    ] = {}
    """Which property (internal name) fills which of our fields; "": none does. Those of a
    contract's term can be read from what the deal is linked with:
    "line_items/…", "quotes/…", "contracts/…".
    項目 = "HubSpotのプロパティの内部名"(""＝使わない)。契約期間に関する項目は、取引に関連付けられた
    商品項目・見積・契約からも読める"""
    stages: Annotated[
        dict[
            str,
            Annotated[HubSpotStageLine, BeforeValidator(stage_line), _PlaceOrTable()],
        ],
        Field(min_length=1, json_schema_extra={"propertyNames": {"pattern": f"^{STAGE_KEY}$"}}),
    ]
    """Their stage as "pipeline's id/stage's id", and where its deals stand here.
    "パイプラインID/ステージID" = ここでのステージ"""


class MachineTable(Table):
    """What belongs to one machine and is not part of the versioned policy. このマシンだけの設定"""

    sweep_seconds: Annotated[_Seconds, Field(ge=1, le=3600)] = 30
    """How often deals that are due are looked for. 期日を見る間隔(秒)"""
    deliver_seconds: Annotated[_Seconds, Field(ge=1, le=3600)] = 10
    """How often messages are sent. 送信を見る間隔(秒)"""
    apply_edits: bool = True
    """Whether an edit comes into force when it is saved, or only by `renewals plan` and `renewals
    apply`. 保存した変更をすぐ適用する"""
    log: Literal["auto", "text", "json"] = "auto"
    """Text on a terminal and JSON elsewhere (auto), or always one of them. ログの形式"""
    base_url: BaseUrl = ""
    """Where people reach this program's links, e.g. "https://renewals.example.co.jp"; empty: mails
    carry no links. リンクの公開URL"""
    listen: Listen = ""
    """Where the links are served, e.g. "127.0.0.1:8787"; empty: nowhere.
    リンクを待ち受けるアドレス"""
    health_listen: Listen = ""
    """Where /livez, /readyz and /metrics are answered, e.g. "127.0.0.1:8788"; empty: nowhere.
    監視用のアドレス(空＝なし)"""
    heartbeat_url: WatcherUrl = ""
    """Pinged after completed rounds, so that somebody is called when this machine is silent; empty:
    nobody. 巡回のたびに知らせる監視サービスのURL"""
    mail_from: str = ""
    """Sender of mails. メールの差出人"""
    mails_per_connection: Annotated[int, Field(ge=1)] = 100
    """Mails sent on one connection before a new one is made. 接続し直すまでの通数"""
    lease_seconds: Annotated[_Seconds, Field(ge=10, le=3600)] = 120
    """How long a worker keeps a message to itself. 1台がメッセージを預かる秒数"""
    send_seconds: Annotated[_Seconds, Field(ge=1, le=600)] = 30
    """How long one sending may take. 1回の送信の上限秒数"""
    send_batch: Annotated[int, Field(ge=1, le=1000)] = 20
    """Messages taken at once. 一度に送る件数"""
    backups: str = "data/backups"
    """Where the nightly copies of a SQLite database lie, in the working folder unless it begins
    with a slash; empty: none. 毎晩の写しのフォルダー"""
    backup_at: TimeOfDay = "03:30"
    """When the nightly copy is made, in `zone`. 写しを作る時刻"""
    backups_kept: Annotated[int, Field(ge=1, le=3660)] = 14
    """How many nightly copies are kept. 残す写しの数"""


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

    language: Annotated[Language, _Word] = Language.JA
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
    """Files and what was edited here. 取込と、ここでの編集"""
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

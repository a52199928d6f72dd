"""`[health]`: what a customer's health is made of, its thresholds, and when the owner is asked."""

from typing import Annotated, Literal

from pydantic import Field

from scheduler.core.config.fields import Id, SpanText
from scheduler.core.config.tables.milestones import WhereValue
from scheduler.core.config.tables.shape import WORD, Named, Table
from scheduler.core.health.policy import Reads
from scheduler.core.policy.milestones import LASTING_FIELDS

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
    reads: Annotated[Reads, WORD] = Reads.LATEST
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
    weight: Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)] = 1.0
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


class HealthReasonTable(Table):
    """One reason for which people say how a customer does. ヘルスを評価する理由"""

    id: Id
    """Permanent; answers refer to it. 変更しない識別子"""
    label: Named
    """What people read. 表示名"""
    states: Annotated[
        list[Literal["stable", "at_risk", "critical", "unknown"]] | None, Field(min_length=1)
    ] = None
    """What it can be said of; left out: each. どのヘルスの理由か(省略＝すべて)"""


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
    the customer's other contracts. 契約ごとか、顧客のすべての契約をまとめるか"""
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
    reasons: list[HealthReasonTable] | None = None
    """The reasons people may name for what they say; left out: a common list; []: none is asked
    for. 評価の理由の選択肢(省略＝標準の一覧、[]＝尋ねない)"""
    measures: list[MeasureTable] = []
    """What the score is made of. スコアの項目"""
    rules: list[HardRuleTable] = []
    """What stands beside the score. スコアにかかわらない条件"""

"""`[[pipelines]]`: stages in their order, reasons for a loss, and how deals move."""

from typing import Annotated

from pydantic import Field

from scheduler.core.config.fields import Address, Id, Zone
from scheduler.core.config.tables.shape import WORD, Named, Table
from scheduler.core.deal.pipeline import AutoRenewal, StageKind
from scheduler.core.words.lexicon import Health


class StageTable(Table):
    """One stage of a pipeline. ステージ"""

    id: Id
    """Permanent; change the label instead. 変更しない識別子(名前はlabelで変える)"""
    kind: Annotated[StageKind, WORD]
    """What the stage is for; exactly one is won, exactly one is lost.
    ステージの種類(受注・失注は1つずつ)"""
    label: Named
    """What people read. 表示名"""
    definition: Named | None = None
    """What is true of a customer in this stage. このステージにいる顧客の状態"""
    health: Annotated[Health, WORD] | None = None
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
    auto_renewal: Annotated[AutoRenewal, WORD] = AutoRenewal.AT_DECIDE_BY
    """When an auto-renewing contract without notice counts as won. 自動更新を更新確定とする時点"""
    allow_skip: bool = False
    """May people and imports skip stages? 人や取込による飛び越しを許すか"""
    allow_back: bool = False
    """May people and imports go back? 人や取込による後戻りを許すか"""
    opens: str | None = None
    """The pipeline in which a deal won here opens a contract.
    受注すると契約と取引を作る先のパイプライン"""

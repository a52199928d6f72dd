"""A line of `[stages]` in a mapping file, or of `[hubspot.stages]`: where a stage of another system
lands.
"""

from typing import Any, Literal

from scheduler.core.config.fields import refused, shown
from scheduler.core.config.tables.shape import Table
from scheduler.core.words.labels import Label


class StageLine(Table):
    """Where a stage of another system lands, or only its place. 他システムのステージの行き先"""

    to: str
    """A pipeline of ours, or one of its stages ("existing/stable"); "skip": left out.
    行き先(パイプライン、またはステージ。"skip"＝対象外)"""
    after: str = ""
    """For a loss: the furthest stage it is known to have come to, or "unknown".
    失注のとき、そこまで進んだステージ(不明なら"unknown")"""
    without_contract: str = ""
    """Where it lands instead while the customer has no contract. 契約のない顧客の行き先"""
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

"""`[hubspot]`: which fields and stages there are which here, and what is written there."""

from typing import Annotated

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from scheduler.core.config.fields import PropertyName
from scheduler.core.config.tables.shape import WORD, Table
from scheduler.core.config.tables.stage_lines import StageLine, stage_line
from scheduler.core.sync.fields import FIELDS
from scheduler.core.words.lexicon import Language

_ID = r"[^/\s]([^/\r\n\t]*[^/\s])?"
STAGE_KEY = f"{_ID}/{_ID}"
"""What a line of `[hubspot.stages]` is called: both ids as HubSpot has them, with a slash inside an
id as %2F (`stage_key`)."""


class HubSpotStageLine(StageLine):
    """Where a stage of HubSpot's lands, or only its place. HubSpotのステージの行き先"""

    bought: bool = False
    """Is it a deal that was won, whose contract is followed from now on? 成約した取引か"""
    target: bool = False
    """Of several that mean the same: does a move made here go to this one?
    同じ意味のステージが複数あるとき、こちらでの移動をこのステージに書くか"""


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
    language: Annotated[Language, WORD] | None = None
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
    "パイプラインID/ステージID" = こちらのステージ"""

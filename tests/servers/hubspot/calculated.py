"""Values that HubSpot works out when they are read: none of them moves hs_lastmodifieddate
([I] estuary/connectors#3515)."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol

from tests.servers.hubspot.moments import iso
from tests.servers.hubspot.pipelines import Pipelines, Stage
from tests.servers.hubspot.records import Record, Values
from tests.servers.hubspot.schema import STAGE_TIMES
from tests.servers.hubspot.switches import Switches


class Account(Protocol):
    """What a calculation may look at."""

    @property
    def pipelines(self) -> Pipelines: ...

    @property
    def rates(self) -> Mapping[str, Decimal]: ...

    @property
    def currency(self) -> str: ...

    @property
    def switches(self) -> Switches: ...


def _flag(found: bool) -> str:
    return "true" if found else "false"


def _of_stage(tell: Callable[[Stage], str]) -> Callable[[Account, Record, Values], str | None]:
    """A value told by the stage; none where no pipeline knows it
    ([I] fivetran/dbt_hubspot_source#93)."""

    def told(account: Account, _: Record, values: Values) -> str | None:
        stage = account.pipelines.stage(values.get("dealstage"))
        return None if stage is None else tell(stage)

    return told


def _home_amount(account: Account, _: Record, values: Values) -> str | None:
    """[H] knowledge.hubspot.com/properties/hubspots-default-deal-properties"""
    amount = values.get("amount")
    if amount is None:
        return None
    rate = account.rates.get(values.get("deal_currency_code") or account.currency, Decimal(1))
    return str(Decimal(amount) * rate)


def _amount(account: Account, _: Record, values: Values) -> str | None:
    """A whole amount may read in three ways, see `Switches.money`."""
    amount = values.get("amount")
    if amount is None or Decimal(amount) != int(Decimal(amount)):
        return amount
    match account.switches.money:
        case "3600000.0":
            return f"{int(Decimal(amount))}.0"
        case "3.6E6":
            return f"{Decimal(amount).normalize():E}".replace("E+", "E")
        case _:
            return amount


DEAL_VALUES: Mapping[str, Callable[[Account, Record, Values], str | None]] = {
    "hs_is_closed": _of_stage(lambda s: _flag(s.closed)),
    "hs_is_closed_won": _of_stage(lambda s: _flag(s.won)),
    "hs_is_closed_lost": _of_stage(lambda s: _flag(s.lost)),
    "hs_deal_stage_probability": _of_stage(lambda s: s.metadata["probability"]),
    "amount_in_home_currency": _home_amount,
    "amount": _amount,
}


def system_value(record: Record, name: str, modified: int) -> str | None:
    """What every record has."""
    match name:
        case "hs_object_id":
            return str(record.id)
        case "createdate" | "hs_createdate":
            return record.values.get("createdate") or iso(record.created)
        case "hs_lastmodifieddate":
            return iso(modified)
        case "hs_merged_object_ids":
            return ";".join(map(str, record.merged)) or None
        case "hs_object_source":
            return record.birth.type
        case "hs_object_source_id":
            return record.birth.id
    return None


SYSTEM = frozenset(
    "hs_object_id createdate hs_createdate hs_lastmodifieddate hs_merged_object_ids "
    "hs_object_source hs_object_source_id".split()
)


def cleaned(stage: str) -> str:
    """How a stage's id stands in the name of a property: with a number if it had to be cleaned
    [?]."""
    clean = re.sub(r"[^a-z0-9_]", "_", stage.lower())
    return clean if clean == stage else f"{clean}_{sum(map(ord, stage)) % 1_000_000}"


def is_stage_time(account: Account, name: str) -> bool:
    """Whether a name is a stage's time. [H]
    knowledge.hubspot.com/properties/stage-calculated-properties"""
    return name == "hs_v2_date_entered_current_stage" or _stage_named(account, name) is not None


def stage_time(account: Account, record: Record, name: str) -> str | None:
    """When a deal came into a stage, last, or left it; how long it was there, in milliseconds,
    last or in all."""
    history = list(reversed(record.history("dealstage")))
    if name == "hs_v2_date_entered_current_stage":
        return iso(history[-1].at) if history else None
    match, stage = STAGE_TIMES.fullmatch(name), _stage_named(account, name)
    if match is None or stage is None:
        return None
    ends = [*(c.at for c in history[1:]), None]
    visits = [(c.at, e) for c, e in zip(history, ends, strict=True) if c.value == stage]
    if not visits:
        return None
    entered, left = visits[-1]
    times = [e - s for s, e in visits if e is not None]
    match match[1]:
        case "date_entered":
            return iso(entered)
        case "date_exited":
            return None if left is None else iso(left)
        case "latest_time_in":
            return None if left is None else str(left - entered)
        case _:
            return str(sum(times)) if times else None


def _stage_named(account: Account, name: str) -> str | None:
    match = STAGE_TIMES.fullmatch(name)
    if match is None:
        return None
    for pipeline in account.pipelines.pipelines.values():
        for stage in pipeline.stages:
            if cleaned(stage) == match[2]:
                absent = account.switches.uuid_stage_names == "absent" and match[2] != stage
                return None if absent else stage
    return None

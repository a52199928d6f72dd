"""The deal of a next term, as it is made in HubSpot: what stands in it from the beginning.

The rule
    Name and owner are those of the deal before, the stage is where the mapping puts ours. Of the
    mapped fields those are written that the next term has from the term before, in the words of the
    deal before; start, end, deadline and amount are written as they are here. A field that no
    property of the deal's own fills, or one that may not be written, is left out. The close date
    never is written, nor is anything else.
Always holds: read again, such a deal says of its term what stands here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.hubspot import HubSpotSettings, Theirs, kind_and_property
from scheduler.core.sync.fields import AMOUNT, AUTO_RENEW, CLOSE_DATE, CURRENCY, LENGTHS
from scheduler.core.sync.owners import Owners
from scheduler.core.sync.records import OWNER, PIPELINE, STAGE, Record
from scheduler.core.sync.values import (
    PropertyType,
    written_day,
    written_instant,
    written_money,
    written_text,
)
from scheduler.core.sync.writes import Writable

NAME = "dealname"
_END = "ends_on"
_DAYS = ("starts_on", _END, "decide_by")
_SAME = (*LENGTHS, AUTO_RENEW, "product", "title")
_CUSTOMERS = ("segment", "country")


@dataclass(frozen=True, slots=True)
class NextDeal:
    """A next term whose deal is to be made: `deal` is its own, `before` that of the term before,
    `record` what HubSpot shows of that."""

    deal: Deal
    before: Deal
    record: Record


def unwritable_end(settings: HubSpotSettings, writable: Writable) -> str:
    """What fills the end of a term and cannot be written; empty where nothing does, or where it can
    be."""
    place = settings.fields.get(_END, "")
    return place if place and not _property(_END, settings, writable) else ""


def asked_of_before(settings: HubSpotSettings) -> tuple[str, ...]:
    """The properties of the deal before that are to be read."""
    return tuple(dict.fromkeys((NAME, OWNER, *settings.own_properties)))


def renewal_values(
    made: NextDeal,
    target: Theirs,
    own: Mapping[str, str],
    settings: HubSpotSettings,
    writable: Writable,
    owners: Owners,
    zone: ZoneInfo,
) -> dict[str, str]:
    """What the new deal is made with: `own` are our own properties, `target` is where it stands. An
    owner who has left is not written."""
    contract, record = made.deal.contract, made.record
    owner = owners.owner(record.value(OWNER))
    values = dict(_fields(made, settings, writable, zone))
    values[NAME] = written_text(
        record.value(NAME) or contract.title or contract.product or contract.customer.name
    )
    values[OWNER] = owner.id if owner is not None and owner.active else ""
    values |= {name: value for name, value in own.items() if name in writable.types}
    values |= {PIPELINE: target[0], STAGE: target[1]}
    return {name: value for name, value in values.items() if value}


def _fields(
    made: NextDeal, settings: HubSpotSettings, writable: Writable, zone: ZoneInfo
) -> Iterator[tuple[str, str]]:
    """What is written of the mapped fields."""
    contract, before = made.deal.contract, made.before.contract
    for name in _DAYS:
        if property := _property(name, settings, writable):
            yield property, _day(getattr(contract, name), writable.types[property], zone)
    for name in (*_SAME, *_CUSTOMERS):
        kept = name in _CUSTOMERS or getattr(contract, name) == getattr(before, name)
        if kept and (property := _property(name, settings, writable)):
            yield property, made.record.value(property)
    if contract.amount.currency == before.amount.currency and (
        property := _property(AMOUNT, settings, writable)
    ):
        yield property, written_money(contract.amount)
        if currency := _property(CURRENCY, settings, writable):
            yield currency, made.record.value(currency)


def _property(name: str, settings: HubSpotSettings, writable: Writable) -> str:
    """The deal's own property that fills a field and may be written; empty where there is none."""
    place = settings.fields.get(name, "")
    if not place or kind_and_property(place)[0] is not None or place == CLOSE_DATE:
        return ""
    return place if place in writable.types else ""


def _day(on: date | None, kind: PropertyType, zone: ZoneInfo) -> str:
    """A day as a property of this type takes it: of an instant its first moment there."""
    if on is None or kind is not PropertyType.DATETIME:
        return written_day(on)
    return written_instant(datetime.combine(on, time(), zone))

"""Where an account keeps the ends of its contracts: counted, because people keep them in properties
of their own, in line items, quotes or contracts.

Always holds: nothing is chosen here; what was counted is shown with three values each, and a person
says which it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from scheduler.core.sync.records import Record
from scheduler.core.sync.values import PropertyType, ValueNotReadError, day

_DAYS = (PropertyType.DATE, PropertyType.DATETIME)
SHOWN = 3
ENDS_WITHIN = 366 * 6
"""An end further from today than this, in days, is taken for something else."""


def place_of(count: "EndCount") -> str:
    """What `[hubspot.fields]` calls the property that was counted."""
    own = count.object_type == "deals"
    return count.property if own else f"{count.object_type}/{count.property}"


@dataclass(slots=True)
class EndCount:
    """How often one property of a type of record is filled with a day, and by what: `ahead` lie in
    the future, `strange` can be no end of a contract that anybody follows."""

    object_type: str
    property: str
    filled: int = 0
    ahead: int = 0
    strange: int = 0
    samples: list[date] = field(default_factory=list)

    def add(self, on: date, today: date) -> None:
        """One more value."""
        self.filled += 1
        self.ahead += on > today
        self.strange += abs((on - today).days) > ENDS_WITHIN
        if len(self.samples) < SHOWN and on not in self.samples:
            self.samples.append(on)


def ends_in(
    records: Iterable[Record],
    object_type: str,
    types: Mapping[str, PropertyType],
    zone: ZoneInfo,
    today: date,
) -> list[EndCount]:
    """The properties of type day, those first that are filled most often with days to come. Records
    stream through; what cannot be read is not counted."""
    counts = {name: EndCount(object_type, name) for name, kind in types.items() if kind in _DAYS}
    for record in records:
        for name, count in counts.items():
            try:
                on = day(record.properties.get(name), types[name], zone)
            except ValueNotReadError:
                continue
            if on is not None:
                count.add(on, today)
    filled = [count for count in counts.values() if count.filled]
    return sorted(filled, key=lambda c: (c.strange - c.ahead, -c.filled, c.property))

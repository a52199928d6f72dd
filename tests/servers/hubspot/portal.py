"""The account itself: its records, and the one place where they are written.

Always holds: every write goes through `create`, `update` or one of tests/servers/hubspot/lives.py,
so histories, hs_lastmodifieddate, the search index and the journal agree.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.servers.hubspot.answers import RefusedError, bad_values, invalid
from tests.servers.hubspot.calculated import (
    DEAL_VALUES,
    SYSTEM,
    is_stage_time,
    stage_time,
    system_value,
)
from tests.servers.hubspot.links import Links
from tests.servers.hubspot.moments import instant_of, iso, millis
from tests.servers.hubspot.owners import Owners
from tests.servers.hubspot.pipelines import DEFAULT, Pipelines
from tests.servers.hubspot.records import Change, Kind, Record, Source, Values
from tests.servers.hubspot.rules import Rules, lacks, needs_approval
from tests.servers.hubspot.schema import (
    COMPANIES,
    CONTRACTS,
    DEALS,
    LINE_ITEMS,
    QUOTES,
    Definition,
    Schema,
)
from tests.servers.hubspot.search_index import SearchIndex
from tests.servers.hubspot.switches import Switches
from tests.servers.hubspot.values import BadValueError, kept_value

FIRST_ID = 30_000_000_001
DEAL_PLAIN = ("amount", "closedate", "createdate", "dealname", "dealstage", "pipeline")
Fault = tuple[str, str, str]


class Written(NamedTuple):
    """One line of the journal: what was written, when, by whom, under which mark of the writer."""

    at: int
    act: str
    kind: str
    id: int
    name: str
    value: str | None
    source: Source
    trace: str | None


class Portal:
    """One account. `zone`, `currency` and `account_type` are those of its settings; `rates` are
    what one unit of a currency is worth in its own."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.id = 24_680_135
        self.zone = "Asia/Tokyo"
        self.currency = "JPY"
        self.rates: dict[str, Decimal] = {"JPY": Decimal(1), "USD": Decimal(150)}
        self.ui_domain = "app-eu1.hubspot.com"
        self.account_type = "DEVELOPER_TEST"
        self.property_limit = 1_000
        self.switches = Switches()
        self.rules = Rules()
        self.pipelines = Pipelines()
        self.pipelines.portal = self.id
        self.owners = Owners()
        self.links = Links()
        self.journal: list[Written] = []
        self.kinds = {k.name: k for k in _kinds()}
        self.index = {
            name: SearchIndex(kind, lambda: self.switches.search_lag)
            for name, kind in self.kinds.items()
        }
        self.spoiled: dict[str, set[int]] = {"batch read": set(), "associations": set()}
        self._next = FIRST_ID

    def now(self) -> int:
        """The account's time in milliseconds."""
        return millis(self.clock())

    def need_readable(self, call: str, ids: Iterable[object]) -> None:
        """Refuses a whole batch that names a record which this call cannot give."""
        for id_ in ids:
            if str(id_).isdecimal() and int(str(id_)) in self.spoiled[call]:
                raise invalid("Some internal data of this record cannot be read")

    def fresh_id(self) -> int:
        """An id greater than all before."""
        self._next += 1
        return self._next - 1

    def skip_to(self, id_: int) -> None:
        """The next id is this one at least."""
        self._next = max(self._next, id_)

    def kind(self, name: str) -> Kind:
        """The type of object by its name or type id, else 400."""
        found = self.kinds.get(name) or next(
            (k for k in self.kinds.values() if name in (k.type_id, k.name[:-1])), None
        )
        if found is None:
            raise RefusedError(400, "VALIDATION_ERROR", f"Unable to infer object type from: {name}")
        return found

    def known(self, kind: Kind, name: str) -> bool:
        """Whether a property can be read."""
        return kind.schema.get(name) is not None or (
            kind.name == "deals" and is_stage_time(self, name)
        )

    def read(
        self, kind: Kind, record: Record, name: str, values: Values, modified: int
    ) -> str | None:
        """A property's value in a state of a record."""
        if name in SYSTEM:
            return system_value(record, name, modified)
        if kind.name == "deals":
            if name in DEAL_VALUES:
                return DEAL_VALUES[name](self, record, values)
            if name.startswith("hs_v2_"):
                return stage_time(self, record, name)
        return values.get(name)

    def value(self, kind: str, id_: int, name: str) -> str | None:
        """What a property of a record is now."""
        found = self.kinds[kind]
        record = found.records[found.survivor(id_)]
        return self.read(found, record, name, record.values, record.modified)

    def create(
        self,
        kind: Kind,
        given: Mapping[str, Any],
        source: Source,
        *,
        api: bool = True,
        trace: str | None = None,
    ) -> Record:
        """A new record; raises RefusedError. A deal without a pipeline lands in the default one
        [H] docs/api-reference/crm/objects/deals/guide."""
        if kind.name == "deals":
            given = {"pipeline": DEFAULT, **given}
        values = self.checked(kind, given, None)
        if kind.name == "deals":
            self._bound(None, values, api=api, moved=True)
            self._closes(values, {}, given, api=api)
        values = {k: v for k, v in values.items() if v is not None}
        now = self.now()
        record = Record(self.fresh_id(), now, now, values, source, values)
        self.index[kind.name].before(record, now, there=False)
        kind.add(record)
        self._keys(kind, record, {}, values)
        for name, value in values.items():
            self.noted("create", kind, record, source, name, value, trace)
        return record

    def update(
        self,
        kind: Kind,
        record: Record,
        given: Mapping[str, Any],
        source: Source,
        *,
        api: bool = True,
        trace: str | None = None,
    ) -> Record:
        """New values for a record; raises RefusedError."""
        values = dict(self.checked(kind, given, record))
        old = record.values
        if kind.name == "deals":
            whole = {**old, **values}
            moved = whole.get("dealstage") != old.get("dealstage")
            self._bound(record.id, whole, api=api, moved=moved)
            by_itself = self._closes(values, old, given, api=api)
        else:
            by_itself = False
        if not self.switches.equal_write_moves:
            values = {k: v for k, v in values.items() if old.get(k) != v}
        if values:
            own = self.switches.closedate_source == "calculated" and by_itself
            sources = {"closedate": Source("CALCULATED", "DealCloseDate")} if own else {}
            self._write(kind, record, values, source, sources, trace)
        return record

    def _write(
        self,
        kind: Kind,
        record: Record,
        values: Mapping[str, str | None],
        source: Source,
        sources: Mapping[str, Source],
        trace: str | None,
    ) -> None:
        now = self.now()
        self.index[kind.name].before(record, now)
        self._keys(kind, record, record.values, values)
        record.values = {**record.values, **values}
        record.modified = now
        for name, value in values.items():
            by = sources.get(name, source)
            record.changes.append(Change(name, value, now, by))
            self.noted("update", kind, record, by, name, value, trace)

    def rehearse(
        self,
        kind: Kind,
        given: Mapping[str, Any],
        record: Record | None,
        taken: set[tuple[str, str]],
    ) -> None:
        """Raises what writing these values would raise, and writes nothing; `taken` are the unique
        values of the inputs before."""
        if kind.name == "deals" and record is None:
            given = {"pipeline": DEFAULT, **given}
        values = self.checked(kind, given, record)
        for name, value in values.items():
            definition = kind.schema.get(name)
            if value is not None and definition is not None and definition.unique:
                if (name, value) in taken:
                    raise self._taken(name, value, record.id if record else 0)
                taken.add((name, value))
        if kind.name == "deals":
            old = record.values if record else {}
            whole = {**old, **values}
            moved = whole.get("dealstage") != old.get("dealstage")
            self._bound(record.id if record else None, whole, api=True, moved=moved)

    def noted(
        self,
        act: str,
        kind: Kind,
        record: Record,
        source: Source,
        name: str = "",
        value: str | None = None,
        trace: str | None = None,
    ) -> None:
        """Adds a line to the journal."""
        self.journal.append(
            Written(self.now(), act, kind.name, record.id, name, value, source, trace)
        )

    def checked(
        self, kind: Kind, given: Mapping[str, Any], record: Record | None
    ) -> dict[str, str | None]:
        """The values as they are kept; raises RefusedError with every fault found."""
        faults: list[Fault] = []
        kept: dict[str, str | None] = {}
        for name, value in given.items():
            definition = kind.schema.get(name)
            if definition is None:
                faults.append((name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
                continue
            try:
                kept[name] = self._one(kind, definition, value, record)
            except BadValueError as fault:
                faults.append((name, fault.code, fault.message))
        if kind.name == "deals" and not faults:
            faults.extend(self._stage_faults(kept, record))
        if faults:
            raise bad_values(faults, self.id)
        self._unique(kind, kept, record)
        return kept

    def _one(
        self, kind: Kind, definition: Definition, given: Any, record: Record | None
    ) -> str | None:
        name = definition.name
        if definition.read_only or (name == "createdate" and record is not None):
            raise BadValueError("READ_ONLY_VALUE", f"{name} is a read only property")
        value = kept_value(definition, given)
        if value is None:
            return None
        if name == "hubspot_owner_id" and not (
            value.isdecimal() and int(value) in self.owners.owners
        ):
            raise BadValueError("INVALID_OWNER_ID", f"Owner {value} does not exist")
        if name == "deal_currency_code" and value not in self.rates:
            raise BadValueError("INVALID_OPTION", f"{value} is not a currency of this account")
        for rule in self.rules.formats.get((kind.name, name), ()):
            if rule.broken_by(value):
                raise BadValueError("INVALID_FORMAT", f"{name} breaks the rule {rule.kind}")
        return value

    def _stage_faults(self, kept: Mapping[str, str | None], record: Record | None) -> list[Fault]:
        """A stage must be one of the deal's pipeline: that of another pipeline needs `pipeline` in
        the same write. [H] legacydocs.hubspot.com/docs/methods/pipelines"""
        if not {"pipeline", "dealstage"} & set(kept):
            return []
        old = record.values if record else {}
        pipeline = kept.get("pipeline", old.get("pipeline"))
        stage = kept.get("dealstage", old.get("dealstage"))
        found = self.pipelines.pipelines.get(pipeline or "")
        if found is None:
            return [("pipeline", "INVALID_OPTION", f"{pipeline} is not a pipeline")]
        if stage not in found.stages:
            allowed = ", ".join(found.stages)
            message = f"{stage} was not one of the allowed options: {allowed}"
            return [("dealstage", "INVALID_OPTION", message)]
        return []

    def _unique(self, kind: Kind, kept: Mapping[str, str | None], record: Record | None) -> None:
        for name, value in kept.items():
            definition = kind.schema.get(name)
            if value is None or definition is None or not definition.unique:
                continue
            holder = self.holder(kind, name, value)
            if holder is not None and holder is not record:
                raise self._taken(name, value, holder.id)

    def _taken(self, name: str, value: str, holder: int) -> RefusedError:
        """The refusal of a unique value that is another record's."""
        message = (
            f"Cannot set PropertyValueCoordinates{{propertyName={name}, value={value}}}. "
            f"{holder} already has that value."
        )
        refusal = bad_values([(name, "CONFLICTING_UNIQUE_VALUE", message)], self.id)
        if self.switches.unique_taken == 409:
            refusal.status, refusal.category = 409, "CONFLICT"
        return refusal

    def holder(self, kind: Kind, name: str, value: str) -> Record | None:
        """The record that holds a unique value; an archived one by the switch."""
        found = kind.records.get(kind.unique.get((name, value), 0))
        frees = self.switches.upsert_meets_archived == "new"
        return None if found and found.archived_at is not None and frees else found

    def _keys(self, kind: Kind, record: Record, old: Values, new: Values) -> None:
        """Keeps the unique values in step."""
        for name, value in new.items():
            definition = kind.schema.get(name)
            if definition is None or not definition.unique:
                continue
            before = old.get(name)
            if before is not None and kind.unique.get((name, before)) == record.id:
                del kind.unique[name, before]
            if value is not None:
                kind.unique[name, value] = record.id

    def _bound(
        self, deal: int | None, values: Mapping[str, str | None], *, api: bool, moved: bool
    ) -> None:
        """An admin's rules. People are taken to have filled in what the page asked them for."""
        if not api:
            return
        pipeline = self.pipelines.pipelines.get(values.get("pipeline") or "")
        stage = values.get("dealstage") or ""
        if moved and self.switches.approvals_bind and self.rules.unapproved(deal, pipeline, stage):
            raise needs_approval()
        missing = self.rules.missing(values, new=deal is None, moved=moved)
        if missing and self.switches.required_bind:
            raise lacks(missing)

    def _closes(
        self, values: dict[str, str | None], old: Values, given: Mapping[str, Any], *, api: bool
    ) -> bool:
        """The close date that a deal gets by itself when it is won or lost, though it had one, and
        when it goes from won to lost or back; not from won to won; an open deal made by hand gets
        the end of the month. Whether one was set.
        [H] knowledge.hubspot.com/crm-deals/hubspots-default-deal-properties"""
        if "closedate" in given or (api and not self.switches.api_close_sets_closedate):
            return False
        before = self.pipelines.stage(old.get("dealstage"))
        after = self.pipelines.stage(values.get("dealstage"))
        if after is not None and after.closed:
            if before is not None and (before.won, before.lost) == (after.won, after.lost):
                return False
            values["closedate"] = iso(self.now())
            return True
        if not old and not api:
            values["closedate"] = iso(self._end_of_month())
            return True
        return False

    def _end_of_month(self) -> int:
        here = instant_of(self.now()).astimezone(ZoneInfo(self.zone))
        first = (here.replace(day=1) + timedelta(days=32)).replace(day=1)
        return millis(first - timedelta(days=1))


def _kinds() -> list[Kind]:
    return [
        Kind("deals", "0-3", Schema(DEALS, "dealinformation"), DEAL_PLAIN),
        Kind(
            "companies",
            "0-2",
            Schema(COMPANIES, "companyinformation"),
            ("createdate", "domain", "name"),
        ),
        Kind("line_items", "0-8", Schema(LINE_ITEMS, "lineiteminformation"), ("name",)),
        Kind("quotes", "0-14", Schema(QUOTES, "quoteinformation"), ("hs_title",)),
        Kind("contracts", "0-721", Schema(CONTRACTS, "contractinformation"), ("hs_name",)),
    ]

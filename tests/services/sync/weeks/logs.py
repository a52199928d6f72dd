"""Both sides' logs of a week as plain values: what others did to stages in HubSpot, what we wrote
there, what is kept here. Nothing of the program is used to read them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Table, select

from scheduler.storage.database.rows import metadata
from tests.servers.hubspot.answers import Json
from tests.servers.hubspot.moments import instant_of
from tests.services.sync.in_step import CARE, SALES, STAGES
from tests.services.sync.weeks.living import Week

Row = Mapping[str, Any]
MEANING: Mapping[tuple[str, str], tuple[str, str]] = {
    **{
        (CARE, theirs): ("existing", "stable" if ours == "calm" else ours)
        for ours, theirs in STAGES.items()
    },
    (SALES, "appointmentscheduled"): ("new_business", "qualified"),
    (SALES, "qualifiedtobuy"): ("new_business", "problem_agreed"),
    (SALES, "closedlost"): ("new_business", "lost"),
    (SOLD := (SALES, "closedwon")): ("new_business", "won"),
}
"""What each stage of theirs stands for here, as people agreed on it."""
MAPPED = (CARE, SALES)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One writing of a deal's stage in HubSpot, by HubSpot's clock. `same`: it stood there already,
    so that nobody moved anything."""

    at: datetime
    record: int
    stage: str
    ours: bool
    by: str
    same: bool = False


@dataclass
class Logs:
    """Everything that was logged in a week."""

    lived: Week
    there: Mapping[int, Json] = field(init=False)

    def __post_init__(self) -> None:
        self.there = self.lived.server.state()["deals"]

    def rows(self, name: str) -> Sequence[Row]:
        """A table, in the order of its numbers."""
        table: Table = metadata.tables[name]
        with self.lived.world.both.engine.connect() as connection:
            query = select(table).order_by(*table.primary_key.columns)
            return [dict(row) for row in connection.execute(query).mappings()]

    @cached_property
    def entries(self) -> Mapping[int, Sequence[Entry]]:
        """All writings of stages since the first load, by record, in their order; a merge writes
        where the history of both does not end in the value that holds: of two entries of one
        instant the one whose values won comes last."""
        found: dict[int, list[Entry]] = {}
        last = {
            id: Entry(LONG_AGO, id, record["values"]["dealstage"], False, "")
            for id, record in self.lived.before["deals"].items()
        }
        for line in self.lived.server.journal[self.lived.began :]:
            at, entry = instant_of(line.at), None
            if line.kind == "deals" and line.act == "merge":
                first, second = (last[int(id)] for id in (line.value or "").split(";"))
                last[line.id] = Entry(at, line.id, first.stage, False, "MERGE_OBJECTS")
                if max(first, second, key=lambda entry: entry.at).stage != first.stage:
                    entry = last[line.id]
                else:
                    last[line.id] = max(first, second, key=lambda entry: entry.at)
            elif line.kind == "deals" and line.name == "dealstage" and line.value:
                by = f"{line.source.type} {line.source.id}"
                same = line.id in last and last[line.id].stage == line.value
                entry = Entry(at, line.id, line.value, line.trace is not None, by, same)
                last[line.id] = entry
            if entry is not None:
                found.setdefault(line.id, []).append(entry)
        return found

    @cached_property
    def merges(self) -> Sequence[tuple[int, int, int]]:
        """The merges: the one whose values won, the other, what they became."""
        lines = self.lived.server.journal[self.lived.began :]
        return [
            (*map(int, (line.value or "").split(";")), line.id)
            for line in lines
            if line.kind == "deals" and line.act == "merge"
        ]

    @cached_property
    def purged(self) -> frozenset[int]:
        """The ids that were deleted for good."""
        lines = self.lived.server.journal[self.lived.began :]
        return frozenset(line.id for line in lines if line.act == "purge" and line.kind == "deals")

    def survivor(self, record: int) -> int:
        """The id a record has in the end."""
        for first, second, made in self.merges:
            if record in (first, second):
                record = made
        return record

    def became(self, record: int) -> Sequence[int]:
        """All ids a record has had after its merges."""
        ids = [record]
        for first, second, made in self.merges:
            if ids[-1] in (first, second):
                ids.append(made)
        return ids

    def primaries(self, record: int) -> Sequence[int]:
        """A record and those whose values it took over, the newest first."""
        chain = [record]
        for first, _, made in reversed(self.merges):
            if made == chain[-1]:
                chain.append(first)
        return chain

    @cached_property
    def deals(self) -> Mapping[str, Row]:
        """The deals here with their contracts, by the id of the record that the contract is."""
        contracts = {row["id"]: row for row in self.rows("contracts")}
        return {
            contracts[row["contract_id"]]["source_id"]: {
                **row,
                "contract": contracts[row["contract_id"]],
            }
            for row in self.rows("deals")
            if row["voided_at"] is None and contracts[row["contract_id"]]["source"] == "hubspot"
        }

    def before(self, deal: Row) -> Row | None:
        """The deal of the term before in the same record, which it has left with its id."""
        found = self.deals.values()
        first = [d for d in found if d["contract"]["id"] == deal["contract"]["predecessor_id"]]
        return first[0] if first and "#" in first[0]["contract"]["source_id"] else None

    @cached_property
    def records(self) -> Mapping[str, Row]:
        """What is kept of HubSpot's records."""
        return {row["record_id"]: row for row in self.rows("hubspot_records")}

    @cached_property
    def pushes(self) -> Mapping[int, Row]:
        """What HubSpot was told, by deal."""
        return {row["deal_id"]: row for row in self.rows("hubspot_pushes")}

    @cached_property
    def answered(self) -> frozenset[datetime]:
        """The instants of what people did there that are answers here, by HubSpot's clock."""
        said = [row["request"] or "" for row in self.rows("answers") if row["via"] == "hubspot"]
        return frozenset(
            datetime.fromisoformat(request.split(":", 2)[2]) for request in said if request
        )

    @cached_property
    def moved(self) -> Sequence[tuple[datetime, str, bool]]:
        """The moves here that somebody made there: when by HubSpot's clock, to which stage, and
        whether that is when the deal came in, so that they may have made it any time before."""
        arrived = {row["id"]: row["arrived_at"] for row in self.rows("deals")}
        return [
            (self.lived.there(row["at"]), row["to_stage"], row["at"] == arrived[row["deal_id"]])
            for row in self.rows("passages")
            if "sync_moved" in row["because"]
        ]

    @cached_property
    def conflicts(self) -> Sequence[Row]:
        """What both sides said."""
        return self.rows("hubspot_conflicts")

    def was(self, deal: int) -> Iterator[tuple[datetime, datetime, str]]:
        """Where a deal was here from when to when, by HubSpot's clock."""
        rows = [r for r in self.rows("passages") if r["deal_id"] == deal and not r["voided_at"]]
        ends = [*(r["at"] for r in rows[1:]), None]
        for row, end in zip(rows, ends, strict=True):
            since = self.lived.there(row["at"]) if row["at"] else LONG_AGO
            until = self.lived.there(end) if end else datetime.max.replace(tzinfo=UTC)
            yield since, until, row["to_stage"]


def near(one: datetime, other: datetime, seconds: float = 2.0) -> bool:
    """Whether two instants are the same, as far as whole seconds of a clock tell."""
    return abs(one - other) <= timedelta(seconds=seconds)

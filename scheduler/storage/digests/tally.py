"""Counting and picking open deals in SQL: what `core.facts.tally` and `core.facts.digest_deals` say
of deals at hand, of any number of deals in a database.

Always holds: every number and every order is that of the core (compared on random books by
tests/storage/digests/test_tally.py); what is true of a deal (`storage.digests.standing`) is
worked out once for sums and lists; only the deals that are picked are loaded; statements are made
once for each policy.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Connection,
    Date,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    true,
    union_all,
)

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.facts.digest_deals import DealSelection, DigestDeals, Most
from scheduler.core.facts.tally import AHEAD, Tally, TotalValue
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Health
from scheduler.storage.database.deals import load_deals
from scheduler.storage.digests.standing import (
    TODAY,
    Column,
    Columns,
    Flag,
    Rules,
    lesser,
    rules_of,
    standing,
)

_NEVER = date.max


class DigestCounts:
    """Counts and picks on one connection, as a policy has it on a day of its reader."""

    def __init__(
        self,
        connection: Connection,
        policy: Policy,
        today: date,
        people: Mapping[int, Person] = MappingProxyType({}),
    ) -> None:
        """`people` are those who were loaded before."""
        self._connection, self._rules, self._people = connection, rules_of(policy), people
        self._days = {"today": today, "last": today + timedelta(days=AHEAD)}

    def books(self, owners: Collection[int], most: Most) -> dict[int, DigestDeals]:
        """By owner: the numbers about their open deals, and of each list the first; nobody without
        one is in it."""
        tallies, picked = self._counted(owners, most, each=True)
        return {
            owner: DigestDeals(tally, _lists(picked.get(owner, {}), most))
            for owner, tally in tallies.items()
        }

    def team(
        self, owners: Collection[int], most: Most
    ) -> tuple[dict[int, Tally], dict[DealSelection, list[Deal]]]:
        """By owner: the numbers about their open deals; and of each list the first deals of all
        these owners together."""
        tallies, picked = self._counted(owners, most, each=False)
        return tallies, _lists(picked.get(None, {}), most)

    def _counted(
        self, owners: Collection[int], most: Most, *, each: bool
    ) -> tuple[dict[int, Tally], Mapping[int | None, Mapping[DealSelection, list[Deal]]]]:
        """The numbers by owner, and the first deals of each list by owner, or (not `each`) of all
        together, under None."""
        query = _counting(self._rules, self._connection.dialect.name, tuple(most), each)
        values = {**self._days, "owners": list(owners), **{f"most_{p}": n for p, n in most.items()}}
        rows = self._connection.execute(query, values).mappings().all()
        deals = {
            d.id: d
            for d in load_deals(
                self._connection,
                list(dict.fromkeys(r["id"] for r in rows if r["pick"])),
                known=self._people,
            )
        }
        tallies: dict[int, Tally] = {}
        picked: dict[int | None, dict[DealSelection, list[Deal]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for row in rows:
            if not row["pick"]:
                tallies[row["owner_id"]] = tallies.get(row["owner_id"], Tally()) + _tally(row)
            elif row["id"] in deals:
                picked[row["owner_id"] if each else None][DealSelection(row["pick"])].append(
                    deals[row["id"]]
                )
        return tallies, picked


def _lists(
    picked: Mapping[DealSelection, list[Deal]], most: Most
) -> dict[DealSelection, list[Deal]]:
    """Every list that is wanted, also the empty ones."""
    return {pick: picked.get(pick, []) for pick in most}


def _tally(row: RowMapping) -> Tally:
    """The numbers about one owner's deals in one currency."""

    def worth(name: str, number: int) -> TotalValue:
        money = (
            ()
            if row[f"{name}_minor"] is None
            else (Money(int(row[f"{name}_minor"]), row["currency"]),)
        )
        return TotalValue(money, number - int(row[f"{name}_known"]))

    counted = {
        name: int(row[name])
        for name in (
            "all",
            "open",
            "due",
            "ended",
            "history",
            "notices",
            "doubt",
            "unanswered",
            "asked",
        )
    }
    return Tally(
        **counted,
        all_worth=worth("all", row["all"]),
        worth=worth("open", row["open"]),
        due_worth=worth("due", row["due"]),
        doubtful_worth=worth("both", int(row["both"])),
        since=row["since"],
        not_assessed=int(row["not_assessed"]),
        to_record=int(row["to_record"]),
        coming=int(row["coming"]),
    )


@lru_cache(maxsize=16)
def _counting(
    rules: Rules, dialect: str, wanted: tuple[DealSelection, ...], each: bool
) -> CompoundSelect[Any]:
    """The sums by owner and currency, which are in no list, and the deals that stand first in each
    list, by list and place. What is true of a deal is worked out once for all of them."""
    of = standing(rules, dialect, risk=DealSelection.URGENT in wanted).c
    sums = _sums(of)
    nobody, nowhere = (
        cast(null(), Integer).label("id"),
        (literal("").label("pick"), literal(0).label("rank")),
    )
    lists = [_first(of, pick, each, len(sums)) for pick in wanted]
    return union_all(
        select(nobody, of.owner_id, *nowhere, *sums).group_by(of.owner_id, of.currency), *lists
    ).order_by("pick", "rank")


def _sums(of: Columns) -> list[Column]:
    """The counts and the sums."""
    doubtful = or_(of.noticed, of.doubtful)
    counted: dict[str, Flag] = {
        "open": of.renewal,
        "due": of.due,
        "ended": of.ended,
        "history": of.history,
        "notices": of.noticed,
        "doubt": of.doubtful,
        "both": doubtful,
        "unanswered": of.waiting,
        "asked": of.asked,
        "not_assessed": and_(of.renewal, of.health == Health.UNKNOWN.value),
        "to_record": of.to_record,
        "coming": of.comes_by.is_not(None),
    }
    valued: dict[str, Flag] = {"all": true(), "open": of.renewal, "due": of.due, "both": doubtful}
    return [
        of.currency,
        func.count().label("all"),
        func.min(of.since, type_=Date).label("since"),
        *(func.sum(case((flag, 1), else_=0)).label(name) for name, flag in counted.items()),
        *(
            func.sum(case((flag, of.amount))).label(f"{name}_minor")
            for name, flag in valued.items()
        ),
        *(
            func.count(case((flag, of.amount))).label(f"{name}_known")
            for name, flag in valued.items()
        ),
    ]


def _first(of: Columns, pick: DealSelection, each: bool, sums: int) -> Select[Any]:
    """The deals that stand first in one list; they have none of the `sums`."""
    by_value = (of.value.desc(), func.coalesce(of.due_on, _NEVER))
    orders: dict[DealSelection, tuple[Flag, tuple[Column, ...]]] = {
        DealSelection.WAITING: (of.waiting, (lesser(of.since, TODAY), of.value.desc())),
        DealSelection.ASKED: (of.asked, (lesser(of.since, TODAY), of.value.desc())),
        DealSelection.TO_RECORD: (of.to_record, ()),
        DealSelection.COMING: (of.comes_by.is_not(None), (of.comes_by, of.value.desc())),
        DealSelection.NOTICED: (of.noticed, by_value),
        DealSelection.DOUBTFUL: (of.doubtful, by_value),
        DealSelection.ENDED: (of.ended, (of.ends_on, of.value.desc())),
        DealSelection.HISTORY: (of.history, (of.ends_on, of.value.desc())),
        DealSelection.DUE: (of.due, by_value),
        DealSelection.URGENT: (true(), (of.risk.desc(),)),
    }
    flag, order = orders[pick]
    rank = func.row_number().over(
        partition_by=of.owner_id if each else None, order_by=[*order, of.id]
    )
    ranked = (
        select(of.id, of.owner_id, literal(pick.value).label("pick"), rank.label("rank"))
        .where(flag)
        .subquery()
    )
    return select(*ranked.c, *(null().label(f"none_{n}") for n in range(sums))).where(
        ranked.c.rank <= bindparam(f"most_{pick}", type_=Integer)
    )

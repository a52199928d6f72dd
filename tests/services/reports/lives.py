"""Ten thousand made-up lives of contracts, and what was kept of them worked out a second time, by a
few lines that know nothing of the program's own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import floor
from random import Random
from typing import Any

from sqlalchemy import Connection, insert

from tests.storage.builders import T

KNOWN = datetime(2025, 1, 1, tzinfo=UTC)
_TERMS = ((1, "months"), (12, "months"), (12, "months"), (24, "months"), (36, "months"))
Cell = tuple[str, str, str | None]


@dataclass(frozen=True)
class MadeUpLife:
    """One contract: `fate` is what became of it, `signed_on` when."""

    customer: int
    segment: str | None
    currency: str
    ends_on: date
    term: tuple[int, str]
    due: int | None
    fate: str
    signed_on: date
    renewed: int | None
    renewed_term: tuple[int, str]
    automatic: bool


def made_up(seed: int, count: int) -> list[MadeUpLife]:
    """So many lives, the same for the same seed."""
    chance = Random(seed)
    segments = [chance.choice((None, "smb", "mid", "enterprise")) for _ in range(count // 3)]
    return [_life(chance, segments) for _ in range(count)]


def _life(chance: Random, segments: Sequence[str | None]) -> MadeUpLife:
    customer = chance.randrange(len(segments))
    ends_on = date(2026, 1, 1) + timedelta(days=chance.randrange(365))
    fate = chance.choice(("won",) * 6 + ("lost", "lost", "merged", "open", "undone", "void"))
    return MadeUpLife(
        customer,
        segments[customer],
        chance.choice(("GBP", "JPY", "KWD")),
        ends_on,
        chance.choice((*_TERMS, (90, "days"))),
        chance.choice((None, *(chance.randrange(10_000_000) for _ in range(30)))),
        fate,
        ends_on + timedelta(days=chance.randrange(-60, 40)),
        chance.choice((None, *(chance.randrange(10_000_000) for _ in range(30)))),
        chance.choice((*_TERMS, (45, "days"))),
        chance.random() < 0.3,
    )


def write(connection: Connection, lives: Sequence[MadeUpLife]) -> None:
    """The lives as rows, as the program would have written them."""
    customers = {life.customer: life.segment for life in lives}
    connection.execute(
        insert(T["customers"]),
        [
            {"id": n + 1, "source": "t", "source_id": str(n), "name": f"K{n}", "segment": segment}
            for n, segment in customers.items()
        ],
    )
    connection.execute(insert(T["contracts"]), [_contract(n, x) for n, x in enumerate(lives, 1)])
    connection.execute(insert(T["deals"]), [_deal(n, x) for n, x in enumerate(lives, 1)])
    passages = [p for n, x in enumerate(lives, 1) for p in _passages(n, x)]
    connection.execute(insert(T["passages"]), passages)


def _contract(n: int, life: MadeUpLife) -> dict[str, Any]:
    return {
        "id": n,
        "source": "t",
        "source_id": str(n),
        "number": f"C-{n}",
        "customer_id": life.customer + 1,
        "product": "Pro",
        "title": "",
        "ends_on": life.ends_on,
        "term": f"{life.term[0]} {life.term[1]}",
        "auto_renew": life.automatic,
        "evergreen": False,
        "amount": life.due,
        "currency": life.currency,
        "estimated": False,
        "term_number": 0,
        "system_made": False,
    }


def _at(life: MadeUpLife) -> datetime:
    return datetime.combine(life.signed_on, time(12), UTC)


def _deal(n: int, life: MadeUpLife) -> dict[str, Any]:
    stages = {"won": "won", "void": "won", "lost": "lost", "merged": "lost"}
    stage = stages.get(life.fate, "renewal_1m")
    won = {
        "amount": life.renewed,
        "currency": life.currency,
        "term": f"{life.renewed_term[0]} {life.renewed_term[1]}",
        "ends_on": None,
    }
    reason = "closed_merged" if life.fate == "merged" else "budget"
    return {
        "id": n,
        "key": f"k{n}",
        "version": 1,
        "contract_id": n,
        "pipeline": "existing",
        "stage": stage,
        "stage_entered_at": KNOWN,
        "arrived_at": KNOWN,
        "health": "stable",
        "health_because": "",
        "paperwork": "none",
        "won": won if stage == "won" else None,
        "lost": {"reason": reason} if stage == "lost" else None,
        "closed_at": _at(life) if stage in ("won", "lost") else None,
        "voided_at": _at(life) if life.fate == "void" else None,
        "policy_version": 1,
    }


def _passages(n: int, life: MadeUpLife) -> list[dict[str, Any]]:
    """How it came to its end; an undone end is taken back."""
    if life.fate == "open":
        return []
    kind = "policy" if life.automatic else "person"
    row = {"deal_id": n, "because": "", "actor_kind": kind, "actor": "", "observed": True}
    ends = {"lost": "lost", "merged": "lost"}.get(life.fate, "won")
    undone = _at(life) if life.fate == "undone" else None
    return [row | {"from_stage": "stable", "to_stage": ends, "at": _at(life), "voided_at": undone}]


def _a_year(minor: int, term: tuple[int, str]) -> int:
    """What an amount brings a year, half up."""
    length, unit = term
    return floor(Fraction(minor) * (12 if unit == "months" else 365) / length + Fraction(1, 2))


def kept(lives: Sequence[MadeUpLife]) -> dict[Cell, dict[str, int]]:
    """The sums of every month, segment and currency, worked out without the program."""
    found: dict[Cell, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    fates: dict[Cell, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for life in lives:
        if life.fate == "void":
            continue
        cell = (f"{life.ends_on:%Y-%m}", life.currency, life.segment)
        fate = "open" if life.fate == "undone" else life.fate
        fates[cell][life.customer].add(fate)
        sums = found[cell]
        sums["renewals"] += 1
        sums["due"] += life.due or 0
        sums[{"won": "renewed"}.get(fate, fate)] += 1
        if fate == "won":
            sums["automatic"] += life.automatic
            sums["late"] += life.signed_on > life.ends_on
        if life.due is None or (fate == "won" and life.renewed is None):
            sums["unknown"] += 1
            continue
        due = _a_year(life.due, life.term)
        if fate in ("open", "merged"):
            sums[f"{fate}_year"] += due
            continue
        got = _a_year(life.renewed or 0, life.renewed_term) if fate == "won" else 0
        sums["base"] += due
        sums["kept"] += min(due, got)
        sums["upsell"] += max(got - due, 0)
        sums["churn" if fate == "lost" else "downsell"] += max(due - got, 0)
    for cell, customers in fates.items():
        won = sum("won" in fate for fate in customers.values())
        gone = sum("lost" in f and not f & {"won", "open"} for f in customers.values())
        found[cell]["logos"], found[cell]["logos_kept"] = won + gone, won
    return found

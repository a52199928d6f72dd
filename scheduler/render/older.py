"""Facts of digests that an older version queued: what today's templates name besides is filled in
with empty values, so that nothing queued is lost in an upgrade."""

from collections.abc import Mapping
from typing import Any

_LISTS = ("ended_lines", "noticed", "doubtful", "due_lines", "to_record", "history_lines")
_NUMBERS = (
    "prospects",
    "due",
    "ended",
    "history",
    "unanswered",
    "notices",
    "doubt",
    "not_assessed",
)


def completed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A digest's facts with everything that templates may name."""
    lists: dict[str, Any] = {
        f"{name}{tail}": empty
        for name in _LISTS
        for tail, empty in (("", ()), ("_count", 0), ("_rest", 0))
    }
    found: dict[str, Any] = {
        **lists,
        "reps_rest": 0,
        "forecast": None,
        "counts": _counts(facts),
        "coming_contracts": facts.get("coming", 0),
        "ahead": 90,
        **facts,
    }
    if "reps" in facts:
        found["reps"] = [
            {"doubt_total": _total(rep, rep.get("doubt_amount", 0)), **_counts(rep), **rep}
            for rep in facts["reps"]
        ]
    return found


def _counts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers that older facts have, 0 for those they lack; `open` was the number of all
    deals."""
    known = {name: facts.get(name, 0) for name in _NUMBERS} | {
        "unanswered": facts.get("unanswered", facts.get("waiting_count", 0))
    }
    opened = facts.get("open", 0)
    return known | {
        "open": opened,
        "all": opened,
        "total": _total(facts, facts.get("amount", 0)),
        "due_total": _total(facts, 0),
    }


def _total(facts: Mapping[str, Any], amount: int) -> dict[str, Any]:
    """A sum in one currency: older facts know no others."""
    return {
        "amount": amount,
        "currency": facts.get("currency", ""),
        "others": [],
        "without": facts.get("without", 0),
    }

"""`renewals report renewals --html`: a page for each person or team, to be printed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scheduler.cli.reports.meeting_words import (
    group_word,
    health_reason,
    last_word,
    step_word,
    sums_of,
)
from scheduler.cli.terminal.say import label, language, text
from scheduler.cli.terminal.words import amount_word, health_word
from scheduler.core.deal.formats import long_day, month_words, near_day, per_term
from scheduler.core.facts.nudge_facts import plain
from scheduler.core.reports.meeting import (
    DueLine,
    Meeting,
    MeetingFacts,
    MeetingGroup,
    MeetingLine,
    pages_of,
)
from scheduler.core.reports.meeting_words import BY_ID, GROUPS, NOTES
from scheduler.core.reports.printed import PrintedPart
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import Health

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

AT_ONCE = 100
"""Contracts that are laid out together."""
Days = tuple[date, date, date]
"""The first and the last day of the period, and today."""
_LONGEST = 2000
_HEADS = ("customer", "amount", "ends_on", "health", "forecast", "last_word", "next_step")


def printed_pages(found: Meeting, policy: "Policy", days: Days, *, by_team: bool) -> PrintedPart:
    """The document: a part for each person, or team."""
    several = pages_of(found, by_team=by_team)
    parts = [_page(name, one, policy, days, by_team=by_team) for name, one in several.items()]
    facts = {"title": text("Renewals"), "foot": text("renewals, {day}", day=_day(days[2]))}
    return PrintedPart("sheet", facts, parts)


def _page(name: str, one: Meeting, policy: "Policy", days: Days, *, by_team: bool) -> PrintedPart:
    """The renewals of one person or team."""
    first, last, today = days
    nobody = text("(no team)") if by_team else text("(nobody)")
    facts = {
        "name": plain(name) or nobody,
        "period": text("Renewals from {first} to {last}", first=_day(first), last=_day(last)),
        "printed": text("as of {day}", day=_day(today)),
        "sums": list(_sums(one)),
        "due_heads": [
            *(label(BY_ID["month"].name), text("Contracts", context="count"), text("Amount")),
            *(label(health.label.as_title) for health in Health),
        ],
        "due_rows": list(_due_rows(one.due)),
        "note": " ".join(f"{label(note)}" for note in NOTES),
    }
    groups = [p for title, of in _titled(one) for p in _group(title, of, policy, today, by_team)]
    return PrintedPart("renewals", facts, groups)


def _titled(one: Meeting) -> Iterator[tuple[str, Sequence[MeetingLine]]]:
    """The groups of a page under their titles; last, those that count in none."""
    for group in MeetingGroup:
        lines = one.in_group(group)
        yield group_word(group, len(lines)), lines
    left = one.to_settle()
    yield text("Over before the first import ({count})", count=len(left)), left


def _day(day: date) -> str:
    """A day in full."""
    return long_day(day, language())


def _sums(one: Meeting) -> Iterator[dict[str, str]]:
    """The numbers at the head of a page."""
    several = [line.of for line in one.lines]
    yield {"value": f"{len(several):,}", "name": text("Contracts", context="count"), "tone": ""}
    yield {"value": sums_of(one.due) or "—", "name": label(BY_ID["amount"].name), "tone": ""}
    for group in list(MeetingGroup)[:-1]:
        number = sum(group in of.groups for of in several)
        tone = "warm" if number else ""
        yield {"value": f"{number:,}", "name": label(GROUPS[group].name), "tone": tone}
    unknown = sum(of.health is Health.UNKNOWN for of in several)
    name = label(Health.UNKNOWN.label.as_title)
    yield {"value": f"{unknown:,}", "name": name, "tone": "warm" if unknown else ""}


def _due_rows(due: Sequence[DueLine]) -> Iterator[dict[str, Any]]:
    """Month by month, then all together."""
    months = list(dict.fromkeys(line.month for line in due))
    for month in months:
        mine = [line for line in due if line.month == month]
        yield {"all": False, "cells": _due_cells(month_words(month, language()), mine)}
    if len(months) > 1:
        yield {"all": True, "cells": _due_cells(text("Total"), due)}


def _due_cells(name: str, due: Sequence[DueLine]) -> list[str]:
    """The cells of one line of the table of months."""
    of = {health: sum(x.contracts for x in due if x.health is health) for health in Health}
    return [
        *(name, f"{sum(of.values()):,}", sums_of(due)),
        *(f"{of[health]:,}" if of[health] else "" for health in Health),
    ]


def _group(
    title: str, lines: Sequence[MeetingLine], policy: "Policy", today: date, by_team: bool
) -> Iterator[PrintedPart]:
    """Contracts under a title, so many at once."""
    for start in range(0, len(lines), AT_ONCE):
        yield PrintedPart(
            "renewals_group",
            {
                "title": "" if start else title,
                "heads": [label(BY_ID[id_].name) for id_ in _HEADS],
                "contracts": [
                    _contract(line, policy, today, by_team=by_team)
                    for line in lines[start : start + AT_ONCE]
                ],
            },
        )


def _contract(
    line: MeetingLine, policy: "Policy", today: date, *, by_team: bool
) -> Mapping[str, str]:
    """The words for one contract. Its owner is named only if the page is not theirs."""
    of = line.of
    estimated = text(" (est.)") if of.estimated else ""
    words = {
        "customer": of.customer,
        "contract": of.contract,
        "product": of.product,
        "owner": (of.owner or text("(nobody)")) if by_team else "",
        "amount": amount_word(of.amount),
        "per": per_term(of.term, language()) if of.amount.minor is not None else "",
        "ends": near_day(of.ends_on, today, language()) + estimated,
        "deadline": _deadline(of, today),
        "health": of.health.value,
        "health_name": health_word(of.health.value, policy),
        "why": health_reason(of, policy),
        **_forecast(of, today),
        **_said(of, policy, today),
        "step": step_word(line, policy, today),
    }
    return {name: plain(word, _LONGEST) for name, word in words.items()}


def _deadline(of: MeetingFacts, today: date) -> str:
    """Until when notice can be given, or where nothing renews by itself, a decision be made."""
    if of.decide_by is None:
        return ""
    day = near_day(of.decide_by, today, language())
    return (
        text("notice until {day}", day=day) if of.auto_renew else text("decide by {day}", day=day)
    )


def _forecast(of: MeetingFacts, today: date) -> Mapping[str, str]:
    """The forecast, and since when it stands."""
    called = near_day(of.called_on, today, language()) if of.called_on else ""
    return {"forecast": label(of.call.label.as_title) if of.call else "—", "called": called}


def _said(of: MeetingFacts, policy: "Policy", today: date) -> Mapping[str, str]:
    """The last word, and whose it was."""
    if of.last is None:
        return {"said": "—", "said_by": ""}
    on = near_day(local_day(of.last.at, ZoneInfo(policy.zone)), today, language())
    by = text("{name}, {day}", name=of.last.name, day=on)
    return {"said": last_word(of, policy), "said_by": by}

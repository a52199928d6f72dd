"""What the page of a deal says: the link back from its record elsewhere opens it.

Always holds: it says what whoever reads the record there sees as well, and where the deal stands
here; no messages, and nothing that can be answered.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import long_day
from scheduler.core.facts.coming import upcoming
from scheduler.core.facts.field_words import NOTHING, field_name, field_value, reason_words
from scheduler.core.facts.nudge_facts import plain
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import Language
from scheduler.inbound.web.texts import said

_AHEAD = 800
"""How many days what comes next is looked for."""


def deal_view(deal: Deal, policy: Policy, now: datetime, language: Language) -> Mapping[str, Any]:
    """Title and rows of the page of a deal."""
    contract = deal.contract
    rows = [
        ("stage", field_value("stage", deal.stage, language, policy, deal.pipeline)),
        ("health", _health(deal, policy, language)),
        ("owner", deal.owner.name if deal.owner else NOTHING),
        ("ends_on", _day(contract.ends_on, language)),
        ("decide_by", _day(contract.decide_by, language)),
    ]
    return {
        "title": plain(contract.customer.name),
        "lines_said": [plain(line) for line in (contract.title, contract.number) if line],
        "rows": [
            *((field_name(name, language), plain(value)) for name, value in rows),
            *_next(deal, policy, now, language),
        ],
    }


def _health(deal: Deal, policy: Policy, language: Language) -> str:
    """Health as a row says it."""
    health = field_value("health", deal.health.value, language, policy)
    because = reason_words(deal.health_because, language, policy)
    return f"{health} ({because})" if because else health


def _day(day: date | None, language: Language) -> str:
    return long_day(day, language) if day else NOTHING


def _next(deal: Deal, policy: Policy, now: datetime, language: Language) -> list[tuple[str, str]]:
    """The first thing that comes after today, if anything does."""
    today = today_of(deal, policy, now)
    days = [u for u in upcoming([deal], policy, now, _AHEAD) if u.on > today]
    if not days:
        return []
    first = min(days, key=lambda each: each.on)
    return [(said("next", language), f"{_day(first.on, language)} {first.what.of(language)}")]

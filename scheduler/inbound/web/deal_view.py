"""What the page of a deal says: the link back from its record elsewhere opens it.

Always holds: it says what whoever reads the record there sees as well, and where the deal stands
here; no messages, and nothing that can be answered.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import long_day, near_day
from scheduler.core.facts.coming import upcoming
from scheduler.core.facts.field_words import NOTHING, field_value, reason_words
from scheduler.core.facts.nudge_facts import decide_by_label, plain
from scheduler.core.imports.texts import FIELD_LABELS
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.inbound.web.texts import said

_AHEAD = 800
"""How many days what comes next is looked for."""
_EXPECTED = Label("the decision is expected; you will be asked again")
_AGAIN = Label("you will be asked again")


def deal_view(deal: Deal, policy: Policy, now: datetime, language: Language) -> Mapping[str, Any]:
    """Title and rows of the page of a deal."""
    contract = deal.contract
    about = plain(contract.product) or plain(contract.title)
    rows = (
        (FIELD_LABELS["stage"], _stage(deal, policy, language)),
        (FIELD_LABELS["health"], _health(deal, policy, language)),
        (FIELD_LABELS["owner"], deal.owner.name if deal.owner else NOTHING),
        (FIELD_LABELS["ends_on"], _day(contract.ends_on, language)),
        (decide_by_label(contract), _day(contract.decide_by, language)),
    )
    return {
        "title": plain(contract.customer.name),
        "lines_said": [line for line in (about, plain(contract.number)) if line],
        "rows": [
            *((label.alone(language), plain(value)) for label, value in rows),
            *what_next(deal, policy, now, language),
        ],
    }


def what_next(
    deal: Deal, policy: Policy, now: datetime, language: Language
) -> list[tuple[str, str]]:
    """The row of the first thing that comes after today, if anything does."""
    today = today_of(deal, policy, now)
    days = [(u.on, u.what) for u in upcoming([deal], policy, now, _AHEAD) if u.on > today]
    if deal.expected_on and deal.expected_on > today:
        days.insert(0, (deal.expected_on, _AGAIN if deal.expected_by_default else _EXPECTED))
    if not days:
        return []
    on, what = min(days, key=lambda pair: pair[0])
    return [(said("next", language), f"{near_day(on, today, language)} {what.of(language)}")]


def _stage(deal: Deal, policy: Policy, language: Language) -> str:
    """What its stage is called."""
    return field_value("stage", deal.stage, language, policy, deal.pipeline)


def _health(deal: Deal, policy: Policy, language: Language) -> str:
    """How the customer does, and why."""
    health = field_value("health", deal.health.value, language, policy)
    because = reason_words(deal.health_because, language, policy)
    return f"{health} ({because})" if because else health


def _day(day: date | None, language: Language) -> str:
    return long_day(day, language) if day else NOTHING

"""What is sent to HubSpot of a deal: its stage there, and our own properties beside it.

Always holds: only what differs from what HubSpot has is written; a stage of another pipeline goes
with its pipeline; properties of ours begin with `renewals_` and are all listed in `PROPERTIES`.
The close date, the amount and the owner are theirs and never written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.core.deal.deal import Deal
from scheduler.core.facts.field_words import reason_words
from scheduler.core.policy.hubspot import StageMap, Theirs
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.milestones import Due
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.timeline import timeline
from scheduler.core.sync.records import PIPELINE, STAGE
from scheduler.core.sync.values import PropertyType, means_same, written_day, written_text
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import NO_CALL, ForecastCall, Health, Language

GROUP = "renewals"
"""The name of our group of properties."""
OWN_PREFIX = "renewals_"
"""How all that we make in an account is named: properties, and the ids of pipelines and stages."""
KEY = "renewals_key"
"""The unique property by which a write is found again: our deal's key."""
OUTCOME = "renewals_outcome"
OPEN, WON, LOST = "open", "won", "lost"


@dataclass(frozen=True, slots=True)
class OwnProperty:
    """One property of ours in HubSpot. `options` are internal values with their labels."""

    name: str
    kind: PropertyType
    label: Label
    options: tuple[tuple[str, Label], ...] = ()
    unique: bool = False


PROPERTIES = (
    OwnProperty(KEY, PropertyType.STRING, Label("Renewals: key"), unique=True),
    OwnProperty(
        "renewals_health",
        PropertyType.ENUMERATION,
        Label("Renewals: health"),
        (
            (Health.STABLE, Label("stable")),
            (Health.AT_RISK, Label("at risk")),
            (Health.CRITICAL, Label("critical")),
            (Health.UNKNOWN, Label("not assessed")),
        ),
    ),
    OwnProperty("renewals_health_reason", PropertyType.STRING, Label("Renewals: why this health")),
    OwnProperty("renewals_next_milestone", PropertyType.STRING, Label("Renewals: what comes next")),
    OwnProperty("renewals_next_milestone_on", PropertyType.DATE, Label("Renewals: when it comes")),
    OwnProperty("renewals_decide_by", PropertyType.DATE, Label("Renewals: deadline")),
    OwnProperty("renewals_ends_on", PropertyType.DATE, Label("Renewals: end of the term")),
    OwnProperty(
        "renewals_forecast",
        PropertyType.ENUMERATION,
        Label("Renewals: forecast"),
        (
            (ForecastCall.RENEW, Label("will renew")),
            (ForecastCall.AT_RISK, Label("in doubt")),
            (ForecastCall.UNSURE, Label("unsure")),
            (NO_CALL, Label("none", context="words")),
        ),
    ),
    OwnProperty(
        OUTCOME,
        PropertyType.ENUMERATION,
        Label("Renewals: outcome"),
        ((OPEN, Label("open")), (WON, Label("won")), (LOST, Label("lost"))),
    ),
    OwnProperty("renewals_outcome_reason", PropertyType.STRING, Label("Renewals: why it was lost")),
    OwnProperty("renewals_url", PropertyType.STRING, Label("Renewals: link")),
)
"""Everything of ours that `--create` makes and a push may write."""
TYPES: Mapping[str, PropertyType] = {p.name: p.kind for p in PROPERTIES}
"""The type of each property of ours."""


def next_milestone(deal: Deal, policy: Policy, today: date) -> Due | None:
    """The first of the deal's days that is still to come, today's not counted; of one day the later
    one of the policy."""
    ahead = [(due.day_on, -rank, due) for rank, due in timeline(deal, policy, today).days]
    coming = [each for each in ahead if each[0] > today]
    return min(coming, key=lambda each: each[:2])[2] if coming else None


def own_values(
    deal: Deal, policy: Policy, now: datetime, language: Language, url: str = ""
) -> dict[str, str]:
    """Our properties for a deal, in the language the account's people read; empty texts clear."""
    due = next_milestone(deal, policy, today_of(deal, policy, now))
    contract = deal.contract
    return {
        KEY: deal.key,
        "renewals_health": deal.health.value,
        "renewals_health_reason": written_text(reason_words(deal.health_because, language, policy)),
        "renewals_next_milestone": written_text(due.milestone.label.of(language)) if due else "",
        "renewals_next_milestone_on": written_day(due.day_on if due else None),
        "renewals_decide_by": written_day(contract.decide_by),
        "renewals_ends_on": written_day(contract.ends_on),
        "renewals_forecast": deal.call.value if deal.call else NO_CALL,
        OUTCOME: outcome(deal, policy),
        "renewals_outcome_reason": written_text(lost_because(deal, policy, language)),
        "renewals_url": url,
    }


def outcome(deal: Deal, policy: Policy) -> str:
    """Whether the deal is open, won or lost."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    if stage is None or stage.is_open:
        return OPEN
    return WON if stage.kind == "won" else LOST


def lost_because(deal: Deal, policy: Policy, language: Language) -> str:
    """Why a deal was lost, by the policy's list, with the note; empty where it was not."""
    if deal.lost is None:
        return ""
    names = {r.id: r.label.of(language) for r in policy.lost_reasons.get(deal.pipeline, ())}
    said = [names.get(r, r) for r in (deal.lost.reason, deal.lost.second) if r]
    return " / ".join((*said, deal.lost.note) if deal.lost.note else said)


def stage_values(deal: Deal, stages: StageMap, current: Theirs) -> dict[str, str] | None:
    """The stage as it is to be there, always with its pipeline; empty where the deal stands in one
    that means the same; None where the mapping names none to move to."""
    target = stages.target((deal.pipeline, deal.stage), current)
    if target is None:
        return None
    return {} if target == current else {PIPELINE: target[0], STAGE: target[1]}


def differing(wanted: Mapping[str, str], there: Mapping[str, str | None]) -> dict[str, str]:
    """What of `wanted` HubSpot does not have yet. A stage goes with its pipeline or not at all."""
    changed = {
        name: value
        for name, value in wanted.items()
        if not means_same(value, there.get(name), TYPES.get(name, PropertyType.STRING))
    }
    if {STAGE, PIPELINE} & changed.keys():
        changed |= {name: wanted[name] for name in (STAGE, PIPELINE) if name in wanted}
    return changed

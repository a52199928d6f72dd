"""What people call things: stages, states, healths, answers, days and reasons, in the language in
use.

Always holds: ids and codes stay out of what a person reads; what the policy no longer knows is
shown as it is stored.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from scheduler.cli.terminal.say import label, language, text
from scheduler.core.answers.verbs import VERBS
from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.deal.formats import clock_word, length_words, long_day, short_money, sums_words
from scheduler.core.facts.field_words import (
    health_fact,
    health_label,
    reason_label,
    word_change,
)
from scheduler.core.facts.nudge_facts import SYSTEM_LABELS
from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import (
    ChannelName,
    ForecastCall,
    MessageState,
    NudgeState,
    Paperwork,
    Role,
    Verb,
)
from scheduler.core.words.reasons import word

if TYPE_CHECKING:
    from scheduler.core.deal.deal import Deal
    from scheduler.core.deal.pipeline import Pipeline
    from scheduler.core.policy.policy import Policy
    from scheduler.services.imports.import_report import FieldMoved, MoveNotMade

_STATES: Mapping[str, Label] = {
    state.value: state.label for states in (NudgeState, MessageState) for state in states
}
_NAMES: Mapping[tuple[str, str], Label] = {
    (fact, str(value)): name
    for fact, names in (
        ("anchor", {anchor.value: rule.label for anchor, rule in ANCHORS.items()}),
        ("verb", {verb.value: rule.label for verb, rule in VERBS.items()}),
    )
    for value, name in names.items()
}


def state_word(state: str) -> str:
    """A nudge's or a message's state."""
    return label(_STATES[state]) if state in _STATES else state


def role_word(role: str) -> str:
    """The name of somebody's role in the deals."""
    return label(Role(role).label) if role in set(Role) else role


def health_word(health: str, policy: "Policy") -> str:
    """A health in the reader's language (`health_label`)."""
    return label(health_label(health, policy))


def stage_word(stage: str | None, pipeline: "Pipeline | None") -> str:
    """A stage; where a deal came from nowhere, that it begins."""
    found = pipeline.find(stage) if pipeline and stage else None
    return label(found.label) if found else stage or text("(begins)")


def milestone_word(milestone: str, policy: "Policy") -> str:
    """A milestone, also one of the program's own."""
    found = policy.milestone(milestone)
    return label(found.label if found else SYSTEM_LABELS.get(milestone, Label.verbatim(milestone)))


def reminder_word(name: str, step: int) -> str:
    """A name with the number of its reminder; unchanged for 0, the first message."""
    return text("{name} (reminder {step})", name=name, step=step) if step else name


def change_word(moved: "FieldMoved", policy: "Policy") -> str:
    """One changed field, with both values, for a report of changes."""
    return word_change(moved.field, moved.before, moved.after, language(), policy, moved.pipeline)


def refusal_word(moved: "MoveNotMade", policy: "Policy") -> str:
    """A move that an import refused, and why, for its report."""
    said = f"{moved.contract} {moved.customer}  {change_word(moved, policy)}"
    return f"{said}  {label(moved.because)}" if moved.because else said


def recipient_word(recipient: str) -> str:
    """Whom something is for: a name, or an address without its kind.

    >>> recipient_word("email:cs@example.com"), recipient_word("Ann Ito")
    ('cs@example.com', 'Ann Ito')
    """
    kind, _, address = recipient.partition(":")
    return address if kind in set(ChannelName) else recipient


def because(stored: str, policy: "Policy") -> str:
    """A stored reason as a sentence in which everything has the name that people know."""
    return word(stored, language(), lambda fact, value: fact_named(fact, value, policy))


def fact_named(fact: str, value: str, policy: "Policy") -> str:
    """One fact of a stored reason, as people call it."""
    if fact in ("label", "by"):
        found = next(
            (m.label for m in policy.milestones if value in (m.id, *m.label.spellings())),
            SYSTEM_LABELS.get(value),
        )
        return label(found) if found else value
    if (called := health_fact(fact, value, policy)) is not None:
        return label(called)
    if fact in ("stage", "old", "new"):
        stage = next((s for p in policy.pipelines.values() if (s := p.find(value))), None)
        if stage is not None:
            return label(stage.label)
    found = _NAMES.get((fact, value))
    return label(found) if found else _day_if_one(value)


def _day_if_one(value: str) -> str:
    """A day that a reason holds, with its weekday; anything else as it is."""
    try:
        return long_day(date.fromisoformat(value), language()) if len(value) == 10 else value
    except ValueError:
        return value


def day_word(day: date | None) -> str:
    """A day with its year and weekday, `—` where there is none."""
    return long_day(day, language()) if day else "—"


def when(at: datetime, policy: "Policy") -> str:
    """An instant on the clock of the policy's zone."""
    return clock_word(at, ZoneInfo(policy.zone))


def left(day: date | None, today: date) -> str:
    """How long it is until a day, or how long ago it was."""
    if day is None:
        return ""
    days = (day - today).days
    if days == 0:
        return text("today")
    if days < 0:
        return text("{days}d ago", days=-days)
    return text("in {days}d", days=days)


def amount_word(amount: Money) -> str:
    """An amount for a table (`short_money`)."""
    return short_money(amount)


def amounts_word(amounts: Iterable[Money], without: int = 0) -> str:
    """Sums in several currencies, and how many amounts are missing in them."""
    return sums_words(amounts, without, language())


def said_word(verb: str, details: Mapping[str, Any], policy: "Policy", deal: "Deal") -> str:
    """An answer as a person would tell it: what, and with which particulars. `details` are those
    kept with it."""
    return said_in_words(verb, details, policy, deal.pipeline, deal.contract.amount.currency)


def said_in_words(
    verb: str, details: Mapping[str, Any], policy: "Policy", pipeline: str, currency: str
) -> str:
    """As `said_word`, for callers that do not have the deal, only its pipeline and its contract's
    currency."""
    reasons = {r.id: label(r.label) for r in policy.lost_reasons.get(pipeline, ())}
    why = details.get("health_reason")
    lost = details.get("lost") or {}
    parts = [
        label(ForecastCall(details["call"]).label) if "call" in details else "",
        label(Paperwork(details["paperwork"]).label) if "paperwork" in details else "",
        health_word(details["health"], policy) if "health" in details else "",
        label(reason_label(why, policy)) if why else "",
        *(reasons.get(lost[key], lost[key]) for key in ("reason", "second") if lost.get(key)),
        _given("until", details, Label("until {}")),
        _given("on", details, Label("on {}")),
        _given("expected_on", details, Label("expected {}")),
        _agreed(details["amount"], currency) if "amount" in details else "",
        length_word(Term.parse(details["term"])) if "term" in details else "",
        _given("starts_on", details, Label("starts {}")),
        _given("ends_on", details, Label("ends {}")),
        details.get("note") or lost.get("note") or "",
    ]
    particulars = text(", ").join(p for p in parts if p)
    if verb == "note":
        return text("note: {particulars}", particulars=particulars)
    name = label(VERBS[Verb(verb)].label) if verb in set(Verb) else milestone_word(verb, policy)
    return (
        text("{name} ({particulars})", name=name, particulars=particulars) if particulars else name
    )


def _given(name: str, details: Mapping[str, Any], when: Label) -> str:
    """A day among the particulars."""
    return label(when).format(_day_if_one(str(details[name]))) if details.get(name) else ""


def _agreed(amount: str, currency: str) -> str:
    """An amount as an answer keeps it: whole units in the contract's currency."""
    return amount_word(Money(int(Decimal(amount) * 10 ** minor_digits(currency)), currency))


def alone(named: Label) -> str:
    """The name of a day as the head of a line: `Notice deadline`."""
    words = label(named).removeprefix("the ")
    return words[:1].upper() + words[1:]


def length_word(term: Term) -> str:
    """A length of time.

    >>> length_word(Term(12)), length_word(Term(days=90))
    ('12 months', '90 days')
    """
    return length_words(term, language())

"""What a nudge says, as plain data for templates: text, numbers, booleans and days in ISO form,
nothing that can be called.

Always holds: every key is always there (`None` or empty where nothing is known), so that a template
written for one deal works for all; texts that come from outside are one line without control
characters; links are http or https.
"""

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from scheduler.core.answers.offers import offers_for
from scheduler.core.deal.contracts import Contract, Money
from scheduler.core.deal.deal import (
    AUTO_RENEWAL,
    CALL_REVIEW,
    ENDED,
    EXPECTED,
    HEALTH_WORSE,
    NOTICE,
    PULSE,
    SYSTEM_ASKS,
    Deal,
    Event,
    Nudge,
)
from scheduler.core.deal.formats import near_day, offset_words, per_term, rhythm_words, short_day
from scheduler.core.facts.field_words import health_fact
from scheduler.core.policy.anchors import anchor_label
from scheduler.core.policy.milestone_days import calendar_of, today_of
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import Received, settling
from scheduler.core.policy.relevance import event_of
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import Shift, offset_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, Health, Language, Paperwork
from scheduler.core.words.reasons import fact, word

EXPECTED_TODAY = Label("Decision or order expected")
"""What the asking on an expected day is called where somebody named that day."""
SYSTEM_LABELS = {
    AUTO_RENEWAL: Label("Renewed automatically"),
    ENDED: Label("Ended, no answer yet"),
    EXPECTED: Label("Where do things stand?"),
    CALL_REVIEW: Label("Forecast to look at"),
    NOTICE: Label("Notice received"),
    HEALTH_WORSE: Label("Health has fallen"),
    PULSE: Label("How is the customer doing?"),
}
RISK: Mapping[Health, float] = {
    Health.CRITICAL: 1.0,
    Health.AT_RISK: 0.6,
    Health.UNKNOWN: 0.4,
    Health.STABLE: 0.2,
}
_UNSEEN = re.compile(
    "[\\s\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\"
    "ufeff\\ud800-\\udfff]+"
)
_LONGEST, _ISO_DAY = 200, 10


def nudge_facts(
    deal: Deal,
    milestone: Milestone | str,
    event: Event,
    policy: Policy,
    today: date,
    language: Language,
    calendar: Calendar | None = None,
    nudge: Nudge | None = None,
) -> dict[str, Any]:
    """Everything a template may say about one nudge (DESIGN §5 "What a nudge says").

    `milestone` is the policy's, or the id of one that the policy does not hold (system milestones).
    `calendar` is the deal's unless given. `links` (offer to address) is empty here: whoever can
    sign links fills it in.
    """
    calendar = calendar or calendar_of(deal, policy)
    contract = deal.contract
    return {
        **_about_moment(milestone, event, deal, policy, language),
        "why": why_now(milestone, event, contract, calendar, policy, today, language)
        + _late(nudge, today, language),
        **_about_contract(contract, today, language),
        **_about_deadline(contract, today, calendar),
        **_about_deal(deal, policy, today, language),
        **_about_answers(deal, event, policy, today, language, nudge),
        "today": today.isoformat(),
        "risk": money_at_risk(deal, policy, today),
    }


def facts_told(
    nudge: Nudge, deal: Deal, policy: Policy, now: datetime, language: Language
) -> dict[str, Any]:
    """Everything that can be said now about a nudge; empty if its day no longer stands."""
    event = event_of(nudge, deal)
    if event is None:
        return {}
    milestone = policy.milestone(nudge.milestone) or nudge.milestone
    return nudge_facts(
        deal, milestone, event, policy, today_of(deal, policy, now), language, nudge=nudge
    )


def message_facts(
    recipient: str, items: Sequence[Mapping[str, Any]], base_url: str = ""
) -> dict[str, Any]:
    """The facts of a message that carries these nudges, the most urgent first."""
    ordered = sorted(items, key=lambda item: (-item["risk"], item["customer"], item["number"]))
    return {
        "recipient": plain(recipient),
        "items": ordered,
        "count": len(ordered),
        "base_url": safe_url(base_url) or "",
    }


def alert_facts(title: str, text: str, todo: str = "") -> dict[str, Any]:
    """The facts of a word to an admin: what happened, the particulars, what to do."""
    return {"title": plain(title), "text": text, "todo": todo}


def money_at_risk(deal: Deal, policy: Policy, today: date) -> float:
    """Amount × risk ÷ days left, in the policy's base currency: what stands first in a bundle
    (DESIGN §5 "Attention").

    A currency without a configured rate counts as the base currency. Days are counted to the next
    of decide_by and the end, at least one.
    """
    amount = deal.contract.amount
    ahead = [d for d in (deal.contract.decide_by, deal.contract.ends_on) if d and d >= today]
    days = max(1, (min(ahead) - today).days) if ahead else 1 if deal.contract.ends_on else 365
    return round(policy.in_base_currency(amount) * RISK[deal.health] / days, 4)


def plain(text: str | None, longest: int = _LONGEST) -> str:
    """One line of text, no control or direction characters, at most `longest` characters.

    >>> plain("Aoba\\r\\nBcc: dan@example.com"), plain(None)
    ('Aoba Bcc: dan@example.com', '')
    """
    line = _UNSEEN.sub(" ", text or "").strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def safe_url(url: str | None) -> str | None:
    """The link if it is one that may stand in a message.

    >>> (safe_url("https://app.hubspot.com/deals/1"), safe_url("javascript:alert(1)"),
    ...  safe_url("https://a b"))
    ('https://app.hubspot.com/deals/1', None, None)
    """
    if not url or re.search(r'[\s<>"|\\^`{}\x00-\x1f]', url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def _about_moment(
    milestone: Milestone | str, event: Event, deal: Deal, policy: Policy, language: Language
) -> dict[str, Any]:
    """Which moment it is, and what is asked: nothing of the milestone's own once a notice or an
    order has settled it (`received`)."""
    if isinstance(milestone, str):
        said = (
            milestone == EXPECTED and deal.expected_on is not None and not deal.expected_by_default
        )
        label = EXPECTED_TODAY if said else SYSTEM_LABELS.get(milestone, Label.verbatim(milestone))
        moment = {
            "milestone": milestone,
            "template": milestone,
            "label": plain(label.of(language)),
            "asks": milestone in (*SYSTEM_ASKS, PULSE),
        }
        return moment | {"formerly": list[str](), "ask": "", "step": event.step, "received": ""}
    settled = settling(milestone, deal, policy)
    return {
        "milestone": milestone.id,
        "template": milestone.template or milestone.id,
        "formerly": list(milestone.was),
        "label": plain(milestone.label.of(language)),
        "asks": milestone.asks and settled is not Received.NOTICE,
        "ask": plain(milestone.ask.of(language)) if milestone.ask and settled is None else "",
        "step": event.step,
        "received": settled.value if settled else "",
    }


def why_now(
    milestone: Milestone | str,
    event: Event,
    contract: Contract,
    calendar: Calendar,
    policy: Policy,
    today: date,
    language: Language,
) -> str:
    """The milestone's rule in words, and why it was moved off its day if it was; for what follows
    up or comes from the system, the event's reason."""
    if isinstance(milestone, str) or event.step:
        return _worded(event.reason, policy, today, language)
    anchor = anchor_label(milestone.anchor, contract)
    rule = offset_words(milestone.offset, anchor.of(language), language)
    if milestone.every is not None:
        return rhythm_words(milestone.every, anchor.of(language), language)
    bare = offset_day(event.anchor_on, milestone.offset, calendar, Shift.NONE, milestone.month_end)
    return (
        rule
        if bare == event.day_on
        else f"{rule}{_moved(bare, event.day_on, calendar, today=today, language=language)}"
    )


def _late(nudge: Nudge | None, today: date, language: Language) -> str:
    """That it comes later than it should have."""
    day = nudge.delayed_from if nudge is not None else None
    if day is None or day >= today:
        return ""
    said = near_day(day, today, language)
    return Label(" (late: meant for {said}, but it was not sent then)", said=said).of(language)


def _moved(bare: date, day_on: date, calendar: Calendar, *, today: date, language: Language) -> str:
    """Why a milestone's day is not where its rule puts it: a closed day, or a peak that is
    levelled."""
    closed, earlier = not calendar.is_business_day(bare), day_on < bare
    day = short_day(bare, today, language)
    cause = (
        Label("as {day} is not a working day", day=day) if closed else Label("to spread the load")
    )
    moved = (
        Label(" (moved earlier, {cause})", cause=cause)
        if earlier
        else Label(" (moved later, {cause})", cause=cause)
    )
    return moved.of(language)


def decide_by_label(contract: Contract) -> Label:
    """What the last day to decide is called: with automatic renewal it is the last day for a
    notice."""
    return anchor_label(Anchor.DECIDE_BY, contract)


def _about_contract(contract: Contract, today: date, language: Language) -> dict[str, Any]:
    """Who, what, how much, until when."""
    return {
        "customer": plain(contract.customer.name) or plain(contract.title) or contract.number,
        "parent": plain(contract.customer.parent_name),
        "number": plain(contract.number),
        "product": plain(contract.product) or plain(contract.title),
        "amount": contract.amount.minor,
        "currency": contract.amount.currency,
        "per": per_term(contract.term, language),
        "starts_on": _iso(contract.starts_on),
        "ends_on": _iso(contract.ends_on),
        "days_left": _days(contract.ends_on, today),
        "estimated": contract.estimated,
        "evergreen": contract.evergreen,
        "auto_renew": contract.auto_renew,
        "url": safe_url(contract.url),
        "url_label": _site(contract.url),
        "command": f"renewals answer {shlex.quote(plain(contract.number))}",
    }


def _about_deadline(contract: Contract, today: date, calendar: Calendar) -> dict[str, Any]:
    """The last day to decide, its last working day, and the day a subject names."""
    day = contract.decide_by
    working = calendar.on_or_before(day) if day else None
    ahead = day is not None and day >= today
    return {
        "decide_by": _iso(day),
        "decide_by_working": _iso(working),
        "decide_days_left": _days(day, today),
        "deadline_on": _iso(
            working if ahead and working and working >= today else day if ahead else None
        ),
    }


def _paperwork(deal: Deal, language: Language) -> str:
    """How far the customer's purchase process has come; empty where it has not begun."""
    begun = deal.paperwork is not Paperwork.NONE
    return deal.paperwork.label.of(language) if begun else ""


def _about_deal(deal: Deal, policy: Policy, today: date, language: Language) -> dict[str, Any]:
    """How the customer does, how far the paperwork has come, who is concerned, what was agreed."""
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    bound = (
        next((s for s in pipeline.stages if s.health is deal.health), None) if pipeline else None
    )
    won = deal.won
    return {
        "stage": plain(stage.label.of(language)) if stage else deal.stage,
        "health": deal.health.value,
        "health_label": plain((bound.label if bound else deal.health.label).alone(language)),
        "health_because": _worded(deal.health_because, policy, today, language),
        "paperwork": deal.paperwork.value,
        "paperwork_label": _paperwork(deal, language),
        "expected_on": _iso(deal.expected_on),
        "expected_said": deal.expected_on is not None and not deal.expected_by_default,
        "expected_days_left": _days(deal.expected_on, today),
        "notice_on": _iso(deal.notice_on),
        "call": deal.call.value if deal.call else "",
        "call_label": deal.call.label.of(language) if deal.call else "",
        "called_on": _iso(deal.called_on) if deal.call else None,
        "owner": plain(deal.owner.name) if deal.owner else "",
        "sales": plain(deal.sales.name) if deal.sales else "",
        "manager": plain(deal.manager.name) if deal.manager else "",
        "renewed_until": _iso(won.ends_on) if won else None,
        "renewed_amount": won.amount.minor if won else None,
    }


def _worded(stored: str, policy: Policy, today: date, language: Language) -> str:
    """A reason as people say it: its days with their weekday, measures and reasons by their
    names."""

    def named(fact: str, value: str) -> str:
        if (called := health_fact(fact, value, policy)) is not None:
            return called.of(language)
        try:
            return (
                near_day(date.fromisoformat(value), today, language)
                if len(value) == _ISO_DAY
                else value
            )
        except ValueError:
            return value

    return plain(word(stored, language, named))


def _about_answers(
    deal: Deal, event: Event, policy: Policy, today: date, language: Language, nudge: Nudge | None
) -> dict[str, Any]:
    """What can be answered, what was answered, and why this recipient and not somebody else."""
    offered = offers_for(deal, event.milestone, policy) if deal.pipeline in policy.pipelines else ()
    return {
        "nudge": nudge.key if nudge else "",
        "offers": [
            {
                "id": o.id,
                "label": o.label.of(language),
                "style": o.style,
                "asks_more": bool(o.fields),
            }
            for o in offered
        ],
        "links": {},
        "answered": _worded(event.answer, policy, today, language) if event.answer else "",
        "answered_on": fact(event.answer, "on"),
        "settled": event.answered_at is not None,
        "quiet_until": _iso(event.snoozed_until),
        "instead": (
            _worded(nudge.because, policy, today, language) if nudge and nudge.because else ""
        ),
        "call_note": plain(deal.call_note),
        "to_manager": nudge is not None and nudge.role == "manager",
        "climbed": nudge is not None and event.step > 0 and nudge.role in ("manager", "admin"),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _days(day: date | None, today: date) -> int | None:
    return (day - today).days if day else None


def _site(url: str | None) -> str:
    """The name of the system a link leads to, empty where it is not one we know."""
    host = (urlsplit(url).hostname or "") if safe_url(url) and url else ""
    known = {"hubspot.com": "HubSpot", "salesforce.com": "Salesforce", "force.com": "Salesforce"}
    return next(
        (name for domain, name in known.items() if host == domain or host.endswith(f".{domain}")),
        "",
    )


def amount_of(facts: Mapping[str, Any]) -> Money:
    """The contract's amount that these facts hold."""
    return Money(None if facts["amount"] is None else int(facts["amount"]), str(facts["currency"]))

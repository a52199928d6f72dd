"""Whoever is on a page, and what pages call answers, customers and particulars."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.offers import OFFERS
from scheduler.core.answers.verbs import Asked
from scheduler.core.answers.why import listed_reasons
from scheduler.core.deal.authority import Authority, owner_instead
from scheduler.core.deal.contracts import Money, minor_digits
from scheduler.core.deal.deal import AUTO_RENEWAL, Deal
from scheduler.core.deal.formats import long_day, money, near_day
from scheduler.core.deal.people import Person
from scheduler.core.facts.nudge_facts import SYSTEM_LABELS, facts_told
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.inbound.links import Link
from scheduler.inbound.web.forms import Form
from scheduler.inbound.web.texts import said
from scheduler.services.answers.answering import UndoableAct
from scheduler.services.answers.linked import LinkedNudge


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody on a page: who, about which nudge, when."""

    person: Person
    language: Language
    looked: LinkedNudge
    link: Link
    policy: Policy
    now: datetime
    authority: Authority = Authority.FULL

    @property
    def passed_on(self) -> str:
        """Whose the deal is, for somebody who was asked and has no other part in it any more; empty
        for everybody else."""
        owner = owner_instead(self.authority, self.deal)
        return said("passed_on", self.language, owner=owner.name) if owner else ""

    @property
    def owner(self) -> str:
        """The number of whoever owns the deal; empty where nobody does."""
        return str(self.deal.owner.id) if self.deal.owner is not None else ""

    @property
    def deal(self) -> Deal:
        """The deal as it was when the page was asked for."""
        return self.looked.deal

    def facts(self, looked: LinkedNudge) -> dict[str, Any]:
        """What a page says about a nudge; empty if its day no longer stands."""
        return facts_told(looked.nudge, looked.deal, self.policy, self.now, self.language)

    def on(self, at: datetime) -> str:
        """A day as this reader writes it, in the deal's zone."""
        zone = zone_of(self.deal, self.policy)
        return near_day(at.astimezone(zone).date(), self.now.astimezone(zone).date(), self.language)


_BY_NOTICE = Label("ended by the notice")


def addressed(customer: str, language: Language) -> str:
    """A customer's name as a page says it: politely in Japanese."""
    return f"{customer}様" if language is Language.JA and not customer.endswith("様") else customer


def act_words(act: UndoableAct, deal: Deal, language: Language) -> str:
    """What was said, as its button says it."""
    if act.answer_id is None:
        return (SYSTEM_LABELS[AUTO_RENEWAL] if act.what == AUTO_RENEWAL else _BY_NOTICE).of(
            language
        )
    offers = [o for o in OFFERS.values() if o.verb.value == act.what]
    exact = [o for o in offers if o.call is None or o.call is deal.call]
    return (exact or offers)[0].label.of(language) if offers else act.what


def details(answer: Answer, visit: Visit) -> list[tuple[str, str]]:
    """The particulars of an answer as its form calls them."""
    language, form = (
        visit.language,
        Form.at(OFFERS[visit.link.what], visit.deal, visit.policy, visit.language, visit.now),
    )
    names = {
        f["name"]: f["label"].replace("(任意)", "").replace(" (optional)", "")
        for f in form.fields()
    }
    reasons = {
        id: name.of(language)
        for id, name in listed_reasons(answer.verb, visit.deal, visit.policy).items()
    }
    main = answer.lost.reason if answer.lost else answer.health_reason
    currency = visit.deal.contract.amount.currency
    known: list[tuple[Asked, str | None]] = [
        (Asked.REASON, reasons.get(main) if main else None),
        (
            Asked.SECOND,
            reasons.get(answer.lost.second) if answer.lost and answer.lost.second else None,
        ),
        (Asked.UNTIL, long_day(answer.until, language) if answer.until else None),
        (
            Asked.EXPECTED_ON,
            long_day(answer.expected_on, language) if answer.expected_on else None,
        ),
        (
            Asked.AMOUNT,
            money(Money(int(answer.amount.scaleb(minor_digits(currency))), currency))
            if answer.amount is not None
            else None,
        ),
        (Asked.ON, long_day(answer.on, language) if answer.on else None),
        (Asked.HEALTH, answer.health.label.alone(language) if answer.health else None),
        (
            Asked.PAPERWORK,
            answer.paperwork.label.alone(language) if answer.paperwork else None,
        ),
        (Asked.NOTE, answer.note or None),
    ]
    return [(names[field.value], value) for field, value in known if value and field.value in names]


def instant(written: str) -> datetime | None:
    """The instant a hidden field holds; None for anything else."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo is not None else None

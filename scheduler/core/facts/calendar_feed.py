"""What stands in a person's calendar: milestones, deadlines and ends of the deals they look after,
as whole days. Pure.

Always holds: the same moment of the same deal keeps its `uid` whatever day it moves to, and its
`sequence` never falls (RFC 5545 §3.8.7.4); what no longer comes, because the deal was closed or
passed on, is said to be cancelled and not just left out.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import day_shown, long_day, money, per_term
from scheduler.core.facts.nudge_facts import plain, safe_url
from scheduler.core.policy.milestone_days import due_days, falls_before_start, zone_of
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.received import Received, received
from scheduler.core.rules.candidates import live_events
from scheduler.core.rules.renewal import decides_itself_on
from scheduler.core.time.dates import add_days, local_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState, Language

KEPT_FOR = timedelta(days=31)
_AHEAD_OF_WHAT_RECURS = 400
"""For how long what has passed stays in the calendar."""

_END = Label("Contract ends")
_NOTICE = Label("Notice deadline")
_DECISION = Label("Decision deadline")
_EVER = Label("open-ended")


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One whole day of the calendar."""

    uid: str
    on: date
    title: str
    text: str
    sequence: int
    cancelled: bool = False
    url: str | None = None


def entries(
    deals: Iterable[Deal],
    whose: frozenset[int],
    policy: Policy,
    now: datetime,
    language: Language,
    notes: Mapping[int, str] | None = None,
) -> list[CalendarEntry]:
    """The calendar of the owners `whose`, from a month ago on, by day. Deals of anybody else were
    theirs once: their days are cancelled.

    `notes`: what was noted last, by the deal.
    """
    noted = notes or {}
    found = [
        entry
        for deal in deals
        for entry in _of(deal, whose, policy, now, language, noted.get(deal.id, ""))
    ]
    return sorted(found, key=lambda e: (e.on, e.title, e.uid))


def _of(
    deal: Deal, whose: frozenset[int], policy: Policy, now: datetime, language: Language, note: str
) -> Iterator[CalendarEntry]:
    """The days of one deal."""
    today = local_day(now, zone_of(deal, policy))
    gone_on = _gone_on(deal, whose, policy, today)
    text, sequence = _text(deal, policy, language, note), deal.version + policy.version
    for uid, on, what, will_come in _days(deal, policy, today):
        if on >= today - KEPT_FOR:
            cancelled = not will_come or (gone_on is not None and on >= gone_on)
            title = Label("{what}: {customer}", what=what, customer=_customer(deal.contract))
            yield CalendarEntry(
                f"{deal.key}-{uid}",
                on,
                title.of(language),
                text,
                sequence,
                cancelled,
                safe_url(deal.contract.url),
            )


def _gone_on(deal: Deal, whose: frozenset[int], policy: Policy, today: date) -> date | None:
    """The day from which nothing of the deal comes for these owners any more; None while it is
    theirs and open."""
    if deal.owner is None or deal.owner.id not in whose:
        return today
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    return (
        None
        if stage is None or stage.is_open
        else local_day(deal.stage_entered_at, zone_of(deal, policy))
    )


def _days(deal: Deal, policy: Policy, today: date) -> Iterator[tuple[str, date, Label, bool]]:
    """(what makes it unique within the deal, day, what happens, whether it will: a reminder after
    the term decides itself never comes)."""
    contract, over_on = deal.contract, decides_itself_on(deal, policy) or date.max
    if contract.decide_by is not None and (
        contract.auto_renew or contract.decide_by != contract.ends_on
    ):
        yield (
            "decide_by",
            contract.decide_by,
            _NOTICE if contract.auto_renew else _DECISION,
            received(deal) is not Received.NOTICE,
        )
    if contract.ends_on is not None:
        yield "ends_on", contract.ends_on, _END, True
    events = live_events(deal, policy)
    for milestone in (m for m in policy.milestones if m.pipeline == deal.pipeline):
        for due in due_days(
            milestone,
            deal,
            policy,
            today,
            (today - KEPT_FOR, add_days(today, _AHEAD_OF_WHAT_RECURS)),
        ):
            event = events.get((milestone.id, due.anchor_on))
            if event is not None and event.state is EventState.FIRED:
                yield _uid(milestone, contract, due.anchor_on), event.day_on, milestone.label, True
            elif (
                event is None
                and due.day_on >= today
                and _meant(milestone, deal, policy)
                and not falls_before_start(milestone, deal, due.anchor_on)
            ):
                yield (
                    _uid(milestone, contract, due.anchor_on),
                    due.day_on,
                    milestone.label,
                    due.day_on < over_on,
                )


def _meant(milestone: Milestone, deal: Deal, policy: Policy) -> bool:
    """Whether the milestone applies in the deal's stage. A closed deal keeps its days, so that they
    can be cancelled."""
    stage = policy.pipeline(deal.pipeline).find(deal.stage)
    return (
        not milestone.in_stages
        or deal.stage in milestone.in_stages
        or (stage is not None and not stage.is_open)
    )


def _uid(milestone: Milestone, contract: Contract, anchor_on: date) -> str:
    """A milestone comes once in a deal, whatever its day; an anniversary once a year, what recurs
    with each of its days.

    Under the first name it had, so that a calendar knows it again after a renaming.
    """
    start, name = (
        contract.series_starts_on or contract.starts_on,
        milestone.was[0] if milestone.was else milestone.id,
    )
    if milestone.every is not None:
        return f"{name}-{anchor_on}"
    if milestone.rhythm is None or start is None:
        return name
    return f"{name}-{anchor_on.year - start.year}"


def _text(deal: Deal, policy: Policy, language: Language, note: str) -> str:
    """What is known of the contract, a line each."""
    contract = deal.contract
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    lines = [
        " ".join(
            part
            for part in (plain(contract.product) or plain(contract.title), plain(contract.number))
            if part
        ),
        f"{money(contract.amount)}{per_term(contract.term, language)}",
        Label("Last day {day}", day=long_day(contract.ends_on, language)).of(language)
        if contract.ends_on
        else _EVER.of(language),
        _renewal(deal).of(language),
        _renews_for(contract, language),
        Label("Stage: {stage}", stage=stage.label if stage else deal.stage).of(language),
        Label("Health: {health}", health=deal.health.label).of(language),
        Label("Owner: {owner}", owner=plain(deal.owner.name) if deal.owner else "—").of(language),
        Label("Note: {note}", note=plain(note)).of(language) if note else "",
    ]
    return "\n".join(line for line in lines if line)


def _renewal(deal: Deal) -> Label:
    """How the term goes on: the notice that was received, else whether it renews by itself."""
    if deal.notice_on is not None:
        return Label("Notice received {day}", day=day_shown(deal.notice_on))
    return (
        Label("Renews automatically", context="feed")
        if deal.contract.auto_renew
        else Label("No automatic renewal")
    )


def _renews_for(contract: Contract, language: Language) -> str:
    """How long the terms after this one are, where that was said to differ."""
    length = per_term(contract.renewal_term, language).removeprefix("/")
    return Label("Then renews by the {length}", length=length).of(language) if length else ""


def _customer(contract: Contract) -> str:
    """Whose contract it is."""
    return plain(contract.customer.name).removesuffix("様") or contract.number

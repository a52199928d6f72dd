"""Why a deal is where it is: every milestone of its life with its day, how the day came about, what
became of it, and what is still to come.

Always holds: nothing is decided again. What happened is told from the events and nudges as they are
stored, days come from `core.facts.explain`, and what comes is what `decide` will say if nobody
answers (`core.rules.projection`, `core.facts.coming`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfoNotFoundError

from scheduler.core.answers.refusals import open_asks
from scheduler.core.deal.deal import AUTO_RENEWAL, PULSE, SYSTEM_MILESTONES, Deal, Event
from scheduler.core.deal.pauses import next_look
from scheduler.core.facts.coming import Upcoming, upcoming
from scheduler.core.facts.explain import DayStep, counting, day_steps, decide_by_steps, system_steps
from scheduler.core.facts.health_facts import health_facts
from scheduler.core.facts.nudge_facts import SYSTEM_LABELS, decide_by_label
from scheduler.core.policy.milestone_days import (
    calendar_of,
    day_start,
    due_days,
    falls_before_start,
    zone_of,
)
from scheduler.core.policy.milestones import Due, Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decide
from scheduler.core.rules.followup import asks
from scheduler.core.time.dates import Shift, local_day, offset_day
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState
from scheduler.core.words.reasons import code_of, fact, reason
from scheduler.services.deals.deal_story import Alarm, Chapter, DayState, DealStory, Notification
from scheduler.services.deals.listing import Life, NudgeLine
from scheduler.services.deals.lived_ahead import (
    ForeseenDay,
    LivedAhead,
    days_ahead,
    lived_ahead,
    milestones_of,
)

_Stands = tuple[DayState, str, date | None]
_LEAVES = Label("Closed as lost, as the customer gave notice")


def story(life: Life, policy: Policy, now: datetime) -> DealStory:
    """The life of one deal, milestone by milestone in the calendar's order."""
    stored, life = life.deal, _in_a_known_zone(life, policy)
    deal = life.deal
    zone, contract = zone_of(deal, policy), deal.contract
    today = local_day(now, zone)
    days = days_ahead(deal, policy, today)
    ahead = lived_ahead(stored, policy, now, day_start(today + timedelta(days=days), zone))
    comes = tuple(
        u
        for u in upcoming([stored if ahead.undecided else deal], policy, now, days)
        if is_open(deal, policy) or u.milestone
    )
    coming = () if ahead.undecided else comes
    return DealStory(
        deal.id,
        contract.number,
        contract.customer.name,
        deal.stage,
        is_open(deal, policy),
        today,
        contract.starts_on,
        contract.ends_on,
        contract.decide_by,
        decide_by_label(contract),
        decide_by_steps(contract),
        counting(deal, policy),
        _alarm(deal, policy, now),
        health_facts(deal, policy, now),
        ahead.undecided,
        tuple(u for u in coming if u.milestone is not None)[:1],
        tuple(_Teller(life, policy, today, now, ahead, coming).chapters()),
        comes,
        _question(deal, policy),
    )


def _question(deal: Deal, policy: Policy) -> Event | None:
    """The latest question that waits for an answer; None for a deal that is over."""
    if not is_open(deal, policy):
        return None
    return next((e for e in reversed(open_asks(deal, policy)) if asks(e.milestone, policy)), None)


def _in_a_known_zone(life: Life, policy: Policy) -> Life:
    """The life, told in the pipeline's zone if this machine does not know the owner's; what is to
    come is left undecided then."""
    deal = life.deal
    try:
        zone_of(deal, policy)
    except (ZoneInfoNotFoundError, ValueError):
        return replace(
            life, deal=replace(deal, owner=replace(deal.owner, zone=None) if deal.owner else None)
        )
    return life


def is_open(deal: Deal, policy: Policy) -> bool:
    """Whether the deal is still under way; a deal in an unknown stage counts as open."""
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    return stage is None or stage.is_open


def _alarm(deal: Deal, policy: Policy, now: datetime) -> Alarm:
    """The deal's alarm; a deal last swept under an older policy is due whatever its alarm says,
    unless it is paused."""
    anew = deal.policy_version < policy.version
    if _is_paused(deal, now):
        wake_at = next_look(now if anew else deal.wake_at, deal.paused_until)
        return Alarm(wake_at, deal.policy_version, policy.version, due=False, paused=True)
    due = anew or (deal.wake_at is not None and deal.wake_at <= now)
    return Alarm(deal.wake_at, deal.policy_version, policy.version, due)


def _is_paused(deal: Deal, now: datetime) -> bool:
    """Whether nothing is decided about the deal at present."""
    return deal.paused_until is not None and now < deal.paused_until


class _Teller:
    """Makes the chapters of one deal."""

    def __init__(
        self,
        life: Life,
        policy: Policy,
        today: date,
        now: datetime,
        ahead: LivedAhead,
        coming: Sequence[Upcoming],
    ) -> None:
        self._life, self._deal, self._policy, self._today, self._now, self._ahead = (
            life,
            life.deal,
            policy,
            today,
            now,
            ahead,
        )
        self._coming = coming
        self._steps: dict[tuple[str, date, bool], list[Event]] = {}
        for event in sorted(self._deal.events, key=lambda e: (e.step, e.at)):
            self._steps.setdefault(
                (
                    self._present(event.milestone),
                    event.anchor_on,
                    event.state is EventState.WITHDRAWN,
                ),
                [],
            ).append(event)

    def chapters(self) -> list[Chapter]:
        """All of them; those without a day come last."""
        found = [
            *self._settled(),
            *self._withdrawn(),
            *self._unsettled(),
            *self._own_to_come(),
            *self._leaving(),
        ]
        return sorted(found, key=lambda c: (c.on is None, c.on or date.max))

    def _present(self, milestone: str) -> str:
        """The milestone's present id."""
        found = self._policy.milestone(milestone)
        return found.id if found else milestone

    def _settled(self) -> Iterator[Chapter]:
        """The chapters of days that stand."""
        for (milestone, _, withdrawn), (event, *_) in self._steps.items():
            if not withdrawn:
                too_long = code_of(event.reason) == "longer_than_term"
                yield self._of_event(
                    milestone,
                    event,
                    DayState.TOO_LONG if too_long else DayState(event.state.value),
                    withdrawn=False,
                )

    def _withdrawn(self) -> Iterator[Chapter]:
        """The chapters of days that were withdrawn."""
        for (milestone, _, withdrawn), events in self._steps.items():
            if withdrawn:
                yield self._of_event(milestone, events[0], DayState.WITHDRAWN, withdrawn=True)

    def _of_event(
        self, milestone: str, event: Event, standing: DayState, *, withdrawn: bool
    ) -> Chapter:
        """A day that has an event."""
        rule = self._policy.milestone(milestone)
        steps = self._way(milestone, event.anchor_on)
        elsewhere = rule is not None and bool(steps) and steps[-1].day_on != event.day_on
        return Chapter(
            milestone,
            self._label(milestone),
            standing,
            event.day_on,
            rule.anchor if rule else None,
            steps,
            by_rule_on=steps[-1].day_on if elsewhere else None,
            was=event.was,
            reason=event.reason,
            moves_to=self._led_to(event, rule),
            tellings=self._tellings(milestone, event.anchor_on, withdrawn=withdrawn),
            reminders=() if withdrawn else self._reminders(milestone, event.day_on),
            removed=rule is None and milestone not in SYSTEM_MILESTONES,
        )

    def _way(self, milestone: str, anchor_on: date) -> tuple[DayStep, ...]:
        """How the day is computed under today's policy; nothing for a milestone it no longer
        has."""
        rule = self._policy.milestone(milestone)
        if rule is not None:
            return day_steps(rule, self._deal, self._policy, anchor_on)
        return (
            system_steps(milestone, self._deal, self._policy, anchor_on)
            if milestone in SYSTEM_MILESTONES
            else ()
        )

    def _label(self, milestone: str) -> Label:
        """The name people use for the milestone."""
        rule = self._policy.milestone(milestone)
        return rule.label if rule else SYSTEM_LABELS.get(milestone, Label.verbatim(milestone))

    def _led_to(self, event: Event, rule: Milestone | None) -> str | None:
        """The stage to which the deal moved because of this event."""
        if rule is None or rule.moves_to is None:
            return next(
                (p.to_stage for p in self._life.passages if p.because == event.reason), None
            )
        for passage in self._life.passages:
            because = passage.because
            same = (
                code_of(because) == "reached"
                and fact(because, "anchor_on") == event.anchor_on.isoformat()
            )
            if passage.to_stage == rule.moves_to and (because == event.reason or same):
                return passage.to_stage
        return None

    def _tellings(
        self, milestone: str, anchor_on: date, *, withdrawn: bool
    ) -> tuple[Notification, ...]:
        """The tellings, step by step. The nudges of a day that was withdrawn and came again are
        listed with the one that stands."""
        events = self._steps.get((milestone, anchor_on, withdrawn), [])
        lines: dict[int, list[NudgeLine]] = {}
        if not withdrawn or (milestone, anchor_on, False) not in self._steps:
            for line in sorted(self._life.nudges, key=lambda n: n.nudge):
                if (self._present(line.milestone), line.anchor_on) == (milestone, anchor_on):
                    lines.setdefault(line.step, []).append(line)
        return tuple(
            Notification(
                e.step,
                e.day_on,
                e.reason,
                tuple(lines.pop(e.step, ())),
                e.answer,
                e.answered_at,
                e.snoozed_until,
            )
            for e in events
            if e.state is EventState.FIRED or lines.get(e.step) or e.was is EventState.FIRED
        )

    def _unsettled(self) -> Iterator[Chapter]:
        """The days of the policy's milestones that have no event yet, and milestones without a
        day."""
        with_event = {milestone for milestone, _, withdrawn in self._steps if not withdrawn}
        for rule in milestones_of(self._deal, self._policy):
            days = due_days(rule, self._deal, self._policy, self._today)
            if not days and rule.id not in with_event:
                yield Chapter(rule.id, rule.label, DayState.NO_DAY, anchor=rule.anchor)
            yield from (
                self._of_due(due)
                for due in days
                if (rule.id, due.anchor_on, False) not in self._steps
            )

    def _of_due(self, due: Due) -> Chapter:
        """A day without an event: still to come, waiting, or never to come."""
        rule = due.milestone
        foreseen = self._ahead.days.get((rule.id, due.anchor_on))
        standing, why, until = self._standing(due, foreseen)
        told = standing in (DayState.TO_COME, DayState.DUE, DayState.WAITING)
        on = local_day(foreseen.at, zone_of(self._deal, self._policy)) if foreseen else due.day_on
        return Chapter(
            rule.id,
            rule.label,
            standing,
            due.day_on,
            rule.anchor,
            day_steps(rule, self._deal, self._policy, due.anchor_on),
            reason=why,
            expected=foreseen.event.state if foreseen and told else None,
            moves_to=rule.moves_to
            if foreseen and told and rule.moves_to in foreseen.moves
            else None,
            asks=rule.asks,
            asked=foreseen.asked if foreseen and told else (),
            open_until=until,
            reminders=self._reminders(rule.id, on)
            if foreseen and told and foreseen.event.state is EventState.FIRED
            else (),
        )

    def _standing(self, due: Due, foreseen: ForeseenDay | None) -> _Stands:
        """The state of a day without an event, why, and until when it waits."""
        deal, over = self._deal, self._ahead.over_on
        if falls_before_start(due.milestone, deal, due.anchor_on):
            return (
                DayState.TOO_LONG,
                reason("longer_than_term", term=deal.contract.term or "?"),
                None,
            )
        if not is_open(deal, self._policy) and deal.stage not in due.milestone.in_stages:
            return DayState.OVER, reason("deal_closed", stage=deal.stage), None
        if due.day_on <= self._today and _is_paused(deal, self._now):
            return DayState.PAUSED, "", None
        if foreseen is not None and due.day_on <= self._today and foreseen.at <= self._now:
            return DayState.DUE, _unless_fired(foreseen), None
        if (
            due.day_on <= self._today
            and due.milestone.open_until is not None
            and not self._ahead.undecided
        ):
            return DayState.WAITING, self._unmet(due), self._open_until(due)
        if foreseen is not None:
            return DayState.TO_COME, _unless_fired(foreseen), None
        if over is not None and over <= due.day_on:
            return DayState.OVER, self._ahead.over_because, None
        return (DayState.DUE if due.day_on <= self._today else DayState.TO_COME), "", None

    def _open_until(self, due: Due) -> date | None:
        """The last day on which a condition may become true."""
        until = due.milestone.open_until
        calendar = calendar_of(self._deal, self._policy)
        return (
            None
            if until is None
            else offset_day(due.day_on, until, calendar, Shift.NONE, due.milestone.month_end)
        )

    def _unmet(self, due: Due) -> str:
        """The condition that is not met: what the rules would say about the day now if it could not
        wait."""
        at_once = (
            replace(m, open_until=None) if m is due.milestone else m
            for m in self._policy.milestones
        )
        decision = decide(self._deal, replace(self._policy, milestones=tuple(at_once)), self._now)
        said = (
            e.reason
            for e in decision.events
            if (e.milestone, e.anchor_on) == (due.milestone.id, due.anchor_on)
        )
        return next(said, "")

    def _own_to_come(self) -> Iterator[Chapter]:
        """The chapters of what the program's own rules will say."""
        for (milestone, anchor_on), foreseen in self._ahead.days.items():
            if milestone in SYSTEM_MILESTONES and (milestone, anchor_on, False) not in self._steps:
                event, due = foreseen.event, foreseen.at <= self._now
                on = local_day(foreseen.at, zone_of(self._deal, self._policy))
                called = next(
                    (u.what for u in self._coming if (u.milestone, u.on) == (milestone, on)),
                    self._label(milestone),
                )
                yield Chapter(
                    milestone,
                    called,
                    DayState.DUE if due else DayState.TO_COME,
                    event.day_on,
                    None,
                    self._way(milestone, anchor_on),
                    expected=event.state,
                    reason=_unless_fired(foreseen),
                    asked=foreseen.asked,
                    moves_to=foreseen.moves[-1]
                    if foreseen.moves and milestone == AUTO_RENEWAL
                    else None,
                    asks=milestone == PULSE or asks(milestone, self._policy),
                    reminders=self._reminders(milestone, on),
                )

    def _leaving(self) -> Iterator[Chapter]:
        """The end that a notice leads to."""
        if (
            self._ahead.over_on is not None
            and code_of(self._ahead.over_because) == "notice_took_effect"
        ):
            due = self._ahead.over_on <= self._today
            yield Chapter(
                "",
                _LEAVES,
                DayState.DUE if due else DayState.TO_COME,
                self._ahead.over_on,
                reason=self._ahead.over_because,
            )

    def _reminders(self, milestone: str, since: date) -> tuple[Upcoming, ...]:
        """The reminders that will follow a telling on that day, until the milestone comes again."""
        later = [
            u
            for u in self._coming
            if u.milestone is not None and self._present(u.milestone) == milestone and u.on >= since
        ]
        again = next((u.on for u in later if u.step == 0 and u.on > since), date.max)
        told_again = any(
            e[0].day_on > since
            for (m, _, withdrawn), e in self._steps.items()
            if m == milestone and not withdrawn
        )
        return () if told_again else tuple(u for u in later if u.step and u.on < again)


def _unless_fired(foreseen: ForeseenDay) -> str:
    """Why a day will pass without a word; empty if it will be told."""
    return "" if foreseen.event.state is EventState.FIRED else foreseen.event.reason

"""Which notice deadlines a policy keeps: what the owner of an auto-renewing contract hears before
its deadline if nobody answers, and whether that is in time.

Always holds: the days are those of the rules (milestones' days, joined questions, last days), each
computed once per calendar; a deadline that seems missed is confirmed with `decide` itself before it
is reported.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from scheduler.core.deal.contracts import Contract, Customer, Money
from scheduler.core.deal.deal import Deal, Event
from scheduler.core.deal.formats import day_shown, length_words
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.policy.deadlines import last_days
from scheduler.core.policy.milestone_days import day_start, due_days_in, facts_of, zone_of
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import decided
from scheduler.core.rules.followup import asked_already
from scheduler.core.time.calendar import Calendar
from scheduler.core.time.dates import Term, decide_by
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.core.words.lexicon import Anchor, EventState, NudgeState, Tell

ENOUGH = 3
"""The last word comes at most so many working days before the last one on which notice can still be
given."""
NOTICES = (
    *(Term(months) for months in (0, 1, 2, 3, 4, 6, 12)),
    *(Term(0, days) for days in (15, 30, 60, 90)),
)
TRIED_YEAR = 2028
"""The year whose ends `check` tries: a leap year, the same whenever it runs."""
_DAY, _LONG_AGO, _FAR = timedelta(days=1), timedelta(days=3660), timedelta(days=400)
_TRIED, _OTHERS = 40, 10


class AskingDay(NamedTuple):
    """A day on which the owner is asked, and by which milestone; `again` marks a last call or a
    reminder."""

    day_on: date
    milestone: str
    again: bool = False


@dataclass
class UnansweredQuestions:
    """What an owner who never answers hears, for one calendar and one pipeline."""

    policy: Policy
    pipeline: str
    calendar: Calendar
    _days: dict[tuple[str, date], date] = field(default_factory=dict)
    _last: dict[date, date] = field(default_factory=dict)
    _joined: dict[tuple[object, ...], bool] = field(default_factory=dict)

    @cached_property
    def asking(self) -> tuple[Milestone, ...]:
        """The milestones that ask an owner about the end or the deadline of a plain contract."""
        facts = facts_of(self._any)
        mine = (
            m
            for m in self.policy.milestones
            if m.pipeline == self.pipeline and m.asks and Tell.OWNER in m.tell and not m.rhythm
        )
        return tuple(
            m
            for m in mine
            if ANCHORS[m.anchor].is_deadline and all(c.holds(facts) for c in m.where)
        )

    @cached_property
    def _any(self) -> Deal:
        return renewing(
            date(2027, 3, 31), date(2027, 3, 31), self.policy, self.pipeline, self.calendar.name
        )

    def until(self, ends_on: date, deadline_on: date) -> list[AskingDay]:
        """The questions and the last call until a deadline, in order."""
        told: list[AskingDay] = []
        for word in self.questions(ends_on, deadline_on):
            if word.day_on <= deadline_on and not self._is_joined(word, told, deadline_on):
                told.append(word)
        last_on = self.last_on(deadline_on)
        called = bool(told) and self.policy.attention.last_call and told[-1].day_on < last_on
        return [*told, AskingDay(last_on, told[-1].milestone, again=True)] if called else told

    def questions(self, ends_on: date, deadline_on: date) -> list[AskingDay]:
        """The milestones' days, also those after the deadline, in order."""
        counted = (
            (deadline_on if m.anchor is Anchor.DECIDE_BY else ends_on, rank, m)
            for rank, m in enumerate(self.asking)
        )
        days = sorted(
            (self._day(m, anchor_on), anchor_on, rank, m.id) for anchor_on, rank, m in counted
        )
        return [AskingDay(day, milestone) for day, _, _, milestone in days]

    def last_on(self, deadline_on: date) -> date:
        """The last working day before a deadline, by the rule for it."""
        if deadline_on not in self._last:
            days = last_days(self._of(deadline_on + _FAR, deadline_on), self.policy)
            self._last[deadline_on] = days[0].last_on
        return self._last[deadline_on]

    def _day(self, milestone: Milestone, anchor_on: date) -> date:
        key = (milestone.id, anchor_on)
        if key not in self._days:
            zone = zone_of(self._any, self.policy)
            self._days[key] = due_days_in(
                milestone, self._of(anchor_on, anchor_on), self.calendar, zone, anchor_on
            )[0].day_on
        return self._days[key]

    def _of(self, ends_on: date, deadline_on: date) -> Deal:
        contract = replace(
            self._any.contract,
            ends_on=ends_on,
            decide_by=deadline_on,
        )
        return replace(self._any, contract=contract)

    def _is_joined(self, word: AskingDay, told: Sequence[AskingDay], deadline_on: date) -> bool:
        """Whether this question is joined to an earlier one, by the rule for it; computed once for
        each number of days between them."""
        if not told:
            return False
        day, far = word.day_on, self.policy.attention.one_question_days + 1
        key = (
            word.milestone,
            min(far, (self.last_on(deadline_on) - day).days),
            *((w.milestone, min(far, (day - w.day_on).days)) for w in told),
        )
        if key not in self._joined:
            zone, milestone = (
                zone_of(self._any, self.policy),
                next(m for m in self.asking if m.id == word.milestone),
            )
            events = (
                Event(
                    w.milestone,
                    deadline_on,
                    w.day_on,
                    EventState.FIRED,
                    "",
                    day_start(w.day_on, zone),
                )
                for w in told
            )
            so_far = replace(self._of(deadline_on + _FAR, deadline_on), events=tuple(events))
            self._joined[key] = asked_already(milestone, day, so_far, self.policy) is not None
        return self._joined[key]


def renewing(
    ends_on: date, deadline_on: date, policy: Policy, pipeline: str, calendar: str
) -> Deal:
    """A deal for testing: a plain auto-renewing contract, long known, whose owner has a
    calendar."""
    within = policy.pipelines[pipeline]
    active = next(iter(within.of_kind(StageKind.ACTIVE)), within.first)
    starts_on = ends_on - _LONG_AGO
    arrived_at = datetime(starts_on.year, starts_on.month, starts_on.day, tzinfo=UTC)
    contract = Contract(
        0,
        "—",
        Customer(0, "—"),
        "",
        starts_on,
        ends_on,
        None,
        None,
        deadline_on,
        True,
        Money(0, policy.base_currency),
    )
    owner = Person(0, "—", calendar=calendar, zone=str(policy.zone_of(None, within)))
    return Deal(0, "—", 1, pipeline, active.id, arrived_at, contract, arrived_at, owner=owner)


def lived(deal: Deal, policy: Policy, deadline_on: date) -> list[AskingDay]:
    """What the owner hears until a deadline, running `decide` from alarm to alarm."""
    zone = zone_of(deal, policy)
    now: datetime | None = day_start(deadline_on - _FAR - _FAR, zone)
    over = day_start(deadline_on + _DAY, zone)
    words: list[AskingDay] = []
    while now is not None and now < over:
        decision, deal = decided(deal, policy, now)
        asked = [n for n in decision.nudges if n.role == "owner" and n.state is NudgeState.WAITING]
        words += [
            AskingDay(now.astimezone(zone).date(), n.milestone, again=n.step > 0) for n in asked
        ]
        now = decision.wake_at
    return words


@dataclass(frozen=True, slots=True)
class MissedDeadline:
    """A contract whose notice deadline a policy misses, and what its owner hears: nothing in time,
    or the last message too early."""

    pipeline: str
    calendar: str
    ends_on: date
    notice: Term
    deadline_on: date
    last_on: date
    words: tuple[AskingDay, ...]
    late: AskingDay | None
    days_before: int | None


def missed_deadlines(policy: Policy, year: int) -> Iterator[MissedDeadline]:
    """The first counterexample of each pipeline that has renewals, over months and days of notice:
    every end of a year in the pipeline's calendar, every tenth in the others (every end of 28 years
    and of 400, and 16 calendars, is what `benchmarks.deadlines` tries).
    """
    for pipeline in policy.pipelines.values():
        asks = any(m.asks and m.pipeline == pipeline.id for m in policy.milestones)
        if asks and pipeline.of_kind(StageKind.RENEWAL):
            own = policy.calendar_of(None, pipeline)
            others = [
                policy.calendars[name] for name in sorted(policy.calendars) if name != own.name
            ]
            suspects = (
                found
                for c in (own, *others)
                for found in _suspects(policy, pipeline.id, c, year, 1 if c is own else _OTHERS)
            )
            yield from islice(
                (
                    found
                    for suspect in islice(suspects, _TRIED)
                    if (found := _confirmed(suspect, policy)) is not None
                ),
                1,
            )


def _suspects(
    policy: Policy, pipeline: str, calendar: Calendar, year: int, every: int
) -> Iterator[MissedDeadline]:
    """The cases that seem missed from the days alone, one for each notice."""
    words, first = UnansweredQuestions(policy, pipeline, calendar), date(year, 1, 1)
    for notice in NOTICES:
        for ends_on in (first + timedelta(days=n) for n in range(0, 366, every)):
            deadline_on = decide_by(ends_on, notice)
            case = MissedDeadline(
                pipeline,
                calendar.name,
                ends_on,
                notice,
                deadline_on,
                words.last_on(deadline_on),
                (),
                None,
                None,
            )
            found = _judged(case, words.until(ends_on, deadline_on), calendar)
            if found is not None:
                yield found
                break


def _judged(
    case: MissedDeadline, words: Sequence[AskingDay], calendar: Calendar
) -> MissedDeadline | None:
    """The case with what is wrong about it; None if the owner is asked in time."""
    heard = [w for w in words if w.day_on <= case.last_on]
    between = calendar.between(heard[-1].day_on, case.last_on) if heard else None
    return (
        None
        if between is not None and between <= ENOUGH
        else replace(case, words=tuple(heard), days_before=between)
    )


def _confirmed(case: MissedDeadline, policy: Policy) -> MissedDeadline | None:
    """The case as `decide` plays it out, with the question that comes too late; None if the
    deadline is kept after all."""
    deal = renewing(case.ends_on, case.deadline_on, policy, case.pipeline, case.calendar)
    calendar = policy.calendars[case.calendar]
    found = _judged(case, lived(deal, policy, case.deadline_on), calendar)
    if found is None:
        return None
    coming = UnansweredQuestions(policy, case.pipeline, calendar).questions(
        case.ends_on, case.deadline_on
    )
    return replace(found, late=next((w for w in coming if w.day_on > case.last_on), None))


def told_of_missed(case: MissedDeadline, policy: Policy) -> Label:
    """A counterexample as a sentence: the contract, its last working day, what comes when, and what
    would help."""
    switch = "" if policy.attention.last_call else Label("set [attention] last_call = true, or ")
    return Label(
        "pipelines[{pipeline}]: a notice deadline can pass before anybody is asked in time. "
        "{example} To fix it: {switch}add a milestone that asks and counts from decide_by.",
        pipeline=case.pipeline,
        example=_told(case),
        switch=switch,
    )


def _told(case: MissedDeadline) -> Label:
    """The example."""
    comes = [_word(w) for w in case.words]
    if case.late:
        comes.append(Label("{word} (too late)", word=_word(case.late)))
    early = (
        Label("the last word comes {days} working days before", days=case.days_before)
        if case.words
        else Label("nobody is asked by then")
    )
    return Label(
        "Example: a contract that renews itself, ends on {end} and has a notice of {notice} "
        "(calendar {calendar}): the deadline is {deadline}, in practice {last}; {early}. What "
        "comes: {comes}.",
        end=day_shown(case.ends_on),
        notice=ByLanguage(length_words, case.notice),
        calendar=case.calendar,
        deadline=day_shown(case.deadline_on),
        last=day_shown(case.last_on),
        early=early,
        comes=Joined(comes, COMMA) if comes else Label("nothing"),
    )


def _word(word: AskingDay) -> Label:
    """`renewal_3m on Wed 31 Mar 2027`, with a mark if it asks again."""
    return Label(
        "{milestone} on {day}",
        milestone=word.milestone + ("+" if word.again else ""),
        day=day_shown(word.day_on),
    )

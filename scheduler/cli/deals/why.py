"""`renewals why CONTRACT`: why each milestone lies on its day, what became of it, and what comes
next.

Always holds: every line answers what somebody asks who doubts a day: which day it is and how it
was counted, what happened, who was told or will be; days stand in the calendar's order.
"""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.life import (
    ContractWanted,
    aside,
    at_word,
    head,
    messages,
    say_history,
    say_next,
    tell_lives,
)
from scheduler.cli.terminal.say import (
    facts,
    heading,
    label,
    say,
    table,
    text,
)
from scheduler.cli.terminal.tables import Column, cells, pad
from scheduler.cli.terminal.words import (
    because,
    day_word,
    left,
    recipient_word,
    stage_word,
    state_word,
)
from scheduler.core.facts.explain import (
    ASKED_ON,
    CALLED_ON,
    NOTICE_ON,
    DayStep,
    MonthEndNote,
    Origin,
    StepKind,
)
from scheduler.core.policy.anchors import ANCHORS
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, EventState
from scheduler.core.words.reasons import code_of, fact
from scheduler.services.deals.deal_story import (
    AskedPerson,
    Chapter,
    DayState,
    DealStory,
    Notification,
)

if TYPE_CHECKING:
    from scheduler.core.facts.coming import Upcoming
    from scheduler.core.policy.policy import Policy
    from scheduler.services.deals.listing import Life, NudgeLine

_STANDINGS = {
    DayState.FIRED: Label("reached"),
    DayState.SUPERSEDED: Label("superseded"),
    DayState.SKIPPED: Label("skipped"),
    DayState.BASELINE: Label("history, nothing sent"),
    DayState.CARRIED_OVER: Label("carried over"),
    DayState.EXPIRED: Label("expired"),
    DayState.WITHDRAWN: Label("withdrawn"),
    DayState.TO_COME: Label("still to come"),
    DayState.DUE: Label("reached, to be decided at the next sweep"),
    DayState.WAITING: Label("waiting for a condition"),
    DayState.TOO_LONG: Label("longer than the term"),
    DayState.NO_DAY: Label("no date to count from"),
    DayState.PAUSED: Label("reached, to be decided when its pause is over"),
    DayState.OVER: Label("not reached"),
}
_ANCHORS = {
    **{anchor.value: rule.label for anchor, rule in ANCHORS.items()},
    ASKED_ON: Label("the day to ask again"),
    CALLED_ON: Label("the day of the forecast"),
    NOTICE_ON: Label("the day of the notice"),
}
_UNITS = {
    StepKind.MONTHS: Label("{count} month", many="{count} months"),
    StepKind.DAYS: Label("{count} day", many="{count} days"),
    StepKind.BUSINESS_DAYS: Label("{count} business day", many="{count} business days"),
}
_NOTES = {
    MonthEndNote.CLAMPED: Label(" (the month's last day)"),
    MonthEndNote.STUCK: Label(" (month end stays month end)"),
}


def why(here: CommandContext, contract: ContractWanted) -> None:
    """The life of a contract's deals, milestone by milestone."""
    tell_lives(here, contract, DealStory.__dataclass_fields__, show_story)


def show_story(life: "Life", told: DealStory, policy: "Policy") -> None:
    """Shows one deal: what it is and when it is looked at next, then its milestones."""
    facts([*head(life, told, policy), *_reckoned(life, told)])
    say_history(life, told, policy)
    blocks = [
        (chapter, list(_rows(chapter, told, policy)))
        for chapter in told.chapters
        if chapter.standing is not DayState.NO_DAY
    ]
    margin = max((cells(name) for _, rows in blocks for name, _ in rows), default=0)
    for chapter, rows in blocks:
        heading(Label.verbatim(_title(chapter, told)))
        table(
            (Column("", stays=True), "", Column("", wraps=True)),
            [("", pad(name, margin), words) for name, words in rows],
            bare=True,
        )
    _without_day([c for c in told.chapters if c.standing is DayState.NO_DAY], told)
    if not told.chapters:
        say()
        say("This deal's pipeline has no milestones.")
    say_next(told, policy)


def _reckoned(life: "Life", told: DealStory) -> Iterator[tuple[str, str]]:
    """How the deadline was computed, by what calendar and clock the deal's days are counted, and
    its alarm."""
    if told.decide_by:
        yield (
            text("Deadline from"),
            _way(told.decide_by_steps, told)
            if told.decide_by_steps
            else text("set for this contract"),
        )
    yield text("Counted by"), _counted_by(life, told)
    yield text("Next look"), _alarm(told)


def _counted_by(life: "Life", told: DealStory) -> str:
    """Whose calendar and clock make the days; every instant of the story stands on that clock."""
    counted, owner = told.counted, life.deal.owner
    whose = {
        Origin.OWNER: text("{owner_name}'s ", owner_name=owner.name) if owner else "",
        Origin.PIPELINE: text("the pipeline's "),
        Origin.POLICY: text("the policy's "),
        Origin.DEFAULT: text("the default "),
    }
    calendar, zone = (whose[origin] for origin in (counted.calendar_of, counted.zone_of))
    same = counted.calendar_of is counted.zone_of
    return text(
        "{whose}calendar {calendar} and {whose_zone}time zone {zone}",
        whose=calendar,
        calendar=counted.calendar,
        whose_zone="" if same else zone,
        zone=counted.zone,
    )


def _alarm(told: DealStory) -> str:
    """When the program looks next, and which version of the policy decided it."""
    alarm = told.alarm
    version = alarm.policy_version
    by = text(" (decided by version {version} of the policy)", version=version) if version else ""
    if alarm.paused:
        return at_word(alarm.wake_at, told) if alarm.wake_at else text("when somebody resumes it")
    if alarm.policy_version == 0:
        return text("never looked at yet: due for the next sweep")
    if alarm.due and version < alarm.current_version:
        current = alarm.current_version
        return text(
            "due for the next sweep (decided under version {version}, now {current})",
            version=version,
            current=current,
        )
    if alarm.wake_at is None:
        return text("none, unless something changes") + by
    at = at_word(alarm.wake_at, told)
    return (text("due for the next sweep (since {at})", at=at) if alarm.due else at) + by


def _arrow(names: Sequence[str]) -> str:
    """An arrow and the people who are told; empty if there are none."""
    return " → " + text(", ").join(recipient_word(n) for n in names) if names else ""


def _title(chapter: Chapter, told: DealStory) -> str:
    """The day, what it is and under which id it stands in the configuration, where it stands."""
    standing = label(_STANDINGS[chapter.standing])
    if chapter.standing is DayState.TO_COME and chapter.on is not None:
        standing += text(", ") + left(chapter.on, told.today)
    return f"{day_word(chapter.on)}  {_name(chapter)}{text(': ')}{standing}"


def _name(chapter: Chapter) -> str:
    """The milestone's name, with its id if the configuration knows it by one."""
    name = label(chapter.label)
    if chapter.removed:
        return name
    return f"{name[:1].upper()}{name[1:]}" + (f" [{chapter.milestone}]" if chapter.anchor else "")


def _rows(chapter: Chapter, told: DealStory, policy: "Policy") -> Iterator[tuple[str, str]]:
    """The rows of one milestone, each with its name."""
    if chapter.steps:
        yield text("day", context="why"), _way(chapter.steps, told)
    if chapter.by_rule_on:
        yield (
            text(""),
            text(
                (
                    "it was {day} when it was decided; the policy, the contract or the calendar "
                    "has changed since"
                ),
                day=day_word(chapter.on),
            ),
        )
    if chapter.removed:
        yield (
            text("policy"),
            text("this milestone is no longer in the policy"),
        )
    yield from _reason(chapter, policy, is_open=told.is_open)
    if chapter.moves_to:
        yield text("stage"), "→ " + _stage(chapter.moves_to, policy)
    for telling, following in zip_longest(chapter.tellings, chapter.tellings[1:]):
        yield from _telling(telling, told, policy)
        if following is None or (following.answer, following.answered_at) != (
            telling.answer,
            telling.answered_at,
        ):
            yield from _answer(telling, told, policy)
    for number, asked in enumerate(chapter.asked):
        yield (
            ("" if number else text("asks") if chapter.asks else text("tells")),
            _asked(asked, policy),
        )
    if chapter.reminders:
        yield text("reminders"), _reminders(chapter.reminders)


def _asked(asked: AskedPerson, policy: "Policy") -> str:
    """Who will be told, and why they are if somebody else was meant."""
    return recipient_word(asked.name) + aside(
        because(asked.because, policy) if asked.because else ""
    )


def _stage(stage: str, policy: "Policy") -> str:
    """A stage of whichever pipeline has it."""
    return stage_word(stage, next((p for p in policy.pipelines.values() if p.find(stage)), None))


def _reason(chapter: Chapter, policy: "Policy", *, is_open: bool) -> Iterator[tuple[str, str]]:
    """Why it stands where it stands; not what its title and its day say already."""
    why_so = (
        because(chapter.reason, policy)
        if chapter.reason and code_of(chapter.reason) != "reached"
        else ""
    )
    if (
        chapter.expected not in (None, EventState.FIRED)
        and chapter.standing is not DayState.WAITING
    ):
        expected = label(_STANDINGS[DayState(chapter.expected)])
        will_be = _will_be(chapter, policy) or why_so
        yield (
            text("outlook"),
            text("{expected}, as things stand: {will_be}", expected=expected, will_be=will_be),
        )
    elif chapter.standing is DayState.OVER and is_open:
        yield (
            text("reason"),
            text("the deal will be closed by then") + aside(why_so),
        )
    elif why_so:
        yield text("reason"), why_so
    if chapter.open_until:
        until = day_word(chapter.open_until)
        yield (
            text("until"),
            text("reached if the condition comes true by {until}", until=until),
        )
    if chapter.was:
        was = label(_STANDINGS[DayState(chapter.was)])
        yield text("was"), was


def _will_be(chapter: Chapter, policy: "Policy") -> str:
    """A stored reason that speaks of the deal's stage as it was, of a day still to come; nothing
    for other reasons."""
    stage = fact(chapter.reason, "stage") if code_of(chapter.reason) == "stage_not_meant" else None
    if stage is None:
        return ""
    named = _stage(stage, policy)
    return text(
        "the deal will be in stage {named}, which this milestone does not cover", named=named
    )


def _telling(telling: Notification, told: DealStory, policy: "Policy") -> Iterator[tuple[str, str]]:
    """What was sent at one step, and what was not."""
    name = text("reminder {step}", step=telling.step) if telling.step else text("told")
    lines = list(_nudges(telling.nudges, told, policy)) or [
        text("{day}: nobody", day=day_word(telling.on))
    ]
    for number, line in enumerate(lines):
        yield ("" if number else name), line


def _answer(telling: Notification, told: DealStory, policy: "Policy") -> Iterator[tuple[str, str]]:
    """The answer that came, once for all the steps it settled; the quiet that was asked for."""
    if telling.answer:
        at = f"{at_word(telling.answered_at, told)}  " if telling.answered_at else ""
        yield text("answer"), at + because(telling.answer, policy)
    elif telling.answered_at:
        yield text("answer"), at_word(telling.answered_at, told)
    if telling.quiet_until and telling.answered_at is None:
        yield (
            text("quiet"),
            text("until {day}", day=day_word(telling.quiet_until)),
        )


def _nudges(nudges: "Sequence[NudgeLine]", told: DealStory, policy: "Policy") -> Iterator[str]:
    """The messages that were sent, those of one minute together; then those that were not, and
    why."""
    together: dict[tuple[str, str], list[NudgeLine]] = {}
    for n in sorted(nudges, key=lambda n: (n.sent_at is None, n.sent_at or n.created_at, n.nudge)):
        if n.sent_at is not None:
            together.setdefault((at_word(n.sent_at, told), n.reason), []).append(n)
    for (at, stored), some in together.items():
        to = text(", ").join(recipient_word(n.recipient) for n in some)
        yield f"{at}  {to}{aside(messages(some), because(stored, policy) if stored else '')}"
    for n in nudges:
        if n.sent_at is None:
            why_not = because(n.reason, policy) if n.reason else ""
            yield text(
                "{recipient}: {state}",
                recipient=recipient_word(n.recipient),
                state=state_word(n.state),
            ) + aside(why_not)


def _reminders(reminders: "Sequence[Upcoming]") -> str:
    """The reminders that follow if nobody answers: the first, how many, until when, and who is
    told."""
    names = list(dict.fromkeys(a for u in reminders for a in u.asked))
    first, last = (day_word(u.on) for u in (reminders[0], reminders[-1]))
    many = len(reminders)
    if many == 1:
        return text("{first}, unless somebody answers", first=first) + _arrow(names)
    return text(
        "{times} times from {first} to {last}, unless somebody answers",
        first=first,
        last=last,
        times=many,
    ) + _arrow(names)


def _way(steps: Sequence[DayStep], told: DealStory) -> str:
    """How a day was computed, in one line."""
    words = ""
    for n, step in enumerate(steps):
        followed = n + 1 < len(steps) and steps[n + 1].kind in _UNITS
        words += _step(step, told) + (
            "" if step.kind not in _UNITS or followed else f" = {step.day_on}"
        )
    return words


def _step(step: DayStep, told: DealStory) -> str:
    """One step of the computation; the sum is written after its last part."""
    if step.kind is StepKind.ANCHOR:
        return f"{step.day_on}{aside(_anchor(step.anchor, told) if step.anchor else '')}"
    if step.kind in _UNITS:
        return f" {'+' if step.number > 0 else '−'} {_counted(abs(step.number), step.kind)}" + (
            label(_NOTES[step.note]) if step.note else ""
        )
    if step.kind is StepKind.SPREAD:
        return _spread(step)
    closed = label(step.closed) if step.closed else ""
    shut = text(" → closed ({closed})", closed=closed)
    if step.kind is StepKind.STAYS:
        return shut + text(", stays")
    return (
        shut
        + (text(" → earlier: ") if step.kind is StepKind.EARLIER else text(" → later: "))
        + str(step.day_on)
    )


def _anchor(anchor: str, told: DealStory) -> str:
    """The name of the day that is counted from."""
    return label(told.deadline if anchor == Anchor.DECIDE_BY else _ANCHORS[anchor])


def _counted(number: int, kind: StepKind) -> str:
    """So many months, days or business days."""
    return text(_UNITS[kind].filled(count=number))


def _spread(step: DayStep) -> str:
    """The spreading of peaks."""
    if not step.number:
        return text(" → spread (by up to {within} business days): stays", within=step.within)
    days = _counted(abs(step.number), StepKind.BUSINESS_DAYS)
    return text(
        " → spread (by up to {within}), {days} earlier: {day_on}",
        within=step.within,
        days=days,
        day_on=step.day_on,
    )


def _without_day(chapters: Sequence[Chapter], told: DealStory) -> None:
    """Lists the milestones that have no day to count from."""
    if not chapters:
        return
    heading("No date to count from")
    rows = [
        (
            _name(c),
            text("counts from ") + _anchor(c.anchor.value, told) if c.anchor else "",
        )
        for c in chapters
    ]
    table(("", Column("", wraps=True)), rows, bare=True)

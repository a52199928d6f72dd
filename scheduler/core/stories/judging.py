"""Compares what came with what should have come, and finds every place in which a run differs from
its story.

Always holds: pure; a story that expects nothing fails as soon as something is said; each fault
names its day, what came and what should have come.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from scheduler.core.deal.deal import PULSE
from scheduler.core.stories.story import ExpectedTelling, Story, StoryDay
from scheduler.core.words.labels import Label


@dataclass(frozen=True, slots=True)
class ToldOnDay:
    """One thing that somebody was told on a day (in their own zone). `because` is a stored
    reason."""

    on: date
    told: ExpectedTelling
    because: str = ""


@dataclass(frozen=True, slots=True)
class SilentDay:
    """A milestone's day on which nothing was said, and why: a stored reason."""

    on: date
    contract: str
    milestone: str
    because: str


@dataclass(frozen=True, slots=True)
class StoryLife:
    """What happened when one engine ran a story. `facts`: by day, contract and name; `next`: by day
    and contract; `refused`: by day and number of the answer, None if it was accepted; `renamed`,
    `stages`: the present ids of milestones and stages, by their former ids; `broken`: why it could
    not be run."""

    said: tuple[ToldOnDay, ...]
    facts: Mapping[date, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    next: Mapping[date, Mapping[str, str]] = field(default_factory=dict)
    refused: Mapping[tuple[date, int], Label | None] = field(default_factory=dict)
    silent: tuple[SilentDay, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    broken: Label | None = None


@dataclass(frozen=True, slots=True)
class StoryFault:
    """One place in which a run differs from the story. `what`: the kind of check; `came`: what came
    and why; `should`: what should have come, and why it did not, if known."""

    on: date | None
    line: int
    what: Label
    came: tuple[tuple[str, str, str], ...] = ()
    should: tuple[tuple[str, str], ...] = ()


TOLD = Label("told", context="judging")
ANSWER = Label("answer")


def judge(story: Story, life: StoryLife) -> list[StoryFault]:
    """Every fault of a life, by day."""
    if life.broken is not None:
        return [StoryFault(None, 0, life.broken)]
    faults = [
        *_told(story, life),
        *_never(story, life),
        *_at_most(story, life),
        *_facts(story, life),
        *_next(story, life),
        *_refused(story, life),
    ]
    return sorted(faults, key=lambda fault: (fault.on or date.min, fault.line))


def _told(story: Story, life: StoryLife) -> Iterator[StoryFault]:
    """Compares, day by day, what was said with what should have been said."""
    days = {day.on: day for day in story.days}
    said_of_it = tuple(
        replace(said, told=_whole(said.told, story, life))
        for said in life.said
        if said.told.milestone != PULSE or _tells_of_pulses(story)
    )
    life = replace(life, said=said_of_it)
    for on in sorted({*days, *(said.on for said in life.said)}):
        day = days.get(on)
        if not _is_judged(story, on, day):
            continue
        should = [_whole(told, story, life) for told in (day.told if day else None) or ()]
        surplus, missing = unmatched([said for said in life.said if said.on == on], should)
        if surplus or missing:
            yield StoryFault(
                on,
                day.lines.get("told", day.line) if day else 0,
                TOLD,
                tuple(_came(said, story) for said in surplus),
                tuple((shown(t, story), _hint(t, life, story)) for t in missing),
            )


def _tells_of_pulses(story: Story) -> bool:
    """Whether a question of how the customer does counts: one may come beside any milestone once
    `[health]` is switched on, so a story that is not complete leaves it open unless it has one."""
    return story.complete or any(
        told.milestone == PULSE for day in story.days for told in day.told or ()
    )


def _is_judged(story: Story, on: date, day: StoryDay | None) -> bool:
    """Whether the story says what is told on a day, be it nothing: on that day, by a span of quiet,
    or because it is complete."""
    if story.complete or (day is not None and day.told is not None):
        return True
    return any(d.on < on <= d.quiet_until for d in story.days if d.quiet_until is not None)


def unmatched(
    came: Sequence[ToldOnDay], should: Sequence[ExpectedTelling]
) -> tuple[list[ToldOnDay], list[ExpectedTelling]]:
    """What was said but not expected, and what was expected but not said."""
    surplus, missing = list(came), []
    for told in should:
        found = next((said for said in surplus if _same(said.told, told)), None)
        if found is None:
            missing.append(told)
        else:
            surplus.remove(found)
    return surplus, missing


def _same(came: ExpectedTelling, should: ExpectedTelling) -> bool:
    """Whether a telling is the expected one; the person somebody stands in for counts only if the
    story names them."""
    return (
        came == should
        if should.instead_of is not None
        else replace(came, instead_of=None) == should
    )


def _whole(told: ExpectedTelling, story: Story, life: StoryLife) -> ExpectedTelling:
    """Adds the number of its contract and the present id of its milestone."""
    return replace(
        told,
        contract=told.contract or story.only,
        milestone=life.renamed.get(told.milestone, told.milestone),
    )


def shown(told: ExpectedTelling, story: Story) -> str:
    """As the story writes it."""
    return str(
        replace(told, contract="")
        if len(story.contracts) == 1 and told.contract == story.only
        else told
    )


def _came(said: ToldOnDay, story: Story) -> tuple[str, str, str]:
    """What came: its text, its milestone with the step, and why."""
    return shown(said.told, story), f"{said.told.milestone}+{said.told.step}", said.because


def _hint(told: ExpectedTelling, life: StoryLife, story: Story) -> str:
    """Why it is missing: it was said on another day, or is silent for a reason."""
    elsewhere = next((said.on for said in life.said if _same(said.told, told)), None)
    if elsewhere is not None:
        return elsewhere.isoformat()
    silent = next(
        (s for s in life.silent if (s.contract, s.milestone) == (told.contract, told.milestone)),
        None,
    )
    return silent.because if silent is not None else ""


def _never(story: Story, life: StoryLife) -> Iterator[StoryFault]:
    """Checks what must never be told: a person, a milestone, or both, in any order."""
    for words in story.never:
        for said in life.said:
            told = said.told
            if all(
                life.renamed.get(word, word)
                in (told.who, told.milestone, told.contract, f"+{told.step}")
                for word in words
            ):
                name = " ".join(words)
                yield StoryFault(
                    said.on,
                    story.lines.get("never", 0),
                    Label("never {name}", name=name),
                    (_came(said, story),),
                )


def _at_most(story: Story, life: StoryLife) -> Iterator[StoryFault]:
    """Checks who hears too often, by the days on which they are told something (there is one
    message a day)."""
    heard: dict[str, set[date]] = {}
    for said in life.said:
        heard.setdefault(said.told.who, set()).add(said.on)
    for who, most in story.at_most.items():
        number = len(heard.get(who, ()))
        if number > most:
            label = Label("messages to {who}", who=who)
            yield StoryFault(
                None,
                story.lines.get("at_most", 0),
                label,
                ((str(number), "", ""),),
                ((f"≤ {most}", ""),),
            )


def _facts(story: Story, life: StoryLife) -> Iterator[StoryFault]:
    """Checks what should be true of a contract at the end of a day."""
    for day in story.days:
        for number, facts in day.facts.items():
            contract = number or story.only
            seen = life.facts.get(day.on, {}).get(contract, {})
            for name, should in facts.items():
                came = seen.get(name, "—")
                if came != _present(name, should, life):
                    what = f"{name} {contract}" if len(story.contracts) > 1 or number else name
                    yield StoryFault(
                        day.on,
                        day.lines.get(name, day.line),
                        Label.verbatim(what),
                        ((came, "", ""),),
                        ((should, ""),),
                    )


def _present(name: str, should: str, life: StoryLife) -> str:
    """A stage by the id it has now."""
    if name == "stage":
        return life.stages.get(should, should)
    if name != "terms":
        return should
    terms = (term.partition(" ") for term in should.split("; "))
    return "; ".join(
        f"{life.stages.get(stage, stage)}{space}{rest}" for stage, space, rest in terms
    )


def _next(story: Story, life: StoryLife) -> Iterator[StoryFault]:
    """Checks what comes next if nobody does anything."""
    for day in story.days:
        for number, should in day.next.items():
            contract = number or story.only
            came = life.next.get(day.on, {}).get(contract, "nothing")
            if came != should:
                yield StoryFault(
                    day.on,
                    day.lines.get("next", day.line),
                    Label("next"),
                    ((came, "", ""),),
                    ((should, ""),),
                )


def _refused(story: Story, life: StoryLife) -> Iterator[StoryFault]:
    """Checks which answers should have been accepted or refused."""
    for day in story.days:
        for n, reply in enumerate(day.replies):
            why = life.refused.get((day.on, n))
            if why is not None and not reply.refused:
                yield StoryFault(
                    day.on,
                    reply.line,
                    Label("answer refused: {why}", why=why),
                )
            elif why is None and reply.refused:
                yield StoryFault(
                    day.on,
                    reply.line,
                    Label("the answer should have been refused, but was accepted"),
                )


def disagreement(
    stored: Iterable[ToldOnDay], ahead: Iterable[ToldOnDay], story: Story
) -> list[StoryFault]:
    """The days on which two engines disagree: `came` is what happened, `should` is what the
    projection had said."""
    one, other = Counter((s.on, s.told) for s in stored), Counter((s.on, s.told) for s in ahead)
    faults = []
    for on in sorted({on for on, _ in (one - other) + (other - one)}):
        came = tuple(
            (shown(told, story), "", "") for (day, told), _ in (one - other).items() if day == on
        )
        should = tuple(
            (shown(told, story), "") for (day, told), _ in (other - one).items() if day == on
        )
        faults.append(
            StoryFault(
                on,
                0,
                Label("what happened (came) and what was projected (should) differ"),
                came,
                should,
            )
        )
    return faults

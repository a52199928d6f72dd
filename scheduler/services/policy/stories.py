"""Lives stories in two ways: with the stored sweep, from one instant at which anything is due to
the next, and ahead, with the projection that `plan`, `why` and `simulate` are built on.

Always holds: both start again from the same rows after everything that people do, so that they must
agree until the next thing people do; people act in the afternoon, in the zone of the first
contract's owner, after the morning's messages; a day is looked at when it is over there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.deal.stored import alone
from scheduler.core.imports.texts import ImportRefusedError
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import DeliveryWindows, Reached, person_of
from scheduler.core.stories.judging import SilentDay, StoryLife, ToldOnDay
from scheduler.core.stories.story import (
    ADMIN,
    FALLBACK,
    Away,
    ExpectedTelling,
    Reply,
    Row,
    Story,
    StoryDay,
)
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, EventState, NudgeState
from scheduler.services.policy.effects import flood
from scheduler.services.policy.lives import lived

PREVIEW = (ChannelName.PREVIEW,)
AFTERNOON, NIGHT = time(16, 0), time(23, 59)
_LEAST = timedelta(minutes=1)
_MOST_TURNS = 50_000


class World(Protocol):
    """One empty database with the daemon's rounds on it, under a clock that the story moves."""

    def policy(self) -> Policy:
        """The policy in force."""

    def edit(self, changes: Mapping[str, Any], now: datetime, *, backfill: bool) -> None:
        """Changes the policy. Raises UserMustActError."""

    def bring_people(self, rows: Sequence[Row], now: datetime) -> None:
        """Imports a file of people. Raises ImportRefusedError, UserMustActError."""

    def bring_contracts(self, rows: Sequence[Row], now: datetime) -> None:
        """Imports a file of contracts. Raises ImportRefusedError, UserMustActError."""

    def send_away(self, away: Away, now: datetime) -> None:
        """Enters an absence. Raises UserMustActError."""

    def answer(self, reply: Reply, now: datetime) -> None:
        """Gives somebody's answer. Raises AnswerRefusedError, MoveRefusedError."""

    def turn(self, now: datetime) -> bool:
        """Does everything that is due; returns whether anything was sent."""

    def due_at(self) -> datetime | None:
        """The next instant at which anything is due."""

    def deals(self) -> Sequence[Deal]:
        """Every deal that stands, closed ones too."""

    def windows(self, now: datetime) -> Sequence[tuple[str, date]]:
        """The people who have had their message, with the day."""

    def names(self) -> Mapping[str, str]:
        """The names of people, by recipient."""


@dataclass
class _Living:
    """One story in one world, with what each engine has said so far."""

    story: Story
    world: World
    said: list[ToldOnDay] = field(default_factory=list)
    ahead: list[ToldOnDay] = field(default_factory=list)
    facts: dict[date, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    next: dict[date, Mapping[str, str]] = field(default_factory=dict)
    refused: dict[tuple[date, int], Label | None] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _silent: dict[tuple[str, str], SilentDay] = field(default_factory=dict)

    def live(self, people: Sequence[Row]) -> None:
        """Lives the story from its first day to its last."""
        world, story = self.world, self.story
        begins = datetime.combine(story.begins, time(0), ZoneInfo("UTC"))
        world.bring_people(people, begins)
        for away in story.away:
            world.send_away(away, begins)
        world.bring_contracts(story.contracts, begins)
        zone = self._zone()
        now = datetime.combine(story.begins, time(0, 1), zone)
        end = datetime.combine(story.until, NIGHT, zone)
        foreseen = self._turned(now, self._next_act(now, zone, end))
        for day in story.days:
            if day.on > story.until:
                break
            if day.acts:
                at = datetime.combine(day.on, AFTERNOON, zone)
                now = self._until(now, at)
                self._take(foreseen, at)
                self._act(day, at)
                now = self._stopped(day, at, zone)
                foreseen = self._turned(now, self._next_act(now, zone, end))
            now = self._until(now, datetime.combine(day.on, NIGHT, zone))
            self._look(day, now)
        self._until(now, end)
        self._take(foreseen, end)
        self._note_silence()

    def _zone(self) -> ZoneInfo:
        """The zone in which the first contract's owner works."""
        deals, policy = self.world.deals(), self.world.policy()
        return zone_of(deals[0], policy) if deals else ZoneInfo(policy.zone)

    def _next_act(self, now: datetime, zone: ZoneInfo, end: datetime) -> datetime:
        """The next time at which people do something, or the end."""
        coming = (datetime.combine(day.on, AFTERNOON, zone) for day in self.story.days if day.acts)
        return min((at for at in coming if at > now), default=end)

    def _stopped(self, day: StoryDay, at: datetime, zone: ZoneInfo) -> datetime:
        """The time at which the daemon runs again after a stop, else `at`."""
        return datetime.combine(day.stopped_until, time(9, 30), zone) if day.stopped_until else at

    def _until(self, now: datetime, end: datetime) -> datetime:
        """Hop by hop until `end`."""
        for _ in range(_MOST_TURNS):
            due_at = self.world.due_at()
            if due_at is None or due_at >= end:
                return end
            now = max(due_at, now + _LEAST)
            if now >= end:
                return end
            self._turn(now)
        raise RuntimeError(f"{self.story.file}: more than {_MOST_TURNS} turns")

    def _turn(self, now: datetime) -> None:
        """Does what is due, and notes what was said."""
        if self.world.turn(now):
            self._hear(now)

    def _hear(self, now: datetime) -> None:
        """Notes what has been sent since the last look."""
        names, policy = self.world.names(), self.world.policy()
        for deal in self.world.deals():
            for nudge in deal.nudges:
                if nudge.state is NudgeState.SENT and nudge.key not in self._known:
                    self._known.add(nudge.key)
                    person = person_of(nudge, deal)
                    on = local_day(now, policy.zone_of(person, policy.pipelines.get(deal.pipeline)))
                    who = _who(nudge.recipient.key, deal, policy, names)
                    self.said.append(
                        ToldOnDay(
                            on,
                            _told(nudge, who, deal, policy, names),
                            nudge.because or _why(nudge, deal),
                        )
                    )

    def _turned(self, now: datetime, until: datetime) -> list[tuple[datetime, ToldOnDay]]:
        """Notes what the projection foresees until people do something again; then the stored sweep
        does what is due now."""
        foreseen = self._foresee(now, until)
        self._turn(now)
        return foreseen

    def _foresee(self, now: datetime, until: datetime) -> list[tuple[datetime, ToldOnDay]]:
        """Foresees what will be said before `until` if nobody does anything, with when."""
        policy, names, deals = self.world.policy(), self.world.names(), self.world.deals()
        reaching = DeliveryWindows(
            policy,
            PREVIEW,
            told=self.world.windows(now),
            flooded=flood(map(alone, deals), policy, now),
        )
        lives = [life for deal in deals for life in lived(deal, policy, now, until, reaching)]
        broken = next((life for life in lives if life.failed), None)
        if broken is not None:
            raise RuntimeError(
                f"contract {broken.deal.contract.number} cannot be lived ahead: {broken.failed}"
            )
        later = reaching.one_a_window(
            t.reached for life in lives for t in life.told.values() if t.reached is not None
        )
        found = []
        for life in lives:
            for told in life.told.values():
                if told.state is NudgeState.SENT and told.reached is not None:
                    reached: Reached = later.get(told.reached, told.reached)
                    said = _told(
                        told.nudge,
                        _who(reached.recipient, life.deal, policy, names),
                        life.deal,
                        policy,
                        names,
                    )
                    found.append((reached.at, ToldOnDay(reached.window_on, said)))
        return found

    def _take(self, foreseen: Sequence[tuple[datetime, ToldOnDay]], until: datetime) -> None:
        """Takes over what was foreseen for the time that has passed."""
        self.ahead += [said for at, said in foreseen if at < until]

    def _act(self, day: StoryDay, at: datetime) -> None:
        """Does what people do on a day."""
        world = self.world
        if day.policy is not None:
            world.edit(day.policy, at, backfill=day.backfill)
        if day.people:
            world.bring_people(day.people, at)
        for away in day.away:
            world.send_away(away, at)
        if day.file:
            world.bring_contracts(day.file, at)
        for n, reply in enumerate(day.replies):
            self.refused[day.on, n] = _refusal(partial(world.answer, reply, at))

    def _look(self, day: StoryDay, now: datetime) -> None:
        """Notes what is true when a day is over, as far as the story says anything about it."""
        if day.facts:
            self.facts[day.on] = facts_of(self.world.deals(), self.world.policy())
        if day.next:
            self.next[day.on] = self._coming(now)

    def _coming(self, now: datetime) -> Mapping[str, str]:
        """What will be said next about each contract if nobody does anything."""
        coming: dict[str, tuple[datetime, str]] = {}
        for at, said in self._foresee(now, now + timedelta(days=800)):
            told = ExpectedTelling(said.told.who, said.told.milestone, said.told.step)
            words = f"{said.on.isoformat()} {told}"
            coming[said.told.contract] = min(
                coming.get(said.told.contract, (at, words)), (at, words)
            )
        return {contract: words for contract, (_, words) in coming.items()}

    def _note_silence(self) -> None:
        """Notes milestones' days that passed in silence."""
        for deal in self.world.deals():
            for event in deal.events:
                if event.state is not EventState.FIRED:
                    key = (deal.contract.number, event.milestone)
                    self._silent[key] = SilentDay(event.day_on, *key, event.reason)

    def lives(self) -> tuple[StoryLife, StoryLife]:
        """As lived, and as foreseen."""
        policy = self.world.policy()
        stages = {
            old: stage.id
            for pipeline in policy.pipelines.values()
            for stage in pipeline.stages
            for old in stage.was
        }
        renamed = {old: milestone.id for milestone in policy.milestones for old in milestone.was}
        stored = StoryLife(
            tuple(self.said),
            self.facts,
            self.next,
            self.refused,
            tuple(self._silent.values()),
            renamed,
            stages,
        )
        return stored, replace(stored, said=tuple(self.ahead))


def live_story(story: Story, world: World, people: Sequence[Row]) -> tuple[StoryLife, StoryLife]:
    """Lives a story; returns its life as the stored sweep lived it, and as the projection foresaw
    it. `people`: everybody it mentions."""
    living = _Living(story, world)
    try:
        living.live(people)
    except (UserMustActError, ImportRefusedError) as error:
        broken = StoryLife((), broken=_label(error))
        return broken, broken
    except RuntimeError as error:
        broken = StoryLife((), broken=Label.verbatim(str(error)))
        return broken, broken
    return living.lives()


def _label(error: Exception) -> Label:
    """The words of an error, in both languages."""
    label = getattr(error, "label", None)
    return label if isinstance(label, Label) else Label.verbatim(str(error))


def _refusal(act: Callable[[], None]) -> Label | None:
    """Why an answer was refused; None if it was taken."""
    try:
        act()
    except AnswerRefusedError as error:
        return error.label
    except (MoveRefusedError, UserMustActError) as error:
        return _label(error)
    return None


def _who(recipient: str, deal: Deal, policy: Policy, names: Mapping[str, str]) -> str:
    """The story's name for somebody."""
    if recipient in names:
        return names[recipient]
    if recipient == policy.fallback_of(deal.pipeline):
        return FALLBACK
    return ADMIN if policy.admins and recipient == policy.admins[0] else recipient


def _told(
    nudge: Nudge, who: str, deal: Deal, policy: Policy, names: Mapping[str, str]
) -> ExpectedTelling:
    """A nudge as the story writes it, its milestone by its present id."""
    milestone = policy.milestone(nudge.milestone)
    instead_of = names.get(f"person:{nudge.instead_of}") if nudge.instead_of is not None else None
    return ExpectedTelling(
        who,
        milestone.id if milestone else nudge.milestone,
        nudge.step,
        deal.contract.number,
        instead_of,
    )


def _why(nudge: Nudge, deal: Deal) -> str:
    """The reason of the event it is about."""
    key = (nudge.milestone, nudge.anchor_on, nudge.step)
    return next((event.reason for event in deal.events if event.key == key), "")


def facts_of(deals: Sequence[Deal], policy: Policy) -> Mapping[str, Mapping[str, str]]:
    """The facts of each contract: of its open term, or else of its last one."""
    by_number: dict[str, list[Deal]] = {}
    for deal in sorted(
        deals, key=lambda d: (d.contract.starts_on or d.contract.ends_on or date.min, d.id)
    ):
        by_number.setdefault(deal.contract.number, []).append(deal)
    return {number: dict(_facts(terms, policy)) for number, terms in by_number.items()}


def _facts(terms: Sequence[Deal], policy: Policy) -> Iterator[tuple[str, str]]:
    """The facts of one contract, by name."""
    open_terms = [deal for deal in terms if _is_open(deal, policy)]
    deal = open_terms[-1] if open_terms else terms[-1]
    contract = deal.contract
    values = {
        "stage": deal.stage,
        "health": deal.health.value,
        "starts_on": contract.starts_on,
        "ends_on": contract.ends_on,
        "decide_by": contract.decide_by,
        "term": contract.term,
        "notice": contract.notice,
        "amount": contract.amount.major,
        "currency": contract.amount.currency,
        "owner": deal.owner.name if deal.owner else None,
        "auto_renew": "yes" if contract.auto_renew else "no",
        "evergreen": "yes" if contract.evergreen else "no",
        "paperwork": deal.paperwork.value,
        "call": deal.call.value if deal.call else None,
        "expected_on": deal.expected_on,
        "notice_on": deal.notice_on,
        "open": len(open_terms),
        "terms": "; ".join(f"{d.stage} until {d.contract.ends_on or 'none'}" for d in terms),
    }
    yield from ((name, "none" if value is None else str(value)) for name, value in values.items())


def _is_open(deal: Deal, policy: Policy) -> bool:
    """Whether the deal is still under way."""
    pipeline = policy.pipelines.get(deal.pipeline)
    stage = pipeline.find(deal.stage) if pipeline else None
    return stage is None or stage.is_open

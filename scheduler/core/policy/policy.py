"""The policy: everything `decide` reads that is not the deal. A value; read by
`scheduler.core.config`, versioned by storage.

Always holds: every stage, calendar and pipeline that a milestone names exists; `since` has an
instant only for milestones that were added after the first version, so that a new rule does not
send nudges about days long past.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import LostReason
from scheduler.core.deal.people import Person, WorkingHours
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.imports.by_hand import EditRule
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.forecast import ForecastWeights
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.policy.milestones import Milestone
from scheduler.core.time.calendar import WEEKDAYS, Calendar
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

BACKFILLED = "backfill "
"""What a milestone's id follows in `since` where somebody wished it to speak of days past too: with
the instant at which they did."""


_zone = cache(ZoneInfo)
"""A zone's own constructor looks more things up than a name."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What is done, when, and who is told. `version` counts from 1; `resend_after_move` is in
    days; `hubspot` and `health` are None without their tables. `remembered` is a cache of results
    (`policy.timeline`), no part of the policy's value."""

    version: int
    pipelines: Mapping[str, Pipeline]
    milestones: tuple[Milestone, ...]
    calendars: Mapping[str, Calendar]
    zone: str = "Asia/Tokyo"
    calendar: str = "jp"
    language: Language = Language.JA
    hours: WorkingHours = WorkingHours()
    resend_after_move: int = 14
    email_unknown: str = "resend"
    on_extension: str = "renewed"
    edits: EditRule = EditRule.ASK
    base_currency: str = "JPY"
    rates: Mapping[str, float] = field(default_factory=dict)
    lost_reasons: Mapping[str, tuple[LostReason, ...]] = field(default_factory=dict)
    since: Mapping[str, datetime] = field(default_factory=dict)
    admins: tuple[str, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    attention: Attention = Attention()
    hubspot: HubSpotSettings | None = None
    forecast: ForecastWeights = ForecastWeights()
    health: HealthPolicy | None = None
    remembered: dict[tuple[object, ...], Any] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    _by_id: Mapping[str, Milestone] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Indexes every id that a milestone has or had, the present ones first: projections look
        them up millions of times."""
        present = {m.id: m for m in reversed(self.milestones)}
        object.__setattr__(
            self, "_by_id", {old: m for m in reversed(self.milestones) for old in m.was} | present
        )

    def pipeline(self, pipeline_id: str) -> Pipeline:
        """The pipeline with this id. Raises a KeyError that lists the existing ones."""
        found = self.pipelines.get(pipeline_id)
        if found is None:
            raise KeyError(f"no pipeline {pipeline_id!r} (pipelines: {', '.join(self.pipelines)})")
        return found

    @property
    def pipeline_labels(self) -> Mapping[str, Label]:
        """What each pipeline is called, by its id."""
        return {id: pipeline.label for id, pipeline in self.pipelines.items()}

    def fallback_of(self, pipeline_id: str) -> str:
        """The fallback of a pipeline; that of the first one if the pipeline is no longer in the
        policy, so that somebody hears about its deals."""
        return (self.pipelines.get(pipeline_id) or next(iter(self.pipelines.values()))).fallback

    def speaks_of_the_past(self, milestone_id: str, arrived_at: datetime) -> bool:
        """Whether somebody asked (`--backfill`) that the milestone also tells deals that were there
        then about past days, even those before the first load."""
        wished_at = self.since.get(BACKFILLED + milestone_id)
        return wished_at is not None and arrived_at <= wished_at

    def milestone(self, milestone_id: str) -> Milestone | None:
        """The milestone with this id, or the one that replaced it."""
        return self._by_id.get(milestone_id)

    def calendar_of(self, person: Person | None, pipeline: Pipeline | None = None) -> Calendar:
        """A person's holidays, else the pipeline's, else the policy's, else weekdays."""
        own = self.calendars.get(person.calendar) if person and person.calendar else None
        usual = self.calendars.get(pipeline.calendar) if pipeline and own is None else None
        return own or usual or self.calendars.get(self.calendar) or WEEKDAYS

    def zone_of(self, person: Person | None, pipeline: Pipeline | None = None) -> ZoneInfo:
        """A person's zone, else the pipeline's, else the policy's."""
        return _zone(
            (person.zone if person else None) or (pipeline.zone if pipeline else None) or self.zone
        )

    def hours_of(self, person: Person | None) -> WorkingHours:
        """A person's working hours, else the policy's."""
        return (person.hours if person else None) or self.hours

    def language_of(self, person: Person | None) -> Language:
        """The language a person reads, else the policy's."""
        return (person.language if person else None) or self.language

    def in_base_currency(self, money: Money) -> float:
        """Whole units of the base currency; a currency without a configured rate counts as the base
        currency, an unknown amount as zero."""
        rate = 1.0 if money.currency == self.base_currency else self.rates.get(money.currency, 1.0)
        return (money.major or 0) * rate

"""Reads the text of `config.toml` into a Policy, or finds every problem in it; and reads a policy
document from the database into the same Policy.

Always holds: the file and the database go through the same code; the hash depends on the policy's
content and its templates, not on comments, the order of keys or the machine's own settings.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, TypeVar

from scheduler.core.config.conditions import conditions
from scheduler.core.config.consequences import mended, not_following, not_of
from scheduler.core.config.fields import clock_time, hours, rhythm
from scheduler.core.config.lineage import MILESTONES, Names, stages_of
from scheduler.core.config.literal_secrets import secret_lines, secrets
from scheduler.core.config.mistakes import Found, structural
from scheduler.core.config.places import dotted, in_order, located
from scheduler.core.config.rules.health import health_policy
from scheduler.core.config.rules.hubspot import hubspot_settings
from scheduler.core.config.rules.milestones import RESERVED_TEMPLATES, stage_called
from scheduler.core.config.rules.together import rules
from scheduler.core.config.tables.attention import AttentionTable, Weekday
from scheduler.core.config.tables.calendars import CalendarTable
from scheduler.core.config.tables.config import CONFIG, ConfigTable
from scheduler.core.config.tables.machine import MachineTable
from scheduler.core.config.tables.milestones import MilestoneTable
from scheduler.core.config.tables.pipelines import PipelineTable
from scheduler.core.config.toml.syntax import NotToml, read_toml
from scheduler.core.deal.deal import LostReason
from scheduler.core.deal.people import WorkingHours
from scheduler.core.deal.pipeline import Pipeline, Stage
from scheduler.core.policy.attention import Attention
from scheduler.core.policy.forecast import ForecastWeights
from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar, Closure, NoHolidaysError
from scheduler.core.time.dates import Offset
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Joined, Label
from scheduler.core.words.problems import Problem

_Named = TypeVar("_Named", Milestone, Stage)

HolidaysOf = Callable[[str, str | None, str], Callable[[int], Mapping[date, str]]]
"""(country, subdivision, language) to the holidays of a year; NoHolidaysError for a code there is
not."""

_EMPTY = Label(
    "the file is empty; put your copy of it back (in a new folder: delete it and run `renewals "
    "init`)"
)


class UnreadableVersionError(UserMustActError):
    """A version that is kept holds what this program does not know."""

    def __init__(self, version: int, found: Iterable[Found]) -> None:
        super().__init__(
            "this program cannot read version {number} of the configuration; use the program "
            "version that wrote it, or a newer one: {places}",
            number=version,
            places=Joined(
                (
                    Label("{place}: {wrong}", place=dotted(place), wrong=wrong)
                    for place, wrong in found
                ),
                "; ",
            ),
        )


@dataclass(frozen=True, slots=True)
class Config:
    """A file without mistakes. `document` is the versioned part: the policy and the user's
    templates; `text` is the file as it was written."""

    document: dict[str, Any]
    hash: str
    policy: Policy
    machine: MachineTable
    text: str = ""


def read_config(
    text: str,
    file: str,
    holidays_of: HolidaysOf,
    *,
    templates: Mapping[str, str] | None = None,
    template_names: Collection[str] = (),
) -> Config | list[Problem]:
    """The configuration, or all its problems. `templates`: the user's own, by path;
    `template_names`: the shipped ones."""
    raw = read_toml(text)
    if isinstance(raw, NotToml):
        return in_order([Problem(file, raw.line, "", raw.text), *_secret_lines(text, file)])
    if not raw:
        return [Problem(file, 0, "", _EMPTY)]
    own = dict(templates or {})
    names = {*template_names, *(path.split("/")[1] for path in own if path.count("/") >= 2)}
    table, found = _everything(raw, names, holidays_of)
    problems = _told(found, text, file)
    if table is None or problems:
        return problems
    document = {"policy": {k: v for k, v in raw.items() if k != "machine"}, "templates": own}
    return Config(
        document,
        document_hash(document),
        _policy(table, 1, {}, holidays_of, own),
        table.machine,
        text,
    )


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document without mistakes that does not come from a file."""

    document: dict[str, Any]
    hash: str
    policy: Policy


def read_document(document: Mapping[str, Any], holidays_of: HolidaysOf) -> Document | list[Found]:
    """Reads a document as if it came from a file, or finds all its mistakes with their places."""
    own = dict(document.get("templates", {}))
    raw = dict(document["policy"])
    table, found = _everything(
        raw, {path.split("/")[1] for path in own if path.count("/") >= 2}, holidays_of
    )
    if table is None or found:
        return list(dict.fromkeys(found))
    kept = {"policy": raw, "templates": own}
    return Document(kept, document_hash(kept), _policy(table, 1, {}, holidays_of, own))


def _everything(
    raw: Mapping[str, Any], templates: Collection[str], holidays_of: HolidaysOf
) -> tuple[ConfigTable | None, list[Found]]:
    """The tables, if their shape is right, and every mistake in them."""
    secret = list(secrets(raw))
    table, broken = structural(raw, CONFIG)
    readable = table or mended(raw, broken, CONFIG)
    meant: list[Found] = []
    if readable is not None:
        names = {*templates, *(m.id for m in readable.milestones)} - {*RESERVED_TEMPLATES}
        meant = [*rules(readable, names), *_calendars_wrong(readable, holidays_of)]
    return table, [*secret, *not_of(secret, [*broken, *not_following(broken, meant)])]


def _told(found: Iterable[Found], text: str, file: str) -> list[Problem]:
    """Each mistake with its line, including tokens in comments."""
    problems = located(found, text, file)
    said = {problem.line for problem in problems}
    return in_order([*problems, *(p for p in _secret_lines(text, file) if p.line not in said)])


def content_hash(text: str, templates: Mapping[str, str]) -> str:
    """The hash that the text would have as a Config, without checking for mistakes; empty if it is
    not TOML or cannot be a policy."""
    raw = read_toml(text)
    if isinstance(raw, NotToml):
        return ""
    try:
        return document_hash(
            {
                "policy": {k: v for k, v in raw.items() if k != "machine"},
                "templates": dict(templates),
            }
        )
    except TypeError:
        return ""


def policy_from_document(
    document: Mapping[str, Any],
    version: int,
    since: Mapping[str, datetime],
    holidays_of: HolidaysOf,
    names: Names | None = None,
) -> Policy:
    """The policy of a document that was applied before; `names`: the present names of earlier
    versions' stages and milestones.

    Raises UnreadableVersionError where it holds what this program does not know.
    """
    table, found = structural(document["policy"], CONFIG)
    if table is None:
        raise UnreadableVersionError(version, found)
    return with_names(
        _policy(table, version, since, holidays_of, document.get("templates", {})), names or {}
    )


def with_names(policy: Policy, names: Names) -> Policy:
    """The policy, with stages and milestones that can also be found by every name they had in
    earlier versions."""
    milestones = tuple(_answering(m, names.get(MILESTONES, {})) for m in policy.milestones)
    pipelines = {
        id: replace(
            pipeline,
            stages=tuple(_answering(s, names.get(stages_of(id), {})) for s in pipeline.stages),
        )
        for id, pipeline in policy.pipelines.items()
    }
    return replace(policy, milestones=milestones, pipelines=pipelines)


def _answering(item: _Named, names: Mapping[str, str]) -> _Named:
    """Adds every earlier name to the item's own, in order."""
    was = tuple(
        dict.fromkeys((*(name for name, present in names.items() if present == item.id), *item.was))
    )
    return replace(item, was=was)


def document_hash(document: Mapping[str, Any]) -> str:
    """A hash that is the same for documents with the same content."""
    return sha256(
        json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


def _secret_lines(text: str, file: str) -> list[Problem]:
    """Tokens in comments, and in a text that is not TOML."""
    return [Problem(file, line, "", label) for line, label in secret_lines(text)]


def _calendars_wrong(table: ConfigTable, holidays_of: HolidaysOf) -> list[Found]:
    """Mistakes about countries and subdivisions without known holidays."""
    found: list[Found] = []
    for name, calendar in table.calendars.items():
        if calendar.country is None:
            continue
        try:
            holidays_of(calendar.country, calendar.subdivision, table.language.value)
        except NoHolidaysError as error:
            found.append((("calendars", name, error.key), error.label))
    return found


def _policy(
    table: ConfigTable,
    version: int,
    since: Mapping[str, datetime],
    holidays_of: HolidaysOf,
    templates: Mapping[str, str],
) -> Policy:
    """The tables as the core's values."""
    opens, closes = hours(table.hours)
    return Policy(
        version=version,
        pipelines={p.id: _pipeline(p, table) for p in table.pipelines},
        milestones=tuple(_milestone(m, table) for m in table.milestones),
        calendars={
            name: _calendar(name, c, table.language.value, holidays_of)
            for name, c in table.calendars.items()
        },
        zone=table.zone,
        calendar=table.calendar,
        language=table.language,
        hours=WorkingHours(opens, closes),
        resend_after_move=table.resend_after_move,
        email_unknown=table.email_unknown,
        on_extension=table.on_extension,
        edits=table.imports.edits,
        base_currency=table.base_currency,
        rates=dict(table.rates),
        lost_reasons={
            p.id: tuple(LostReason(r.id, r.label.label()) for r in p.lost_reasons)
            for p in table.pipelines
        },
        since=dict(since),
        admins=tuple(table.admins),
        templates=dict(templates),
        attention=_attention(table.attention),
        hubspot=hubspot_settings(table),
        health=health_policy(table),
        forecast=(
            ForecastWeights(**table.forecast.model_dump()) if table.forecast else ForecastWeights()
        ),
    )


def _attention(table: AttentionTable) -> Attention:
    numbers: dict[str, Any] = {
        name: value for name, value in table.model_dump().items() if isinstance(value, int)
    }
    return Attention(
        **numbers,
        digest_weekday=list(Weekday).index(table.digest_on),
        digest_at=clock_time(table.digest_at),
    )


def _pipeline(table: PipelineTable, config: ConfigTable) -> Pipeline:
    stages = tuple(
        Stage(
            s.id,
            s.kind,
            s.label.label(),
            s.definition.label() if s.definition else Label(""),
            s.health,
            tuple(s.was),
        )
        for s in table.stages
    )
    return Pipeline(
        id=table.id,
        label=table.label.label(),
        stages=stages,
        fallback=table.fallback,
        default_active=table.default_active,
        zone=table.zone or config.zone,
        calendar=table.calendar or config.calendar,
        allow_skip=table.allow_skip,
        allow_back=table.allow_back,
        onboarding_days=table.onboarding_days or None,
        auto_renewal=table.auto_renewal,
        opens_pipeline=table.opens,
    )


def _calendar(name: str, table: CalendarTable, language: str, holidays_of: HolidaysOf) -> Calendar:
    closures = tuple(Closure.parse(c.days, c.label) for c in table.closures)
    weekend = frozenset(list(Weekday).index(day) for day in table.weekend)
    if table.country is None:
        return Calendar(name, weekend, closures=closures)
    return Calendar(
        name, weekend, holidays_of(table.country, table.subdivision, language), closures
    )


def _milestone(table: MilestoneTable, config: ConfigTable) -> Milestone:
    """A milestone as a value; stages it names by a former id get their present one."""
    pipeline = next(p for p in config.pipelines if p.id == table.pipeline)

    def present(name: str) -> str:
        stage = stage_called(name, pipeline)
        return stage.id if stage else name

    return Milestone(
        id=table.id,
        pipeline=table.pipeline,
        label=table.label.label(),
        anchor=table.anchor,
        offset=Offset.parse(table.offset),
        series=table.series or table.id,
        shift=table.shift,
        month_end=table.month_end,
        in_stages=tuple(dict.fromkeys(present(name) for name in table.stages)),
        where=tuple(
            condition
            for field, value in table.where.items()
            for condition in conditions(field, value)
        ),
        moves_to=present(table.moves_to) if table.moves_to else None,
        tell=tuple(table.tell),
        asks=table.asks,
        ask=table.ask.label() if table.ask else None,
        template=table.template or table.id,
        open_until=Offset.parse(table.open_until) if table.open_until else None,
        spread=table.spread,
        repeat_every=table.repeat_every,
        was=tuple(table.was),
        every=rhythm(table.every) if table.every else None,
    )

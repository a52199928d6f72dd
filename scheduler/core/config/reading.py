"""From the text of `config.toml` to a Policy, or to every problem in it; and from a policy document kept in the database to the same Policy.

Always holds: the file and the database go through the same code; the hash depends on what the policy says and on its templates, not on comments, the
order of keys, or the machine's own settings.
"""

import json
import re
import tomllib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from scheduler.core.attention import Attention
from scheduler.core.calendar import Calendar, Closure
from scheduler.core.config.conditions import conditions
from scheduler.core.config.fields import clock_time, hours
from scheduler.core.config.literal_secrets import secrets
from scheduler.core.config.mistakes import Found, Place, structural
from scheduler.core.config.rules import rules
from scheduler.core.config.tables import AttentionTable, CalendarTable, ConfigTable, MachineTable, MilestoneTable, PipelineTable, Weekday
from scheduler.core.config.toml_lines import key_lines
from scheduler.core.dates import Offset
from scheduler.core.labels import Label
from scheduler.core.milestones import Milestone
from scheduler.core.people import WorkingHours
from scheduler.core.pipeline import Pipeline, Stage
from scheduler.core.policy import LostReason, Policy
from scheduler.core.problems import Problem

HolidaysOf = Callable[[str, str | None, str], Callable[[int], Mapping[date, str]]]
"""(country, subdivision, language) to the holidays of a year; ValueError for a code there is not, with the codes there are."""


@dataclass(frozen=True, slots=True)
class Config:
    """A file without mistakes. `document` is what is versioned: the policy part and the user's templates."""

    document: dict[str, Any]
    hash: str
    policy: Policy
    machine: MachineTable


def read_config(
    text: str, file: str, holidays_of: HolidaysOf, *, templates: Mapping[str, str] | None = None, template_names: Collection[str] = ()
) -> Config | list[Problem]:
    """The configuration, or all its problems. `templates`: the user's own, by path; `template_names`: those the program ships."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return [_syntax(error, file, text)]
    own = dict(templates or {})
    table, broken = structural(raw)
    found = dict(reversed([*secrets(raw), *broken]))
    readable = table or _mended(raw, broken)
    if readable is not None:
        names = {*template_names, *(path.split("/")[1] for path in own if path.count("/") >= 2), *(m.id for m in readable.milestones)}
        meant = [*rules(readable, names), *_calendars_wrong(readable, holidays_of)]
        found |= {place: label for place, label in meant if not any(place[: len(b)] == b or b[: len(place)] == place for b, _ in broken)}
    if table is None or found:
        lines = key_lines(text)
        return sorted((_problem(file, lines, place, label) for place, label in found.items()), key=lambda p: p.line)
    document = {"policy": {k: v for k, v in raw.items() if k != "machine"}, "templates": own}
    return Config(document, document_hash(document), _policy(table, 1, {}, holidays_of, own), table.machine)


_STAND_INS: Mapping[str, Any] = {
    "id": "unnamed", "label": "?", "kind": "open", "anchor": "ends_on", "offset": "0 days", "pipeline": "", "fallback": "email:a@b.example",
    "admins": [], "calendars": {}, "pipelines": [], "stages": [], "days": "01-01", "ja": "", "en": "",
}  # fmt: skip


def _mended(raw: Mapping[str, Any], broken: Sequence[Found]) -> ConfigTable | None:
    """The file with what cannot be read replaced by something that can, so that what the rest means is checked in the same run."""
    copy = json.loads(json.dumps(raw, default=str))
    for place, _ in broken:
        around: Any = copy
        for step in place[:-1]:
            around = around[int(step)] if isinstance(around, list) else around.get(step, {})
        if not isinstance(around, dict):
            return None
        around.pop(place[-1], None)
        if place[-1] in _STAND_INS:
            around[place[-1]] = _STAND_INS[str(place[-1])]
    return structural(copy)[0]


def policy_from_document(document: Mapping[str, Any], version: int, since: Mapping[str, datetime], holidays_of: HolidaysOf) -> Policy:
    """The policy of a document that was applied before. Raises ValueError if this program can no longer read it."""
    table, found = structural(document["policy"])
    if table is None:
        raise ValueError("; ".join(f"{dotted(place)}: {label.en}" for place, label in found))
    return _policy(table, version, since, holidays_of, document.get("templates", {}))


def document_hash(document: Mapping[str, Any]) -> str:
    """The same for documents that say the same."""
    return sha256(json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def dotted(place: Place) -> str:
    """A place as people write it.

    >>> dotted(("milestones", 1, "offset"))
    'milestones[1].offset'
    """
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")


def _problem(file: str, lines: Mapping[Place, int], place: Place, label: Label) -> Problem:
    """With the line of the place, or of the nearest table around it."""
    around = place
    while around and around not in lines:
        around = around[:-1]
    return Problem(file, lines.get(around, 0), dotted(place), label)


def _syntax(error: tomllib.TOMLDecodeError, file: str, text: str) -> Problem:
    """A text that is not TOML."""
    at = re.search(r"line (\d+)", str(error))
    line = int(at.group(1)) if at else text.count("\n") + 1
    said = re.sub(r" \(at .*\)$", "", str(error))
    return Problem(file, line, "", Label(f"TOMLとして読めません：{said}", f"not valid TOML: {said}"))


def _calendars_wrong(table: ConfigTable, holidays_of: HolidaysOf) -> list[Found]:
    """Countries and subdivisions without holidays to be had."""
    found: list[Found] = []
    for name, calendar in table.calendars.items():
        if calendar.country is None:
            continue
        try:
            holidays_of(calendar.country, calendar.subdivision, "ja")
        except ValueError as error:
            key = "subdivision" if calendar.subdivision and str(calendar.subdivision) in str(error) else "country"
            found.append((("calendars", name, key), Label(f"祝日が見つかりません：{error}", str(error))))
    return found


def _policy(table: ConfigTable, version: int, since: Mapping[str, datetime], holidays_of: HolidaysOf, templates: Mapping[str, str]) -> Policy:
    """The tables as the core's values."""
    opens, closes = hours(table.hours)
    return Policy(
        version=version,
        pipelines={p.id: _pipeline(p, table) for p in table.pipelines},
        milestones=tuple(_milestone(m) for m in table.milestones),
        calendars={name: _calendar(name, c, table.language.value, holidays_of) for name, c in table.calendars.items()},
        zone=table.zone,
        calendar=table.calendar,
        language=table.language,
        hours=WorkingHours(opens, closes),
        resend_after_move=table.resend_after_move,
        email_unknown=table.email_unknown,
        on_extension=table.on_extension,
        base_currency=table.base_currency,
        rates=dict(table.rates),
        lost_reasons={p.id: tuple(LostReason(r.id, r.label.label()) for r in p.lost_reasons) for p in table.pipelines},
        since=dict(since),
        admins=tuple(table.admins),
        templates=dict(templates),
        attention=_attention(table.attention),
    )


def _attention(table: AttentionTable) -> Attention:
    numbers = {name: value for name, value in table.model_dump().items() if isinstance(value, int)}
    return Attention(**numbers, digest_weekday=list(Weekday).index(table.digest_on), digest_at=clock_time(table.digest_at))


def _pipeline(table: PipelineTable, config: ConfigTable) -> Pipeline:
    stages = tuple(
        Stage(s.id, s.kind, s.label.label(), s.definition.label() if s.definition else Label("", ""), s.health, tuple(s.was)) for s in table.stages
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
    return Calendar(name, weekend, holidays_of(table.country, table.subdivision, language), closures)


def _milestone(table: MilestoneTable) -> Milestone:
    return Milestone(
        id=table.id,
        pipeline=table.pipeline,
        label=table.label.label(),
        anchor=table.anchor,
        offset=Offset.parse(table.offset),
        series=table.series or table.id,
        shift=table.shift,
        month_end=table.month_end,
        in_stages=tuple(table.stages),
        where=tuple(condition for field, value in table.where.items() for condition in conditions(field, value)),
        moves_to=table.moves_to,
        tell=tuple(table.tell),
        asks=table.asks,
        ask=table.ask.label() if table.ask else None,
        template=table.template or table.id,
        open_until=Offset.parse(table.open_until) if table.open_until else None,
        spread=table.spread,
        repeat_every=table.repeat_every,
        was=tuple(table.was),
    )

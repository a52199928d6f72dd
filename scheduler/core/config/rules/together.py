"""The rules for the tables of `config.toml` together: names exist, ids are used once. Each part
also has rules of its own.

Always holds: every check looks at the whole file, so all mistakes are found at once; each says what
to write instead.
"""

from collections.abc import Collection, Iterator, Mapping

from scheduler.core.config.mistakes import Found, Place, unknown
from scheduler.core.config.rules.calendars import calendar_mistakes
from scheduler.core.config.rules.forecast import forecast_mistakes
from scheduler.core.config.rules.health import health_mistakes
from scheduler.core.config.rules.hubspot import hubspot_mistakes
from scheduler.core.config.rules.ids import replaced_twice, same_ids
from scheduler.core.config.rules.milestones import milestone_mistakes
from scheduler.core.config.rules.pipelines import pipeline_mistakes
from scheduler.core.config.rules.series import series_mistakes
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.words.labels import Label


def rules(config: ConfigTable, templates: Collection[str]) -> list[Found]:
    """Every mistake in the meaning of the tables. `templates`: the names of the message templates
    that a milestone may have."""
    found = [*_calendar_names(config), *_rates(config), *_machine(config), *_opening(config)]
    for name, calendar in config.calendars.items():
        found += calendar_mistakes(calendar, ("calendars", name))
    found += same_ids(("pipelines",), [p.id for p in config.pipelines])
    for number, pipeline in enumerate(config.pipelines):
        found += pipeline_mistakes(pipeline, ("pipelines", number))
    found += same_ids(("milestones",), [m.id for m in config.milestones])
    found += replaced_twice(("milestones",), [(m.id, m.was) for m in config.milestones])
    for number, milestone in enumerate(config.milestones):
        found += milestone_mistakes(milestone, ("milestones", number), config, templates)
    return [
        *found,
        *series_mistakes(config),
        *hubspot_mistakes(config),
        *health_mistakes(config),
        *forecast_mistakes(config),
    ]


def _calendar_names(config: ConfigTable) -> Iterator[Found]:
    """Checks that named calendars exist."""
    named: list[tuple[Place, str | None]] = [(("calendar",), config.calendar)]
    named += [(("pipelines", n, "calendar"), p.calendar) for n, p in enumerate(config.pipelines)]
    for place, name in named:
        if name is not None and name not in config.calendars:
            yield place, unknown(name, config.calendars, Label("calendar"))


def _rates(config: ConfigTable) -> Iterator[Found]:
    """Checks the rates: the base currency's own must be 1."""
    base = config.base_currency
    if config.rates.get(base, 1) != 1:
        yield (
            ("rates", base),
            Label("{base} is the base_currency, so its rate is always 1; remove it", base=base),
        )


def _machine(config: ConfigTable) -> Iterator[Found]:
    """Checks the machine's settings: a message must not be under way when another worker may take
    it, and two listeners need two ports."""
    machine = config.machine
    if machine.send_seconds >= machine.lease_seconds:
        yield (
            ("machine", "send_seconds"),
            Label(
                "must be shorter than lease_seconds ({lease_seconds:g})",
                lease_seconds=machine.lease_seconds,
            ),
        )
    port = machine.health_listen.rpartition(":")[2]
    if port not in ("", "0") and port == machine.listen.rpartition(":")[2]:
        yield (
            ("machine", "health_listen"),
            Label(
                "must not be the same port as listen: the pages may be public, but this address "
                "is for monitoring"
            ),
        )


def _opening(config: ConfigTable) -> Iterator[Found]:
    """Checks that a won deal opens one in another pipeline, never in circles."""
    opens: Mapping[str, str | None] = {p.id: p.opens for p in config.pipelines}
    for number, pipeline in enumerate(config.pipelines):
        place: Place = ("pipelines", number, "opens")
        if pipeline.opens is None:
            continue
        if pipeline.opens not in opens:
            yield place, unknown(pipeline.opens, opens, Label("pipeline"))
        elif pipeline.opens == pipeline.id:
            yield (
                place,
                Label(
                    "is this pipeline itself; the term after a renewal is opened in the same "
                    "pipeline anyway, so remove opens"
                ),
            )
        elif pipeline.id in (circle := _way(pipeline.opens, opens)) and pipeline.id == min(circle):
            around = " → ".join([pipeline.id, *circle])
            yield (
                place,
                Label("{around} is a circle; remove one opens", around=around),
            )


def _way(start: str, opens: Mapping[str, str | None]) -> list[str]:
    """The pipelines that won deals lead to one after the other from `start`, each once."""
    way = [start]
    while (following := opens.get(way[-1])) is not None and following not in way:
        way.append(following)
    return way

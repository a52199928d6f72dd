"""Everything that can be wrong with this installation, in one page: each judge looks at one thing
and says what it found.

Always holds: nothing is changed and nothing posted; a judge that cannot look says why, and the
others go on; what is configured is judged by the same code as `renewals check`
(`scheduler.app.checks`). Without `live` nothing outside this machine and its database is asked.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from scheduler.app.checks import (
    Findings,
    judge_addresses,
    judge_channels,
    judge_destinations,
    judge_samples,
    named_addresses,
    unwritable,
)
from scheduler.app.checkup import Checkup, megabytes
from scheduler.app.hubspot_checks import hubspot
from scheduler.app.machine_checks import backups, balance, clock, files, program, work
from scheduler.app.ready import held_notice, without_note
from scheduler.app.signal_checks import without_signals
from scheduler.app.unit_checks import unit
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.core.machine.diagnosis import Area, DiagnosisLine, Level, fine, note, span, to_do
from scheduler.core.rules.routing import destinations_of
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import COMMA, ByLanguage, Joined, Label
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import StoreUnavailableError
from scheduler.services.audit.installation import Installation
from scheduler.storage.database.address import parse_url, place
from scheduler.storage.database.engine import explained
from scheduler.storage.database.integrity import look_through
from scheduler.storage.database.journal import file_of
from scheduler.storage.database.schema import SchemaState, schema_state
from scheduler.storage.policy.checking import CheckRows
from scheduler.system.environment import SECRETS, found_in, mistyped_names

_PROBLEMS, _PEOPLE = 5, 200
_LARGE_JOURNAL, _LITTLE_ROOM = 512 * 2**20, 200 * 2**20

_PLACES = {"environment": Label("environment"), "credential": Label("credential", context="secret")}

Judge = Callable[[Checkup], Iterator[DiagnosisLine]]


def examine(checkup: Checkup) -> list[DiagnosisLine]:
    """Every judge's lines, in the order of the page."""
    lines: list[DiagnosisLine] = []
    for area, judge in JUDGES:
        try:
            lines += judge(checkup)
        except ConfigRefusedError:
            because = Label("not checked, because the configuration has mistakes")
            lines.append(_skipped(area, because, lines))
        except (UserMustActError, StoreUnavailableError) as error:
            known = any(error.label == line.says for line in lines)
            because = Label("not checked, because of the problem above")
            lines.append(
                _skipped(area, because, lines)
                if known
                else DiagnosisLine(area, Level.TO_DO, error.label)
            )
        except (
            Exception
        ) as error:  # one judge's fault, whatever it is, must not hide what the others find
            lines.append(to_do(area, Label("could not be checked: {error}", error=error)))
    return lines


def _skipped(area: Area, because: Label, lines: Sequence[DiagnosisLine]) -> DiagnosisLine:
    """What a judge could not look at: everything, or what is left of its area."""
    rest = any(line.area is area for line in lines)
    return note(
        area,
        Label("the rest was {because}", because=because) if rest else because,
    )


def configuration(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The file and the texts."""
    result = checkup.app.working_folder.problems_or_config()
    if isinstance(result, list):
        yield from (
            to_do(Area.CONFIGURATION, Label.verbatim(ByLanguage(p.shown)))
            for p in result[:_PROBLEMS]
        )
        if len(result) > _PROBLEMS:
            rest = len(result) - _PROBLEMS
            yield to_do(
                Area.CONFIGURATION, Label("and {rest} more; `renewals check` lists all", rest=rest)
            )
        return
    policy = result.policy
    said = Label(
        "{file}: {pipelines} pipelines, {milestones} milestones",
        file=checkup.app.working_folder.config_file,
        pipelines=len(policy.pipelines),
        milestones=len(policy.milestones),
    )
    yield fine(Area.CONFIGURATION, said)


def database(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """Whether it can be reached, is whole, and is of this program's revision."""
    url = checkup.app.database_url
    where, file = place(parse_url(url)), file_of(url)
    if (wrong := unwritable(url)) is not None:
        yield DiagnosisLine(Area.DATABASE, Level.TO_DO, wrong)
    yield from _revision(checkup, where, checkup.facts)
    if file is not None:
        yield from _sqlite(file)
    if checkup.app.keeping.rehearsed():
        yield note(
            Area.DATABASE,
            Label("a rehearsal database: messages go only to the preview and to this machine"),
        )
    if checkup.app.working_folder.config_file.is_file():
        yield from (note(Area.DATABASE, said) for said in without_signals(checkup.app))


def _revision(checkup: Checkup, where: str, facts: Installation) -> Iterator[DiagnosisLine]:
    """The tables, and whether config.toml is in force in them."""
    with explained(checkup.app.reading), checkup.app.reading.connect() as connection:
        state = schema_state(connection)
    if state is SchemaState.CURRENT:
        yield fine(
            Area.DATABASE,
            Label(
                "{where}: revision {revision}, {instance}",
                where=where,
                revision=facts.revision,
                instance=facts.instance[:8],
            ),
        )
    for notice in held_notice(facts.restored, checkup.app.policy):
        yield to_do(Area.DATABASE, without_note(notice))


def _sqlite(file: Path) -> Iterator[DiagnosisLine]:
    """The file: whether it is whole, how large its journal is, how much room there is."""
    found = look_through(file)
    if found.damage:
        yield to_do(
            Area.DATABASE,
            Label("damaged: {damage}; restore a copy: renewals restore", damage=found.damage),
        )
    if found.journal > _LARGE_JOURNAL:
        yield note(
            Area.DATABASE,
            Label("its journal is large ({megabytes})", megabytes=megabytes(found.journal)),
        )
    if found.free < max(found.size, _LITTLE_ROOM):
        yield to_do(
            Area.DATABASE,
            Label("little room is left on its disk ({megabytes})", megabytes=megabytes(found.free)),
        )
    elif not found.damage:
        sizes = megabytes(found.size), megabytes(found.free)
        yield fine(
            Area.DATABASE, Label("intact, {size}, {free} free", size=sizes[0], free=sizes[1])
        )


def channels(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """The ways out: configured, answering (with `live`), paused."""
    app = checkup.app
    found = Findings()
    judge_channels(app, found, checkup.live)
    found.problems = [p for p in found.problems if p.text not in app.link_problems()]
    yield from _lines(Area.CHANNELS, found)
    if found.problems:
        return
    names = ", ".join(
        sorted(name.value for name in app.channels if name is not ChannelName.PREVIEW)
    )
    if names:
        asked = Label("they answer") if checkup.live else Label("not asked; --live asks them")
        yield fine(Area.CHANNELS, Label("{names} ({asked})", names=names, asked=asked))
    for queue in checkup.facts.queues:
        if queue.paused_at is not None:
            since = span(checkup.now - queue.paused_at)
            yield to_do(
                Area.CHANNELS,
                Label(
                    "{channel} is paused since {since}: {because} ({waiting} wait)",
                    channel=queue.channel,
                    since=since,
                    because=queue.because,
                    waiting=queue.waiting,
                ),
            )


def destinations(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """Each admin, fallback and person, as far as can be asked without posting."""
    app = checkup.app
    found = Findings()
    policy = app.config.policy
    judge_addresses(policy, tuple(app.channels), found)
    judge_samples(app, tuple(app.channels), found)
    if checkup.live:
        judge_destinations(app, policy, found)
    yield from _lines(Area.DESTINATIONS, found)
    asked = len({address for _, address in named_addresses(policy)})
    people = (
        [p for p in CheckRows(app.reading).people() if p.active] if _has_database(checkup) else []
    )
    wrong = 0
    for person in people[:_PEOPLE] if checkup.live else ():
        usable = destinations_of(person, tuple(app.channels))
        first = next((d for d in usable if d[0] is not ChannelName.PREVIEW), None)
        because = app.channels[first[0]].address_problem(first[1]) if first else ""
        if first and because:
            wrong += 1
            yield to_do(
                Area.DESTINATIONS,
                Label(
                    "{person_name} ({ways}): {because}",
                    person_name=person.name,
                    ways=first[1],
                    because=because,
                ),
            )
    if not found.problems and not found.samples and not wrong:
        how = (
            Label("asked", context="doctor")
            if checkup.live
            else Label("not asked; --live asks about them")
        )
        yield fine(
            Area.DESTINATIONS,
            Label(
                "{count} address in the configuration, {people} people ({how})",
                many="{count} addresses in the configuration, {people} people ({how})",
                count=asked,
                people=len(people),
                how=how,
            ),
        )


def _lines(area: Area, found: Findings) -> Iterator[DiagnosisLine]:
    """What `check` would say."""
    yield from (
        to_do(area, Label.verbatim(ByLanguage(p.shown))) for p in (*found.problems, *found.samples)
    )
    yield from (DiagnosisLine(area, Level.NOTE, n) for n in found.notes)


def _has_database(checkup: Checkup) -> bool:
    """Whether the database can be asked."""
    try:
        return bool(checkup.facts)
    except (UserMustActError, StoreUnavailableError):
        return False


def secrets(checkup: Checkup) -> Iterator[DiagnosisLine]:
    """Where each comes from, which name is mistyped, and whether the key of the links could be
    guessed, or is kept nowhere."""
    yield from (
        DiagnosisLine(Area.SECRETS, Level.TO_DO, label) for label in checkup.app.link_problems()
    )
    yield from (
        to_do(Area.SECRETS, Label.verbatim(ByLanguage(p.shown)))
        for p in mistyped_names(checkup.folder, checkup.env)
    )
    found = found_in(checkup.folder, checkup.env)
    from_where = {
        name: where for name, where in found.items() if where is not None and name in SECRETS
    }
    listed = [
        Label("{name} ({place})", name=name, place=_PLACES.get(where, where))
        for name, where in from_where.items()
    ]
    said = Joined(listed, COMMA) if listed else Label("none", context="words")
    yield fine(Area.SECRETS, Label("set: {said}", said=said))


JUDGES: tuple[tuple[Area, Judge], ...] = (
    (Area.PROGRAM, program),
    (Area.CONFIGURATION, configuration),
    (Area.DATABASE, database),
    (Area.CLOCK, clock),
    (Area.SECRETS, secrets),
    (Area.CHANNELS, channels),
    (Area.DESTINATIONS, destinations),
    (Area.FILES, files),
    (Area.UNIT, unit),
    (Area.WORK, work),
    (Area.HUBSPOT, hubspot),
    (Area.BALANCE, balance),
    (Area.BACKUPS, backups),
)

"""Everything `renewals check` looks at: configuration, templates, channels, routes, the database.
The same code as `run` uses reads each of them.

Always holds: nothing is changed; one thing that is wrong does not keep the others from being looked
at, unless they cannot be understood without it.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from scheduler.app.policy_building import holidays_of
from scheduler.app.ready import prepare_to_read, without_note
from scheduler.app.shipped import shipped_templates
from scheduler.app.signal_checks import without_signals
from scheduler.app.wiring import App
from scheduler.app.working_folder import CONFIG, WorkingFolder
from scheduler.core.config.advice import advice
from scheduler.core.config.mistakes import Place
from scheduler.core.config.places import dotted
from scheduler.core.config.reading import Config
from scheduler.core.config.toml.lines import key_lines
from scheduler.core.facts.samples import is_sample
from scheduler.core.messages.channels import first_variables
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.missed_deadlines import TRIED_YEAR, missed_deadlines, told_of_missed
from scheduler.core.rules.routing import destination_of_address
from scheduler.core.time.dates import local_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.problems import Problem
from scheduler.ports import StoreUnavailableError
from scheduler.system.environment import SECRETS, mistyped_names
from scheduler.system.private_files import others_can_read

_NAMED_PEOPLE = 5


@dataclass
class Findings:
    """The result of a check: `problems` must be fixed, `samples` are addresses that reach nobody
    and must be replaced, `notes` should be known."""

    problems: list[Problem] = field(default_factory=list)
    samples: list[Problem] = field(default_factory=list)
    notes: list[Label] = field(default_factory=list)

    def problem(self, label: Label, file: str = "") -> None:
        """Something that must be fixed, in a file or elsewhere."""
        self.problems.append(Problem(file, 0, "", label))

    def note(self, said: Label) -> None:
        """Something that should be known."""
        self.notes.append(said)


def check_everything(
    folder: Path, language: Language, env: Mapping[str, str], *, connect: bool
) -> Findings:
    """Looks at everything. `connect`: also asks Slack and the mail server."""
    found = Findings()
    files = WorkingFolder(folder, holidays_of, shipped_templates)
    config = _config(files, found)
    try:
        app = App(folder, language, None, env)
    except UserMustActError as error:
        found.problem(error.label)
        return found
    found.problems += mistyped_names(folder, env)
    if config is None and files.config_file.is_file():
        found.note(
            Label(
                "channels, addresses and the database were not checked; fix the configuration "
                "and check again"
            )
        )
    if config is None:
        return found
    app.config = config
    try:
        _policy(config.policy, found)
        found.problems += [Problem("", 0, "", label) for label in app.link_problems()]
        configured = judge_channels(app, found, connect)
        judge_addresses(config.policy, configured, found)
        _permissions(app, found)
        if connect:
            judge_destinations(app, config.policy, found)
        _database(app, configured, found)
        judge_samples(app, configured, found)
    finally:
        app.close()
    return found


def _config(files: WorkingFolder, found: Findings) -> Config | None:
    """The configuration and the user's own templates, or their problems."""
    try:
        result = files.problems_or_config()
        policy = result.policy if isinstance(result, Config) else None
        found.problems += [*files.unusable_templates(), *_templates(files, policy)]
    except UserMustActError as error:
        found.problem(error.label)
        return None
    if isinstance(result, Config):
        return result
    found.problems[:0] = result
    return None


def _templates(files: WorkingFolder, policy: Policy | None) -> list[Problem]:
    """The problems of the user's templates, each tried on nudges of every shape; where there is a
    policy also those that nothing in it uses."""
    own = files.templates()
    if not own:
        return []
    from scheduler.render.checking import template_problems, texts_of_nobody  # noqa: PLC0415  (Jinja is loaded only if there is something to try)

    shipped = shipped_templates()
    found = template_problems(shipped, own)
    if policy is not None:
        found += texts_of_nobody(shipped, own, policy)
    return [replace(p, file=str(files.path / p.file)) for p in found]


def _policy(policy: Policy, found: Findings) -> None:
    """What is allowed but perhaps not meant, and notice deadlines that may pass before anybody is
    asked."""
    found.notes += [
        *advice(policy),
        *(told_of_missed(case, policy) for case in missed_deadlines(policy, TRIED_YEAR)),
    ]


def judge_channels(app: App, found: Findings, connect: bool) -> frozenset[ChannelName]:
    """The channels that can be used; what is wrong with the others, and if asked whether they
    answer."""
    from scheduler.channels.registry import channel_problems  # noqa: PLC0415

    wrong = channel_problems(app.channel_settings, app.env)
    for label in wrong:
        found.problem(label)
    if wrong:
        return frozenset(ChannelName)
    try:
        channels = app.channels
    except UserMustActError as error:  # links could be forged: nothing is sent before that is fixed
        if all(problem.text != error.label for problem in found.problems):
            found.problem(error.label)
        return frozenset(ChannelName)
    for channel in channels.values() if connect else ():
        for text in channel.check():
            found.problem(Label("{text}", context="connection", text=text))
    for problem in app.slack_problems():
        found.problem(problem)
    _buttons(app, found, connect)
    if set(app.channels) == {ChannelName.PREVIEW}:
        found.note(
            Label(
                "no channel is configured ({variables}); messages stay in the database",
                variables=first_variables(),
            )
        )
    return frozenset(app.channels)


def _buttons(app: App, found: Findings, connect: bool) -> None:
    """Whether anything can be pressed on Slack."""
    if ChannelName.SLACK not in app.channels or app.slack_problems():
        return
    token = app.env.get("SLACK_APP_TOKEN", "").strip()
    if not token:
        found.note(
            Label("SLACK_APP_TOKEN is not set, so nothing can be pressed on Slack (docs/slack.md)")
        )
    elif connect:
        from scheduler.channels.slack.workspace import app_token_problems  # noqa: PLC0415

        for text in app_token_problems(token, app.env.get("SLACK_API_URL")):
            found.problem(Label("{text}", context="connection", text=text))


def judge_addresses(policy: Policy, configured: Collection[ChannelName], found: Findings) -> None:
    """Whether the addresses that the policy names can be reached."""
    if set(configured) == {ChannelName.PREVIEW}:
        return
    for where, address in named_addresses(policy):
        if destination_of_address(address, configured)[0] is ChannelName.PREVIEW:
            found.problem(
                Label("{where}: no way to {address} is configured", where=where, address=address),
                CONFIG,
            )


def judge_samples(app: App, configured: Collection[ChannelName], found: Findings) -> None:
    """Sample addresses (example.com …), which reach nobody, in the file and among people: they must
    be replaced; in a rehearsal they are only noted."""
    in_file = list(_sample_places(app.config, configured))
    people = (
        []
        if _is_unread(app)
        else [p for p in app.listings.people(()) if p.active and p.email and is_sample(p.email)]
    )
    if app.working_folder.config_file.is_file() and _rehearses(app):
        if in_file or people:
            found.note(
                Label(
                    "there are sample addresses (example.com …); replace them before you use "
                    "this for real"
                )
            )
        return
    lines = key_lines(app.working_folder.text())
    for place, address in in_file:
        file = str(app.working_folder.config_file)
        found.samples.append(
            Problem(
                file,
                _line(place, lines),
                dotted(place),
                Label(
                    "{address} is a sample address that reaches nobody; replace it with your own",
                    address=address,
                ),
            )
        )
    if people:
        names = ", ".join(f"{p.name} <{p.email}>" for p in people[:_NAMED_PEOPLE]) + (
            " …" if len(people) > _NAMED_PEOPLE else ""
        )
        said = Label(
            (
                "people with sample addresses: {people} ({names}); to correct one: renewals people "
                "edit NAME --email ADDRESS"
            ),
            people=len(people),
            names=names,
        )
        found.samples.append(Problem("", 0, "", said))


def _is_unread(app: App) -> bool:
    """Whether the people in the database cannot be read."""
    try:
        prepare_to_read(app)
    except (UserMustActError, StoreUnavailableError):
        return True
    return False


def _rehearses(app: App) -> bool:
    """Whether the database is one from which nothing leaves this machine."""
    try:
        return not _is_unread(app) and app.keeping.rehearsed()
    except (UserMustActError, StoreUnavailableError):
        return False


def _sample_places(
    config: Config, configured: Collection[ChannelName]
) -> Iterator[tuple[Place, str]]:
    """Where sample addresses stand in the file."""
    raw = config.document["policy"]
    named: list[tuple[Place, str]] = [
        (("admins", n), address) for n, address in enumerate(raw.get("admins", ()))
    ]
    named += [(("pipelines", n, "fallback"), p["fallback"]) for n, p in enumerate(raw["pipelines"])]
    named += [
        (("milestones", n, "tell"), told)
        for n, m in enumerate(raw.get("milestones", ()))
        for told in m.get("tell", ())
    ]
    if ChannelName.EMAIL in configured:
        named.append((("machine", "mail_from"), config.machine.mail_from))
    yield from ((place, address) for place, address in named if is_sample(address))


def _line(place: Place, lines: Mapping[Place, int]) -> int:
    """The line of a place, or of the table around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 0)


def judge_destinations(app: App, policy: Policy, found: Findings) -> None:
    """Whether messages can arrive where the policy sends them, as far as can be asked without
    sending one."""
    if any(p.file == "" for p in found.problems):
        return
    places: dict[str, list[str]] = {}
    for where, address in named_addresses(policy):
        places.setdefault(address, []).append(where)
    for address, wheres in places.items():
        name, to = destination_of_address(address, tuple(app.channels))
        because = app.channels[name].address_problem(to)
        if because:
            where = ", ".join(wheres)
            found.problem(
                Label(
                    "{where}: {address} cannot be written to: {because}",
                    where=where,
                    address=address,
                    because=because,
                ),
                CONFIG,
            )


def named_addresses(policy: Policy) -> Iterator[tuple[str, str]]:
    """Every address in the policy, with where it stands."""
    for address in policy.admins:
        yield "admins", address
    for pipeline in policy.pipelines.values():
        yield f"pipelines[{pipeline.id}].fallback", pipeline.fallback
    for milestone in policy.milestones:
        yield from (
            (f"milestones[{milestone.id}].tell", told) for told in milestone.tell if ":" in told
        )


def _permissions(app: App, found: Findings) -> None:
    """Files that others on this machine can read."""
    readable = readable_by_others(app)
    if readable:
        listed, command = (
            ", ".join(map(str, readable)),
            f"chmod o-rwx {' '.join(map(str, readable))}",
        )
        found.note(
            Label(
                "every user of this machine can read files that hold customers' data or secrets: "
                "{listed}; to fix it: {command}",
                listed=listed,
                command=command,
            )
        )


def _database(app: App, configured: Collection[ChannelName], found: Findings) -> None:
    """Whether the database can be used, which policy is in force, and whether the people in it can
    be told."""
    refused = None
    try:
        refused = unwritable(app.database_url)
        if refused is not None:
            found.problem(refused)
        prepare_to_read(app)
    except UserMustActError as error:
        found.notes.append(error.label)
        return
    except StoreUnavailableError as error:
        if error.label == refused:
            return
        if _is_to_come(app):
            found.notes.append(error.label)
        else:
            found.problem(error.label)
        return
    found.notes += map(without_note, app.notices)
    if app.keeping.rehearsed():
        found.note(
            Label(
                "this is a rehearsal database: messages go only to the preview and to this machine"
            )
        )
    found.notes += without_signals(app)
    _contracts(app, configured, found)


def readable_by_others(app: App) -> list[Path]:
    """Files of this installation that every user of the machine can read, though they hold
    customers' data or secrets."""
    from scheduler.storage.database.address import parse_url  # noqa: PLC0415

    folder = app.folder.absolute()
    files = [folder / ".env", *sorted(folder.glob("*.rejects.csv"))]
    with suppress(StoreUnavailableError):
        url = parse_url(app.database_url)
        if url.get_backend_name() == "sqlite" and url.database:
            database = Path(url.database).absolute()
            files += sorted(
                f
                for f in database.parent.glob(f"{database.name}*")
                if f.is_file() and f.stat().st_size
            )
    files += [
        Path(path)
        for name, path in app.env.items()
        if name.removesuffix("_FILE") in SECRETS and name.endswith("_FILE")
    ]
    return [f for f in files if others_can_read(f, folder if folder in f.parents else f.parent)]


def unwritable(url: str) -> Label | None:
    """Finds what keeps this user from making or writing a SQLite file. Raises StoreUnavailableError
    for what is no URL."""
    from scheduler.storage.database.address import parse_url  # noqa: PLC0415
    from scheduler.storage.database.driver_errors import read_only_disk  # noqa: PLC0415

    parsed = parse_url(url)
    if (
        parsed.get_backend_name() != "sqlite"
        or not parsed.database
        or parsed.database == ":memory:"
    ):
        return None
    file = Path(parsed.database)
    folder = next(p for p in file.absolute().parents if p.exists())
    if (
        folder.is_dir()
        and os.access(folder, os.W_OK)
        and (not file.exists() or os.access(file, os.W_OK))
    ):
        return None
    if (read_only := read_only_disk(parsed)) is not None:
        return read_only.label
    return Label(
        ("the database {file} cannot be written; check the permissions of the file and its folder"),
        file=file,
    )


def _is_to_come(app: App) -> bool:
    """Whether the database only waits for the first `renewals run` or `import` of this version."""
    from scheduler.storage.database.engine import explained  # noqa: PLC0415
    from scheduler.storage.database.schema import SchemaState, schema_state  # noqa: PLC0415

    try:
        with explained(app.reading), app.reading.connect() as connection:
            return schema_state(connection) in (SchemaState.EMPTY, SchemaState.OLDER)
    except StoreUnavailableError:
        return False


def _contracts(app: App, configured: Collection[ChannelName], found: Findings) -> None:
    """What is to be known about the contracts and people in the database, under the policy of the
    file."""
    from scheduler.services.policy.checking import check_database  # noqa: PLC0415
    from scheduler.storage.policy.checking import CheckRows  # noqa: PLC0415

    policy = app.config.policy
    today = local_day(app.clock.now(), ZoneInfo(policy.zone))
    for finding in check_database(CheckRows(app.reading), policy, configured, today):
        if finding.must:
            found.problem(finding.text)
        else:
            found.notes.append(finding.text)

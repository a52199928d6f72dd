"""The only module that joins things: a working folder's configuration, its database, the channels
and the texts become one `App`.

Always holds: nothing is read, imported or connected before it is needed (a listing imports no Slack
and no migrations); what was opened is closed with the App.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cached_property
from os import getpid
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.policy_keeper import PolicyKeeper
from scheduler.app.shipped import shipped_templates
from scheduler.app.working_folder import ConfigRefusedError, WorkingFolder
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.system.clock import FixedClock, SystemClock, as_of_instant, steady_seconds
from scheduler.system.environment import environment

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import Engine

    from scheduler.channels.registry import ChannelSettings
    from scheduler.channels.slack.directory import SlackDirectory
    from scheduler.channels.watcher import OutsideWatcher
    from scheduler.core.config.reading import Config
    from scheduler.core.config.tables import MachineTable
    from scheduler.core.machine.health import Vitals
    from scheduler.core.policy.policy import Policy
    from scheduler.core.words.problems import Problem
    from scheduler.inbound.links import SignedLinks
    from scheduler.inbound.slack.listener import SlackListener
    from scheduler.inbound.web.listener import Listener
    from scheduler.inbound.web.pages import AnswerPages
    from scheduler.ports import Channel, Clock
    from scheduler.render.renderer import TemplateRenderer
    from scheduler.services.answers.inbox import Failed
    from scheduler.services.audit.health import Answers, Health
    from scheduler.services.audit.measuring import Measures
    from scheduler.services.audit.restoring import Restored
    from scheduler.services.delivery.deliver import Delivery
    from scheduler.services.policy.in_force import Followed
    from scheduler.storage.answers.answering import AnsweringRows
    from scheduler.storage.answers.feed import FeedRows
    from scheduler.storage.answers.linked import LinkedRows
    from scheduler.storage.answers.worklist import WorklistRows
    from scheduler.storage.audit.balancing import BalanceRows
    from scheduler.storage.audit.health import HealthRows
    from scheduler.storage.audit.installation import InstallationRows
    from scheduler.storage.database.housekeeping import Housekeeping
    from scheduler.storage.database.nightly import Nightly
    from scheduler.storage.database.presence import Presence
    from scheduler.storage.database.restored import RestoredRows
    from scheduler.storage.database.seals import SealRows
    from scheduler.storage.database.timekeeping import Timekeeping
    from scheduler.storage.deals.listing import ListingRows
    from scheduler.storage.deals.reporting import ReportRows
    from scheduler.storage.deals.sheets import SheetRows
    from scheduler.storage.deals.sweeping import SweepRows
    from scheduler.storage.delivery.delivering import DeliveryRows
    from scheduler.storage.delivery.forming import FormingRows
    from scheduler.storage.delivery.pauses import PauseRows
    from scheduler.storage.delivery.punctuality import PunctualityRows
    from scheduler.storage.delivery.refreshing import RefreshRows
    from scheduler.storage.delivery.releasing import ReleaseRows
    from scheduler.storage.delivery.retrying import RetryRows
    from scheduler.storage.digests.digests import DigestRows
    from scheduler.storage.imports.editing import EditRows
    from scheduler.storage.imports.first_load import HeldRows
    from scheduler.storage.imports.importing import ImportRows
    from scheduler.storage.imports.undo import UndoRows
    from scheduler.storage.people.absences import AbsenceRows
    from scheduler.storage.policy.history import PolicyHistory
    from scheduler.storage.policy.planning import PlanRows

ALLOW_TIME_TRAVEL = "RENEWALS_ALLOW_TIME_TRAVEL"


def broken_templates(own: "Mapping[str, str]") -> "Sequence[Problem]":
    """What is wrong with a user's own texts, each with its file and line; nothing where there are
    none of their own."""
    if not own:
        return ()
    from scheduler.render.checking import template_problems

    return template_problems(shipped_templates(), own)


class App:
    """One working folder, joined together. Every part is made when it is first asked for.

    `notices` are what the user should hear besides the result (an old copy of config.toml, an edit
    that was applied). `followed` is how config.toml stood when it was opened to edit.
    """

    def __init__(
        self, folder: Path, language: Language, as_of: str | None, env: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.language = language
        self.env = environment(folder, env)
        self.as_of = as_of
        self.notices: list[Label] = []
        self.followed: Followed | None = None
        self._renderers: dict[int, TemplateRenderer] = {}

    @cached_property
    def working_folder(self) -> WorkingFolder:
        """The folder's files."""
        return WorkingFolder(self.folder, holidays_of, shipped_templates)

    @cached_property
    def config(self) -> "Config":
        """The configuration as the files say. Raises ConfigRefusedError."""
        return self.working_folder.read()

    @cached_property
    def clock(self) -> "Clock":
        """The machine's clock, the database server's where there is one, or the rehearsal's
        instant."""
        if self.as_of is None:
            return self._servers_clock() or SystemClock()
        if self.env.get(ALLOW_TIME_TRAVEL) != "1":
            raise UserMustActError(
                (
                    f"--as-of はリハーサル専用です。{ALLOW_TIME_TRAVEL}=1 "
                    "を設定した場合だけ使えます(その間の送信はプレビューとこのマシン宛てだけです)"
                    "。"
                ),
                (
                    f"--as-of is for rehearsals only: set {ALLOW_TIME_TRAVEL}=1 to allow it "
                    "(messages then go to preview and this machine only)"
                ),
            )
        return FixedClock(as_of_instant(self.as_of, ZoneInfo(self.config.policy.zone)))

    def _servers_clock(self) -> "Clock | None":
        """The clock that several machines share."""
        if not self.env.get("DATABASE_URL", "").startswith("postgres"):
            return None
        from scheduler.storage.database.clock import DatabaseClock

        return DatabaseClock(self.reading, SystemClock(), steady_seconds)

    @cached_property
    def database_url(self) -> str:
        """Where the database is."""
        from scheduler.storage.database.address import database_url

        return database_url(self.env, self.folder)

    @cached_property
    def engine(self) -> "Engine":
        """For transactions that write."""
        from scheduler.storage.database.engine import open_engine

        return open_engine(self.database_url)

    @cached_property
    def reading(self) -> "Engine":
        """For queries; never blocks the writer."""
        from scheduler.storage.database.engine import open_engine

        return open_engine(self.database_url, reading=True)

    @cached_property
    def keeper(self) -> PolicyKeeper:
        """The policy in force."""
        from scheduler.storage.policy.versions import PolicyVersions

        return PolicyKeeper(
            PolicyVersions(self.engine, self.reading), build_policy, self._objections
        )

    def _objections(self, policy: "Policy", now: datetime) -> "Sequence[Label]":
        """What keeps an edit of config.toml from coming into force by itself."""
        from scheduler.services.policy.planning import objections

        if broken := broken_templates(policy.templates):
            return [Label(p.shown(Language.JA), p.shown(Language.EN)) for p in broken]
        if not self.config.machine.apply_edits:
            ja = (
                "[machine] apply_edits = false のため、変更は renewals plan と renewals apply "
                "で適用します"
            )
            return [
                Label(
                    ja,
                    (
                        "[machine] apply_edits is false: edits come into force by `renewals plan` "
                        "and `renewals apply`"
                    ),
                )
            ]
        with self.plans.snapshot() as snapshot:
            return objections(snapshot, self.policy, policy, now)

    @cached_property
    def balances(self) -> "BalanceRows":
        """For `services.audit.balance`."""
        from scheduler.storage.audit.balancing import BalanceRows

        return BalanceRows(self.reading, self.engine)

    @cached_property
    def seals(self) -> "SealRows":
        """Seals what was written, for the balance."""
        from scheduler.storage.database.seals import SealRows

        return SealRows(self.engine)

    @cached_property
    def plans(self) -> "PlanRows":
        """For `services.policy.planning`."""
        from scheduler.storage.policy.planning import PlanRows

        return PlanRows(self.engine, self.reading)

    @cached_property
    def versions(self) -> "PolicyHistory":
        """For `services.policy.versions`."""
        from scheduler.storage.policy.history import PolicyHistory

        return PolicyHistory(self.reading)

    @property
    def policy(self) -> "Policy":
        """The policy in force as last looked at."""
        return self.keeper.policy()

    @cached_property
    def keeping(self) -> "Timekeeping":
        """What the database knows about time."""
        from scheduler.storage.database.timekeeping import Timekeeping

        return Timekeeping(self.engine, self.reading)

    @cached_property
    def sweeps(self) -> "SweepRows":
        """For `services.deals.sweep`."""
        from scheduler.storage.deals.sweeping import SweepRows

        return SweepRows(self.engine)

    @cached_property
    def imports(self) -> "ImportRows":
        """For `services.imports.importing`."""
        from scheduler.storage.imports.importing import ImportRows

        return ImportRows(self.engine)

    @cached_property
    def edits(self) -> "EditRows":
        """For `services.imports.editing`."""
        from scheduler.storage.imports.editing import EditRows

        return EditRows(self.engine)

    @cached_property
    def undoing(self) -> "UndoRows":
        """For `services.imports.undo`."""
        from scheduler.storage.imports.undo import UndoRows

        return UndoRows(self.engine)

    @cached_property
    def answering(self) -> "AnsweringRows":
        """For `services.answers.answering`."""
        from scheduler.storage.answers.answering import AnsweringRows

        return AnsweringRows(self.engine)

    @cached_property
    def absences(self) -> "AbsenceRows":
        """For `services.people.absences`."""
        from scheduler.storage.people.absences import AbsenceRows

        return AbsenceRows(self.engine)

    @cached_property
    def digests(self) -> "DigestRows":
        """For `services.digests.round`."""
        from scheduler.storage.digests.digests import DigestRows

        return DigestRows(self.engine, self.reading)

    @cached_property
    def linked(self) -> "LinkedRows":
        """For `services.answers.linked`."""
        from scheduler.storage.answers.linked import LinkedRows

        return LinkedRows(self.engine, self.reading)

    @cached_property
    def feeds(self) -> "FeedRows":
        """For `services.answers.feed`."""
        from scheduler.storage.answers.feed import FeedRows

        return FeedRows(self.engine, self.reading)

    @cached_property
    def links(self) -> "SignedLinks | None":
        """Signs the links in messages; None where `[machine] base_url` is empty."""
        base_url = self.config.machine.base_url
        return self._signer(base_url) if base_url else None

    def _signer(self, base_url: str) -> "SignedLinks":
        """Signs with LINK_SECRET's first secret, else with this installation's own; both are
        accepted. Raises UserMustActError."""
        from scheduler.inbound.links import SignedLinks, refuse_weak_secrets, secrets_of

        configured = secrets_of(self.env.get("LINK_SECRET", ""))
        refuse_weak_secrets(self.env.get("LINK_SECRET", ""))
        return SignedLinks(
            base_url, (*configured, *self._own_secrets(make=not configured)), self.clock
        )

    def _own_secrets(self, *, make: bool) -> tuple[str, ...]:
        """This installation's own keys: beside a SQLite file, which has one machine; in the working
        folder of each machine on PostgreSQL."""
        from scheduler.app.link_keys import own_secrets

        file, shared = self._key_place()
        return own_secrets(self.linked, file, self.clock.now(), shared=shared, make=make)

    def _key_place(self) -> tuple[Path, bool]:
        """Where the key of this installation lies, and whether several machines may use its
        database."""
        from scheduler.app.link_keys import LINK_KEY
        from scheduler.storage.database.journal import file_of

        database = file_of(self.database_url)
        return (
            (database.with_name(LINK_KEY), False)
            if database is not None
            else (self.folder.absolute() / LINK_KEY, True)
        )

    def _makes_links(self) -> bool:
        """Whether config.toml, where it can be read, wants links or pages."""
        try:
            return bool(self.config.machine.base_url or self.config.machine.listen)
        except (UserMustActError, ConfigRefusedError):
            return False

    def link_problems(self) -> "list[Label]":
        """What is wrong with the key that signs links, where any are made: it could be guessed, or
        there is no place to keep it."""
        from scheduler.app.link_keys import can_be_kept, not_to_be_kept
        from scheduler.inbound.links import refuse_weak_secrets

        configured = self.env.get("LINK_SECRET", "")
        try:
            refuse_weak_secrets(configured)
        except UserMustActError as error:
            return [error.label]
        if configured or not self._makes_links():
            return []
        file, shared = self._key_place()
        return [] if not shared or can_be_kept(file) else [not_to_be_kept(file)]

    def answer_pages(self) -> "AnswerPages":
        """What the pages behind links work with."""
        from scheduler.app.shipped import shipped_pages
        from scheduler.inbound.web.pages import AnswerPages
        from scheduler.render.pages import PageTemplates

        links = self.links or self._signer(f"http://{self.config.machine.listen}")
        pages = PageTemplates(shipped_templates(), shipped_pages())
        return AnswerPages(
            self.linked,
            self.feeds,
            self.answering,
            self.keeper.policy,
            links,
            self.clock,
            pages,
            tuple(self.channels),
        )

    def listener(self, health: "Health", measures: "Callable[[], Measures]") -> "Listener":
        """Serves the pages at `[machine] listen`; where they are not public, this machine is
        answered there how it does, too."""
        from scheduler.core.config.addresses import is_this_machine
        from scheduler.inbound.web.app import make_app
        from scheduler.inbound.web.health import for_this_machine, health_routes
        from scheduler.inbound.web.listener import Listener

        machine = self.config.machine
        private = (
            is_this_machine(urlsplit(machine.base_url).hostname or "localhost")
            and not machine.health_listen
        )
        watching = (
            for_this_machine(health_routes(health, measures, _page_failed)) if private else []
        )
        return Listener(
            make_app(self.answer_pages(), _page_failed, health.serving, watching), machine.listen
        )

    def health_listener(self, health: "Answers", measures: "Callable[[], Measures]") -> "Listener":
        """Answers whoever watches this machine at `[machine] health_listen`."""
        from scheduler.inbound.web.health import make_health_app
        from scheduler.inbound.web.listener import Listener

        return Listener(
            make_health_app(health, measures, _page_failed),
            self.config.machine.health_listen,
            "health_listen",
        )

    def health(self, vitals: "Callable[[], Vitals]") -> "Health":
        """How a daemon does."""
        from scheduler.services.audit.health import Health

        return Health(
            vitals,
            self.health_rows,
            self.config.machine.sweep_seconds,
            steady_seconds,
            lambda error: _page_failed("health", error),
        )

    def measures(
        self, vitals: "Vitals", outcomes: "Mapping[tuple[ChannelName, str], int]"
    ) -> "Measures":
        """The figures that a machine watches."""
        from scheduler import __version__
        from scheduler.services.audit.measuring import Measures

        installation, punctual = self.installation.look(self.clock.now()), self.punctuality.kept()
        return Measures(
            installation, vitals, tuple(self.channels), dict(outcomes), __version__, punctual
        )

    @cached_property
    def punctuality(self) -> "PunctualityRows":
        """For `services.delivery.punctuality`."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.delivery.punctuality import PunctualityRows

        return PunctualityRows(
            self.engine, self.reading, setup_marks(self.channel_settings, self.env)
        )

    @cached_property
    def health_rows(self) -> "HealthRows":
        """For `services.audit.health` and the outside watcher."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.audit.health import HealthRows

        return HealthRows(self.reading, self.clock, setup_marks(self.channel_settings, self.env))

    def outside_watcher(self) -> "OutsideWatcher | None":
        """Whom completed rounds are told; None where nobody is named, and in a rehearsal for all
        but this machine."""
        from scheduler.channels.watcher import OutsideWatcher
        from scheduler.core.config.addresses import is_this_machine

        url = self.config.machine.heartbeat_url
        watcher = OutsideWatcher(url) if url else None
        return (
            None
            if watcher is None or (self.loopback_only and not is_this_machine(watcher.host))
            else watcher
        )

    def unheard(self) -> "Sequence[ChannelName]":
        """The channels that do not work without any way to tell the admins."""
        return self.health_rows.unheard(self.policy.admins, tuple(self.channels), self.clock.now())

    @cached_property
    def releases(self) -> "ReleaseRows":
        """For `services.delivery.release`."""
        from scheduler.storage.delivery.releasing import ReleaseRows

        return ReleaseRows(self.engine)

    @cached_property
    def pauses(self) -> "PauseRows":
        """For `services.deals.pauses`."""
        from scheduler.storage.delivery.pauses import PauseRows

        return PauseRows(self.engine, self.reading)

    @cached_property
    def retries(self) -> "RetryRows":
        """For `services.delivery.retry`."""
        from scheduler.storage.delivery.retrying import RetryRows

        return RetryRows(self.engine)

    @cached_property
    def installation(self) -> "InstallationRows":
        """For `services.audit.installation`: how this installation does."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.audit.installation import InstallationRows

        return InstallationRows(
            self.reading, self.engine, setup_marks(self.channel_settings, self.env)
        )

    @cached_property
    def listings(self) -> "ListingRows":
        """For `services.deals.listing`."""
        from scheduler.storage.deals.listing import ListingRows

        return ListingRows(self.reading)

    @cached_property
    def sheets(self) -> "SheetRows":
        """For files for spreadsheets."""
        from scheduler.storage.deals.sheets import SheetRows

        return SheetRows(self.reading)

    @cached_property
    def holds(self) -> "HeldRows":
        """For `services.imports.first_load`."""
        from scheduler.storage.imports.first_load import HeldRows

        return HeldRows(self.engine)

    @cached_property
    def channels(self) -> "dict[ChannelName, Channel]":
        """The configured ways out, and preview. Raises UserMustActError, also where the links they
        carry could be forged."""
        from scheduler.channels.registry import ChannelConfigError, make_channels
        from scheduler.inbound.links import refuse_weak_secrets

        refuse_weak_secrets(self.env.get("LINK_SECRET", ""))
        try:
            return make_channels(self.channel_settings, self.env)
        except ChannelConfigError as error:
            raise UserMustActError(error.label.ja, error.label.en) from error

    @property
    def channel_settings(self) -> "ChannelSettings":
        """What the machine's part of the configuration says about channels."""
        from scheduler.channels.registry import ChannelSettings

        machine = self.config.machine
        return ChannelSettings(
            self.env.get("SLACK_API_URL"), machine.mail_from, machine.mails_per_connection
        )

    @property
    def renderer(self) -> "TemplateRenderer":
        """Texts: the shipped templates under those of the policy in force."""
        from scheduler.render.renderer import TemplateRenderer

        return TemplateRenderer(
            shipped_templates(),
            self.policy.templates,
            pressable=bool(self.env.get("SLACK_APP_TOKEN")),
        )

    @cached_property
    def reports(self) -> "ReportRows":
        """For `services.deals.reports`."""
        from scheduler.storage.deals.reporting import ReportRows

        return ReportRows(self.reading)

    @cached_property
    def forms(self) -> "FormingRows":
        """For `services.delivery.form`."""
        from scheduler.storage.delivery.forming import FormingRows

        return FormingRows(self.engine)

    @cached_property
    def deliveries(self) -> "DeliveryRows":
        """For `services.delivery.deliver` and `recover`."""
        from scheduler.channels.registry import setup_marks
        from scheduler.storage.delivery.delivering import DeliveryRows

        return DeliveryRows(self.engine, setup_marks(self.channel_settings, self.env))

    @cached_property
    def refreshes(self) -> "RefreshRows":
        """For `services.delivery.refresh`."""
        from scheduler.storage.delivery.refreshing import RefreshRows

        return RefreshRows(self.engine)

    @contextmanager
    def slack_listener(
        self, on_failed: "Callable[[Failed], None]", on_acted: "Callable[[], object]"
    ) -> "Iterator[SlackListener]":
        """Listens to Slack's buttons until the end of the block. Raises UserMustActError for tokens
        that cannot work."""
        from scheduler.channels.slack.workspace import SlackWorkspace
        from scheduler.inbound.slack.actions import Actions
        from scheduler.inbound.slack.listener import SlackListener
        from scheduler.storage.answers.inbox import InboxRows
        from scheduler.storage.answers.worklist import WorklistRows
        from scheduler.system.logs import log

        for problem in self.slack_problems():
            raise UserMustActError(problem.ja, problem.en)
        api_url = self.env.get("SLACK_API_URL")
        workspace = SlackWorkspace(self.env["SLACK_BOT_TOKEN"].strip(), api_url)
        store, inbox = WorklistRows(self.engine, self.reading), InboxRows(self.engine)
        desk = Actions(
            store, self.answering, self.absences, workspace, self._texts, lambda: self.policy
        )
        listener = SlackListener(
            self.env["SLACK_APP_TOKEN"].strip(),
            api_url,
            inbox,
            desk,
            self.clock,
            tell=lambda event, **facts: log().info(event, **facts),
            on_failed=on_failed,
            on_acted=on_acted,
        )
        listener.start()
        try:
            yield listener
        finally:
            listener.stop()

    @cached_property
    def worklist(self) -> "WorklistRows":
        """For what people do on Slack, and who they are there."""
        from scheduler.storage.answers.worklist import WorklistRows

        return WorklistRows(self.engine, self.reading)

    def slack_directory(self) -> "SlackDirectory":
        """Looks people up on Slack. Raises UserMustActError where Slack is not configured."""
        from scheduler.channels.slack.directory import SlackDirectory

        if ChannelName.SLACK not in self.channels:
            raise UserMustActError(
                "SLACK_BOT_TOKEN が設定されていません(docs/slack.md)。",
                "SLACK_BOT_TOKEN is not set (docs/slack.md)",
            )
        return SlackDirectory(self.env["SLACK_BOT_TOKEN"].strip(), self.env.get("SLACK_API_URL"))

    def _texts(self) -> "TemplateRenderer":
        """The texts of the policy in force, kept as long as it is."""
        version = self.policy.version
        if version not in self._renderers:
            self._renderers = {version: self.renderer}
        return self._renderers[version]

    def slack_problems(self) -> "list[Label]":
        """What is wrong with the token for Slack's buttons, as far as can be seen; nothing where
        none is set."""
        token = self.env.get("SLACK_APP_TOKEN", "").strip()
        if not token:
            return []
        if not token.startswith("xapp-") or not token.isascii() or any(c.isspace() for c in token):
            ja = "SLACK_APP_TOKEN がSlackのアプリレベルトークン(xapp-で始まるもの)ではありません。"
            return [
                Label(
                    ja, "SLACK_APP_TOKEN is not an app-level token of Slack's; it begins with xapp-"
                )
            ]
        if not self.env.get("SLACK_BOT_TOKEN", "").strip():
            ja = "SLACK_APP_TOKEN には SLACK_BOT_TOKEN も必要です。"
            return [Label(ja, "SLACK_APP_TOKEN needs SLACK_BOT_TOKEN beside it")]
        return []

    @cached_property
    def housekeeping(self) -> "Housekeeping":
        """Housekeeping."""
        from scheduler.storage.database.housekeeping import Housekeeping

        return Housekeeping(self.engine)

    def delivery(self) -> "Delivery":
        """What sending works with, under this process's name."""
        from scheduler.services.delivery.deliver import Delivery

        machine = self.config.machine
        return Delivery(
            self.deliveries,
            self.channels,
            self.renderer,
            self.clock,
            f"{gethostname()}:{getpid()}",
            timedelta(seconds=machine.lease_seconds),
            machine.send_seconds,
            machine.send_batch,
            self.loopback_only,
            self.links,
        )

    def need_not_last(self) -> None:
        """From now on commits do not wait for the disk: for a database that can be made again, the
        demo's. SQLite only."""
        connection = self.engine.raw_connection()
        connection.cursor().execute("PRAGMA synchronous = OFF")
        connection.close()

    def sole_daemon(self) -> "AbstractContextManager[None]":
        """Keeps a second daemon off the same SQLite file. Raises UserMustActError with the holder's
        process id."""
        from scheduler.storage.database.lock import sole_daemon

        return sole_daemon(self.database_url)

    def backup(self, target: Path) -> int:
        """Copies the database into a new file; its size in bytes."""
        from scheduler.storage.database.backup import copy_to

        return copy_to(self.database_url, target)

    @property
    def nightly(self) -> "Nightly | None":
        """The nightly copies; None on PostgreSQL, and where none are wanted."""
        return self.nightly_by(self.config.machine)

    def nightly_by(self, machine: "MachineTable") -> "Nightly | None":
        """Those that these settings ask for."""
        from scheduler.storage.database.journal import file_of
        from scheduler.storage.database.nightly import Nightly

        if not machine.backups or file_of(self.database_url) is None:
            return None
        return Nightly(
            self.database_url, (self.folder / machine.backups).absolute(), machine.backups_kept
        )

    @cached_property
    def restored(self) -> "RestoredRows":
        """Whether this is a copy that was put back and waits."""
        from scheduler.storage.database.restored import RestoredRows

        return RestoredRows(self.engine, self.reading)

    def note_mark(self) -> None:
        """Something went out, or a minute passed: the database and then the folder are one mark
        further. An older database is held from now on."""
        from scheduler.app.folder_memory import Memory, remember, remembered
        from scheduler.storage.database.address import place
        from scheduler.storage.database.journal import changes_of

        before, now = remembered(self.folder), self.clock.now()
        self.hold_older_copy()
        mark = self.restored.raise_mark()
        if before is not None:
            remember(
                self.folder,
                Memory(
                    before.instance,
                    place(self.engine.url),
                    mark,
                    now,
                    changes_of(self.database_url),
                ),
            )

    def hold_older_copy(self) -> "Restored | None":
        """Holds a database that has not come as far as the folder remembers: somebody put a copy
        back. None for any other, and one that is held."""
        from scheduler.app.folder_memory import remembered
        from scheduler.services.audit.restoring import Restored
        from scheduler.storage.database.meta import INSTANCE, get_fact

        memory = remembered(self.folder)
        with self.reading.connect() as connection:
            same = memory is not None and get_fact(connection, INSTANCE) == memory.instance
        if memory is None or not same or self.restored.mark() >= memory.mark:
            return None
        found = Restored(
            self.clock.now(), self.keeping.last_sweep_at(), memory.marked_at, noticed=True
        )
        self.restored.hold(found, memory.mark)
        return found

    def presence(self) -> "Presence":
        """The database file as it is now, so that it can be seen whether it is still there."""
        from scheduler.storage.database.presence import presence

        return presence(self.database_url)

    @property
    def loopback_only(self) -> bool:
        """Whether messages may only go to preview and this machine: in a rehearsal, and ever after
        in its database."""
        return self.as_of is not None or self.keeping.rehearsed()

    def close(self) -> None:
        """Lets go of connections."""
        made = vars(self)
        for channel in made.get("channels", {}).values():
            channel.close()
        for name in ("engine", "reading"):
            if name in made:
                made[name].dispose()


def _page_failed(page: str, error: Exception) -> None:
    """Logs what nobody expected of a page; its address is in no log, because it holds a secret."""
    from scheduler.ports import StoreUnavailableError
    from scheduler.system.logs import log

    log().error(
        "page failed",
        page=page,
        because=str(error),
        exc_info=None if isinstance(error, StoreUnavailableError) else error,
    )

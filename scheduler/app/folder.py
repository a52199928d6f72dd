"""One working folder: its files, its clock, its database. Every part is made when it is first asked
for, and closed with it.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler.app.policy_building import holidays_of
from scheduler.app.shipped import shipped_templates
from scheduler.app.working_folder import WorkingFolder
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.system.clock import FixedClock, SystemClock, as_of_instant, steady_seconds
from scheduler.system.environment import environment, secret_now

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scheduler.channels.configured import ChannelSettings
    from scheduler.core.config.reading import Config
    from scheduler.ports import Clock
    from scheduler.render.renderer import TemplateRenderer
    from scheduler.services.policy.in_force import Followed

ALLOW_TIME_TRAVEL = "RENEWALS_ALLOW_TIME_TRAVEL"


class OpenFolder:
    """A working folder that is open.

    `notices` are what the user should hear besides the result (an old copy of config.toml, an edit
    that was applied). `followed` is how config.toml stood when it was opened to edit.
    """

    def __init__(
        self, folder: Path, language: Language, as_of: str | None, env: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.language = language
        self.env = environment(folder, env)
        self._given = env
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
                    "--as-of is for rehearsals only: set {allow_time_travel}=1 to allow it "
                    "(messages then go to preview and this machine only)"
                ),
                allow_time_travel=ALLOW_TIME_TRAVEL,
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

    @property
    def channel_settings(self) -> "ChannelSettings":
        """What the machine's part of the configuration says about channels."""
        from scheduler.channels.configured import ChannelSettings

        machine = self.config.machine
        return ChannelSettings(
            self.env.get("SLACK_API_URL"), machine.mail_from, machine.mails_per_connection
        )

    def secret_now(self, name: str) -> str:
        """A secret as it is at this moment, empty where it is not set. Raises UserMustActError."""
        return secret_now(name, self.folder, self._given)

    def close(self) -> None:
        """Lets go of connections."""
        made = vars(self)
        for channel in made.get("channels", {}).values():
            channel.close()
        for name in ("engine", "reading"):
            if name in made:
                made[name].dispose()

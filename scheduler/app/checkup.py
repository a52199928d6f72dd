"""What one run of `renewals doctor` looks at: an installation, each part opened when a check asks
for it.

Always holds: nothing is changed; what cannot be opened says why, each time it is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from scheduler.app.folder_memory import remembered
from scheduler.app.wiring import App
from scheduler.app.working_folder import ConfigRefusedError
from scheduler.channels.registry import setup_fingerprints
from scheduler.core.config.tables.machine import MachineTable
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import StoreUnavailableError
from scheduler.services.audit.installation import Installation
from scheduler.storage.audit.installation import InstallationRows
from scheduler.storage.database.journal import file_of, stray_journal
from scheduler.system.clock import SystemClock

UNITS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))


@dataclass
class Checkup:
    """What is looked at. `units`: where units of systemd lie."""

    folder: Path
    language: Language
    env: Mapping[str, str]
    live: bool = False
    units: Sequence[Path] = UNITS

    @cached_property
    def app(self) -> App:
        """The installation joined together. Raises UserMustActError."""
        return App(self.folder, self.language, None, self.env)

    @cached_property
    def now(self) -> datetime:
        """The time by this machine."""
        return SystemClock().now()

    @cached_property
    def facts(self) -> Installation:
        """How the installation is doing, as its database says. Raises UserMustActError,
        ConfigRefusedError, StoreUnavailableError."""
        memory = remembered(self.folder)
        if stray := stray_journal(
            self.app.database_url, memory.changes if memory is not None else 0
        ):
            raise UserMustActError(stray)
        if (file := file_of(self.app.database_url)) is not None and not file.exists():
            if remembered(self.folder) is not None:
                raise StoreUnavailableError(
                    (
                        "the database that this folder has worked with, {file}, is not there: "
                        "mount its disk, or restore a copy (renewals restore)"
                    ),
                    file=file,
                )
            raise StoreUnavailableError(
                (
                    "there is no database yet ({file}); `renewals import FILE` or `renewals "
                    "run` makes it"
                ),
                file=file,
            )
        return InstallationRows(self.app.reading, self.app.engine, self._setups).look(self.now)

    @property
    def machine(self) -> MachineTable:
        """The machine's settings as config.toml says, or the default ones where it cannot be
        read."""
        try:
            return self.app.config.machine
        except (UserMustActError, ConfigRefusedError):
            return MachineTable()

    @property
    def _setups(self) -> Mapping[ChannelName, str]:
        """Marks of the channels' configuration; none where config.toml cannot be read."""
        try:
            return setup_fingerprints(self.app.channel_settings, self.app.env)
        except (UserMustActError, ConfigRefusedError):
            return {}

    def close(self) -> None:
        """Lets go of what was opened."""
        if "app" in vars(self):
            self.app.close()


def megabytes(size: int) -> str:
    """A size in megabytes, rounded up."""
    return f"{-(-size // 2**20):,} MB"

"""The only module that joins things: a working folder's configuration, its database, the channels and the texts become one `App`.

Always holds: nothing is read, imported or connected before it is needed (a listing imports no Slack and no migrations); what was opened is closed
with the App.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduler.core.words import Language

if TYPE_CHECKING:
    from scheduler.core.policy import Policy
    from scheduler.ports import Clock


class App:
    """One working folder, joined together. Every part is made when it is first asked for."""

    def __init__(self, folder: Path, language: Language, as_of: str | None, env: Mapping[str, str], edits: bool) -> None:
        self.folder = folder
        self.language = language
        self.env = env
        self._as_of = as_of
        self._edits = edits

    @cached_property
    def clock(self) -> "Clock":
        """The machine's clock, or the rehearsal's instant."""
        raise NotImplementedError

    @cached_property
    def policy(self) -> "Policy":
        """The policy in force."""
        raise NotImplementedError

    @cached_property
    def engine(self) -> Any:
        """The writing engine (SQLAlchemy); `reading` for queries."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of connections."""


@contextmanager
def open_app(folder: Path, *, language: Language, as_of: str | None, env: Mapping[str, str], edits: bool = False) -> Iterator[App]:
    """The App of `folder`, closed at the end of the block."""
    app = App(folder, language, as_of, env, edits)
    try:
        yield app
    finally:
        app.close()

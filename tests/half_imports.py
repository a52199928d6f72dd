"""Imports in parts of four rows, and processes that are killed in the middle of one."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from scheduler.services.imports.choices import ImportChoices, ImportListener, MissingContracts
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.importing import import_contracts
from scheduler.sources.contracts import open_contracts
from scheduler.storage.database.engine import open_engine
from scheduler.storage.imports.parts import ImportRows
from tests.import_cast import NOW, Office

HEADER = "contract,customer,starts_on,ends_on,amount,currency,owner\n"
LATER = NOW + timedelta(days=1)


def row(number: int, amount: int, year: int = 2027, customer: str = "") -> str:
    """One contract of a customer's, as a file has it."""
    return (
        f"C-{number},{customer or f'Customer {number % 5}'},{year - 1}-04-01,{year}-03-31,"
        f"{amount},EUR,Owner {number % 3}\n"
    )


BEFORE = HEADER + "".join(row(n, 100) for n in range(12))
AFTER = (
    HEADER
    + "".join(row(n, 200, customer=f"Customer {n % 7}") for n in range(5))
    + row(5, 100, 2028)
    + "".join(row(n, 100) for n in range(6, 10))
    + "".join(row(n, 200).replace("Owner", "New owner") for n in range(20, 30))
)
"""Five that changed (some with their customers), one renewed, four unchanged, two that are gone,
ten that are new, of owners whom nobody knew."""


def come_in(
    office: Office,
    engine: Engine,
    text: str = AFTER,
    progress: Callable[[int], None] = lambda done: None,
    *,
    gone: MissingContracts = MissingContracts.CLOSE,
    one_piece: int = 0,
    taking_back: Callable[[], None] = lambda: None,
) -> ImportReport:
    """The file, in parts of four rows; `progress` is called after each."""
    source = open_contracts(office.write(text), office.policy)
    return import_contracts(
        ImportRows(engine, 0.0),
        source,
        office.policy,
        LATER,
        ImportChoices(gone=gone),
        listener=ImportListener(
            progressed=lambda done, total: progress(done), taking_back=taking_back
        ),
        batch=4,
        one_piece=one_piece,
    )


@contextmanager
def somebody_else(office: Office) -> Iterator[Engine]:
    """Another process's way to the same database."""
    engine = open_engine(office.engine.url.render_as_string(hide_password=False))
    try:
        yield engine
    finally:
        engine.dispose()


@dataclass
class Killed:
    """An import in a process of its own, killed before its n-th commit; whether it was."""

    office: Office

    def before_commit(self, number: int, **more: Any) -> bool:
        child = os.fork()
        if child == 0:
            self._die(number, more)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status)

    def _die(self, number: int, more: dict[str, Any]) -> None:
        """The life of the child."""
        code = 1
        try:
            engine = open_engine(self.office.engine.url.render_as_string(hide_password=False))
            commits = iter(range(1, 1000))

            def kill(_connection: object) -> None:
                if next(commits) == number:
                    os.kill(os.getpid(), signal.SIGKILL)

            event.listen(engine, "commit", kill)
            come_in(self.office, engine, **more)
            code = 0
        finally:
            os._exit(code)

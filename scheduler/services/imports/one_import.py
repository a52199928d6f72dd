"""What every step of one import knows (`Import`), and a row of its file with its people's ids
(`Row`)."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.core.deal.pipeline import Actor
from scheduler.core.imports.records import ContractRecord
from scheduler.core.policy.policy import Policy
from scheduler.services.imports.choices import ImportChoices
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.store import ImportTransaction

Row = tuple[ContractRecord, int | None, int | None]
"""A record with its owner's and sales person's ids."""


@dataclass(frozen=True, slots=True)
class Import:
    """The facts that every part of one import needs. `number` is the import's id."""

    transaction: ImportTransaction
    source: str
    file: str
    present: frozenset[str]
    policy: Policy
    now: datetime
    report: ImportReport
    actor: Actor
    choices: ImportChoices
    number: int = 0

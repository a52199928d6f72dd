"""What every step of one import knows (`Import`), and a row of its file with its people's ids
(`Row`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.core.deal.pipeline import Actor
from scheduler.core.imports.edits import EditRule
from scheduler.core.imports.records import ContractRecord
from scheduler.core.policy.policy import Policy
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.store import ImportTransaction

Row = tuple[ContractRecord, int | None, int | None]
"""A record with its owner's and sales person's ids."""


@dataclass(frozen=True, slots=True)
class Import:
    """The facts that every part of one import needs. `decided`: what a person said the new dates of
    a contract number mean (`renewed`, `moved`); `renews`: which new number is the renewal of which;
    `edits`: what a person said about fields edited here, for all (`""`) or by contract number."""

    transaction: ImportTransaction
    source: str
    file: str
    present: frozenset[str]
    policy: Policy
    now: datetime
    report: ImportReport
    actor: Actor
    decided: Mapping[str, str] = field(default_factory=dict)
    renews: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, EditRule] = field(default_factory=dict)
    number: int = 0

"""A policy of both pipelines, files written in a test, and one import after another into a real
database."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from scheduler.core.deal.pipeline import Pipeline, Stage, StageKind
from scheduler.core.imports.texts import ImportRefusedError, RecordProblem, Reject
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.services.imports.choices import ImportChoices, ImportListener, Send
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.importing import BATCH, ONE_PIECE, import_contracts
from scheduler.services.imports.undo import Undone, undo_import
from scheduler.sources.contracts import open_contracts
from scheduler.sources.mappings.contracts import FileMapping, parse_mapping
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import transactions
from scheduler.storage.imports.parts import ImportRows
from scheduler.storage.imports.undo import UndoQueries
from tests import cast

DATA = Path(__file__).parent / "data" / "import"
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def _stage(id: str, ja: str, kind: StageKind = StageKind.OPEN) -> Stage:
    """A stage of new business."""
    return Stage(id, kind, Label.given({"ja": ja, "en": id}))


NEW_BUSINESS = Pipeline(
    "new_business",
    Label.given({"ja": "新規", "en": "New business"}),
    (
        _stage("qualified", "商談の見極め"),
        _stage("problem_agreed", "課題の認識合意"),
        _stage("value_agreed", "価値への合意"),
        _stage("terms_agreed", "条件への同意"),
        _stage("approved", "稟議承認"),
        _stage("won", "受注", StageKind.WON),
        _stage("lost", "失注", StageKind.LOST),
    ),
    cast.FALLBACK,
    opens_pipeline="existing",
)
POLICY: Policy = replace(
    cast.policy(), pipelines={"existing": cast.EXISTING, "new_business": NEW_BUSINESS}
)


@dataclass
class Office:
    """A database, the files that are imported into it and what was rejected."""

    engine: Engine
    folder: Path
    policy: Policy = POLICY
    rejects: list[Reject] = field(default_factory=list)

    @classmethod
    def at(cls, url: str, folder: Path) -> "Office":
        """An empty office."""
        engine = open_engine(url)
        metadata.create_all(engine)
        return cls(engine, folder)

    def load(
        self,
        path: Path,
        now: datetime = NOW,
        *,
        mapping: FileMapping | None = None,
        dry_run: bool = False,
        send: Send = Send.NONE,
        batch: int = BATCH,
        one_piece: int = ONE_PIECE,
        **more: Any,
    ) -> ImportReport:
        """One import; `more` is what somebody decided."""
        self.rejects.clear()
        source = open_contracts(path, self.policy, mapping=mapping)
        store = ImportRows(self.engine)
        return import_contracts(
            store,
            source,
            self.policy,
            now,
            ImportChoices(send=send, **more),
            dry_run=dry_run,
            listener=ImportListener(self.rejects.append),
            batch=batch,
            one_piece=one_piece,
        )

    def undo(self, import_id: int, now: datetime = NOW) -> Undone:
        """Takes an import back."""
        return undo_import(transactions(self.engine, UndoQueries), import_id, now)

    def write(self, text: str, name: str = "contracts.csv", encoding: str = "utf-8") -> Path:
        """A file."""
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        return path

    def load_text(self, text: str, now: datetime = NOW, **more: Any) -> ImportReport:
        """One import of a text."""
        return self.load(self.write(text), now, **more)

    def rows(self, table: str) -> list[Mapping[str, Any]]:
        """Everything in a table, by id."""
        wanted = metadata.tables[table]
        with self.engine.connect() as connection:
            return [
                dict(row)
                for row in connection.execute(select(wanted).order_by(wanted.c.id)).mappings()
            ]

    def column(self, table: str, name: str) -> list[Any]:
        """One column of a table, by id."""
        return [row[name] for row in self.rows(table)]

    def everything(self) -> dict[str, list[Mapping[str, Any]]]:
        """All that an import touches, without the imports' own rows."""
        return {
            name: self.rows(name)
            for name in (
                "customers",
                "people",
                "contracts",
                "deals",
                "passages",
                "nudges",
                "import_changes",
            )
        }


def codes(refusal: ImportRefusedError) -> list[str]:
    """What a file is refused for, by the codes of its problems."""
    return [p.code for p in refusal.problems if isinstance(p, RecordProblem)]


def mapping(**document: Any) -> FileMapping:
    """A mapping file's content."""
    return parse_mapping(document)

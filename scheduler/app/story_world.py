"""A world for stories: one database, the daemon's sweep and delivery on it, files that come in
through the real readers; nothing leaves it.

Always holds: what happens goes through the same services as in a working folder; the database is
emptied before each story.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from scheduler.app.policy_building import build_policy, holidays_of
from scheduler.app.policy_edits.keeper import policy_file
from scheduler.channels.preview import PreviewChannel
from scheduler.core.config.places import dotted
from scheduler.core.config.reading import read_document
from scheduler.core.deal.people import Person
from scheduler.core.imports.names import number_key
from scheduler.core.imports.texts import Reject
from scheduler.core.stories.editing import edited
from scheduler.core.stories.judging import StoryFault, StoryLife, disagreement, judge
from scheduler.core.stories.reading import names_of
from scheduler.core.stories.story import CAST, Away, Reply, Row, Story
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import ByLanguage, Joined, Label
from scheduler.core.words.lexicon import ChannelName, Language, Verb
from scheduler.ports import Rendered
from scheduler.services.answers.answering import answer, answer_nudge, undo, undo_answer
from scheduler.services.deals.sweep import sweep_once
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.services.imports.choices import ImportListener
from scheduler.services.imports.importing import import_contracts
from scheduler.services.imports.people import import_people
from scheduler.services.people.absences import add_absence
from scheduler.services.policy.in_force import version_after
from scheduler.services.policy.stories import World, live_story
from scheduler.sources.contracts import open_contracts
from scheduler.sources.people import open_people
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import empty, upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.listing import ListingRows
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.imports.parts import ImportRows
from scheduler.storage.people.absences import Absences
from scheduler.storage.policy.planning import PlanRows
from scheduler.storage.policy.versions import PolicyVersions

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from scheduler.core.deal.deal import Deal
    from scheduler.core.policy.policy import Policy

BEGINS = datetime(2020, 1, 1, tzinfo=UTC)
_CHANNELS = {ChannelName.PREVIEW: PreviewChannel()}
_BATCH, _MOST_ROUNDS = 500, 1000


class _Plain:
    """No words: a story asks who is told what, not how it is put."""

    def render(
        self, kind: str, facts: Mapping[str, Any], language: Language, channel: ChannelName
    ) -> Rendered:
        """Nothing but the kind."""
        return Rendered(kind, kind)


@dataclass
class _Clock:
    """A clock that the story moves."""

    at: datetime = BEGINS

    def now(self) -> datetime:
        """The instant it stands at."""
        return self.at


@dataclass
class StoryWorld(World):
    """A world on one database, under one policy's document."""

    engine: "Engine"
    document: Mapping[str, Any]
    folder: Path
    clock: _Clock = field(default_factory=_Clock)

    def __post_init__(self) -> None:
        self._plans, self._listings = PlanRows(self.engine, self.engine), ListingRows(self.engine)
        self._delivery = Delivery(
            transactions(self.engine, DeliveryQueries), _CHANNELS, _Plain(), self.clock, "story"
        )
        self._sweeps, self._forms = (
            transactions(self.engine, SweepQueries),
            transactions(self.engine, FormingQueries),
        )
        self._names: Mapping[str, str] = {}
        self._files = 0
        self._due: datetime | None = None

    def begin(self, changes: Mapping[str, Any], at: datetime) -> None:
        """An empty database with the policy, and a story's own changes of it, as the first version.
        Raises UserMustActError."""
        empty(self.engine)
        self._edited: Mapping[str, Any] = self.document["policy"]
        self._versions = PolicyVersions(self.engine, self.engine)
        self._apply(changes, at, backfill=False)

    def _apply(self, changes: Mapping[str, Any], now: datetime, *, backfill: bool) -> None:
        """The next version."""
        tables = edited(self._edited, changes)
        read = read_document(
            {"policy": tables, "templates": self.document.get("templates", {})}, holidays_of
        )
        if isinstance(read, list):
            wrong = [
                Label("{place}: {wrong}", place=dotted(place), wrong=label) for place, label in read
            ]
            raise UserMustActError(
                "policy: {wrong}", wrong=Joined(wrong, Label("; ", context="sentences"))
            )
        self._edited, file = tables, policy_file(read.hash, read.document, read.policy)
        before = self._versions.current()
        since = version_after(before, file, now, backfill=backfill).since if before else {}
        self._policy = build_policy(
            self._versions.apply(before.version if before else 0, file, since, "story", now)
        )

    @override
    def policy(self) -> "Policy":
        return self._policy

    @override
    def edit(self, changes: Mapping[str, Any], now: datetime, *, backfill: bool) -> None:
        self._apply(changes, now, backfill=backfill)

    @override
    def bring_people(self, rows: Sequence[Row], now: datetime) -> None:
        """A file of people. Raises ImportRefusedError, UserMustActError."""
        if not rows:
            return
        known = self.policy().calendars
        written = [
            _person(
                {
                    **row,
                    **(
                        {"calendar": ""}
                        if CAST.get(row["name"], {}).get("calendar")
                        == row.get("calendar")
                        not in known
                        else {}
                    ),
                }
            )
            for row in rows
        ]
        rejects: list[Reject] = []
        import_people(
            transactions(self.engine, ImportQueries),
            open_people(self._file(written), self.policy()),
            now,
            on_reject=rejects.append,
        )
        _refuse(rejects)
        with self._plans.snapshot() as snapshot:
            self._names = snapshot.names()

    @override
    def bring_contracts(self, rows: Sequence[Row], now: datetime) -> None:
        """A file of contracts, all in one. Raises ImportRefusedError, UserMustActError."""
        rejects: list[Reject] = []
        file = open_contracts(self._file(rows), self.policy())
        listener = ImportListener(rejects.append)
        import_contracts(ImportRows(self.engine), file, self.policy(), now, listener=listener)
        _refuse(rejects)

    def _file(self, rows: Sequence[Row]) -> Path:
        """Rows as a CSV file."""
        self._files += 1
        path = self.folder / f"file-{self._files}.csv"
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(rows)
        return path

    @override
    def send_away(self, away: Away, now: datetime) -> None:
        add_absence(
            transactions(self.engine, Absences),
            away.who,
            away.first_on,
            away.last_on,
            delegate=away.delegate,
            note="",
            actor=away.who,
            policy=self.policy(),
            now=now,
        )

    @override
    def answer(self, reply: Reply, now: datetime) -> None:
        """Where somebody is named, they press what the last message about the deal offers; else the
        command is given."""
        deal = self._deal(reply.contract)
        name = reply.by or (deal.owner.name if deal and deal.owner else "")
        number = next(
            (int(key.partition(":")[2]) for key, known in self._names.items() if known == name),
            None,
        )
        person = (
            None
            if deal is None or number is None
            else deal.people.get(number) or Person(number, name)
        )
        said = replace(reply.said, by=person, name=name)
        store, contract = (
            transactions(self.engine, AnswerQueries),
            reply.contract or (deal.contract.number if deal else ""),
        )
        if said.verb is Verb.UNDO and reply.by and person is not None:
            key = max(
                (
                    nudge
                    for d in self.deals()
                    if number_key(d.contract.number) == number_key(contract)
                    for nudge in d.nudges
                ),
                key=lambda n: n.id or 0,
            ).key
            undo_answer(store, key, "last", person, self.policy(), now)
        elif said.verb is Verb.UNDO:
            undo(store, contract, name, now)
        elif not reply.by or deal is None or not deal.nudges:
            answer(store, contract, said, self.policy(), now)
        else:
            answer_nudge(store, deal.nudges[-1].key, said, self.policy(), now)

    def _deal(self, contract: str) -> "Deal | None":
        """The newest deal of a contract (empty: of the first)."""
        wanted = number_key(contract)
        found = [
            deal
            for deal in self.deals()
            if not wanted or number_key(deal.contract.number) == wanted
        ]
        return max(found, key=lambda d: d.id, default=None)

    @override
    def turn(self, now: datetime) -> bool:
        """Everything that is due at `now`; whether anything was sent."""
        self.clock.at, sent = now, 0
        policy = self.policy()
        for _ in range(_MOST_ROUNDS):
            swept = sweep_once(self._sweeps, policy, now, _BATCH)
            formed = form_messages(self._forms, policy, tuple(_CHANNELS), now)
            delivered = deliver_batch(self._delivery, policy)
            sent += delivered.sent
            if swept.failures:
                raise RuntimeError(
                    f"contract {swept.failures[0].contract} cannot be decided: "
                    f"{swept.failures[0].error}"
                )
            self._due = self._listings.next_at()
            if (
                self._due is None
                or self._due > now
                or not (swept.deals or formed.total or delivered.total)
            ):
                return sent > 0
        raise RuntimeError(f"the day does not come to rest at {now.isoformat()}")

    @override
    def due_at(self) -> datetime | None:
        """The next instant at which anything is due, as it was after the last turn."""
        return self._due

    @override
    def deals(self) -> "Sequence[Deal]":
        """Every deal that stands."""
        with self._plans.snapshot() as snapshot:
            return list(snapshot.deals(closed=True))

    @override
    def windows(self, now: datetime) -> Sequence[tuple[str, date]]:
        with self._plans.snapshot() as snapshot:
            return list(snapshot.told(now))

    @override
    def names(self) -> Mapping[str, str]:
        return self._names


def _person(row: Row) -> Row:
    """With an address of their own."""
    return {"email": f"{_ascii(row['name'])}@example.com", **row}


def _ascii(name: str) -> str:
    """A name as the first half of an address."""
    return "".join(c if c.isascii() and c.isalnum() else f"{ord(c):x}" for c in name).lower()


def _refuse(rejects: "Sequence[Reject]") -> None:
    """A story's file has no rows that do not come in. Raises UserMustActError."""
    for reject in rejects:
        said = f'{reject.column} "{reject.value}"'
        raise UserMustActError("{words}: {text}", words=said, text=ByLanguage(reject.problem.shown))


@contextmanager
def story_world(document: Mapping[str, Any], url: str = "") -> Iterator[StoryWorld]:
    """A world under a policy's document, in `url` (empty: a file of its own that is gone
    afterwards)."""
    with TemporaryDirectory(prefix="stories") as folder:
        url = url or f"sqlite:///{(Path(folder) / 'stories.db').as_posix()}"
        engine = open_engine(url, lasting=False)
        try:
            upgrade(engine, BEGINS)
            yield StoryWorld(engine, document, Path(folder))
        finally:
            engine.dispose()


def faults(world: StoryWorld, story: Story) -> list[StoryFault]:
    """Everything in which a story's life is not as it says, and every day on which the projection
    had foreseen something else."""
    stored, ahead = lived(world, story)
    return [*judge(story, stored), *disagreement(stored.said, ahead.said, story)]


def lived(world: StoryWorld, story: Story) -> tuple[StoryLife, StoryLife]:
    """A story's life on this world: as it was lived, and as it was foreseen."""
    begins = datetime.combine(story.begins, datetime.min.time(), UTC)
    try:
        world.begin(story.policy, begins)
    except UserMustActError as error:
        broken = StoryLife((), broken=error.label)
        return broken, broken
    usual = next(
        (p.default_active for p in world.policy().pipelines.values() if p.default_active), None
    )
    if usual:
        staged = (
            row if {"stage", "pipeline"} & set(row) else {**row, "stage": usual}
            for row in story.contracts
        )
        story = replace(story, contracts=tuple(staged))
    own = {row["name"]: row for row in story.people}
    people = [
        own.get(name) or {"name": name, **CAST.get(name, {})} for name in sorted(names_of(story))
    ]
    return live_story(story, world, people)

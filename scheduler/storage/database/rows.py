"""The tables. Rows stay in `storage`; the rest of the program sees the frozen values of `core`.

Always holds: instants are UTC (`…_at`), days are dates (`…_on`), money is integer minor units
beside its currency, and the constraints here carry the rules that must survive a bug: one live
event per deal, milestone, anchor day and step; one nudge and one message per key.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.ext.declarative import DeferredReflection
from sqlmodel import Field, SQLModel

from scheduler.core.words.lexicon import (
    EventState,
    Health,
    MessageState,
    NudgeState,
    Paperwork,
    SignalSubject,
    Urgency,
)
from scheduler.storage.database.types import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


class Row(DeferredReflection, SQLModel):
    """The base of every table: one metadata with a naming convention from the first revision on.

    What is read and written are tables, in statements: nothing is validated by a class, so pydantic
    need not compile how that is done (`defer_build`), and no object is kept in step with its row,
    so SQLAlchemy need not map the class (`DeferredReflection`: only when told to). Both would cost
    every command time while it starts.
    """

    metadata = metadata
    model_config = {"defer_build": True}


def _one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """A CHECK that lets only these words in."""
    return CheckConstraint(f"{column} IN ({', '.join(repr(w.value) for w in words)})", name=column)


@event.listens_for(metadata, "before_create")
def _make_partial(made: MetaData, connection: Connection, **_: object) -> None:
    """Gives an index its condition in the dialect in use: if it were named at import, PostgreSQL's
    drivers would be loaded for every command."""
    for index in (
        index for table in made.tables.values() for index in table.indexes if "where" in index.info
    ):
        index.dialect_options[connection.dialect.name]["where"] = text(index.info["where"])


def _at(**more: Any) -> Any:
    """A nullable instant."""
    return Field(default=None, sa_type=UtcDateTime, **more)


def _due(**more: Any) -> Any:
    """A column of instants that is never NULL."""
    return Field(sa_type=UtcDateTime, nullable=False, **more)


def _default(value: str) -> Any:
    """A column of text that is never NULL, even if a row is written without it."""
    return Field(default=value, nullable=False, sa_column_kwargs={"server_default": value})


def _flag() -> Any:
    """A flag that is off if a row is written without it."""
    return Field(default=False, nullable=False, sa_column_kwargs={"server_default": text("false")})


_MEASUREMENT = ("subject_id", "name", "at", "source")
"""The columns by which two signals are the same measurement."""


class MetaRow(Row, table=True):
    """Small facts about this database: `instance_id`, `last_sweep_at`, `time_travel` …"""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)


class PolicyVersionRow(Row, table=True):
    """One policy that was in force from `applied_at` until the next version. `document` is the
    parsed policy part of the file with its templates, `effects` what its plan said it would do, if
    it had one, `names` what earlier names are called in it (empty: not known yet), `text` the
    config.toml it was read from, if that is known."""

    __tablename__ = "policy_versions"
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    hash: str = Field(index=True)
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    since: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    author: str = ""
    note: str = ""
    applied_at: datetime = _due()
    effects: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    names: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    text: str | None = Field(default=None, sa_type=Text)


class PlanRow(Row, table=True):
    """One edit with what it would do, kept until somebody applies it. `rows` are its effects,
    `summary` is what people were shown of them.

    `id` is made from all that, so that the same plan made twice is one row.
    """

    __tablename__ = "plans"
    id: str = Field(primary_key=True)
    base_version: int
    hash: str
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    backfill: bool = False
    until_on: date
    rows: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    summary: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    author: str = ""
    made_at: datetime = _due()
    applied_version: int | None = None
    text: str | None = Field(default=None, sa_type=Text)


class PersonRow(Row, table=True):
    """One colleague; `key` is what imports call them (e-mail, else name), lower case.

    `left_told_at`: when the manager was told about the deals of somebody who left.
    `merged_into_id`: who this person turned out to be; this row's names mean that person.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("key"),)
    id: int | None = Field(default=None, primary_key=True)
    key: str
    name: str
    role: str = "rep"
    email: str | None = Field(default=None, index=True)
    slack_id: str | None = Field(default=None, index=True)
    zone: str | None = None
    calendar: str | None = None
    language: str | None = None
    hours: str | None = None
    manager_id: int | None = Field(default=None, foreign_key="people.id", index=True)
    team: str | None = None
    active: bool = True
    pace: str = _default("daily")
    feed_secret: str | None = Field(default=None, index=True)
    left_told_at: datetime | None = _at()
    import_id: int | None = Field(default=None, index=True)
    merged_into_id: int | None = Field(default=None, foreign_key="people.id")


class AbsenceRow(Row, table=True):
    """Days on which a person is away, first and last inclusive. One that is taken back keeps its
    row.

    `told_at` is when the person was told what went to others meanwhile, or when it was clear that
    nothing did.
    """

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("last_on >= first_on", name="dates"),
        CheckConstraint("delegate_id IS NULL OR delegate_id <> person_id", name="delegate"),
    )
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="people.id", index=True)
    first_on: date
    last_on: date
    delegate_id: int | None = Field(default=None, foreign_key="people.id")
    note: str = ""
    actor: str = ""
    created_at: datetime = _due()
    cancelled_at: datetime | None = _at()
    told_at: datetime | None = _at()


class CustomerRow(Row, table=True):
    """Who buys. Found again by (source, source_id); where a source has no id of its own, by its
    name."""

    __tablename__ = "customers"
    __table_args__ = (UniqueConstraint("source", "source_id"),)
    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_id: str
    name: str
    country: str | None = None
    segment: str | None = None
    parent_id: int | None = Field(default=None, foreign_key="customers.id")
    import_id: int | None = Field(default=None, index=True)


class ContractRow(Row, table=True):
    """One contract term; an unknown amount is NULL.

    `term` and `notice` (and those of the renewal) are texts such as `12 months`, `90 days`
    (scheduler.core.time.dates.Term).
    """

    __tablename__ = "contracts"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint(
            "ends_on IS NULL OR starts_on IS NULL OR ends_on >= starts_on", name="dates"
        ),
        Index("ix_contracts_number", "number"),
    )
    id: int | None = Field(default=None, primary_key=True)
    source: str
    source_id: str
    number: str
    customer_id: int = Field(foreign_key="customers.id", index=True)
    product: str = ""
    title: str = ""
    starts_on: date | None = None
    ends_on: date | None = Field(default=None, index=True)
    term: str | None = None
    notice: str | None = None
    renewal_term: str | None = None
    renewal_notice: str | None = None
    decide_by: date | None = None
    auto_renew: bool = False
    evergreen: bool = False
    amount: int | None = None
    currency: str = "JPY"
    owner_id: int | None = Field(default=None, foreign_key="people.id", index=True)
    sales_id: int | None = Field(default=None, foreign_key="people.id")
    url: str | None = None
    estimated: bool = False
    series_starts_on: date | None = None
    term_number: int = 0
    predecessor_id: int | None = Field(default=None, foreign_key="contracts.id", index=True)
    system_made: bool = False
    attributes: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON))
    row_hash: str | None = None
    import_id: int | None = Field(default=None, index=True)


class DealRow(Row, table=True):
    """One contract term's way through a pipeline. `wake_at` is its alarm clock; `version` counts
    its writes. `health_said` and `health_outlook` are JSON (`storage.database.values`); a health
    timeline that is NULL is made anew when the deal is next decided."""

    __tablename__ = "deals"
    __table_args__ = (
        UniqueConstraint("key"),
        UniqueConstraint("contract_id"),
        _one_of("health", Health),
        _one_of("paperwork", Paperwork),
        Index("ix_deals_wake_at", "wake_at", info={"where": "wake_at IS NOT NULL"}),
        Index("ix_deals_policy_version", "policy_version", info={"where": "voided_at IS NULL"}),
        Index("ix_deals_pipeline_stage", "pipeline", "stage"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str
    version: int = 1
    contract_id: int = Field(foreign_key="contracts.id")
    pipeline: str
    stage: str
    stage_entered_at: datetime = _due()
    arrived_at: datetime = _due()
    baseline_at: datetime | None = _at()
    health: str = "unknown"
    health_because: str = ""
    health_said: str | None = Field(default=None, sa_type=Text)
    health_outlook: str | None = Field(default=None, sa_type=Text)
    paperwork: str = "none"
    expected_on: date | None = None
    expected_chosen: bool = _flag()
    call: str | None = None
    called_on: date | None = None
    call_note: str | None = None
    notice_on: date | None = None
    notice_lost: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True))
    )
    won: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    lost: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    closed_at: datetime | None = _at()
    voided_at: datetime | None = _at()
    wake_at: datetime | None = _at()
    policy_version: int = 0
    import_id: int | None = Field(default=None, index=True)


class HealthChangeRow(Row, table=True):
    """One change of a deal's health by its signals, its age or a notice; what people said stands in
    `answers`."""

    __tablename__ = "health_changes"
    __table_args__ = (_one_of("health", Health),)
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deals.id", index=True)
    at: datetime = _due()
    health: str
    was: str
    score: float | None = None
    because: str = ""


class PassageRow(Row, table=True):
    """One entry of a deal's append-only stage history. Reconstructed ones (observed = false) may
    lack an instant."""

    __tablename__ = "passages"
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deals.id", index=True)
    from_stage: str | None = None
    to_stage: str
    at: datetime | None = _at()
    because: str = ""
    actor_kind: str = "policy"
    actor: str = ""
    observed: bool = True
    voided_at: datetime | None = _at()
    import_id: int | None = Field(default=None, index=True)


class EventRow(Row, table=True):
    """The outcome of one milestone's day for one deal."""

    __tablename__ = "events"
    __table_args__ = (
        _one_of("state", EventState),
        Index(
            "uq_events_live",
            "deal_id",
            "milestone",
            "anchor_on",
            "step",
            unique=True,
            info={"where": "state <> 'withdrawn'"},
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deals.id", index=True)
    milestone: str
    anchor_on: date
    step: int = 0
    day_on: date
    state: str
    was: str | None = None
    reason: str = ""
    at: datetime = _due()
    answered_at: datetime | None = _at()
    snoozed_until: date | None = None
    snoozed_by: int | None = None
    seen: bool = _flag()
    answer: str = _default("")


class NudgeRow(Row, table=True):
    """One thing to tell one recipient. `recipient` is `person:7` or an address; `key` is unique for
    ever."""

    __tablename__ = "nudges"
    __table_args__ = (
        UniqueConstraint("key"),
        _one_of("state", NudgeState),
        _one_of("urgency", Urgency),
        Index("ix_nudges_held", "recipient", info={"where": "state = 'held'"}),
        Index(
            "ix_nudges_waiting",
            "recipient",
            "due_at",
            info={"where": "state = 'waiting' AND message_id IS NULL"},
        ),
        Index("ix_nudges_deal_id", "deal_id"),
        Index("ix_nudges_message_id", "message_id", info={"where": "message_id IS NOT NULL"}),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str
    deal_id: int = Field(foreign_key="deals.id")
    milestone: str
    anchor_on: date
    step: int = 0
    recipient: str
    person_id: int | None = Field(default=None, foreign_key="people.id", index=True)
    role: str = ""
    because: str = ""
    state: str = "waiting"
    reason: str = ""
    created_at: datetime = _due()
    due_at: datetime = _due()
    message_id: int | None = Field(default=None, foreign_key="messages.id")
    sent_at: datetime | None = _at()
    urgency: str = _default("normal")
    late: bool = _flag()
    instead_of: int | None = Field(default=None, foreign_key="people.id")
    delayed_from: date | None = None


class MessageRow(Row, table=True):
    """What is sent to one address (DESIGN §7). `key` is stable and unique; `fence` grows with every
    claim: a late worker's record is refused.

    `shown`: what its posts say, by number (Slack). `looked_at`: the first time that its outcome
    could be looked up.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("key"),
        _one_of("state", MessageState),
        Index("ix_messages_queue", "state", "not_before_at"),
        Index("ix_messages_refresh", "refresh_at", info={"where": "refresh_at IS NOT NULL"}),
        Index("ix_messages_recipient_window_on", "recipient", "window_on"),
        Index("ix_messages_lease", "lease_until", info={"where": "lease_until IS NOT NULL"}),
        Index("ix_messages_unsealed", "id", info={"where": "state = 'sent' AND seal IS NULL"}),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str
    kind: str = "nudges"
    recipient: str
    person_id: int | None = Field(default=None, foreign_key="people.id", index=True)
    channel: str
    address: str
    language: str = "ja"
    window_on: date | None = None
    facts: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    state: str = "queued"
    reason: str = ""
    created_at: datetime = _due()
    not_before_at: datetime = _due()
    claimed_by: str | None = None
    lease_until: datetime | None = _at()
    fence: int = 0
    attempts: int = 0
    unknowns: int = 0
    handed_over_at: datetime | None = _at()
    sent_at: datetime | None = _at()
    receipt: str | None = None
    refresh_at: datetime | None = _at()
    subject: str | None = None
    body: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    shown: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    looked_at: datetime | None = _at()
    seal: str | None = None


class AnswerRow(Row, table=True):
    """What a person said about a deal. `before` holds what undo needs to put back; `request` names
    the click or link it came from, so that it counts once however often it arrives."""

    __tablename__ = "answers"
    __table_args__ = (Index("uq_answers_request", "request", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    deal_id: int = Field(foreign_key="deals.id", index=True)
    verb: str
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    person_id: int | None = Field(default=None, foreign_key="people.id")
    actor: str = ""
    via: str = "command"
    request: str | None = None
    at: datetime = _due()
    undone_at: datetime | None = _at()


class EnvelopeRow(Row, table=True):
    """What came from outside (Slack's Socket Mode): kept before it is acknowledged, acted on once.
    `outcome` says what became of it.

    While somebody acts on it, and after a failure, nobody else takes it before `not_before_at`.
    """

    __tablename__ = "envelopes"
    __table_args__ = (
        UniqueConstraint("envelope_id"),
        Index("ix_envelopes_open", "received_at", info={"where": "handled_at IS NULL"}),
    )
    id: int | None = Field(default=None, primary_key=True)
    envelope_id: str
    kind: str
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    received_at: datetime = _due()
    not_before_at: datetime = _due()
    handled_at: datetime | None = _at()
    attempts: int = 0
    outcome: str = ""


class ImportRow(Row, table=True):
    """One import of one file, or (`kind` "edits") what a person, the `actor`, changed by hand.
    `state`: running, finishing (everything is written and becomes visible bit by bit), completed,
    failed, undone."""

    __tablename__ = "imports"
    id: int | None = Field(default=None, primary_key=True)
    source: str
    kind: str = "contracts"
    file: str
    sha256: str
    state: str = "running"
    first_load: bool = False
    counts: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    started_at: datetime = _due()
    finished_at: datetime | None = _at()
    actor: str = _default("")
    undone_at: datetime | None = _at()


class ImportChangeRow(Row, table=True):
    """What an import changed in an existing row, so that `import undo` can put it back.
    `put_back_at`: when it did; None where it did not, also because the row was changed since."""

    __tablename__ = "import_changes"
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="imports.id", index=True)
    table_name: str
    row_id: int
    before: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    after: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    put_back_at: datetime | None = _at()


class EditRow(Row, table=True):
    """One field of one row that a person has set by hand; while it stands, what files say about it
    goes by `[import] edits` (`core.imports.edits`).

    `value` and `was` are what was set and what had been there, `kept` what a file said when
    somebody kept the edit, all as JSON. `ended_by` is the import (or later edit) with which it
    ended. It stands only while its own import does.
    """

    __tablename__ = "edits"
    __table_args__ = (Index("ix_edits_table_name_row_id", "table_name", "row_id"),)
    id: int | None = Field(default=None, primary_key=True)
    import_id: int = Field(foreign_key="imports.id", index=True)
    table_name: str
    row_id: int
    field: str
    value: str = Field(sa_type=Text)
    was: str = Field(sa_type=Text)
    kept: str | None = Field(default=None, sa_type=Text)
    ended_by: int | None = None


class PauseRow(Row, table=True):
    """A pause of everything, a pipeline or a contract (`core.deal.pauses`). One that is over keeps
    its row."""

    __tablename__ = "pauses"
    id: int | None = Field(default=None, primary_key=True)
    scope: str
    name: str = ""
    because: str = ""
    actor: str = ""
    since_at: datetime = _due()
    until_at: datetime | None = _at()
    ended_at: datetime | None = _at()
    ended_by: str | None = None


class SignalSubjectRow(Row, table=True):
    """Whom signals are about, as their files write it: a contract's number or a customer's name or
    id. `key` is what it is compared by, `written` how it was first written.

    What it means is filled in as soon as such a contract or customer is there, and empty again if
    that is undone: `contract_id` is the first term of the contract's line (`storage.signals`).
    """

    __tablename__ = "signal_subjects"
    __table_args__ = (UniqueConstraint("kind", "key"), _one_of("kind", SignalSubject))
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str
    written: str
    contract_id: int | None = Field(
        default=None, foreign_key="contracts.id", index=True, ondelete="SET NULL"
    )
    customer_id: int | None = Field(
        default=None, foreign_key="customers.id", index=True, ondelete="SET NULL"
    )


class SignalRow(Row, table=True):
    """One measurement (`core.health.signals`), as it was known from `received_at` on.

    What is measured is told by subject, name, instant and source; of several values for that the
    one received last counts (of those received together, the largest), and the others have
    `superseded_at`: until when they were believed. `voided_at`: its import was undone then.
    """

    __tablename__ = "signals"
    __table_args__ = (
        Index(
            "ix_signals_live",
            *_MEASUREMENT,
            unique=True,
            info={"where": "superseded_at IS NULL"},
        ),
        Index("ix_signals_past", *_MEASUREMENT, info={"where": "superseded_at IS NOT NULL"}),
        CheckConstraint("voided_at IS NULL OR superseded_at IS NOT NULL", name="voided"),
    )
    id: int | None = Field(default=None, primary_key=True)
    subject_id: int = Field(foreign_key="signal_subjects.id")
    name: str
    at: datetime = _due()
    source: str = _default("")
    value: float
    received_at: datetime = _due()
    superseded_at: datetime | None = _at()
    voided_at: datetime | None = _at()
    import_id: int = Field(foreign_key="imports.id", index=True)


class SealRow(Row, table=True):
    """The digests of one block of rows of one topic, by their numbers
    (`storage.database.seals`)."""

    __tablename__ = "seals"
    topic: str = Field(primary_key=True)
    block: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digests: str = Field(sa_type=Text)


class LimitRow(Row, table=True):
    """Until when nobody may use a scope (`slack:chat.postMessage:C1`, `smtp`), shared by all
    workers."""

    __tablename__ = "limits"
    scope: str = Field(primary_key=True)
    until_at: datetime = _due()
    reason: str = ""


class ChannelConditionRow(Row, table=True):
    """The condition of one channel with one configuration (`setup`, a mark of it), for all workers;
    `paused_at`: it is paused (`core.messages.circuit_breaker`)."""

    __tablename__ = "channel_conditions"
    channel: str = Field(primary_key=True)
    setup: str = Field(primary_key=True)
    ok_at: datetime | None = _at()
    paused_at: datetime | None = _at()
    failed_at: datetime | None = _at()
    probe_at: datetime | None = _at()
    nature: str | None = None
    because: str = _default("")
    failures: int = 0
    refused: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    told: bool = _flag()


class HubSpotRecordRow(Row, table=True):
    """One deal of HubSpot's in our care, as it was last read. `state` is what became of the record
    (`core.sync.identity.RecordState`), `into` the record it was merged into.

    `waits`: what is still to be done with what was read (`core.sync.states.Waits`; empty: nothing).
    `taken_at`: HubSpot's instant of the last entry
    of its stage's history that was taken in, or is older than what stands here. `held`: why what it
    says about the stage is not followed, as a stored label; empty where it is. `linked`: what it is
    linked with, as far as that fills a field (`core.sync.linked`); kept to see what changes.
    `counted_values`: a mark of its values at the last daily count, for the same.
    """

    __tablename__ = "hubspot_records"
    __table_args__ = (
        Index("ix_hubspot_records_waits", "waits", "record_id", info={"where": "waits <> ''"}),
        Index(
            "ix_hubspot_records_queue",
            "waits",
            "read_at",
            "record_id",
            info={"where": "waits <> ''"},
        ),
        Index("ix_hubspot_records_company", "waits", "company_id", info={"where": "waits <> ''"}),
        Index("ix_hubspot_records_state", "state"),
    )
    record_id: str = Field(primary_key=True)
    state: str = _default("here")
    into: str = _default("")
    raw: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    company_id: str = _default("")
    company: str = _default("")
    modified_at: datetime | None = _at()
    read_at: datetime = _due()
    taken_at: datetime | None = _at()
    waits: str = _default("")
    held: str = Field(default="", sa_type=Text, nullable=False)
    linked: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    counted_values: str = _default("")


class HubSpotLedgerRow(Row, table=True):
    """One value that we wrote to HubSpot, by HubSpot's clock; `trace` is our mark of that write.
    `read_at`: when we had last read the property before writing it; `checked_at`: when its history
    was looked at afterwards, to see whether somebody was covered."""

    __tablename__ = "hubspot_ledger"
    __table_args__ = (
        Index("ix_hubspot_ledger_record_id_name", "record_id", "name"),
        Index("ix_hubspot_ledger_unchecked", "id", info={"where": "checked_at IS NULL"}),
    )
    id: int | None = Field(default=None, primary_key=True)
    record_id: str
    name: str
    value: str = Field(sa_type=Text)
    was: str = Field(default="", sa_type=Text, nullable=False)
    read_at: datetime = _due()
    at: datetime = _due()
    trace: str
    checked_at: datetime | None = _at()


class HubSpotPushRow(Row, table=True):
    """What has been sent to HubSpot of one deal. `version` is the deal's version whose values are
    there; a deal of a higher one is due. `state`: `core.sync.states.PushState`. `handed` are the
    values on their way, `digest` a mark of what was wanted when HubSpot refused it, so that it is
    not asked again before something changes."""

    __tablename__ = "hubspot_pushes"
    __table_args__ = (
        Index("ix_hubspot_pushes_state_not_before_at", "state", "not_before_at"),
        Index("ix_hubspot_pushes_lease", "lease_until", info={"where": "lease_until IS NOT NULL"}),
    )
    deal_id: int = Field(primary_key=True, foreign_key="deals.id")
    record_id: str = Field(index=True)
    version: int = 0
    policy_version: int = 0
    state: str = _default("in_step")
    because: str = Field(default="", sa_type=Text, nullable=False)
    digest: str = _default("")
    handed: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    claimed_by: str | None = None
    lease_until: datetime | None = _at()
    fence: int = 0
    attempts: int = 0
    not_before_at: datetime | None = _at()
    handed_over_at: datetime | None = _at()
    pushed_at: datetime | None = _at()


class HubSpotConflictRow(Row, table=True):
    """Both sides said something about one property of one deal: who said what when, and who won.
    `winner`: `core.sync.conflicts.Side`."""

    __tablename__ = "hubspot_conflicts"
    __table_args__ = (UniqueConstraint("record_id", "name", "theirs_at"),)
    id: int | None = Field(default=None, primary_key=True)
    record_id: str
    deal_id: int = Field(foreign_key="deals.id", index=True)
    name: str
    who: str = _default("")
    theirs: str = Field(sa_type=Text)
    theirs_at: datetime = _due()
    ours: str = Field(sa_type=Text)
    ours_at: datetime = _due()
    winner: str
    because: str = Field(default="", sa_type=Text, nullable=False)
    at: datetime = _due()


class HubSpotStateRow(Row, table=True):
    """What else the sync remembers: the account, cursors, the mark of the last increment, what
    HubSpot calls our own writing, figures of the last runs. One JSON text a key
    (`services.sync.memory`)."""

    __tablename__ = "hubspot_state"
    key: str = Field(primary_key=True)
    value: str = Field(sa_type=Text)
    at: datetime = _due()

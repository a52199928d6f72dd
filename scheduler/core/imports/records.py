"""Imported contracts as values, and the stage in which their deals start. The rules about their
dates are in `scheduler.core.imports.terms`.

Always holds: history that nobody observed is marked so (`observed=False`).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import lru_cache
from typing import Any, Protocol
from unicodedata import normalize

from scheduler.core.deal.pipeline import Actor, Passage, Pipeline, Stage, StageKind
from scheduler.core.imports.placement import UNKNOWN_PROGRESS, Placement
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import Health, Language, Role
from scheduler.core.words.reasons import reason

ONBOARDING_DAYS = 90
"""How long after its start a contract counts as being onboarded when it is first seen (a pipeline's
own `onboarding_days` comes first)."""
BEFORE_ALL = ""
"""What a passage comes from when the deal was lost before its first stage, which is known; None is
where nobody knows."""
_IN_ADDRESS = r"[^\s<>()\[\],;:\"@]"
_ADDRESS = re.compile(rf"(?<!{_IN_ADDRESS}){_IN_ADDRESS}+@{_IN_ADDRESS}+")


class KnownWay(Protocol):
    """How a deal came to where it stands, as its source remembers it."""

    def passages(
        self, pipeline: Pipeline, stage: Stage, *, has_contract: bool
    ) -> tuple[Passage, ...]:
        """Its passages through `pipeline` up to `stage`, at least one; `has_contract`: whether its
        customer has a contract."""


@dataclass(frozen=True, slots=True)
class ContractRecord:
    """One row of a file, parsed. Texts are as written; an empty text or None is an empty cell, or a
    column the file does not have.

    `doubled`: its id may be that of several contracts (`duplicates = "suffix"`). `line` is
    physical, from 1. `customer_id` is the source's own, else made of the name. `closed_on` is the
    day a deal was closed elsewhere, `signed_amount` what a won one was signed for (minor units).
    `way` is how the deal came to its stage, where the source remembers it. `said_ends_on` and
    `said_amount` are what the file still says about an earlier term, if the open one has other
    values.
    """

    line: int
    source_id: str
    number: str
    customer: str
    customer_id: str
    row_hash: str
    product: str = ""
    title: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    term: Term | None = None
    notice: Term | None = None
    renewal_term: Term | None = None
    renewal_notice: Term | None = None
    decide_by: date | None = None
    auto_renew: bool = False
    evergreen: bool = False
    amount: int | None = None
    currency: str = "JPY"
    owner: str = ""
    sales: str = ""
    url: str | None = None
    segment: str | None = None
    country: str | None = None
    parent: str | None = None
    health: Health | None = None
    stage: str = ""
    place: Placement | None = None
    closed_on: date | None = None
    signed_amount: int | None = None
    expected_on: date | None = None
    estimated: bool = False
    note: str = ""
    doubled: bool = False
    attributes: tuple[tuple[str, str], ...] = ()
    said_ends_on: date | None = None
    said_amount: str | None = None
    way: KnownWay | None = field(default=None, compare=False, repr=False)


RESERVED = ("stage", "health", "closed_on", "said_ends_on", "said_amount")
"""Names under which a contract keeps what its file said last, beside the columns that a mapping
file wants kept."""


def kept_name(column: str) -> str:
    """The name under which a column is kept with its contract (`keep`): its own, unless the program
    uses that name itself.

    >>> kept_name("seats"), kept_name("health")
    ('seats', 'health (column)')
    """
    return f"{column} (column)" if column in RESERVED else column


_BESIDE_CJK = re.compile(
    r"(?<=[\u3005-\u30ff\u3400-\u9fff])\s+|\s+(?=[\u3005-\u30ff\u3400-\u9fff])"
)


@lru_cache(maxsize=4096)
def customer_key(name: str) -> str:
    """The key that identifies a customer without an id: the name, ignoring width, case and extra
    spaces (next to kanji and kana, all spaces).

    >>> customer_key("Ａｏｂａ  Trading") == customer_key("aoba trading")
    True
    >>> (customer_key("株式会社 青葉") == customer_key("株式会社青葉"),
    ...  customer_key("㈱青葉") == customer_key("(株) 青葉"))
    (True, True)
    """
    if name.isascii():
        return " ".join(name.casefold().split())
    return _BESIDE_CJK.sub("", " ".join(normalize("NFKC", name).casefold().split()))


def better_spelt(one: str, other: str) -> str:
    """Which of two spellings of a name to keep, regardless of their order: the one in plain width,
    else the later in the alphabet.

    >>> better_spelt("ＡＯＢＡ", "Aoba"), better_spelt("株式会社 青葉", "株式会社青葉")
    ('Aoba', '株式会社青葉')
    """
    return max(one, other, key=lambda name: (normalize("NFKC", name) == name, name))


def first_stage(record: ContractRecord, pipeline: Pipeline, place: Placement, today: date) -> Stage:
    """Where a deal that is seen for the first time starts.

    The stage its source names; else onboarding while the contract started less than the onboarding
    time ago or has yet to start (but not if that start is only estimated for an existing customer);
    else the active stage of its health (the pipeline's default where that is unknown); else the
    pipeline's first stage.
    """
    if place.stage:
        return pipeline.stage(place.stage)
    onboarding = pipeline.of_kind(StageKind.ONBOARDING)
    recent = timedelta(days=pipeline.onboarding_days or ONBOARDING_DAYS)
    known = place.bought or not record.estimated
    if onboarding and known and record.starts_on is not None and record.starts_on > today - recent:
        return onboarding[0]
    return pipeline.active_stage(record.health or Health.UNKNOWN, "") or pipeline.first


def first_passages(
    record: ContractRecord,
    pipeline: Pipeline,
    place: Placement,
    stage: Stage,
    *,
    actor: Actor,
    now: datetime,
) -> tuple[Passage, ...]:
    """How a new deal came to its first stage: what the file says it is in is observed now, what
    must have come before is reconstructed.

    A lost deal passed every stage up to the one that stands for what its source says; the instants
    of those nobody knows. The day it closed counts as the instant of its last passage. Unknown
    progress is one passage with that reason.
    """
    why = reason("import_stage", stage=record.stage) if record.stage else reason("import_dates")
    closed_at = instant_of(record.closed_on)
    if place.bought:
        return (Passage(None, stage.id, closed_at or now, why, actor, observed=False),)
    if stage.is_open:
        before = (
            [s.id for s in way_to(pipeline, stage.id)][:-1] if stage.kind is StageKind.OPEN else []
        )
        return (
            *chain(before, None, why, actor),
            Passage(before[-1] if before else None, stage.id, now, why, actor),
        )
    if place.passed == UNKNOWN_PROGRESS:
        return (
            Passage(
                None,
                stage.id,
                closed_at,
                reason("import_progress_unknown", stage=record.stage),
                actor,
                observed=False,
            ),
        )
    way = [s.id for s in way_to(pipeline, place.passed)]
    return chain([*way, stage.id], closed_at, why, actor, first=None if way else BEFORE_ALL)


def chain(
    stages: Sequence[str],
    last_at: datetime | None,
    why: str,
    actor: Actor,
    *,
    first: str | None = None,
) -> tuple[Passage, ...]:
    """Reconstructed passages through `stages`; only the last can have an instant."""
    befores = (first, *stages)
    return tuple(
        Passage(
            befores[n], here, last_at if n == len(stages) - 1 else None, why, actor, observed=False
        )
        for n, here in enumerate(stages)
    )


def way_to(pipeline: Pipeline, passed: str) -> Iterable[Stage]:
    """The open stages up to and including `passed`, in order; none if it is empty."""
    if not passed:
        return ()
    return (s for s in pipeline.stages[: pipeline.position(passed) + 1] if s.is_open)


def instant_of(day: date | None) -> datetime | None:
    """Half past ten UTC on a day that a file gives without a time, which is the same day from
    Honolulu to Auckland's summer."""
    return datetime.combine(day, clock_time(10, 30), UTC) if day else None


def has_an_end(record: ContractRecord) -> bool:
    """Whether a row gives an end (or states that there is none): then it is a contract, whatever
    its stage is called."""
    return record.evergreen or (record.ends_on is not None and not record.estimated)


def without_estimate(record: ContractRecord) -> ContractRecord:
    """The record of a deal that is no contract yet: an estimated end means nothing there."""
    return (
        replace(record, starts_on=None, ends_on=None, term=None, decide_by=None, estimated=False)
        if record.estimated
        else record
    )


def person_key(text: str) -> str:
    """The key that identifies a person: the e-mail in the text, else the name, ignoring width, case
    and extra spaces.

    >>> person_key("Ann Ito <Ann@Example.com>"), person_key("ＡＮＮ　Ｉｔｏ")
    ('ann@example.com', 'ann ito')
    """
    address = _ADDRESS.search(text)
    return address[0].lower() if address else customer_key(text)


_BETWEEN_PEOPLE = re.compile(r"\s*[;|/\u3001\uff1b\uff0f]\s*")
_PERHAPS_BETWEEN = re.compile(r"\s*[\u30fb\uff0b\uff06]\s*|\s+(?:&|\+|and)\s+")
_COMMA = re.compile(r"\s*[,\uff0c]\s*")
_BRACKETS = re.compile(r"[()\[\]\uff08\uff09]")


def several_people(text: str) -> tuple[tuple[str, ...], bool]:
    """The people whom a cell names, and whether it surely names several: a name may have an "and"
    in it (Research & Development), and Ito, Ann is one person.

    >>> several_people("Ann Ito / Bob Hill"), several_people("a@x.jp, b@x.jp")
    ((('Ann Ito', 'Bob Hill'), True), (('a@x.jp', 'b@x.jp'), True))
    >>> several_people("\u4f0a\u85e4\u3001\u7530\u4e2d") == (("\u4f0a\u85e4", "\u7530\u4e2d"), True)
    True
    >>> several_people("Ann Ito & Bob Hill"), several_people("Ito, Ann")
    ((('Ann Ito', 'Bob Hill'), False), (('Ito, Ann',), False))
    >>> several_people("Ann Ito (CS/EMEA)")
    (('Ann Ito (CS/EMEA)',), False)
    """
    addresses = len(_ADDRESS.findall(text))
    if addresses == 1 or (not addresses and _BRACKETS.search(text)):
        return (text,), False
    by_comma = addresses or not text.isascii()
    for between, sure in ((_BETWEEN_PEOPLE, True), (_COMMA, True), (_PERHAPS_BETWEEN, False)):
        parts = tuple(part for part in between.split(text.strip()) if part)
        if len(parts) > 1 and (between is not _COMMA or by_comma):
            return parts, sure
    return (text,), False


def who_is_meant(merged: Mapping[int, int | None]) -> dict[int, int]:
    """Resolves each person to who they turned out to be, through any number of steps.

    >>> who_is_meant({1: 2, 2: 3, 3: None})
    {1: 3, 2: 3, 3: 3}
    """
    meant = {}
    for person in merged:
        at = person
        while (following := merged.get(at)) is not None:
            at = following
        meant[person] = at
    return meant


def contract_fields(record: ContractRecord) -> dict[str, Any]:
    """A record's fields of the contract itself, under the names by which contracts are stored. The
    source's own stage, health, close date and what it still says about an earlier term go into the
    attributes: they are news only when they change.
    """
    attributes = dict(record.attributes)
    if record.stage:
        attributes["stage"] = record.stage
    if record.health:
        attributes["health"] = record.health.value
    if record.closed_on:
        attributes["closed_on"] = record.closed_on.isoformat()
    if record.said_ends_on:
        attributes["said_ends_on"] = record.said_ends_on.isoformat()
    if record.said_amount is not None:
        attributes["said_amount"] = record.said_amount
    return {
        "number": record.number,
        "product": record.product,
        "title": record.title,
        "starts_on": record.starts_on,
        "ends_on": record.ends_on,
        "term": _length(record.term),
        "notice": _length(record.notice),
        "renewal_term": _length(record.renewal_term),
        "renewal_notice": _length(record.renewal_notice),
        "decide_by": record.decide_by,
        "auto_renew": record.auto_renew,
        "evergreen": record.evergreen,
        "amount": record.amount,
        "currency": record.currency,
        "url": record.url,
        "estimated": record.estimated,
        "attributes": attributes or None,
    }


@lru_cache(maxsize=1024)
def _length(term: Term | None) -> str | None:
    """A length of time as it is stored."""
    return None if term is None else str(term)


CONTRACT_FIELDS = tuple(contract_fields(ContractRecord(0, "", "", "", "", "")))
"""The names that `contract_fields` gives, in its order."""


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One row of a file of people, parsed. None is an empty cell, or a column the file does not
    have. `manager` is whatever the file calls them."""

    line: int
    name: str
    email: str | None = None
    slack_id: str | None = None
    role: Role | None = None
    manager: str | None = None
    zone: str | None = None
    calendar: str | None = None
    language: Language | None = None
    hours: str | None = None
    active: bool | None = None
    team: str | None = None

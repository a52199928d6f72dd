"""A deal of HubSpot's as a row of contracts, for the same import that reads files.

Always holds: a field comes from the property that the mapping names, read by that property's own
type; an end reckoned from the close date is an estimate, and only from a close date that somebody
meant, never from one that closing the deal wrote (`echoes.said_close_date`). A value that cannot be
read is named with its property and leaves the rest of the row as it is; a property that HubSpot
does not give at all is no empty one (dlt#647).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from scheduler.core.imports.placement import Placement
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.terms import Terms, completed, estimated
from scheduler.core.imports.texts import FieldError
from scheduler.core.imports.typed import length
from scheduler.core.sync.fields import (
    AMOUNT,
    AUTO_RENEW,
    CLOSE_DATE,
    CURRENCY,
    DAYS,
    DEFAULT_FIELDS,
    LENGTHS,
    TEXTS,
)
from scheduler.core.sync.owners import Owners
from scheduler.core.sync.records import OWNER, Record
from scheduler.core.sync.values import (
    PropertyType,
    ValueNotReadError,
    day,
    day_type,
    length_text,
    money,
    number,
    written_text,
    yes_no,
)
from scheduler.core.time.zones import zone_named
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import ByLanguage, Label

SOURCE = "hubspot"


@dataclass(frozen=True, slots=True)
class FieldMap:
    """Which property fills which field, and the types of the properties as the account has them."""

    properties: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_FIELDS))
    types: Mapping[str, PropertyType] = field(default_factory=dict)

    def read(self, record: Record, name: str) -> str:
        """The text of a field, empty where nothing fills it."""
        return record.value(self.properties[name]) if name in self.properties else ""

    def missing(self, record: Record) -> Mapping[str, str]:
        """The fields, with their properties, of which a record says nothing, not even that they are
        empty; what every account has, and what linked records fill, is not among them."""
        return {n: p for n, p in _own(self.properties).items() if p not in record.properties}

    def kind(self, name: str, otherwise: PropertyType) -> PropertyType:
        """The type of the property that fills a field."""
        return self.types.get(self.properties.get(name, ""), otherwise)


def _own(fields: Mapping[str, str]) -> Mapping[str, str]:
    """The fields that a property of the deals fills which not every account has."""
    return {n: p for n, p in fields.items() if "/" not in p and DEFAULT_FIELDS.get(n) != p}


def lacking(fields: Mapping[str, str], types: Collection[str]) -> Mapping[str, str]:
    """The fields, with their properties, that the account's list of properties (`types`) does not
    have, or does not have any more. Without a list nobody can tell."""
    return {n: p for n, p in _own(fields).items() if p not in types} if types else {}


@dataclass(frozen=True, slots=True)
class Account:
    """What an account's values are read by, and where its records are opened. `unknown_zone`: what
    HubSpot says of the zone, where this machine does not know it; None where it does."""

    zone: ZoneInfo
    currency: str
    portal_id: str = ""
    ui_domain: str = "app.hubspot.com"
    kind: str = "STANDARD"
    unknown_zone: str | None = None

    def link(self, record_id: str, type_id: str = "0-3") -> str:
        """Where people open a record; deals are `0-3`, companies `0-2`."""
        return f"https://{self.ui_domain}/contacts/{self.portal_id}/record/{type_id}/{record_id}"


def account_of(raw: Mapping[str, Any]) -> Account:
    """An account from the API's JSON; a zone that this machine does not know counts as UTC."""
    said, unknown = str(raw.get("timeZone") or ""), None
    try:
        zone = zone_named(said)
    except ValueError:
        zone, unknown = ZoneInfo("UTC"), said
    return Account(
        zone,
        str(raw.get("companyCurrency") or "USD"),
        str(raw.get("portalId") or ""),
        str(raw.get("uiDomain") or "app.hubspot.com"),
        str(raw.get("accountType") or "STANDARD"),
        unknown,
    )


@dataclass(frozen=True, slots=True)
class ValueProblem:
    """A value that was not read; the field it would fill stays empty."""

    deal: str
    name: str
    said: Label


@dataclass(frozen=True, slots=True)
class RowContext:
    """What a row is read with: the mapping, the account, its owners."""

    fields: FieldMap
    account: Account
    owners: Owners


def contract_row(
    record: Record,
    place: Placement,
    stage: str,
    customer: tuple[str, str],
    context: RowContext,
    *,
    closed_on: date | None = None,
) -> tuple[ContractRecord, list[ValueProblem]]:
    """A deal as a row: `stage` as people call it there, the `customer`'s id and name, and
    `closed_on`, the close date that somebody meant, where its history was read."""
    reader = _Reader(record, context, [])
    reader.note_missing()
    days = {name: reader.day(name) for name in DAYS}
    stands = days.pop("closed_on")
    closed = closed_on or (None if CLOSE_DATE in record.histories else stands)
    lengths = {name: reader.length(name) for name in LENGTHS}
    currency = reader.text(CURRENCY).upper() or context.account.currency
    given = {name: value for name, value in (days | lengths).items() if name in _TERMS}
    terms, guessed = reader.terms(given, closed, place)
    row = ContractRecord(
        line=0,
        source_id=record.id,
        number=record.id,
        customer=customer[1],
        customer_id=customer[0],
        row_hash="",
        amount=reader.amount(currency),
        currency=currency,
        auto_renew=terms.auto_renew,
        owner=owner_text(record, context.owners),
        url=context.account.link(record.id),
        stage=stage,
        place=place,
        closed_on=closed,
        estimated=guessed,
        renewal_term=lengths["renewal_term"],
        renewal_notice=lengths["renewal_notice"],
    )
    texts: dict[str, Any] = {name: reader.text(name) for name in TEXTS}
    for optional in ("segment", "country"):
        texts[optional] = texts[optional] or None
    made = replace(row, **texts, **{name: getattr(terms, name) for name in _TERMS})
    return replace(made, row_hash=stable_key(repr(made))), reader.problems


_TERMS = ("starts_on", "ends_on", "term", "notice", "decide_by")


def owner_text(record: Record, owners: Owners) -> str:
    """Whom the row names as its owner: an e-mail, as a file would. Somebody who left is named too,
    so that who gets their deals is decided here; a queue is nobody."""
    owner = owners.owner(record.value(OWNER))
    return "" if owner is None or owner.queue else owner.email


_NOT_GIVEN = Label(
    "HubSpot does not have it any more, or the token may not read it; make it again there, or "
    "change [hubspot.fields]"
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a record's fields and notes what it could not read."""

    record: Record
    context: RowContext
    problems: list[ValueProblem]

    def text(self, name: str) -> str:
        return written_text(self.context.fields.read(self.record, name))

    def day(self, name: str) -> date | None:
        text = self.text(name)
        unknown = PropertyType.DATETIME if name == "closed_on" else day_type(text)
        kind = self.context.fields.kind(name, unknown)
        try:
            return day(text, kind, self.context.account.zone)
        except ValueNotReadError as error:
            self._note(name, error.label)
            return None

    def length(self, name: str) -> Any:
        """A number alone is months."""
        said = length_text(self.text(name))
        if not said:
            return None
        try:
            months = (
                number(said)
                if self.context.fields.kind(name, PropertyType.STRING) == (PropertyType.NUMBER)
                else None
            )
            return length(said if months is None else str(int(months)), name, "months")
        except LabelledError as error:
            self._note(name, error.label)
            return None

    def terms(
        self, given: Mapping[str, Any], closed_on: date | None, place: Placement
    ) -> tuple[Terms, bool]:
        """What the dates leave to be computed; dates that contradict each other say nothing."""
        auto_renew = self.yes_no(AUTO_RENEW)
        try:
            terms = Terms(**given, auto_renew=auto_renew)
            if terms.ends_on is not None:
                return completed(terms), False
            return estimated(terms, closed_on, place)
        except FieldError as error:
            self._note(error.field, Label.verbatim(ByLanguage(error.problem.shown)))
            return Terms(None, None, None, None, None, auto_renew), False

    def amount(self, currency: str) -> int | None:
        try:
            return money(self.text(AMOUNT), currency).minor
        except ValueNotReadError as error:
            self._note(AMOUNT, error.label)
            return None

    def yes_no(self, name: str) -> bool:
        try:
            return bool(yes_no(self.text(name)))
        except ValueNotReadError as error:
            self._note(name, error.label)
            return False

    def note_missing(self) -> None:
        """Notes properties that are not given."""
        for name in self.context.fields.missing(self.record):
            self._note(name, _NOT_GIVEN)

    def _note(self, name: str, said: Label) -> None:
        property = self.context.fields.properties.get(name, name)
        self.problems.append(ValueProblem(self.record.id, property, said))

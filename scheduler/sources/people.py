"""People out of a CSV file: name, e-mail, Slack id, role, manager, zone, calendar, language, hours,
whether they still work here, team.

Always holds: a file of people is as long as a company is large, so it is read whole; headers may be
English or Japanese.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from scheduler.core.imports.edit_fields import CLEARED
from scheduler.core.imports.names import plain
from scheduler.core.imports.records import PersonRecord
from scheduler.core.imports.texts import (
    FIELD_LABELS,
    FieldError,
    ImportRefusedError,
    RecordProblem,
    Reject,
)
from scheduler.core.imports.typed import FALSE, TRUE, NotReadError, hours
from scheduler.core.imports.written_days import narrow
from scheduler.core.policy.policy import Policy
from scheduler.core.time.zones import zone_named
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import ByLanguage
from scheduler.core.words.lexicon import Language, Role
from scheduler.sources.cells.cell_readers import (
    NOTHING,
    findable,
    one_line,
    read_boolean,
    read_name,
    read_word,
)
from scheduler.sources.files.opening import FileLayout, open_table
from scheduler.sources.files.table import SourceTable
from scheduler.sources.kinds.profiles import CSV, PEOPLE_TOLD, Profile, names
from scheduler.sources.mappings.contracts import FileMapping
from scheduler.sources.mappings.layout import Layout, lay_out
from scheduler.sources.totals import is_total

PEOPLE = Profile(
    "people",
    "people",
    {
        "name": names("name|full name|person|氏名|名前|担当者名"),
        "email": names("email|e-mail|mail|email address|メール|メールアドレス|Eメール"),
        "slack_id": names("slack id|slack|slack member id|slack user id|SlackID|SlackメンバーID"),
        "role": names("role|役割|権限"),
        "manager": names("manager|reports to|上長|上司|マネージャー"),
        "zone": names("zone|time zone|timezone|タイムゾーン|時間帯"),
        "calendar": names("calendar|holidays|カレンダー|休日カレンダー|祝日"),
        "language": names("language|言語"),
        "hours": names("hours|working hours|勤務時間|稼働時間"),
        "active": names("active|有効|在籍"),
        "team": names("team|department|チーム|部署"),
    },
    required=("name",),
    told=PEOPLE_TOLD,
)

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
_SLACK = re.compile(r"[UW][A-Z0-9]{2,}")
_WORKS = (
    frozenset(["在籍", "在籍中", "有効", "active"]),
    frozenset(["退職", "退職済", "休職", "無効", "inactive"]),
)


@dataclass(frozen=True, slots=True)
class PeopleFile:
    """A file of people, read. `present` are the fields it fills."""

    file: str
    source: str
    sha256: str
    present: frozenset[str]
    empty: frozenset[str]
    ignored: tuple[str, ...]
    rows: tuple[PersonRecord | Reject, ...]


_OWN = frozenset({"slack_id", "role", "manager", "zone", "hours", "calendar"})
"""Fields that only a list of one's own colleagues has."""
_CUSTOMERS = frozenset(
    {
        "contract",
        "customer",
        "customer_id",
        "ends_on",
        "starts_on",
        "decide_by",
        "notice",
        "term",
        "auto_renew",
        "amount",
        "product",
    }
)


def kind_of(table: SourceTable) -> str:
    """What a file holds: "people", "contracts", or "" where both could be, so that it must be
    asked.

    People have names with an address or a role, and nothing that belongs to a contract. A list of
    other companies' people has names and addresses too: it is known by a column for the company, or
    by addresses at many domains.
    """
    found, contracts = set(PEOPLE.find(table.header)), set(CSV.find(table.header)) & _CUSTOMERS
    if (
        "name" not in found
        or not found & ({"email"} | _OWN)
        or {"contract", "customer"} <= contracts
    ):
        return "contracts"
    if contracts:
        return "" if contracts == {"customer"} else "contracts"
    return "people" if found & _OWN or not _of_many_companies(table) else ""


def _of_many_companies(table: SourceTable) -> bool:
    """Whether the addresses of a file belong to at least three domains, none of which half of them
    share."""
    place = next(n for n, name in enumerate(table.header) if plain(name) in PEOPLE.headers["email"])
    rows = islice((row for row in table.records() if not isinstance(row, Reject)), 2000)
    domains = Counter(
        cells[place].rpartition("@")[2].strip().lower() for _, cells in rows if "@" in cells[place]
    )
    return len(domains) >= 3 and max(domains.values()) * 2 < domains.total()


def open_people(path: Path, policy: Policy, written: FileLayout | None = None) -> PeopleFile:
    """Reads a file of people. Raises ImportRefusedError with what keeps the whole of it from being
    read."""
    table = open_table(path, PEOPLE.names, written)
    layout = lay_out(table, PEOPLE, FileMapping())
    rows = tuple(_rows(table, layout, _readers(policy)))
    if not rows:
        raise ImportRefusedError(RecordProblem.of("header_only", file=path.name))
    filled = {
        name
        for row in rows
        if isinstance(row, PersonRecord)
        for name in layout.columns
        if getattr(row, name) is not None
    }
    present = frozenset(layout.columns)
    rejected = any(isinstance(row, Reject) for row in rows)
    return PeopleFile(
        path.name,
        "people",
        table.sha256,
        present,
        frozenset() if rejected else present - filled,
        layout.ignored,
        rows,
    )


def _rows(
    table: SourceTable, layout: Layout, readers: Mapping[str, Callable[[str], Any]]
) -> Iterator[PersonRecord | Reject]:
    """Every row; a person who occurs twice is rejected the second time."""
    seen: dict[str, int] = {}
    for row in table.records():
        if isinstance(row, Reject):
            yield row
            continue
        line, cells = row
        person = _person(line, cells, layout, readers)
        if isinstance(person, PersonRecord):
            first = seen.setdefault(person.email or person.name, line)
            if first != line:
                person = Reject(
                    line,
                    layout.name("name"),
                    person.name,
                    RecordProblem.of("person_twice", first=first),
                )
        yield person


def _person(
    line: int, cells: Sequence[str], layout: Layout, readers: Mapping[str, Callable[[str], Any]]
) -> PersonRecord | Reject:
    """One row as a person, or what is wrong with it."""
    values: dict[str, Any] = {}
    for name, place in layout.columns.items():
        text = cells[place].strip()
        try:
            if text and text not in NOTHING:
                values[name] = readers[name](text)
        except FieldError as error:
            return Reject(line, layout.header[place], text, error.problem)
    if is_total(values.get("name", "")):
        return Reject(line, layout.name("name"), values["name"], RecordProblem.of("total"))
    if not values.get("name"):
        return Reject(line, layout.name("name"), "", RecordProblem.of("required"))
    return PersonRecord(line, **values)


def _readers(policy: Policy) -> Mapping[str, Callable[[str], Any]]:
    """How each field is read."""
    return {
        "name": read_name,
        "team": one_line,
        "manager": read_name,
        "email": _email,
        "slack_id": _slack,
        "zone": _zone,
        "calendar": lambda text: _calendar(text, policy),
        "hours": _hours,
        "role": lambda text: read_word(Role, text),
        "language": lambda text: read_word(Language, text),
        "active": lambda text: read_boolean(text, TRUE | _WORKS[0], FALSE | _WORKS[1]),
    }


def read_fields(texts: Mapping[str, str], policy: Policy) -> dict[str, Any]:
    """Fields of a person as somebody typed them; `none` takes one away. Raises UserMustActError
    with what to write instead."""
    readers, found = _readers(policy), dict[str, Any]()
    for name, text in texts.items():
        label = FIELD_LABELS[name.removesuffix("_id")]
        if narrow(text).strip().lower() in CLEARED and name not in ("name", "role", "active"):
            found[name] = None
            continue
        if not text.strip():
            raise UserMustActError("the {label} is empty", label=label)
        try:
            found[name] = readers[name](text.strip())
        except FieldError as error:
            said = error.problem
            raise UserMustActError(
                "{label} {text}: {said}", label=label, text=text, said=ByLanguage(said.shown)
            ) from None
    return found


def _email(text: str) -> str:
    """An address, lower case. Raises FieldError."""
    plain = narrow(text).lower()
    if not _EMAIL.fullmatch(plain):
        raise FieldError("email")
    return findable(plain)


def _slack(text: str) -> str:
    """A Slack member id. Raises FieldError."""
    if not _SLACK.fullmatch(narrow(text).upper()):
        raise FieldError("slack_id")
    return narrow(text).upper()


def _zone(text: str) -> str:
    """A time zone of the IANA database. Raises FieldError."""
    try:
        return zone_named(text).key
    except ValueError:
        raise FieldError("zone") from None


def _calendar(text: str, policy: Policy) -> str:
    """A calendar of the policy. Raises FieldError."""
    if text not in policy.calendars:
        raise FieldError("calendar", allowed=", ".join(policy.calendars))
    return text


def _hours(text: str) -> str:
    """Working hours as they are kept, `09:00-18:00`. Raises FieldError."""
    try:
        opens, closes = hours(text)
    except NotReadError:
        raise FieldError("hours") from None
    return f"{opens:%H:%M}-{closes:%H:%M}"

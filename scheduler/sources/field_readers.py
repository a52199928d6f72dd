"""How the text of each field of a contract's row is read, by what the profile and the mapping say.

Always holds: a reader gives the value or raises FieldError; none knows of other fields.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from scheduler.core.imports.fields import DATE_FIELDS
from scheduler.core.imports.names import plain
from scheduler.core.imports.typed import FALSE, MOST_MONTHS, TRUE
from scheduler.core.words.lexicon import Health
from scheduler.sources.cells.cell_readers import (
    DaysOf,
    date_reader,
    one_line,
    read_boolean,
    read_currency,
    read_id,
    read_name,
    read_person,
    read_term,
    read_word,
)
from scheduler.sources.cells.periods import end_reader, term_reader
from scheduler.sources.kinds.profiles import Profile
from scheduler.sources.mappings.contracts import FileMapping

Read = Callable[[str], Any]
_TEXTS = (
    "customer",
    "customer_id",
    "product",
    "title",
    "owner",
    "sales",
    "stage",
    "pipeline",
    "segment",
    "country",
    "url",
    "parent",
    "note",
)


def field_readers(
    mapping: FileMapping, days: Mapping[str, DaysOf], profile: Profile, units: Mapping[str, str]
) -> Mapping[str, Read]:
    """How the text of each field is read. `days` are the orders of dates by field, `units` what
    numbers count in columns of lengths."""
    boolean = partial(
        read_boolean,
        true=mapping.true | (TRUE - mapping.false),
        false=mapping.false | (FALSE - mapping.true),
    )
    words = {plain(word): length for word, length in mapping.terms.items()}

    def term(name: str) -> Read:
        unit = units.get(name, "")
        return lambda text: read_term(words.get(plain(text), text) if words else text, name, unit)

    readers: dict[str, Read] = {**dict.fromkeys(_TEXTS, one_line), "customer_id": read_id}
    readers |= dict.fromkeys(("owner", "sales"), read_person) | {"parent": read_name}
    readers |= {name: date_reader(days.get(name, DaysOf())) for name in DATE_FIELDS}
    if profile.estimates:
        readers |= {
            "customer": _first_of_several,
            "customer_id": lambda text: read_id(_first_of_several(text)),
        }
    readers |= {name: term(name) for name in MOST_MONTHS}
    readers |= {
        "ends_on": end_reader(days.get("ends_on", DaysOf())),
        "term": term_reader(days.get("term", DaysOf()), term("term")),
    }
    readers |= {
        "auto_renew": boolean,
        "evergreen": boolean,
        "estimated": boolean,
        "currency": read_currency,
        "health": partial(read_word, Health),
    }
    return readers | {name: _inverse(readers[name]) for name in profile.inverted}


def _inverse(read: Read) -> Read:
    """A column in which yes means no."""
    return lambda text: not read(text)


def _first_of_several(text: str) -> str:
    """A CRM lists several companies with semicolons, the primary one first."""
    return one_line(text.split(";", maxsplit=1)[0])

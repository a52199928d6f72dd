"""The mapping file: a small TOML that says how any CSV becomes contracts (docs/importing.md).

Always holds: everything wrong with a mapping file is reported at once, each with its key and what
to write instead; a `FileMapping` that comes out is sound, except that its stages are checked
against a policy when the file is opened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scheduler.core.config.toml_lines import key_lines
from scheduler.core.config.toml_syntax import NotToml, read_toml
from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import ImportRefusedError, RecordProblem
from scheduler.core.imports.typed import MOST_MONTHS, UNITS
from scheduler.core.imports.written_amounts import Mark
from scheduler.core.imports.written_days import DateOrder, narrow
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.sources.byte_scan import first_bytes
from scheduler.sources.encodings import readable
from scheduler.sources.files import Written
from scheduler.sources.profiles import DATE_FIELDS, FIELDS

DUPLICATES = ("refuse", "first", "last", "suffix")
NO_END = ("", "evergreen", "term")
MOST_SKIPPED = 1000
SERIAL = "excel"
"""What `[dates]` says of a column that holds Excel's serial numbers."""
_TABLES = ("columns", "constants", "dates", "amount", "booleans", "terms", "units", "stages")
_PLAIN = ("profile", "source", "encoding", "delimiter", "sheet", "skip", "duplicates", "no_end")
_KEYS = (*_PLAIN, "key", "keep", *_TABLES)


@dataclass(frozen=True, slots=True)
class StagePlace:
    """One line of `[stages]`, not yet checked against a policy: `existing`, `new_business/lost`, or
    a table.

    `after`: the furthest stage of ours a lost deal had come to. `without_contract`: where the deals
    of customers without a contract go. `close_date`: `"start"` or `"end"` of the contract, where it
    has no dates of its own.
    """

    to: str
    after: str = ""
    without_contract: str = ""
    close_date: str = "start"


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How the columns of a file become fields. Empty parts leave it to the profile.

    `dates` holds the declared order by field; `default` is for all others. `multiple` is what an
    amount is multiplied with (1000 for 千円), `units` what numbers count in a column of lengths.
    `key` are the columns that tell contracts apart; `no_end` says what an empty end means; `lines`
    say where in the file its keys stand.
    """

    file: str = ""
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    profile: str = ""
    source: str = ""
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    skip: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    duplicates: str = "refuse"
    no_end: str = ""
    keep: tuple[str, ...] = ()
    dates: Mapping[str, DateOrder] = field(default_factory=dict)
    serials: frozenset[str] = frozenset()
    exclusive: bool = False
    decimal: str | None = None
    multiple: int | None = None
    true: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()
    terms: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, StagePlace] = field(default_factory=dict)

    @property
    def mark(self) -> Mark | None:
        """The declared decimal sign."""
        return Mark(self.decimal) if self.decimal else None

    def problem(self, key: str, wrong: Label) -> RecordProblem:
        """Something that is wrong with one of its lines."""
        return _problem(_place_of(self.file, key, self.lines), key, wrong)

    def written(self, asked: Written | None) -> Written:
        """How a file is written: what the command says, else what the mapping file declares."""
        asked = asked or Written()
        return Written(
            asked.encoding or self.encoding,
            asked.delimiter or self.delimiter,
            asked.sheet or self.sheet,
            self.skip,
            self.decimal,
        )


def read_mapping(path: Path) -> FileMapping:
    """The mapping in a TOML file. Raises ImportRefusedError with every problem at once, each with
    its line."""
    first_bytes(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ImportRefusedError(
            RecordProblem.of("unreadable", file=path, why=error.strerror or error)
        ) from error
    except UnicodeDecodeError:
        raise ImportRefusedError(
            _problem(path.name, "file", Label("save the mapping file as UTF-8"))
        ) from None
    document = read_toml(text)
    if isinstance(document, NotToml):
        place = f"{path.name}:{document.line}" if document.line else path.name
        raise ImportRefusedError(RecordProblem.of("toml", file=place, wrong=document.text))
    lines = {".".join(map(str, at)): line for at, line in key_lines(text).items()}
    return parse_mapping(document, path.name, lines)


def parse_mapping(
    document: Mapping[str, Any], file: str = "mapping", lines: Mapping[str, int] | None = None
) -> FileMapping:
    """The mapping in a parsed TOML document; `lines` tell on which line each of its keys stands.
    Raises ImportRefusedError with every problem."""
    lines = lines or {}
    problems = [
        _problem(_place_of(file, key, lines), key, wrong) for key, wrong in _mistakes(document)
    ]
    if problems:
        raise ImportRefusedError(*problems)
    booleans, amount = document.get("booleans", {}), document.get("amount", {})
    return FileMapping(
        file=file,
        lines=lines,
        columns=dict(document.get("columns", {})),
        constants={name: _text(value) for name, value in document.get("constants", {}).items()},
        key=tuple(document.get("key", ())),
        keep=tuple(document.get("keep", ())),
        dates={
            name: _order(value)
            for name, value in _dates(document).items()
            if _order(value) is not None
        },
        serials=_serials(document),
        exclusive=document.get("dates", {}).get("exclusive", False),
        decimal=amount.get("decimal"),
        multiple=amount.get("multiply"),
        true=frozenset(narrow(word).strip().lower() for word in booleans.get("true", ())),
        false=frozenset(narrow(word).strip().lower() for word in booleans.get("false", ())),
        terms=dict(document.get("terms", {})),
        units=dict(document.get("units", {})),
        stages={name: _place(value) for name, value in document.get("stages", {}).items()},
        **{name: document[name] for name in _PLAIN if name in document},
    )


def _place_of(file: str, key: str, lines: Mapping[str, int]) -> str:
    """The file, with the line on which a key (or the table it belongs to) stands."""
    while key and key not in lines:
        key = key.rpartition(".")[0]
    return f"{file}:{lines[key]}" if key else file


def _problem(file: str, key: str, wrong: Label) -> RecordProblem:
    """One mistake in a mapping file."""
    return RecordProblem("mapping", (("file", file), ("key", key), ("wrong", wrong)))


Mistake = tuple[str, Label]
"""The key, what is wrong."""


def _mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Everything that is wrong with a document."""
    yield from _unknown("", document, _KEYS)
    for name in ("profile", "source", "encoding", "delimiter", "sheet"):
        if not isinstance(document.get(name, ""), str):
            yield (name, Label("write a text"))
    for name in _TABLES:
        if not isinstance(document.get(name, {}), dict):
            yield (name, Label("make it a table, [{name}]", name=name))
    if any(not isinstance(document.get(name, {}), dict) for name in _TABLES):
        return
    yield from _wrong_lists(document)
    yield from _wrong_words(document)
    yield from _wrong_fields(document)
    yield from _wrong_values(document)
    yield from _wrong_units(document)
    for name, value in document.get("stages", {}).items():
        yield from _wrong_place(name, value)


def _unknown(table: str, given: Mapping[str, Any], allowed: tuple[str, ...]) -> Iterator[Mistake]:
    """Keys that mean nothing, with what was probably meant."""
    for name in given:
        if name not in allowed:
            near = get_close_matches(name, allowed, n=1)
            if near:
                yield f"{table}{name}", Label("unknown; did you mean {close}?", close=near[0])
            else:
                listed = ", ".join(allowed)
                yield f"{table}{name}", Label("unknown (there are: {listed})", listed=listed)


def _wrong_lists(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Lists of column names."""
    for name in ("key", "keep"):
        value = document.get(name, [])
        if not isinstance(value, list) or not all(isinstance(column, str) for column in value):
            yield (name, Label('write a list of column names, e.g. ["contract_number"]'))
        elif len({plain(column) for column in value}) < len(value):
            yield (name, Label("a column is there twice"))


def _wrong_words(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Values out of a closed set."""
    for name, allowed in (("duplicates", DUPLICATES), ("no_end", NO_END)):
        if name in document and document[name] not in allowed:
            listed = ", ".join(f'"{word}"' for word in allowed if word)
            yield (name, Label("write one of {listed}", listed=listed))
    encoding = document.get("encoding")
    if isinstance(encoding, str) and not readable(encoding):
        yield (
            "encoding",
            Label("no encoding is called {encoding}; write e.g. utf-8 or cp932", encoding=encoding),
        )
    delimiter = document.get("delimiter")
    if isinstance(delimiter, str) and (
        len(delimiter) != 1 or delimiter.isalnum() or delimiter in '"\r\n'
    ):
        yield ("delimiter", Label('write one character, e.g. "," or "\\t"'))
    if type(document.get("skip", 0)) is not int or not 0 <= document.get("skip", 0) <= MOST_SKIPPED:
        yield (
            "skip",
            Label(
                "write how many lines stand before the header, 0 to {most_skipped}",
                most_skipped=MOST_SKIPPED,
            ),
        )


def _wrong_fields(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Columns and constants for fields that there are not."""
    for table in ("columns", "constants"):
        yield from _unknown(f"{table}.", document.get(table, {}), tuple(FIELDS))
    for name, column in document.get("columns", {}).items():
        if not isinstance(column, str):
            yield (f"columns.{name}", Label("write the column's name as a text"))
    for name, value in document.get("constants", {}).items():
        if isinstance(value, (dict, list)):
            yield (f"constants.{name}", Label("write one value"))
        elif name in document.get("columns", {}):
            yield (f"constants.{name}", Label("[columns] has it too; keep one of both"))
        elif name == "contract":
            yield (
                "constants.contract",
                Label("every row would have the same number; name its column under [columns]"),
            )


def _wrong_values(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Dates, amounts, booleans and terms."""
    for name, order in _dates(document).items():
        if order != SERIAL and _order(order) is None:
            yield (
                f"dates.{name}",
                Label("{order} is not an order of dates; write e.g. DD/MM/YYYY", order=order),
            )
    yield from _unknown("dates.", document.get("dates", {}), ("format", "exclusive", *DATE_FIELDS))
    if not isinstance(document.get("dates", {}).get("exclusive", False), bool):
        yield ("dates.exclusive", Label("write true (ends name the first day after) or false"))
    amount, booleans = document.get("amount", {}), document.get("booleans", {})
    yield from _unknown("amount.", amount, ("decimal", "multiply"))
    if amount.get("decimal", ".") not in (".", ","):
        yield ("amount.decimal", Label('write "." or ","'))
    if type(amount.get("multiply", 1)) is not int or amount.get("multiply", 1) < 1:
        yield ("amount.multiply", Label("write a whole number of at least 1"))
    yield from _unknown("booleans.", booleans, ("true", "false"))
    for name, words in booleans.items():
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            yield (f"booleans.{name}", Label('write a list of words, e.g. ["Yes"]'))
    both = {narrow(w).strip().lower() for w in _words(booleans, "true")} & {
        narrow(w).strip().lower() for w in _words(booleans, "false")
    }
    for word in sorted(both):
        yield ("booleans.false", Label("{word} stands under true as well", word=word))
    for name, length in document.get("terms", {}).items():
        if not _is_term(length):
            yield (
                f"terms.{name}",
                Label('{length} is not a length of time; write e.g. "12 months"', length=length),
            )


def _wrong_units(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """What numbers in columns of lengths of time count."""
    units, allowed = document.get("units", {}), ", ".join(f'"{unit}"' for unit in UNITS)
    yield from _unknown("units.", units, tuple(MOST_MONTHS))
    for name, unit in units.items():
        if unit not in UNITS:
            yield (f"units.{name}", Label("write one of {allowed}", allowed=allowed))


def _words(booleans: Mapping[str, Any], name: str) -> list[str]:
    """The words of a list, as far as it is one."""
    value = booleans.get(name, [])
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []


def _is_term(value: Any) -> bool:
    """Whether it is written like a length of time."""
    try:
        Term.parse(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def _wrong_place(name: str, value: Any) -> Iterator[Mistake]:
    """One line of `[stages]`."""
    if isinstance(value, dict):
        yield from _unknown(
            f"stages.{name}.", value, ("to", "after", "without_contract", "close_date")
        )
        if value.get("close_date", "start") not in ("start", "end"):
            yield (f"stages.{name}.close_date", Label('write "start" or "end"'))
    if not isinstance(value, str) and not (
        isinstance(value, dict)
        and value.get("to")
        and all(isinstance(v, str) for v in value.values())
    ):
        yield (
            f"stages.{name}",
            Label(
                'write e.g. "existing/stable" or { to = "new_business/lost", after = '
                '"value_agreed" }'
            ),
        )


def _dates(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The declared orders; `format` is for every field that has none of its own."""
    return {name: value for name, value in document.get("dates", {}).items() if name != "exclusive"}


def _serials(document: Mapping[str, Any]) -> frozenset[str]:
    """The fields whose dates may be Excel's numbers."""
    said = {name for name, value in _dates(document).items() if value == SERIAL}
    return (
        frozenset(DATE_FIELDS) - set(_dates(document)) | (said - {"format"})
        if "format" in said
        else frozenset(said)
    )


def _order(text: Any) -> Any:
    """`DD/MM/YYYY` and the like as an order; None for anything else. Only the order of the letters
    counts."""
    letters = "".join(dict.fromkeys(c for c in str(text).upper() if c in "YMD"))
    return {"DMY": DateOrder.DMY, "MDY": DateOrder.MDY, "YMD": DateOrder.YMD}.get(letters)


def _place(value: Any) -> StagePlace:
    """A line of `[stages]` as a value."""
    return StagePlace(value) if isinstance(value, str) else StagePlace(**value)


def _text(value: Any) -> str:
    """A constant as a cell would hold it."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)

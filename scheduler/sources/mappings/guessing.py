"""A stranger's file: which of its columns is which of our fields, guessed from the header and from
what the columns hold, for somebody to confirm.

Always holds: nothing comes in by a guess. It is shown with three values of each column and written
as a mapping file, which then says how the file is read; whatever is wrong in it is seen there and
in the dry run.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from scheduler.core.imports.fields import DATE_FIELDS, MONEY_FIELDS
from scheduler.core.imports.header_units import header_currency, header_length, header_unit
from scheduler.core.imports.names import plain
from scheduler.core.imports.texts import FieldError, RecordProblem, Reject
from scheduler.core.imports.typed import FALSE, MOST_MONTHS, TRUE, NotReadError, length
from scheduler.core.imports.written_amounts import AmountError, names_currency
from scheduler.core.imports.written_amounts import readings as amounts
from scheduler.core.imports.written_days import DateOrder, narrow
from scheduler.core.imports.written_days import readings as days
from scheduler.core.imports.written_periods import halves, is_endless
from scheduler.core.words.labels import Label
from scheduler.sources.cells.amount_column import is_nothing
from scheduler.sources.cells.cell_readers import read_id
from scheduler.sources.cells.date_order import DateColumn
from scheduler.sources.cells.length_columns import LengthColumn
from scheduler.sources.files.table import SourceTable
from scheduler.sources.kinds.profiles import CSV
from scheduler.sources.statuses import STATUSES

SAMPLED = 500
SHOWN = 3
_LEAST = 0.9
"""How much of both, words and contents (one each at most), a column must have to be proposed."""

_WORDS: Mapping[str, str] = {
    "ends_on": r"end|expir|until|valid ?to|terminat|renewal ?date|renews"
    r"|満了|終了|期限|まで|更新日|契約末|有効期限",
    "starts_on": r"start|begin|from|effective|commence|signed(?! (amount|value|for))"
    r"|開始|締結|契約日|から|利用開始|発効",
    "decide_by": r"notice (deadline|by|date)|cancel(lation)? (by|deadline)"
    r"|解約(通知)?期限|解約申出|通知期限",
    "closed_on": r"(closed|decided|decision|lost|won) ?(on|date)|決定日|失注日",
    "contract": r"contract ?(no|num|id|#|ref)|agreement ?(no|id)|subscription ?id"
    r"|\bref(erence)?\b|^id$|^no\.?$"
    r"|契約(番号|no|id|コード)|管理番号|番号$",
    "customer": r"customer(?! ?(id|no|num|code))|client(?! ?(id|no|code))|company"
    r"|account(?! ?(id|no|owner|manager))|supplier|organi[sz]ation|tenant"
    r"|会社|顧客(?!番号|コード|id)|取引先(?!コード|番号)|得意先(?!コード)|お客様|企業|法人名|契約先|契約者",
    "customer_id": r"(customer|client|account) ?(id|no|num|code)"
    r"|(顧客|取引先|得意先)(番号|コード|id)",
    "product": r"product|plan|service|package|tier|licen[cs]e"
    r"|製品|商品|プラン|サービス|品名|ライセンス",
    "amount": r"amount|value|price|fee|\barr\b|\bacv\b|\bmrr\b|revenue|total|cost"
    r"|金額|料金|年額|月額|価格|売上|費用|単価",
    "signed_amount": r"signed (amount|value|for)|amount signed|renewed (amount|value|price)"
    r"|更新後?の?金額|受注金額|成約金額",
    "currency": r"currency|^ccy$|通貨",
    "owner": r"owner|csm|account manager|success|responsible|assigned|\brep\b"
    r"|(?<![ご御])(?<!先方)(?<!客先)(?<!顧客)(?<!お客様)(?<!貴社)担当|責任者",
    "auto_renew": r"auto|evergreen|自動",
    "notice": r"notice(?! (deadline|by|date))|予告",
    "term": r"\bterm\b(?!inat)|duration|length|period(?! ?(start|end))|期間(?!の)",
    "title": r"title|subject|description|contract name|件名|契約名|案件|概要",
    "stage": r"\bstatus\b|ステータス|ステージ|契約状[況態]|^状[況態]$",
    "country": r"country|国$",
    "segment": r"segment|industry|業種|区分|セグメント",
}


@dataclass(frozen=True, slots=True)
class Guess:
    """One column that was taken for one of our fields, with a few of its values."""

    field: str
    column: str
    values: tuple[str, ...]


def guess(table: SourceTable) -> list[Guess]:
    """The columns that fill our fields, the surest first; each column and each field at most
    once."""
    header = table.header
    rows = _sample(table)
    columns = [_filled(rows, n) for n in range(len(header))]
    scored = sorted(
        (
            (_score(field, header[n], columns[n], len(rows)), -n, field)
            for n in range(len(header))
            for field in _WORDS
            if header[n]
        ),
        reverse=True,
    )
    taken: dict[str, int] = {}
    for score, minus, field in scored:
        if score >= _LEAST and field not in taken and -minus not in taken.values():
            taken[field] = -minus
    money = [taken[field] for field in MONEY_FIELDS if field in taken]
    shown = _sample(table.with_signs(money))
    columns = [_filled(shown if n in money else rows, n) for n in range(len(header))]
    return [Guess(f, header[n], tuple(dict.fromkeys(columns[n]))[:SHOWN]) for f, n in taken.items()]


def _sample(table: SourceTable) -> list[list[str]]:
    """The cells of the first rows."""
    rows = (row[1] for row in table.records() if not isinstance(row, Reject))
    return list(islice(rows, SAMPLED))


def _filled(rows: Iterable[Sequence[str]], place: int) -> list[str]:
    """The cells of a column that say anything."""
    return [cell for row in rows if (cell := row[place].strip())]


def _score(field: str, name: str, cells: Sequence[str], rows: int) -> float:
    """How sure it is that a column is a field: by the words of its name and by what it holds."""
    words = _words(field, name)
    holds = _HOLDS.get(field)
    if holds is None:
        return words if cells or words >= 1 else 0.0
    fits = sum(map(holds, cells)) / len(cells) if cells else 0.5
    if field == "stage" and fits:
        fits = 1.0  # one word that is known tells what the column is about
    if fits < 0.5 or (not words and field not in _TELLING):
        return 0.0
    unique = len(set(cells)) / max(1, rows) if field == "contract" else 1.0
    return words + fits * unique * 0.9


_TELLING = frozenset({"currency"})
"""Fields that are known by what they hold alone."""


def _words(field: str, name: str) -> float:
    """1 where a name is one that is known, less where it only has a word of the field."""
    written = narrow(name).strip().lower().replace("_", " ").replace("-", " ")
    if plain(name) in CSV.headers.get(field, ()):
        return 1.1
    found = re.search(_WORDS[field], written)
    if found is None:
        return 0.0
    least = 0.6 if field != "amount" or not says_month(name) else 0.4  # a year's comes first
    return least + 0.4 * len(found[0]) / max(1, len(written))


def says_month(name: str) -> bool:
    """Whether a column of amounts holds those of a month, by its name.

    >>> [says_month(c) for c in ("月額(千円)", "MRR", "Monthly fee", "price / mo", "年額", "ARR")]
    [True, True, True, True, False, False]
    """
    return _MONTHLY.search(narrow(name).lower().replace("_", " ")) is not None


_MONTHLY = re.compile(r"月額|月次|月間|毎月|\bmonthly\b|\bmrr\b|(/|\bper ?)\s?mo(nth)?\b")
_WITH_CENTS = "EUR"
"""A currency in which 12,5 is an amount; which one it is, is not asked here."""


def _is_day(text: str) -> bool:
    return bool(days(text)) or is_endless(text) or re.fullmatch(r"[3-6]\d{4}", text) is not None


def _is_amount(text: str) -> bool:
    try:
        return is_nothing(text) or bool(amounts(text, default=_WITH_CENTS))
    except AmountError as error:
        return error.code == "money_negative"


def _is_length(text: str) -> bool:
    try:
        length(text, "notice", "days")
    except NotReadError:
        return False
    return True


def _is_term(text: str) -> bool:
    return _is_length(text) or is_endless(text) or any(map(days, halves(text) or ()))


def _is_id(text: str) -> bool:
    try:
        return len(read_id(text)) <= 40 and not _is_dotted_day(text)
    except FieldError:
        return False


def _is_dotted_day(text: str) -> bool:
    return not text.isdigit() and bool(days(text))


def _is_word(text: str) -> bool:
    return not _is_dotted_day(text) and not re.fullmatch(r"[\d.,\s]+", text)


_HOLDS: Mapping[str, Callable[[str], bool]] = {
    "ends_on": _is_day,
    "starts_on": _is_day,
    "decide_by": _is_day,
    "closed_on": _is_day,
    "amount": _is_amount,
    "signed_amount": _is_amount,
    "term": _is_term,
    "notice": _is_length,
    "contract": _is_id,
    "customer": _is_word,
    "product": _is_word,
    "owner": _is_word,
    "title": _is_word,
    "currency": lambda text: re.fullmatch(r"[A-Z]{3}|[¥€£$円]", text) is not None,
    "auto_renew": lambda text: narrow(text).lower() in TRUE | FALSE,
    "stage": lambda text: plain(text) in STATUSES,
}


def as_mapping(file: str, guessed: Iterable[Guess], table: SourceTable) -> str:
    """The guess as a mapping file. Without a column of numbers, the columns that tell the rows
    apart make the key."""
    found = list(guessed)
    lines = [f"# {file}", ""]
    if not any(g.field == "contract" for g in found):
        key = ", ".join(
            _quoted(g.column)
            for g in found
            if g.field in ("customer", "product", "title", "starts_on")
        )
        lines += [
            "# no column of contract numbers was found: these columns tell the rows apart",
            f"key = [{key}]",
            "",
        ]
    lines += _constants(found)
    lines += [
        "[columns]",
        *(f"{g.field} = {_quoted(g.column)}  # {_comment(g.values)}" for g in found),
        "",
    ]
    lines += _amounts(found)
    lines += _dates(found, table)
    lines += _statuses(found, table)
    if units := counted(found, table):
        lines += ["[units]", *(f'{g.field} = "days"  # {_comment(g.values)}' for g in units), ""]
    return "\n".join([*lines, *(f"# not read: {name}" for name in unread(found, table))]) + "\n"


def _statuses(found: Sequence[Guess], table: SourceTable) -> list[str]:
    """The words of a column of statuses: what is known of each, and a line to fill in for the
    others, which refuse the file until they have a place."""
    place = next((table.header.index(g.column) for g in found if g.field == "stage"), None)
    if place is None:
        return []
    rows = (row[1][place].strip() for row in table.records() if not isinstance(row, Reject))
    words = dict.fromkeys(word for word in rows if word)
    return ["[stages]", *(_status(word) for word in words), ""]


def _status(word: str) -> str:
    """One line of `[stages]`."""
    place = STATUSES.get(plain(word))
    if place is None:
        return (
            f'# {_quoted(" ".join(word.split()))} = "existing"  # runs; or "existing/lost", "skip"'
        )
    said = "skip" if place.skip else "existing" + (f"/{place.stage}" if place.stage else "")
    return f'# {_quoted(" ".join(word.split()))} = "{said}"  # known'


def counted(found: Iterable[Guess], table: SourceTable) -> list[Guess]:
    """The columns of lengths of time that do not say their unit and whose numbers are taken for
    days, because nobody gives notice so many months ahead."""
    columns = {
        table.header.index(g.column): (g, LengthColumn(g.column, g.field))
        for g in found
        if g.field in MOST_MONTHS and not header_length(g.column)
    }
    for row in table.records() if columns else ():
        if not isinstance(row, Reject):
            for place, (_, column) in columns.items():
                column.read(row[1][place])
    return [g for g, column in columns.values() if column.is_open]


def unread(found: Iterable[Guess], table: SourceTable) -> list[str]:
    """The columns that no field was taken for."""
    used = {g.column for g in found}
    return [name for name in table.header if name and name not in used]


def _constants(found: Sequence[Guess]) -> list[str]:
    """The currency that the name of the column of amounts says, or a reminder of it; nothing where
    a column of its own says it."""
    if any(g.field == "currency" for g in found):
        return []
    column, values = next(((g.column, g.values) for g in found if g.field == "amount"), ("", ()))
    currency = header_currency(column, "USD")
    if currency:
        said = f'currency = "{currency}"  # as the column\'s name says'
    elif any(map(names_currency, values)):
        said = "# currency: as it stands beside each amount; else base_currency counts"
    else:
        said = '# currency = "EUR"  # of every amount; else base_currency counts'
    return ["[constants]", said, ""]


def _amounts(found: Sequence[Guess]) -> list[str]:
    """What the amounts are multiplied by, where the name of their column says a unit or a month."""
    times, why = multiplied(found)
    return [] if times == 1 else ["[amount]", f"multiply = {times}  # {why.en}", ""]


def multiplied(found: Sequence[Guess]) -> tuple[int, Label]:
    """By how much amounts are multiplied under the guess, and why."""
    name = next((g.column for g in found if g.field == "amount"), "")
    if says_month(name):
        why = Label("monthly amounts made yearly, as the column's name says")
        return 12 * header_unit(name), why
    return header_unit(name), Label("as the column's name says")


def _dates(found: Sequence[Guess], table: SourceTable) -> list[str]:
    """The lines of `[dates]`: the order that one column settles, where another leaves it open."""
    dated = {g.field: table.header.index(g.column) for g in found if g.field in DATE_FIELDS}
    columns = {field: DateColumn(field, field) for field in dated}
    for row in table.records():
        if not isinstance(row, Reject):
            for field, place in dated.items():
                columns[field].read(row[1][place].strip())
    orders = [column.order("") for column in columns.values()]
    settled = {order for order in orders if isinstance(order, DateOrder)}
    open_ones = any(isinstance(order, RecordProblem) for order in orders)
    return (
        ["[dates]", f'format = "{next(iter(settled))}"  # settled by another column', ""]
        if open_ones and len(settled) == 1
        else []
    )


def _quoted(text: str) -> str:
    """A TOML text."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _comment(values: Sequence[str]) -> str:
    """A few values in one line."""
    return " | ".join(" ".join(v.split())[:40] for v in values)


def says_enough(guessed: Iterable[Guess]) -> bool:
    """Whether a guess is enough to bring contracts in: who the customer is, and when the contract
    ends."""
    fields = {g.field for g in guessed}
    return "customer" in fields and bool(fields & {"ends_on", "term"})

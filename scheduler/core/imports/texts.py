"""Problems with a file, or with one of its rows, that cannot be read: a `Problem` is a code with
its facts, worded in the reader's language.

Always holds: every code has a text in both languages; the facts it names are given when the problem
is created.
"""

from dataclasses import dataclass

from scheduler.core.words.labels import ByLanguage, Label, in_words
from scheduler.core.words.lexicon import Language
from scheduler.core.words.problems import Problem

TEXTS = {
    # the file
    "missing_file": Label("{file}: there is no such file; check the path"),
    "directory": Label("{file} is a folder; name a CSV file"),
    "unreadable": Label("{file} cannot be read ({why}); check its permissions"),
    "empty_file": Label("{file} is empty; it needs a header line and at least one row"),
    "header_only": Label("{file} has a header line but no rows"),
    "workbook": Label("{file} looks like a workbook but cannot be read"),
    "old_workbook": Label(
        "{file} is a workbook of an old kind (.xls) or locked with a password; save it as "
        ".xlsx without one"
    ),
    "workbook_locked": Label("{file} is locked with a password; save it without one"),
    "workbook_size": Label(
        "{file} is too large (over 4 GB unpacked, or only repetitions); save it as CSV"
    ),
    "workbook_sparse": Label(
        "{file}: a sheet has a cell far beyond its last row or column; delete what stands there, "
        "or save the sheet as CSV"
    ),
    "no_workbook": Label(
        "{file} is a ZIP archive but neither .xlsx nor .ods; take the file out of it"
    ),
    "no_sheet": Label("{file} has no sheet {sheet} (there are: {found})"),
    "which_sheet": Label('{file} has several sheets ({found}); choose one: --sheet "{example}"'),
    "merged_heading": Label(
        "{file} [{sheet}]: cells of the heading are merged ({cell}); undo the merge and give "
        "each column its name"
    ),
    "unmarked_utf16": Label(
        "{file}: it looks like UTF-16 that does not say so; save it as CSV UTF-8, or say "
        "--encoding {encoding}"
    ),
    "nul": Label("{file}: NUL byte (0x00) on line {line}; the file is damaged or is not CSV"),
    "erased_column": Label(
        "{file}: the column for {field} is empty in every row and would erase {count} values; "
        "export it again, or add --erase if that is what you want"
    ),
    "gone_most": Label(
        "{file}: {missing} of {all} open contracts are not in it; --gone close is only for a "
        "complete export (for a partial one: --gone keep)"
    ),
    "which_kind": Label(
        "{file}: the columns ({found}) could be those of people or of contracts; add --people or "
        "--contracts"
    ),
    "damaged": Label("{file} is damaged ({why}); export it again"),
    "no_regular_file": Label("{file} is not a regular file; save it to a file first"),
    "encoding": Label(
        "{file} is not UTF-8 (line {utf8}), and its encoding is not clear. Choose the one below "
        "that reads correctly and give it with --encoding or as encoding in a mapping file, or "
        "save the file as CSV UTF-8. The same cells read as\n{shown}"
    ),
    "broken_utf8": Label(
        "{file} looks like UTF-8, but line {utf8} has a broken character. Correct it, or name "
        "another encoding with --encoding. The same cells read as\n{shown}"
    ),
    "declared_encoding": Label(
        "{file}: line {line} is not {encoding}; correct --encoding, or encoding in the mapping file"
    ),
    "marked_encoding": Label(
        "{file} is declared as {encoding}, but line {line} is not; save it again as CSV UTF-8"
    ),
    "unclosed_quote": Label(
        "{file}: a quotation mark in the row that begins on line {line} is never closed; correct it"
    ),
    "long_cell": Label(
        "{file}: a cell in the row that begins on line {line} is longer than {letters} "
        "characters; shorten it, or close its quotation mark"
    ),
    "no_header": Label(
        "{file}: the header was not recognised. Found: {found}. Needed: {expected}. If your "
        "columns have other names: --guess writes a mapping file"
    ),
    "missing_columns": Label("{file}: columns are missing: {missing}. Found: {found}"),
    "repeated_column": Label("{file}: column {column} occurs twice; rename one of them"),
    "two_columns": Label(
        "{file}: {first} and {second} both stand for {field}; choose one in a mapping file"
    ),
    "ambiguous_dates": Label(
        "{file}: the dates of column {column} can be read in two ways "
        '("{example}" may be {first} or {second}); declare the order in a mapping file (--map): '
        '[dates] {field} = "{write}" or "{other}"'
    ),
    "mixed_dates": Label(
        "{file}: column {column} mixes date orders ({first} and {second}); make them the same or "
        "declare one under [dates]"
    ),
    "ambiguous_amounts": Label(
        "{file}: the amounts of column {column} can be read in two "
        'ways ("{example}" may be {point} or {comma}); declare the '
        "decimal mark in a mapping file (--map): [amount] decimal = "
        '"." or ","'
    ),
    "mixed_amounts": Label(
        '{file}: column {column} mixes decimal marks ("{first}" and "{second}"); make them the '
        "same or declare decimal under [amount]"
    ),
    "ambiguous_lengths": Label(
        '{file}: column {column} does not say its unit ("{example}" may be {number} days or '
        '{number} months); call it "{column} (days)" or declare it in a mapping file (--map): '
        '[units] {field} = "days" or "months"'
    ),
    "unmapped_stages": Label(
        "{file}: stages without a place: {stages}. Write each into "
        '[stages] of a mapping file, e.g. "{example}" = "{target}" '
        "(there are: {allowed})"
    ),
    # a row
    "columns": Label(
        "{got} columns where the header has {expected}; check commas and quotation marks"
    ),
    "quotes": Label(
        "the quotation marks are not valid CSV; write each quotation mark within a cell twice"
    ),
    "required": Label("is empty but required"),
    "too_long": Label("too long for a number or a name; write at most {most} characters"),
    "date": Label("not a date; write e.g. 2026-11-23"),
    "date_month": Label("the day is missing; write e.g. 2027-03-31"),
    "end_word": Label(
        "not a date; write e.g. 2027-03-31, “no end” if there is none on purpose, or leave it empty"
    ),
    "date_order": Label("not a date in this column's order ({order})"),
    "date_range": Label("not a date that exists"),
    "date_far": Label(
        "the year is outside {first} to {last}; correct it, or leave it empty where there is no end"
    ),
    "excel_date": Label("an Excel serial number; format the column as dates and save again"),
    "money": Label("not an amount; write e.g. 1200000"),
    "money_negative": Label("an amount cannot be negative"),
    "money_about": Label("not an exact amount; write the amount alone, e.g. 1200000"),
    "money_monthly": Label(
        "an amount per month; write that of the whole term, e.g. 1200000 for 100000 a month over "
        "12 months"
    ),
    "money_decimals": Label("{currency} has {digits} decimal places"),
    "money_separators": Label(
        "cannot tell the decimal mark from the thousands separator; declare decimal under "
        "[amount] in a mapping file"
    ),
    "money_currency": Label("the sign {symbol} does not agree with the currency {currency}"),
    "money_size": Label("the amount is too large"),
    "number": Label("not a number; write e.g. 42 or 3.5"),
    "number_finite": Label("not a finite number; leave it empty where nothing was measured"),
    "number_size": Label("too large (at most {most}); check the column and its unit"),
    "number_negative": Label("{name} cannot be negative; correct it, or leave the row out"),
    "number_range": Label("{name} must be between {least} and {most}; correct it"),
    "signal_name": Label(
        "not a name for a measurement; write e.g. logins (at most {most} characters)"
    ),
    "signal_future": Label("is in the future; import it once it has happened, or correct the date"),
    "signal_far": Label("is before {first}; check the year"),
    "received_first": Label("was received before it was measured; correct one of the two dates"),
    "no_subject": Label("names neither a contract nor a customer"),
    "mangled_id": Label(
        "a number that a spreadsheet has shortened; format the column as text and export it again"
    ),
    "error_value": Label("a spreadsheet error instead of a value"),
    "pipeline": Label("not one of our pipelines (there are: {allowed})"),
    "pipeline_stage": Label("the stage {stage} belongs to {pipeline}"),
    "currency": Label("not a currency code; write e.g. JPY or USD"),
    "boolean": Label("neither yes nor no; write e.g. true or false"),
    "term": Label('not a length of time; write e.g. "12 months" or "90 days"'),
    "period": Label('not a period; write e.g. "2026-04-01 – 2027-03-31" or "12 months"'),
    "period_differs": Label("says another day than the row's own column ({day}); correct one"),
    "term_month_end": Label(
        "names a day, not a length of time; write the day as the notice deadline, or a length, "
        'e.g. "2 months"'
    ),
    "term_either": Label("may be {number} days or {number} months; write the unit"),
    "total": Label("a total"),
    "no_contract": Label("has no dates; treated as a note or a total"),
    "term_zero": Label("a contract's term cannot be zero"),
    "health": Label("not a health state; write stable, at_risk, critical or unknown"),
    "role": Label("not a role; write rep, manager, sales or admin"),
    "language": Label("not a language; write ja or en"),
    "zone": Label("not a time zone; write e.g. Asia/Tokyo"),
    "hours": Label("not working hours; write e.g. 09:00-18:00"),
    "slack_id": Label("not a Slack member id; write e.g. U012ABCDEF"),
    "calendar": Label("not a calendar in the configuration (there are: {allowed})"),
    "person_twice": Label("the same person is already on line {first}"),
    "email": Label("not an e-mail address"),
    "ends_first": Label("ends before it starts ({starts_on})"),
    "decides_late": Label("the notice deadline is after the end ({ends_on})"),
    "two_sources": Label("several sources have this contract ({sources}); name one with --source"),
    "duplicate": Label("the same contract is on line {first} too"),
    "two_people": Label("several people have this name; write the e-mail address"),
    "no_manager": Label("this manager is not known; add a row for that person"),
    "own_manager": Label("people cannot be their own manager"),
    "manager_circle": Label("these managers report to each other in a circle"),
}


FIELD_LABELS = {
    "contract": Label("contract"),
    "customer": Label("customer"),
    "number": Label("contract"),
    "product": Label("product"),
    "starts_on": Label("start"),
    "ends_on": Label("end"),
    "estimated": Label("estimated"),
    "term": Label("term"),
    "notice": Label("notice"),
    "renewal_term": Label("renewal term"),
    "renewal_notice": Label("renewal notice"),
    "decide_by": Label("notice deadline"),
    "auto_renew": Label("auto-renewal"),
    "amount": Label("amount"),
    "signed_amount": Label("signed amount"),
    "note": Label("reason for the loss"),
    "currency": Label("currency"),
    "owner": Label("owner"),
    "sales": Label("sales person"),
    "segment": Label("segment"),
    "evergreen": Label("without an end"),
    "expected_on": Label("expected"),
    "stage": Label("stage"),
    "health": Label("health"),
    "name": Label("name"),
    "merged": Label("merged"),
    "email": Label("e-mail"),
    "slack": Label("Slack id"),
    "role": Label("role"),
    "manager": Label("manager"),
    "zone": Label("time zone"),
    "calendar": Label("calendar"),
    "language": Label("language"),
    "hours": Label("hours"),
    "active": Label("active"),
    "team": Label("team"),
}
"""What the fields of a report are called (`ImportReport.moved`)."""


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """One thing that is wrong: a code of `TEXTS` and the facts its text names."""

    code: str
    facts: tuple[tuple[str, str | Label], ...] = ()

    @classmethod
    def of(cls, code: str, **facts: object) -> "RecordProblem":
        """A problem with its facts as texts. Raises KeyError on a code that has no words."""
        if code not in TEXTS:
            raise KeyError(code)
        return cls(
            code,
            tuple((n, v if isinstance(v, Label) else str(v)) for n, v in facts.items()),
        )

    @property
    def said(self) -> Label:
        """The problem, not yet in a language."""
        return Label.verbatim(ByLanguage(self.shown))

    def shown(self, language: Language) -> str:
        """The problem as a sentence.

        >>> RecordProblem.of("money_decimals", currency="JPY", digits=0).shown(Language.EN)
        'JPY has 0 decimal places'
        """
        facts = {name: in_words(fact, language) for name, fact in self.facts}
        return TEXTS[self.code].of(language).format_map(facts)


class ImportRefusedError(Exception):
    """The file or the mapping file cannot be used at all; nothing was written. `problems` are all
    of them at once, those of a mapping file with their lines."""

    def __init__(self, *problems: RecordProblem | Problem) -> None:
        super().__init__("\n".join(p.shown(Language.EN) for p in problems))
        self.problems = problems


class FieldError(Exception):
    """One field of one row cannot be read; that row is rejected, the others are imported."""

    def __init__(self, code: str, field: str = "", **facts: object) -> None:
        super().__init__(code)
        self.problem = RecordProblem.of(code, **facts)
        self.field = field


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected row: its physical line (where the record begins, from 1), the column, the value as
    written, and why.

    `source_id` is its contract's, where it could be read: a contract whose row is rejected is not
    missing from the file.
    """

    line: int
    column: str
    value: str
    problem: RecordProblem
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that is skipped on purpose: its stage says so (`skip`), another row of its contract
    counts, or it is no contract (a sum)."""

    line: int
    source_id: str = ""

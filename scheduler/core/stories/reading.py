"""Reads the text of a story into values, or finds every mistake in it with its line and what to
write instead (docs/stories.md).

Always holds: nothing is guessed and nothing unknown is ignored; a story that was read can be run.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from scheduler.core.config.places import located
from scheduler.core.config.toml.lines import key_lines
from scheduler.core.config.toml.syntax import NotToml, read_toml
from scheduler.core.imports.fields import FIELDS
from scheduler.core.imports.names import number_key
from scheduler.core.stories.fields import TABLE, TEXT, Fields, Place, Problems, cell
from scheduler.core.stories.replies import replies
from scheduler.core.stories.story import (
    ADMIN,
    CAST,
    CONTRACT,
    FALLBACK,
    Away,
    ExpectedTelling,
    Row,
    Story,
    StoryDay,
)
from scheduler.core.time.dates import Term, add_days, add_months
from scheduler.core.words.labels import Label
from scheduler.core.words.problems import Problem

COLUMNS = tuple(name for name in FIELDS if name != "estimated")
"""What a row of a file of contracts may say."""
PEOPLE = "email role manager zone calendar language hours active team slack_id".split()
"""What a row of a file of people may say besides the name."""
FACTS = (
    "stage health starts_on ends_on decide_by term notice amount currency owner auto_renew "
    "evergreen paperwork call expected_on notice_on terms open"
).split()
"""What may be said of a contract at the end of a day."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_STEP = re.compile(r"\+(\d+)")
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})")
_SPAN_WORD = Label('a span of days, e.g. "2026-12-28..2027-01-15"')
_TOLD_WORD = Label('who and what, e.g. "Ann renewal_3m +1"')


def read_story(text: str, file: str) -> Story | list[Problem]:
    """The story, or all its problems in the order of the file."""
    raw = read_toml(text)
    if isinstance(raw, NotToml):
        return [Problem(file, raw.line, "", raw.text)]
    lines = key_lines(text.replace("\r\n", "\n"))
    problems = Problems()
    story = _Reader(file, raw, lines, problems).story()
    if not problems.found:
        return story
    return located(problems.found, text, file)


@dataclass
class _Reader:
    """Reads one story."""

    file: str
    raw: dict[str, Any]
    lines: Mapping[Place, int]
    problems: Problems

    def story(self) -> Story:
        """Everything the file says."""
        top = Fields(self.raw, (), self.problems)
        title, contracts = top.text("title") or self.file, self._contracts(top)
        self._numbers = {number_key(row["contract"]): row["contract"] for row in contracts}
        away = list(self._absences(top))
        people = self._people(top)
        policy = self._table(top, "policy")
        complete = top.flag("complete", default=True)
        never = tuple(
            tuple(map(self._meant, text.split()))
            for place, text in top.many("never")
            if self._is_text(place, text)
        )
        at_most = self._at_most(top)
        begins, until = top.day("begins"), top.day("until")
        days = tuple(
            sorted(
                (self._day(key, top) for key in self.raw if _DAY.fullmatch(key)), key=lambda d: d.on
            )
        )
        top.done(("2027-01-31",))
        starts = [
            date.fromisoformat(row["starts_on"])
            for row in contracts
            if _DAY.fullmatch(row.get("starts_on", ""))
        ]
        named = [day.on for day in days]
        first = begins or min([*starts, *named], default=date(2026, 4, 1))
        last = (
            until
            or max([*named, *(d.quiet_until for d in days if d.quiet_until)], default=None)
            or _last_end(contracts, first)
        )
        if last < first:
            self.problems.add(
                ("until",),
                Label("{last} is before the story begins, {first}", last=last, first=first),
            )
        marks = {str(place[0]): line for place, line in self.lines.items() if len(place) == 1}
        return Story(
            self.file,
            title,
            tuple(contracts),
            first,
            last,
            tuple(people),
            tuple(away),
            policy or {},
            complete,
            never,
            at_most,
            days,
            marks,
        )

    def _meant(self, number: str) -> str:
        """A contract's number as the story's contracts have it, whatever its case and width."""
        return self._numbers.get(number_key(number), number)

    def _is_text(self, place: Place, value: Any) -> bool:
        if not isinstance(value, str):
            self.problems.expected(place, value, TEXT)
        return isinstance(value, str)

    def _table(self, fields: Fields, key: str) -> Mapping[str, Any] | None:
        """A table as it is written; None if it is missing."""
        value = fields.value(key)
        if value is None or isinstance(value, dict):
            return value
        self.problems.expected(fields.at(key), value, TABLE)
        return None

    def _contracts(self, top: Fields) -> list[Row]:
        """The contracts that exist when the story begins."""
        rows = [
            _begun(row)
            for row in (
                *self._rows(top, "contract", CONTRACT),
                *self._rows(top, "contracts", CONTRACT),
            )
        ]
        return rows or [dict(CONTRACT)]

    def _rows(self, fields: Fields, key: str, usual: Mapping[str, str]) -> list[Row]:
        """Rows of a file of contracts."""
        return [
            row
            for place, table in fields.many(key)
            if (row := self._row(table, place, COLUMNS, usual)) is not None
        ]

    def _row(
        self, table: Any, place: Place, columns: Sequence[str], usual: Mapping[str, str]
    ) -> Row | None:
        """One row: what is written, and defaults for the rest."""
        fields, row = Fields(table, place, self.problems), dict(usual)
        for column in columns:
            value = fields.value(column)
            text = cell(value)
            if value is not None and text is None:
                self.problems.expected(fields.at(column), value, TEXT)
            elif text is not None:
                row[column] = text
        fields.done()
        return row

    def _people(self, fields: Fields) -> list[Row]:
        """Rows of a file of people, by name; members of the cast get the cast's values."""
        table = self._table(fields, "people") or {}
        rows = []
        for name, value in table.items():
            known = (
                {k: v for k, v in value.items() if k not in ("away", "delegate")}
                if isinstance(value, dict)
                else value
            )
            row = self._row(
                known, (*fields.at("people"), name), PEOPLE, {"name": name, **CAST.get(name, {})}
            )
            rows += [row] if row is not None else []
        return rows

    def _absences(self, top: Fields) -> Iterator[Away]:
        """Absences that were recorded before the story begins."""
        for name, value in (self._table(top, "people") or {}).items():
            if not isinstance(value, dict) or "away" not in value:
                continue
            place = (*top.at("people"), name, "away")
            spans = value["away"] if isinstance(value["away"], list) else [value["away"]]
            for text in spans:
                span = _SPAN.fullmatch(text) if isinstance(text, str) else None
                if span is None:
                    self.problems.expected(place, text, _SPAN_WORD)
                    continue
                yield Away(
                    name,
                    date.fromisoformat(span[1]),
                    date.fromisoformat(span[2]),
                    value.get("delegate"),
                )

    def _at_most(self, top: Fields) -> dict[str, int]:
        """The most days on which somebody may be told something."""
        table = self._table(top, "at_most") or {}
        fields = Fields(table, top.at("at_most"), self.problems)
        return {name: number for name in table if (number := fields.number(name)) is not None}

    def _day(self, key: str, top: Fields) -> StoryDay:
        """One day."""
        place = top.at(key)
        fields = Fields(top.value(key), place, self.problems)
        try:
            on = date.fromisoformat(key)
        except ValueError:
            self.problems.add(place, Label("there is no day {key}", key=key))
            on = date.min
        told = None
        if "told" in fields:
            told = tuple(
                line
                for at, text in fields.many("told")
                if (line := self._told(at, text)) is not None
            )
        day = StoryDay(
            on,
            self.lines.get(place, 0),
            people=tuple(self._people_of_day(fields)),
            file=tuple(
                self._rows(
                    fields,
                    "file",
                    {"contract": CONTRACT["contract"], "customer": CONTRACT["customer"]},
                )
            ),
            away=tuple(self._away(fields, on)),
            policy=self._table(fields, "policy"),
            backfill=fields.flag("backfill", default=False),
            replies=tuple(replies(fields, self._meant, self.lines)),
            stopped_until=fields.day("stopped_until"),
            told=told,
            quiet_until=fields.day("quiet_until"),
            facts=self._facts(fields),
            next=self._next(fields),
            lines={
                str(at[1]): line for at, line in self.lines.items() if len(at) == 2 and at[0] == key
            },
        )
        fields.done()
        return day

    def _people_of_day(self, fields: Fields) -> Iterator[Row]:
        """Colleagues who change."""
        for name, value in (self._table(fields, "people") or {}).items():
            row = self._row(
                value, (*fields.at("people"), name), PEOPLE, {"name": name, **CAST.get(name, {})}
            )
            if row is not None:
                yield row

    def _away(self, fields: Fields, on: date) -> Iterator[Away]:
        """Absences that are recorded on this day."""
        for place, value in fields.many("away"):
            of = Fields(value, place, self.problems)
            who, first_on, last_on, delegate = (
                of.text("who"),
                of.day("from"),
                of.day("until"),
                of.text("delegate"),
            )
            of.done()
            if not who or last_on is None:
                self.problems.expected(
                    place,
                    value,
                    Label('{ who = "Ann", until = 2027-01-20, delegate = "Chika" }'),
                )
                continue
            yield Away(who, first_on or on, last_on, delegate or None)

    def _told(self, place: Place, value: Any) -> ExpectedTelling | None:
        """`Ann renewal_3m +1`, `Ann C-2 renewal_3m`, `Chika renewal_3m for Ann`; an empty text is
        nobody."""
        if not self._is_text(place, value) or not value.split():
            return None
        words = value.split()
        instead_of = None
        if len(words) > 2 and words[-2] == "for":
            words, instead_of = words[:-2], words[-1]
        step = _STEP.fullmatch(words[-1])
        words = words[:-1] if step else words
        if len(words) == 2:
            return ExpectedTelling(
                words[0], words[1], int(step[1]) if step else 0, instead_of=instead_of
            )
        if len(words) == 3:
            return ExpectedTelling(
                words[0],
                words[2],
                int(step[1]) if step else 0,
                self._meant(words[1]),
                instead_of,
            )
        self.problems.expected(place, value, _TOLD_WORD)
        return None

    def _facts(self, fields: Fields) -> dict[str, dict[str, str]]:
        """What must be true of which contract."""
        found: dict[str, dict[str, str]] = {}
        for name in FACTS:
            value = fields.value(name)
            if value is None:
                continue
            values = value.items() if isinstance(value, dict) else [("", value)]
            for contract, one in values:
                text = (
                    "; ".join(one)
                    if isinstance(one, list) and all(isinstance(i, str) for i in one)
                    else cell(one)
                )
                if text is None:
                    self.problems.expected(fields.at(name), one, TEXT)
                else:
                    found.setdefault(self._meant(contract), {})[name] = text
        return found

    def _next(self, fields: Fields) -> dict[str, str]:
        """What comes next, by contract."""
        value = fields.value("next")
        values = (
            value.items() if isinstance(value, dict) else [] if value is None else [("", value)]
        )
        return {
            self._meant(contract): text
            for contract, text in values
            if self._is_text(fields.at("next"), text)
        }


def names_of(story: Story) -> set[str]:
    """Everybody the story names, except addresses."""
    found = (
        {row["name"] for row in story.people}
        | {a.who for a in story.away}
        | {a.delegate for a in story.away if a.delegate}
    )
    rows = [*story.contracts, *(row for day in story.days for row in day.file)]
    found |= {row[key] for row in rows for key in ("owner", "sales") if row.get(key)}
    for day in story.days:
        found |= (
            {row["name"] for row in day.people}
            | {t.who for t in day.told or ()}
            | {r.by for r in day.replies if r.by}
        )
        found |= {a.who for a in day.away} | {a.delegate for a in day.away if a.delegate}
    found = {name for name in found if ":" not in name and name not in (ADMIN, FALLBACK)}
    managers = {CAST[name]["manager"] for name in found if "manager" in CAST.get(name, {})}
    return found | managers | {row["manager"] for row in story.people if row.get("manager")}


def _begun(row: Row) -> Row:
    """Adds the start of a term of this length that ends on the row's day; a row with both days
    needs no length."""
    if row.get("evergreen") == "yes" or (row.get("starts_on") and row.get("ends_on")):
        return {
            name: text for name, text in row.items() if name != "term" or text != CONTRACT["term"]
        }
    try:
        ends_on, term = date.fromisoformat(row.get("ends_on", "")), Term.parse(row["term"])
    except ValueError:
        return row
    return {
        "starts_on": add_days(
            add_months(add_days(ends_on, 1), -term.months), -term.days
        ).isoformat(),
        **row,
    }


def _last_end(contracts: Sequence[Row], first: date) -> date:
    """When the last contract ends."""
    ends = [
        date.fromisoformat(row["ends_on"])
        for row in contracts
        if _DAY.fullmatch(row.get("ends_on", ""))
    ]
    return max(ends, default=first + timedelta(days=366))

"""`renewals absence add | list | cancel`: who is away, from when to when, and who stands in."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import Here
from scheduler.cli.listing import today_of
from scheduler.cli.reading import day_of
from scheduler.cli.say import as_json, language, say, table, tell, text
from scheduler.cli.tables import Column
from scheduler.core.deal.formats import near_day
from scheduler.services.people.absences import (
    AbsenceLine,
    Planned,
    add_absence,
    cancel_absence,
    list_absences,
)

if TYPE_CHECKING:
    from datetime import date

Person = Annotated[
    str,
    typer.Argument(
        metavar="PERSON", help=text("名前かメール(一部でも可)", "name or e-mail, or a part of it")
    ),
]


def add(
    here: Here,
    person: Person,
    first: Annotated[
        str,
        typer.Argument(
            metavar="FIRST", help=text("最初の日(2027-02-01)", "first day, e.g. 2027-02-01")
        ),
    ],
    last: Annotated[
        str,
        typer.Argument(metavar="LAST", help=text("最後の日(この日も不在)", "last day, still away")),
    ],
    *,
    delegate: Annotated[
        str | None,
        typer.Option(metavar="PERSON", help=text("代わりに受け取る人", "who gets it instead")),
    ] = None,
    note: Annotated[str, typer.Option(help=text("メモ", "a note"))] = "",
) -> None:
    """Somebody will be away from FIRST to LAST."""
    from scheduler.app.ready import user

    first_on, last_on = _day(first), _day(last)
    with here.open(edits=True, makes=False) as app:
        now = app.clock.now()
        planned = add_absence(
            app.absences,
            person,
            first_on,
            last_on,
            delegate=delegate,
            note=note,
            actor=user(),
            policy=app.policy,
            now=now,
        )
        today = today_of(app)
    if here.json:
        as_json(_plain(planned.line) | {"notices": planned.notices, "deals": planned.deals})
        return
    line, days = planned.line, _days(planned.line, today)
    who = text(
        f"代理：{line.delegate.name}" if line.delegate else "代理なし",
        f"{line.delegate.name} stands in" if line.delegate else "nobody stands in",
    )
    say(
        f"不在{line.number}を登録しました：{line.person.name}、{days}({who})",
        f"absence {line.number}: {line.person.name}, {days} ({who})",
    )
    _tell(planned)


def cancel(
    here: Here,
    number: Annotated[
        int, typer.Argument(metavar="ID", help=text("不在の番号", "number of the absence"))
    ],
) -> None:
    """Takes an absence back."""
    with here.open(edits=True, makes=False) as app:
        planned = cancel_absence(app.absences, number, app.policy, app.clock.now())
        today = today_of(app)
    if here.json:
        as_json(_plain(planned.line) | {"deals": planned.deals})
        return
    line, days = planned.line, _days(planned.line, today)
    say(
        f"不在{number}を取り消しました：{line.person.name}、{days}",
        f"absence {number} is cancelled: {line.person.name}, {days}",
    )
    _tell(planned)


def show(
    here: Here,
    person: Annotated[
        str | None,
        typer.Argument(
            metavar="[PERSON]",
            help=text("名前かメール(過去の不在も表示)", "of one person, past ones too"),
        ),
    ] = None,
) -> None:
    """Who is or will be away."""
    with here.open() as app:
        lines = list_absences(app.absences, person, app.policy, app.clock.now())
        today = today_of(app)
    if here.json:
        as_json([_plain(line) for line in lines])
    elif not lines:
        say("不在の予定はありません。", "Nobody is away.")
    else:
        _table(lines, today)


def _table(lines: Sequence[AbsenceLine], today: "date") -> None:
    """One line for each absence."""
    headers = (
        Column(text("番号", "No."), right=True),
        text("名前", "Name"),
        text("期間", "Days"),
        text("代理", "Stands in"),
        text("メモ", "Note"),
    )
    rows = [
        (
            line.number,
            line.person.name,
            _days(line, today),
            line.delegate.name if line.delegate else "",
            line.note,
        )
        for line in lines
    ]
    table(headers, rows)


def _tell(planned: Planned) -> None:
    """What should be known besides."""
    for notice in planned.notices:
        tell(notice.ja, notice.en)
    if planned.deals:
        tell(
            f"取引{planned.deals}件の宛先を見直します。",
            f"{planned.deals} {'deal is' if planned.deals == 1 else 'deals are'} decided anew",
        )


def _days(line: AbsenceLine, today: "date") -> str:
    """From when to when."""
    first, last = (near_day(day, today, language()) for day in (line.first_on, line.last_on))
    return first if line.first_on == line.last_on else f"{first} – {last}"


def _day(written: str) -> "date":
    """A day that was given."""
    day = day_of(written)
    assert day is not None
    return day


def _plain(line: AbsenceLine) -> dict[str, Any]:
    """For machines."""
    return {
        "id": line.number,
        "person": line.person.name,
        "email": line.person.email,
        "first_on": line.first_on,
        "last_on": line.last_on,
        "delegate": line.delegate.name if line.delegate else None,
        "note": line.note,
        "actor": line.actor,
    }

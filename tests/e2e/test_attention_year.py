"""A year of real contracts with twenty reps who answer some of what they are asked: how many
messages, and none at the wrong time.

`pytest --soak tests/e2e/test_attention_year.py --contracts FILE -s` runs it on a file in the
columns of docs/mappings/act_contracts.toml and prints the figures. The program's own parts on a
real SQLite file, a Slack and a mail server on loopback, and a clock that the test moves.
"""

import csv
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from scheduler.app.ready import open_app
from scheduler.app.wiring import App
from scheduler.core.answers.answer import Answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.people import Person
from scheduler.core.words.lexicon import ForecastCall, Language, Verb
from scheduler.daemon.jobs import Jobs
from scheduler.services.answers.answering import answer_nudge
from scheduler.storage.database.deals import load_people
from tests.e2e.process import Folder
from tests.e2e.year import COLUMNS, made_up, prepare
from tests.servers.slack import SlackServer
from tests.servers.smtp import SmtpServer

REPS, ANSWERS = 20, 0.6
SYDNEY = ZoneInfo("Australia/Sydney")
LOOKS = (time(9, 5), time(13, 0), time(17, 30))


@dataclass
class Moved:
    """A clock that the test moves."""

    at: datetime

    def now(self) -> datetime:
        """Where it stands."""
        return self.at


def of_reps(contracts: Path, to: Path) -> Path:
    """The same contracts, each in the hands of one of twenty reps, customer by customer."""
    with contracts.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    customers = {name: n for n, name in enumerate(sorted({row["suppliers"] for row in rows}))}
    with to.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(
            {**row, "directorate": f"Rep {customers[row['suppliers']] % REPS:02}"} for row in rows
        )
    return to


def lived(folder: Folder, last_day: date) -> None:
    """Every day from the first, three looks a day; what was asked is answered within some days, or
    not at all."""
    chance = random.Random(5)
    clock = Moved(datetime.combine(date(2026, 1, 1), LOOKS[0], SYDNEY).astimezone(UTC))
    env = dict(folder.env)
    with open_app(folder.path, language=Language.EN, env=env, edits=True, clock=clock) as app:
        rounds, seen = Jobs(app), 0
        due: list[tuple[date, str, int]] = []
        day = date(2026, 1, 1)
        while day <= last_day:
            for look in LOOKS:
                clock.at = datetime.combine(day, look, SYDNEY).astimezone(UTC)
                while rounds.sweeps.step(_never) or rounds.deliveries.step(_never):
                    pass
                asked, seen = _asked(folder, seen)
                due += [
                    (day + timedelta(days=chance.randrange(1, 12)), key, person)
                    for key, person in asked
                    if chance.random() < ANSWERS
                ]
                _answer(app, clock.at, chance, [d for d in due if d[0] <= day])
                due = [d for d in due if d[0] > day]
            day += timedelta(days=1)


def _never() -> bool:
    return False


def _asked(folder: Folder, seen: int) -> tuple[list[tuple[str, int]], int]:
    """Nudges that went out to reps since the last look, as (key, person)."""
    query = (
        f"SELECT id, key, person_id FROM nudges WHERE state = 'sent' AND id > {seen} AND role IN "
        "('owner', 'snoozed') AND person_id IS NOT NULL"
    )
    rows = folder.rows(query)
    return [(str(r[1]), int(str(r[2]))) for r in rows], max([seen, *(int(str(r[0])) for r in rows)])


def _answer(
    app: App, now: datetime, chance: random.Random, due: Sequence[tuple[date, str, int]]
) -> None:
    """What people say: mostly that it will be renewed, later that it is."""
    people = {p.id: p for p in _people(app)}
    for _, key, person in due:
        verb = chance.choice((Verb.FORECAST, Verb.FORECAST, Verb.WON, Verb.SEEN))
        said = Answer(
            verb,
            people[person].name,
            by=people[person],
            call=ForecastCall.RENEW if verb is Verb.FORECAST else None,
            via="slack",
            request=f"{key}:{now}",
        )
        try:
            answer_nudge(app.answering, key, said, app.policy, now)
        except AnswerRefusedError:
            continue


def _people(app: App) -> Sequence[Person]:
    with app.reading.begin() as connection:
        return list(load_people(connection, range(1, REPS + 5)).values())


def figures(folder: Folder) -> Mapping[str, object]:
    """What the year came to."""
    sent = folder.rows(
        "SELECT sent_at, recipient, address, id FROM messages WHERE state = 'sent' AND kind = "
        "'nudges'"
    )
    per_day = Counter((_local(str(at)).date(), str(recipient)) for at, recipient, _, _ in sent)
    reps = [n for (_, who), n in per_day.items() if who.startswith("person:")]
    renewals = folder.rows(
        "SELECT count(DISTINCT deal_id) FROM nudges WHERE milestone IN ('renewal_3m', "
        "'renewal_1m', 'ended') AND state = 'sent'"
    )
    about = folder.rows("SELECT count(*) FROM nudges WHERE state = 'sent'")
    bundle = folder.rows(
        "SELECT max(n), avg(n) FROM (SELECT count(*) AS n FROM nudges WHERE state = 'sent' "
        "GROUP BY message_id)"
    )
    return {
        "messages": len(sent),
        "per person and day, highest": max(reps),
        "per person and day with any, median": median(reps),
        "renewals": renewals[0][0],
        "messages per renewal": round(len(sent) / int(str(renewals[0][0])), 2),
        "nudges per renewal": round(int(str(about[0][0])) / int(str(renewals[0][0])), 2),
        "nudges in a message, highest and mean": (bundle[0][0], round(float(str(bundle[0][1])), 2)),
        "answers": folder.rows("SELECT count(*) FROM answers")[0][0],
    }


def _local(at: str) -> datetime:
    return datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(SYDNEY)


def check(folder: Folder) -> None:
    """Nobody is disturbed at the wrong time, twice a day, or after he has answered."""
    sent = folder.rows("SELECT sent_at FROM messages WHERE state = 'sent' AND kind = 'nudges'")
    times = [_local(str(row[0])) for row in sent]
    assert times
    assert not [t for t in times if t.weekday() > 4 or not time(9) <= t.time() < time(18)], (
        "outside a window"
    )
    late = folder.rows(
        "SELECT n.key FROM nudges n JOIN events e ON e.deal_id = n.deal_id AND e.milestone = "
        "n.milestone AND e.anchor_on = n.anchor_on"
        " AND e.step = n.step WHERE n.state = 'sent' AND e.answered_at IS NOT NULL AND n.sent_at > "
        "e.answered_at"
    )
    assert not late, "after an answer"
    normal = folder.rows(
        "SELECT recipient, window_on FROM messages m WHERE kind = 'nudges' AND state = 'sent' AND "
        "NOT EXISTS"
        " (SELECT 1 FROM nudges n WHERE n.message_id = m.id AND n.urgency = 'urgent') GROUP BY "
        "recipient, window_on HAVING count(*) > 1"
    )
    assert not normal, "more than one message a day with nothing urgent in it"


def test_some_weeks_with_people_who_answer(tmp_path: Path) -> None:
    contracts = of_reps(made_up(tmp_path / "made-up.csv", 60), tmp_path / "contracts.csv")
    with SlackServer() as slack, SmtpServer() as smtp:
        folder = prepare(tmp_path / "work", contracts, slack, smtp)
        lived(folder, date(2026, 1, 31))
        check(folder)


@pytest.mark.soak
def test_a_year_with_twenty_reps(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    named = pytestconfig.getoption("--contracts")
    contracts = of_reps(
        Path(named) if named else made_up(tmp_path / "made-up.csv", 300), tmp_path / "contracts.csv"
    )
    with SlackServer() as slack, SmtpServer(mails_per_session=100) as smtp:
        folder = prepare(tmp_path / "work", contracts, slack, smtp)
        lived(folder, date(2026, 12, 31))
        check(folder)
        print("\n" + "\n".join(f"{name}: {value}" for name, value in figures(folder).items()))

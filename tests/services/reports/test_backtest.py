"""The back-test of an earlier day: whatever people answer, correct or take back later changes
nothing of it, on both databases."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select, update

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Lost
from scheduler.core.health.backtest import BacktestLine
from scheduler.core.health.policy import Band, Gauge, HealthPolicy, Measure
from scheduler.core.reports.asked import AsKnown, ReportScope
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health, Verb
from scheduler.services.answers.answering import answer, undo
from scheduler.services.reports.backtest import backtest_report
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import transactions
from scheduler.storage.reports.backtest import BacktestRows
from scheduler.storage.signals.chains import void
from tests.cast import policy
from tests.storage.builders import T, add_contract
from tests.storage.signals.keeping import keep, line

ENDS_ON, DAYS = date(2027, 6, 30), 90
JUDGED_AT = datetime(2027, 4, 2, tzinfo=UTC)
"""London's 1 April is over; its summer time has begun, so this is an hour later."""
BANDS = (Band(20.0, 30), Band(55.0, 60), Band(100.0))
HEALTH = HealthPolicy((Measure("logins", Label("logins"), Gauge("logins"), BANDS),))
POLICY = policy(health=HEALTH)
NUMBERS = count(1)


class Act(NamedTuple):
    """Something that somebody does to a contract: says a health (for so many days; 0: without an
    end), takes the last answer back, imports a value of so many days ago, or takes the last such
    import back."""

    kind: str
    health: Health
    number: int


ACTS = st.builds(
    Act,
    st.sampled_from(["say", "say", "say", "undo", "import", "import", "take back"]),
    st.sampled_from(list(Health)),
    st.integers(0, 99),
)


class Lived:
    """One contract, by its number, and what was done to it."""

    def __init__(self, engine: Engine, number: str) -> None:
        self.engine, self.number, self.imports = engine, number, list[int]()
        with engine.begin() as connection:
            contract, _ = add_contract(
                connection, number, ENDS_ON, arrived_at=datetime(2026, 7, 1, tzinfo=UTC)
            )
            whose = T["contracts"].c.id == contract
            customer = (
                connection.execute(T["contracts"].select().where(whose))
                .one()
                ._mapping["customer_id"]
            )
            connection.execute(
                update(T["customers"]).where(T["customers"].c.id == customer).values(segment=number)
            )

    def do(self, act: Act, now: datetime) -> None:
        """Does it, where it can be done."""
        begin = transactions(self.engine, AnswerQueries)
        try:
            if act.kind == "say":
                until = now.date() + timedelta(days=act.number) if act.number else None
                said = Answer(Verb.HEALTH, "Ann", health=act.health, until=until)
                answer(begin, self.number, said, POLICY, now)
            elif act.kind == "undo":
                undo(begin, self.number, "Ann", now)
        except AnswerRefusedError:
            return
        if act.kind == "import":
            of_day = datetime(2027, 3, 1 + act.number % 20, tzinfo=UTC)
            keep(self.engine, now, [line(of_day, act.number, subject=self.number)])
            self.imports.append(self._last_import())
        elif act.kind == "take back" and self.imports:
            with self.engine.begin() as connection:
                void(connection, self.imports.pop(), now)

    def _last_import(self) -> int:
        with self.engine.connect() as connection:
            latest: int = connection.execute(select(func.max(T["imports"].c.id))).scalar_one()
        return latest

    def end(self, now: datetime) -> None:
        """The customer leaves."""
        said = Answer(Verb.LOST, "Ann", lost=Lost("budget"))
        answer(transactions(self.engine, AnswerQueries), self.number, said, POLICY, now)

    def judged(self) -> Sequence[BacktestLine]:
        """What the back-test says of it so many days before the end and earlier."""
        scope, known = ReportScope(segment=self.number), AsKnown(ENDS_ON)
        reading = transactions(self.engine, BacktestRows)
        found = backtest_report(reading, POLICY, POLICY, scope, known).found
        assert sum(one.lost.count for one in found.lines if one.days == DAYS) > 0
        return [one for one in (*found.lines, *found.curve) if one.days >= DAYS]


def _instants(
    first: datetime, acts: Sequence[Act], step: timedelta
) -> Iterator[tuple[Act, datetime]]:
    return ((act, first + step * n) for n, act in enumerate(acts))


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(early=st.lists(ACTS, max_size=5), later=st.lists(ACTS, min_size=1, max_size=5))
def test_later_answers_corrections_and_undos_change_nothing_of_an_earlier_day(
    engine: Engine, early: list[Act], later: list[Act]
) -> None:
    number = next(NUMBERS)
    left_alone, went_on = (Lived(engine, f"{side}-{number}") for side in ("A", "B"))
    for life in (left_alone, went_on):
        for act, now in _instants(datetime(2027, 3, 21, 9, tzinfo=UTC), early, timedelta(days=2)):
            life.do(act, now)
    for act, now in _instants(JUDGED_AT, later, timedelta(days=9)):
        went_on.do(act, now)
    for life in (left_alone, went_on):
        life.end(datetime(2027, 6, 20, tzinfo=UTC))
    assert went_on.judged() == left_alone.judged()


@pytest.mark.parametrize("late", [False, True])
def test_a_persons_word_flags_the_customer_only_if_it_was_said_by_then(
    engine: Engine, late: bool
) -> None:
    life = Lived(engine, "A-1")
    now = JUDGED_AT if late else JUDGED_AT - timedelta(hours=2)
    life.do(Act("say", Health.CRITICAL, 0), now)
    life.end(datetime(2027, 6, 20, tzinfo=UTC))
    flagged = [one.lost.flagged for one in life.judged() if one.days == DAYS]
    assert any(flagged) is not late

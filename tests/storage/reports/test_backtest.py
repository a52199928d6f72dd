"""What the back-test reads, on both databases: every value that was ever said, and the stages that
deals were seen in."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, update

from scheduler.core.answers.answer import Answer
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.words.lexicon import Health, Verb
from scheduler.services.answers.answering import answer, undo
from scheduler.services.reports.backtest import StageSeen
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.reports.backtest import BacktestRows
from scheduler.storage.signals.chains import void
from tests.cast import at
from tests.cast import policy as cast_policy
from tests.storage.builders import T, add_contract, add_row
from tests.storage.signals.keeping import keep, line

MONDAY, FIRST, SECOND, THIRD = map(at, ("2027-01-04", "2027-01-10", "2027-01-11", "2027-01-12"))
VALUES = [("crm", 5.0, FIRST, None), ("crm", 7.0, SECOND, THIRD), ("desk", 1.0, FIRST, None)]


def said(engine: Engine, contract: int, *, by_customer: bool = False) -> list[Any]:
    """(source, value, received, taken back) of everything that was said about logins."""
    with begun(engine, BacktestRows, keep=False) as rows:
        found = rows.heard([contract], ["logins"], by_customer=by_customer)
    return sorted(
        (h.signal.source, h.signal.value, h.signal.received_at, h.voided_at)
        for h in found.get(contract, ())
    )


def test_corrections_and_what_was_taken_back_are_read_too(engine: Engine) -> None:
    with engine.begin() as connection:
        add_contract(connection, "C-1")
    keep(engine, FIRST, [line(MONDAY, 5), line(MONDAY, 1, source="desk")])
    keep(engine, FIRST, [line(MONDAY, 9, name="seats")])
    keep(engine, SECOND, [line(MONDAY, 7)])
    with engine.begin() as connection:
        void(connection, 3, THIRD)
    assert said(engine, 1) == VALUES


def test_other_contracts_of_the_customer_are_read_where_the_policy_says_so(engine: Engine) -> None:
    with engine.begin() as connection:
        add_contract(connection, "C-1")
        add_contract(connection, "C-2")
        connection.execute(update(T["contracts"]).values(customer_id=1))
    keep(engine, FIRST, [line(MONDAY, 5)])
    assert said(engine, 2) == []
    assert len(said(engine, 2, by_customer=True)) == 1


def test_a_stage_that_was_taken_back_since_was_the_stage_then(engine: Engine) -> None:
    days = [("onboarding", FIRST, None, True), ("stable", SECOND, THIRD, True)]
    days += [("critical", MONDAY, None, False)]
    with engine.begin() as connection:
        _, deal = add_contract(connection, "C-1", ends_on=date(2027, 3, 31))
        connection.execute(delete(T["passages"]).where(T["passages"].c.deal_id == deal))
        actor = {"because": "", "actor_kind": "policy", "actor": "x"}
        for stage, when, voided_at, observed in days:
            of = {"to_stage": stage, "at": when, "voided_at": voided_at, "observed": observed}
            add_row(connection, "passages", deal_id=deal, **of, **actor)
    with begun(engine, BacktestRows, keep=False) as rows:
        staged = rows.staged_deals([deal])[deal]
    assert staged.entered == (
        StageSeen(FIRST, "onboarding"),
        StageSeen(SECOND, "stable", THIRD),
    )
    instants = (MONDAY, FIRST, SECOND, THIRD)
    assert [staged.stage_at(i) for i in instants] == [None, "onboarding", "stable", "onboarding"]


def test_a_persons_word_counts_from_when_it_was_given_until_it_ends_or_is_taken_back(
    engine: Engine,
) -> None:
    with engine.begin() as connection:
        _, deal = add_contract(connection, "C-1", ends_on=date(2027, 3, 31))
    begin, lasts = transactions(engine, AnswerQueries), timedelta(days=90)
    days = [datetime(2027, 1, day, 9, tzinfo=UTC) for day in range(1, 9)]
    policy = cast_policy(health=HealthPolicy())

    def say(health: Health, now: datetime, until: date | None = None) -> None:
        answer(begin, "C-1", Answer(Verb.HEALTH, "Ann", health=health, until=until), policy, now)

    def stood(now: datetime) -> Health | None:
        with begun(engine, BacktestRows, keep=False) as rows:
            return rows.staged_deals([deal])[deal].said_at(now, lasts)

    say(Health.CRITICAL, days[1])
    say(Health.STABLE, days[3])
    known_then = [stood(now) for now in days[:5]]
    assert known_then == [None, *[Health.CRITICAL] * 2, *[Health.STABLE] * 2]
    undo(begin, "C-1", "Ann", days[5])
    assert [stood(now) for now in days[:5]] == known_then, "what came later changes nothing"
    assert [stood(now) for now in days[5:7]] == [Health.CRITICAL] * 2
    assert stood(days[1] + lasts) is None, "it has ended"
    say(Health.AT_RISK, days[6], date(2027, 1, 7))
    assert [stood(now) for now in days[6:8]] == [Health.AT_RISK, None]

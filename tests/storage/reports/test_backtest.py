"""What the back-test reads, on both databases: every value that was ever said, and the stages that
deals were seen in."""

from datetime import date
from typing import Any

from sqlalchemy import Engine, delete, update

from scheduler.services.reports.backtest import StageSeen
from scheduler.storage.database.transactions import begun
from scheduler.storage.reports.backtest import BacktestRows
from scheduler.storage.signals.chains import void
from tests.cast import at
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

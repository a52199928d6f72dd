"""The sweep among others: whatever comes in between, and wherever it breaks off, every deal is
decided once on what is true."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select, text, update

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.stored import alone
from scheduler.core.rules.decide import decide
from scheduler.core.words.lexicon import ForecastCall, Verb
from scheduler.services.answers.answering import answer
from scheduler.services.deals.sweep import (
    LOOK_AGAIN,
    StalePolicyError,
    Swept,
    sweep_all,
    sweep_once,
)
from scheduler.services.imports.undo import UndoRefusedError
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.deals.sweeping import LostUpdateError, SweepQueries
from scheduler.storage.policy.policies import PolicyVersion, apply_policy
from tests.cast import ANN, T1M, T3M, at, milestone, policy
from tests.import_cast import Office
from tests.services.delivering import Post
from tests.storage.builders import T, add_cast, add_contract, deal_numbered
from tests.storage.racing import at_once, beside

POLICY = policy(
    T3M, T1M, milestone("owner_too", "-3 months", series="other", tell=("owner", "manager"))
)
NOW = at("2027-01-05")


def filled(engine: Engine, count: int) -> Engine:
    """So many contracts of Ann's that are due, one of them renewing by itself."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(count):
            renews: dict[str, Any] = (
                {"notice": "3 months", "decide_by": date(2026, 12, 31), "auto_renew": True}
                if n == 1
                else {}
            )
            add_contract(connection, f"C-{n}", owner_id=ann, **renews)
    return engine


def snapshot(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Everything a sweep may write."""
    tables = ("contracts", "deals", "passages", "events", "nudges")
    with engine.begin() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(T[name]).order_by(T[name].c.id))]
            for name in tables
        }


class PowerCut(BaseException):
    """The process ends here; nothing can catch it."""


@contextmanager
def power_cut(engine: Engine, number: int) -> Iterator[None]:
    """The process ends before its statement of this number, counted from 0."""
    left = iter(range(number))

    def count(connection: Connection, *_: object) -> None:
        if next(left, None) is None:
            raise PowerCut

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", count)


def test_a_sweep_that_breaks_off_anywhere_leaves_everything_as_it_was(engine: Engine) -> None:
    filled(engine, 3)
    before = snapshot(engine)
    for number in range(200):
        swept = None
        with power_cut(engine, number), suppress(PowerCut):
            swept = sweep_once(transactions(engine, SweepQueries), POLICY, NOW)
        if swept is not None:
            break
        assert snapshot(engine) == before
    assert number > 10, "it broke off at every statement there is"
    assert swept is not None
    assert (swept.deals, swept.won, swept.nudges) == (3, 1, 7)
    assert sweep_all(transactions(engine, SweepQueries), POLICY, NOW).deals == 1, (
        "the term that was opened"
    )
    assert sweep_all(transactions(engine, SweepQueries), POLICY, NOW) == Swept()


def test_batches_of_any_size_come_to_the_same(engine: Engine) -> None:
    filled(engine, 7)
    assert sweep_all(transactions(engine, SweepQueries), POLICY, NOW, limit=2) == Swept(
        deals=8, moves=7, events=13, nudges=19, won=1
    )


def test_a_batch_may_cancel_many_nudges(engine: Engine) -> None:
    filled(engine, 4)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    with engine.begin() as connection:
        connection.execute(
            update(T["contracts"]).values(
                ends_on=date(2028, 3, 31), decide_by=None, auto_renew=False
            )
        )
        connection.execute(
            update(T["deals"]).where(T["deals"].c.closed_at.is_(None)).values(wake_at=NOW)
        )
    assert sweep_all(transactions(engine, SweepQueries), POLICY, NOW).cancels == 9


def test_a_deal_that_cannot_be_decided_is_looked_at_again_after_an_hour_and_stops_nobody(
    engine: Engine,
) -> None:
    filled(engine, 2)
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).where(T["deals"].c.id == 1).values(pipeline="gone"))
    swept = sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    assert [(f.contract, type(f.error)) for f in swept.failures] == [("C-0", KeyError)]
    assert swept.won == 1
    with engine.begin() as connection:
        assert deal_numbered(connection, 1).wake_at == NOW + LOOK_AGAIN
    assert (
        sweep_all(
            transactions(engine, SweepQueries), POLICY, NOW + LOOK_AGAIN - timedelta(seconds=1)
        ).failures
        == ()
    )
    assert (
        len(sweep_all(transactions(engine, SweepQueries), POLICY, NOW + LOOK_AGAIN).failures) == 1
    )


def test_under_an_old_policy_nothing_is_written(engine: Engine) -> None:
    filled(engine, 2)
    before = snapshot(engine)
    for number in (1, 2):
        apply_policy(
            engine, number - 1, PolicyVersion(number, f"hash {number}", {}, {}, "Ann", "", NOW)
        )
    with pytest.raises(StalePolicyError):
        sweep_once(transactions(engine, SweepQueries), POLICY, NOW)
    assert snapshot(engine) == before


def test_one_deal_that_changed_takes_the_whole_batch_back(engine: Engine) -> None:
    filled(engine, 3)
    before = snapshot(engine)
    with engine.begin() as connection:
        deals = [deal_numbered(connection, n) for n in (1, 2, 3)]
    stale = [replace(deal, version=deal.version - (deal.id == 2)) for deal in deals]
    with (
        pytest.raises(LostUpdateError, match="1 of 3 deals changed"),
        begun(engine, SweepQueries) as sweeping,
    ):
        sweeping.write([(alone(deal), decide(deal, POLICY, NOW)) for deal in stale], 1, NOW)
    assert snapshot(engine) == before


def says(engine: Engine, verb: Verb, **more: Any) -> Callable[[], object]:
    """Ann answers."""
    return lambda: answer(
        transactions(engine, AnswerQueries), "C-0", Answer(verb, ANN.name, **more), POLICY, NOW
    )


def test_an_answer_that_came_while_the_deal_was_swept_is_applied_to_what_was_decided(
    engine: Engine,
) -> None:
    filled(engine, 1)
    with begun(engine, SweepQueries) as sweeping:
        deals = sweeping.claim_due(NOW, POLICY, 10)
        finish = beside(engine, says(engine, Verb.FORECAST, call=ForecastCall.RENEW))
        sweeping.write([(deal, decide(deal.made(), POLICY, NOW)) for deal in deals], 1, NOW)
    finish()
    with engine.begin() as connection:
        deal = deal_numbered(connection, 1)
    assert (deal.stage, deal.call, deal.wake_at) == ("renewal_3m", ForecastCall.RENEW, NOW)
    assert {n.state.value for n in deal.nudges} == {"cancelled"}, (
        "the answer saw the nudges that the sweep had made"
    )
    assert [e.answered_at for e in deal.events if e.milestone == "renewal_3m"] == [NOW]


def test_a_deal_that_is_being_answered_is_left_for_the_next_sweep(engine: Engine) -> None:
    filled(engine, 1)
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2026-12-31"))
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=NOW))
    with begun(engine, AnswerQueries) as first:
        (deal,) = first.deals_of("C-0")
        finish = beside(engine, lambda: sweep_once(transactions(engine, SweepQueries), POLICY, NOW))
        said = Answer(Verb.FORECAST, ANN.name, call=ForecastCall.RENEW)
        first.record(deal, said, apply_answer(deal, said, POLICY, NOW), NOW)
    finish()
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    with engine.begin() as connection:
        assert deal_numbered(connection, 1).call is ForecastCall.RENEW


def test_of_two_who_answer_at_once_the_second_answers_what_the_first_left(engine: Engine) -> None:
    filled(engine, 1)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    won: list[object] = []

    def wins() -> None:
        won.append(says(engine, Verb.WON)())

    errors = at_once(2, wins)
    assert (len(won), [isinstance(e, AnswerRefusedError) for e in errors]) == (1, [True])
    with engine.begin() as connection:
        assert len(connection.execute(select(T["deals"].c.id)).all()) == 2, "one next term"


def test_an_alarm_set_while_the_deal_was_swept_rings(engine: Engine) -> None:
    filled(engine, 1)

    def wake() -> None:
        with engine.begin() as connection:
            connection.execute(
                update(T["deals"]).values(wake_at=NOW, version=T["deals"].c.version + 1)
            )

    with begun(engine, SweepQueries) as sweeping:
        deals = sweeping.claim_due(NOW, POLICY, 10)
        finish = beside(engine, wake)
        sweeping.write([(deal, decide(deal.made(), POLICY, NOW)) for deal in deals], 1, NOW)
    finish()
    assert sweep_once(transactions(engine, SweepQueries), POLICY, NOW).deals == 1


def test_two_sweeps_at_once_go_round_each_other(engine: Engine) -> None:
    filled(engine, 4)
    found: list[int] = []
    with begun(engine, SweepQueries) as first:
        mine = [deal.id for deal in first.claim_due(NOW, POLICY, 2)]
        finish = beside(
            engine,
            lambda: found.append(
                sweep_once(transactions(engine, SweepQueries), POLICY, NOW, limit=2).deals
            ),
        )
    finish()
    assert (len(mine), found) == (2, [2])


def test_a_sweep_goes_round_what_another_transaction_holds_instead_of_waiting(
    empty_postgres_url: str,
) -> None:
    engine = filled(open_engine(empty_postgres_url), 2)
    with begun(engine, SweepQueries) as first, engine.begin() as second:
        first.claim_due(NOW, POLICY, 1)
        second.execute(text("SET LOCAL lock_timeout = '1s'"))
        assert len(SweepQueries(second).claim_due(NOW, POLICY, 2)) == 1
    engine.dispose()


CONTRACTS = (
    "contract,customer,product,starts_on,ends_on,notice,auto_renew,amount,currency,owner\n"
    + "".join(
        f"C-{n},Aoba Trading,Pro,2026-04-01,2027-03-31,2 months,no,3600000,JPY,Ann Ito\n"
        for n in range(20)
    )
)


def office_of(engine: Engine, folder: Path) -> Office:
    return Office(engine, folder, replace(Office.policy, milestones=POLICY.milestones))


def test_of_two_who_import_a_file_at_once_the_second_finds_it_done(
    engine: Engine, tmp_path: Path
) -> None:
    office = office_of(engine, tmp_path)
    path = office.write(CONTRACTS)
    reports = []
    assert at_once(3, lambda: reports.append(office_of(engine, tmp_path).load(path))) == []
    assert sorted(r.counts.get("new", 0) for r in reports) == [0, 0, 20]
    assert len(office.rows("contracts")) == 20
    assert sum(r.first_load for r in reports) == 1


def test_of_two_who_undo_an_import_at_once_one_does(engine: Engine, tmp_path: Path) -> None:
    office = office_of(engine, tmp_path)
    office.load(office.write(CONTRACTS))
    errors = at_once(3, lambda: office.undo(1))
    assert [type(e) for e in errors] == [UndoRefusedError] * 2
    assert office.rows("contracts") == []


def test_what_an_undone_import_had_cancelled_is_told_after_all(
    engine: Engine, tmp_path: Path
) -> None:
    office = office_of(engine, tmp_path)
    header, *rows = CONTRACTS.replace("Ann Ito", "ann@example.com").splitlines()
    few = "\n".join([header, *rows[:4]])
    office.load_text(few, at("2026-11-23"))
    with engine.begin() as connection:
        connection.execute(
            update(T["people"]).values(
                slack_id="U0ANN", zone=ANN.zone, calendar="weekdays", language="en"
            )
        )
    post = Post(engine, policy=office.policy)
    post.sweep()
    post.form()
    report = office.load_text(
        few.replace(rows[3], rows[3].replace("2027-03-31", "2028-03-31")), post.hands.now()
    )
    post.deliver()
    assert "C-3" not in post.slack.sent[0].rendered.text
    assert report.import_id is not None
    office.undo(report.import_id, post.hands.now())
    post.sweep()
    post.hands.at = at("2027-01-06")
    post.sweep()
    post.form()
    post.deliver()
    assert [e.rendered.text.count("C-3") for e in post.slack.sent] == [0, 2], (
        "both milestones of that day"
    )

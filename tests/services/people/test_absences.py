"""Who is away and who stands in, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, select, update

from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Language, NudgeState
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.people.absences import (
    PlannedAbsence,
    add_absence,
    cancel_absence,
    list_absences,
)
from scheduler.services.people.naming import find_person
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.people.absences import Absences
from tests.cast import ANN, BOB, CHIKA, DAN, at, policy
from tests.storage.builders import T, add_cast, add_contract, add_person, count

POLICY = policy()
NOW = at("2027-01-05")
MONDAY, FRIDAY = date(2027, 1, 11), date(2027, 1, 15)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Ann and Bob, her manager, have a contract each; Dan is in another team, Eve has left, and
    nothing rings."""
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, bob = add_cast(connection)
        dan = add_person(connection, DAN.name, email=DAN.email)
        add_person(connection, "Eve Low", email="eve@example.com", active=False)
        add_person(connection, "Ann Lee", email="lee@example.com")
        for number, owner, sales in (
            ("C-1", ann, None),
            ("C-2", bob, None),
            ("C-3", dan, None),
            ("C-4", dan, ann),
        ):
            add_contract(connection, number, owner_id=owner, sales_id=sales, wake_at=None)
    yield engine
    engine.dispose()


def plan(
    engine: Engine,
    who: str = "ann@example.com",
    first: date = MONDAY,
    last: date = FRIDAY,
    delegate: str | None = None,
) -> PlannedAbsence:
    """Enters an absence on 5 January."""
    return add_absence(
        transactions(engine, Absences),
        who,
        first,
        last,
        delegate=delegate,
        note="",
        actor="test",
        policy=POLICY,
        now=NOW,
    )


def rung(engine: Engine) -> list[str]:
    """The contracts whose alarm rings."""
    with engine.begin() as connection:
        query = select(T["contracts"].c.number).join(
            T["deals"], T["deals"].c.contract_id == T["contracts"].c.id
        )
        return sorted(connection.scalars(query.where(T["deals"].c.wake_at == NOW)))


@pytest.mark.parametrize(
    ("who", "woken"),
    [
        (ANN.name, ["C-1", "C-4"]),
        (BOB.name, ["C-1", "C-2", "C-4"]),
        (DAN.name, ["C-3", "C-4"]),
        ("lee@example.com", []),
    ],
)
def test_an_absence_wakes_the_deals_of_the_owner_the_sales_owner_and_the_manager(
    engine: Engine, who: str, woken: list[str]
) -> None:
    assert plan(engine, who).deals == len(woken)
    assert rung(engine) == woken


def test_it_wakes_those_too_for_whom_the_person_stands_in(engine: Engine) -> None:
    plan(engine, delegate="lee@example.com")
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=None))
    assert plan(engine, "lee@example.com").deals == 2


def test_closed_and_void_deals_stay_silent(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).where(T["deals"].c.id == 1).values(closed_at=NOW))
        connection.execute(update(T["deals"]).where(T["deals"].c.id == 4).values(voided_at=NOW))
    assert plan(engine).deals == 0


@pytest.mark.parametrize(
    ("who", "first", "last", "delegate", "en", "ja"),
    [
        (
            "ann@example.com",
            FRIDAY,
            MONDAY,
            None,
            "the last day, Mon 11 Jan 2027, is before the first",
            "最終日(2027/1/11(月))が初日(2027/1/15(金))より前",
        ),
        (
            "ann@example.com",
            date(2026, 12, 1),
            date(2027, 1, 4),
            None,
            "is in the past",
            "もう過ぎています",
        ),
        ("ann@example.com", MONDAY, FRIDAY, "Ann Ito", "must be somebody else", "本人以外"),
        (
            "ann@example.com",
            MONDAY,
            FRIDAY,
            "Eve",
            "Eve Low is no longer active and cannot stand in",
            "Eve Lowさんは退職・無効",
        ),
        (
            "ann@example.com",
            MONDAY,
            FRIDAY,
            "Zoe",
            "nobody matches Zoe",
            "「Zoe」に当てはまる人がいません",
        ),
        ("Eve", MONDAY, FRIDAY, None, "Eve Low is no longer active", "Eve Lowさんは退職・無効"),
        (
            "Ann",
            MONDAY,
            FRIDAY,
            None,
            "Ann matches several people: Ann Ito <ann@example.com>, Ann Lee <lee@example.com>",
            "複数います",
        ),
        ("", MONDAY, FRIDAY, None, "nobody matches", "当てはまる人がいません"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(
    engine: Engine, who: str, first: date, last: date, delegate: str | None, en: str, ja: str
) -> None:
    with pytest.raises(UserMustActError) as refused:
        plan(engine, who, first, last, delegate)
    assert en in refused.value.label.of(Language.EN)
    assert ja in refused.value.label.of(Language.JA)
    with engine.begin() as connection:
        assert count(connection, "absences") == 0


@pytest.mark.parametrize(
    ("first", "last"),
    [(MONDAY, MONDAY), (FRIDAY, date(2027, 1, 20)), (date(2027, 1, 1), date(2027, 2, 1))],
)
def test_absences_of_one_person_do_not_overlap(engine: Engine, first: date, last: date) -> None:
    plan(engine)
    with pytest.raises(UserMustActError, match="Mon 11 Jan 2027 – Fri 15 Jan 2027"):
        plan(engine, first=first, last=last)
    plan(engine, first=date(2027, 1, 16), last=date(2027, 1, 16))


def test_one_that_has_begun_may_still_be_entered(engine: Engine) -> None:
    assert plan(engine, first=date(2027, 1, 1), last=date(2027, 1, 5)).line.number == 1


def test_a_delegate_who_is_away_too_is_allowed_and_said(engine: Engine) -> None:
    assert plan(engine, "Dan").notices == ()
    (notice,) = plan(engine, "Bob", delegate="Dan").notices
    assert notice.en.startswith("Dan Fox is away too (Mon 11 Jan 2027 – Fri 15 Jan 2027)")
    assert notice.ja.startswith("代理のDan Foxさんも2027/1/11(月) – 2027/1/15(金)は不在です")


def test_whoever_stands_in_and_goes_away_hears_for_whom(engine: Engine) -> None:
    plan(engine, "Bob", delegate="Dan")
    (notice,) = plan(engine, "Dan").notices
    assert "Dan Fox stands in for Bob Hill" in notice.en


def test_what_is_due_meanwhile_goes_to_the_delegate_and_after_a_cancellation_to_the_owner(
    engine: Engine,
) -> None:
    plan(engine, first=date(2027, 1, 5), last=FRIDAY, delegate="Dan")
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    cancel_absence(transactions(engine, Absences), 1, POLICY, NOW)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    with engine.begin() as connection:
        nudges = T["nudges"]
        told = connection.execute(
            select(nudges.c.person_id, nudges.c.state, nudges.c.instead_of)
            .where(nudges.c.deal_id == 1)
            .order_by(nudges.c.id)
        )
        assert [tuple(r) for r in told] == [
            (3, NudgeState.CANCELLED, 2),
            (2, NudgeState.WAITING, None),
        ]


@pytest.mark.parametrize(("at_", "told"), [(at("2027-01-08"), True), (at("2027-01-12"), False)])
def test_taken_back_before_it_began_it_needs_no_word_on_return(
    engine: Engine, at_: datetime, told: bool
) -> None:
    plan(engine)
    cancel_absence(transactions(engine, Absences), 1, POLICY, at_)
    with engine.begin() as connection:
        assert (connection.scalar(select(T["absences"].c.told_at)) is not None) is told


def test_a_cancellation_is_refused_where_there_is_nothing_to_cancel(engine: Engine) -> None:
    plan(engine)
    rows = transactions(engine, Absences)
    for number, now, said in (
        (7, NOW, "there is no absence 7"),
        (1, at("2027-01-18"), "absence 1 was over on Fri 15 Jan 2027"),
    ):
        with pytest.raises(UserMustActError, match=said):
            cancel_absence(rows, number, POLICY, now)
    cancel_absence(rows, 1, POLICY, NOW)
    with pytest.raises(UserMustActError, match="was cancelled already"):
        cancel_absence(rows, 1, POLICY, NOW)


def test_the_list_holds_who_is_or_will_be_away_and_of_one_person_the_past_too(
    engine: Engine,
) -> None:
    plan(engine, "Dan", first=date(2027, 1, 5), last=date(2027, 1, 5))
    plan(engine, "Bob", delegate="Dan")
    rows, later = transactions(engine, Absences), at("2027-01-12")
    assert [
        (line.person.name, line.delegate.name if line.delegate else None)
        for line in list_absences(rows, None, POLICY, later)
    ] == [(BOB.name, DAN.name)]
    assert [line.number for line in list_absences(rows, "Dan", POLICY, later)] == [1]
    assert list_absences(rows, "lee@example.com", POLICY, later) == []


def test_importing_people_wakes_the_deals_of_whoever_is_stood_in_for(engine: Engine) -> None:
    plan(engine, delegate="lee@example.com")
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=None, voided_at=None))
        connection.execute(update(T["deals"]).where(T["deals"].c.id == 4).values(voided_at=NOW))
    with begun(engine, ImportQueries) as transaction:
        transaction.wake_deals_of([5], NOW)
    assert rung(engine) == ["C-1"]


def test_people_are_found_by_any_width_and_case() -> None:
    people = [ANN, BOB, CHIKA]
    for wanted, found in (
        ("ＡＮＮ", ANN),
        ("BOB@EXAMPLE.COM", BOB),
        ("田中", CHIKA),
        ("chika@", CHIKA),
    ):
        assert find_person(people, wanted) is found

"""Signals in the database: which of several values counts, whose they are, what was known when."""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.core.health import backtest
from scheduler.core.imports.signals import SignalLine
from scheduler.services.signals.listing import SignalsAsked
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import begun
from scheduler.storage.imports.importing import ImportQueries
from scheduler.storage.imports.signals import SignalImports
from scheduler.storage.signals.chains import void
from scheduler.storage.signals.listing import SignalListingRows
from scheduler.storage.signals.reading import heard_signals, named_signals
from tests.cast import at
from tests.storage.builders import add_contract, add_row
from tests.storage.signals.keeping import keep, line

SIGNALS, SUBJECTS = metadata.tables["signals"], metadata.tables["signal_subjects"]
MONDAY, TUESDAY = at("2027-01-04"), at("2027-01-05")
FIRST, SECOND, THIRD = at("2027-01-10"), at("2027-01-11"), at("2027-01-12")


NAMES = ("logins", "nps", "seats")


class Believed(NamedTuple):
    """One value that counts."""

    at: datetime
    name: str
    value: float


def live(engine: Engine, contract: int = 1) -> list[Believed]:
    """What is believed of a contract now, in order of its measurement."""
    with engine.connect() as connection:
        known = named_signals(connection, [contract], NAMES).get(contract, {})
    return sorted(
        Believed(at, name, value)
        for name, series in known.items()
        for at, value in zip(*series, strict=True)
    )


def received(engine: Engine) -> set[datetime]:
    """When what is believed now was received."""
    query = select(SIGNALS.c.received_at).where(SIGNALS.c.superseded_at.is_(None))
    with engine.connect() as connection:
        return set(connection.scalars(query))


def unmatched(engine: Engine) -> list[tuple[str, datetime, float]]:
    """What is kept for whoever nobody knows: about whom, when measured, how much."""
    asked = SignalsAsked(unmatched=True)
    with engine.connect() as connection:
        listed = SignalListingRows(connection).listed(asked)
    return [(signal.subject, signal.at, signal.value) for signal in listed]


def known(engine: Engine, instant: datetime, contract: int = 1) -> list[float]:
    """The values that were believed at an instant, in order of their measurement."""
    with engine.connect() as connection:
        heard = heard_signals(connection, [contract], NAMES).get(contract, [])
    signals = backtest.known(heard, instant)
    return [s.value for s in sorted(signals, key=lambda s: (s.at, s.name, s.source))]


@pytest.fixture
def contract(engine: Engine) -> Engine:
    """The contract C-1 of Aoba Trading, with the number 1."""
    with engine.begin() as connection:
        add_contract(connection, "C-1")
    return engine


def test_signals_come_back_by_name_in_the_order_of_their_instants(contract: Engine) -> None:
    lines = [
        line(TUESDAY, 3),
        line(MONDAY, 2, name="seats"),
        line(MONDAY, 1),
        line(MONDAY, 9, source="a"),
    ]
    keep(contract, FIRST, lines)
    with contract.connect() as connection:
        known = named_signals(connection, [1], NAMES)[1]
    assert known == {
        "logins": ((MONDAY, MONDAY, TUESDAY), (1.0, 9.0, 3.0)),
        "seats": ((MONDAY,), (2.0,)),
    }
    assert received(contract) == {FIRST}


def test_the_same_file_again_is_nothing_new(contract: Engine) -> None:
    lines = [line(MONDAY, 5), line(TUESDAY, 7), line(TUESDAY, 8)]
    first, again = keep(contract, FIRST, lines), keep(contract, SECOND, lines)
    assert (first.new, first.corrected, first.repeated) == (2, 0, 1)
    assert (again.new, again.corrected, again.repeated) == (0, 0, 3)
    assert [s.value for s in live(contract)] == [5.0, 8.0]
    assert received(contract) == {FIRST}


def test_what_contradicts_itself_in_a_file_is_named_and_the_larger_counts(contract: Engine) -> None:
    kept = keep(contract, FIRST, [line(MONDAY, 8, number=2)], [line(MONDAY, 7, number=3)])
    assert kept.contradicted == ((2, 3),)
    assert [s.value for s in live(contract)] == [8.0]
    assert keep(contract, SECOND, [line(MONDAY, 8), line(MONDAY, 8)]).contradicted == ()


def test_a_correction_counts_from_when_it_was_received(contract: Engine) -> None:
    keep(contract, FIRST, [line(MONDAY, 5)])
    kept = keep(contract, SECOND, [line(MONDAY, 7), line(TUESDAY, 1)])
    assert (kept.new, kept.corrected, kept.repeated) == (1, 1, 0)
    assert [s.value for s in live(contract)] == [7.0, 1.0]
    assert known(contract, FIRST - timedelta(seconds=1)) == []
    assert known(contract, FIRST) == [5.0]
    assert known(contract, SECOND - timedelta(seconds=1)) == [5.0]
    assert known(contract, SECOND) == [7.0, 1.0]
    with contract.connect() as connection:
        rows = connection.execute(select(SIGNALS.c.value, SIGNALS.c.superseded_at))
        assert sorted(map(tuple, rows), key=str) == [(1.0, None), (5.0, SECOND), (7.0, None)]


def test_a_value_that_is_corrected_back_counts_again(contract: Engine) -> None:
    for now, value in ((FIRST, 5), (SECOND, 7), (THIRD, 5)):
        keep(contract, now, [line(MONDAY, value)])
    assert [s.value for s in live(contract)] == [5.0]
    assert [known(contract, now) for now in (FIRST, SECOND, THIRD)] == [[5.0], [7.0], [5.0]]


def test_a_file_that_says_when_things_became_known_brings_its_history(contract: Engine) -> None:
    history = [line(MONDAY, 7, received_at=SECOND), line(MONDAY, 5, received_at=FIRST)]
    assert keep(contract, THIRD, history).new == 1
    assert [known(contract, now) for now in (FIRST, SECOND)] == [[5.0], [7.0]]
    assert keep(contract, THIRD, history).repeated == 2


def test_what_an_undone_import_said_was_known_until_it_was_undone(contract: Engine) -> None:
    keep(contract, FIRST, [line(MONDAY, 5)])
    keep(contract, SECOND, [line(MONDAY, 7)])
    with contract.begin() as connection:
        assert void(connection, 2, THIRD) == 1
    assert [s.value for s in live(contract)] == [5.0]
    assert [known(contract, now) for now in (FIRST, SECOND, THIRD)] == [[5.0], [7.0], [5.0]]
    keep(contract, THIRD + timedelta(days=1), [line(MONDAY, 7)])
    assert [s.value for s in live(contract)] == [7.0]


def test_a_contract_has_the_signals_of_its_customer_too(contract: Engine) -> None:
    keep(
        contract,
        FIRST,
        [line(MONDAY, 1), line(MONDAY, 50, name="nps", kind="customer", subject="aoba trading")],
    )
    assert [(s.name, s.value) for s in live(contract)] == [("logins", 1.0), ("nps", 50.0)]


def test_a_later_term_has_the_signals_of_the_terms_before(contract: Engine) -> None:
    with contract.begin() as connection:
        later, _ = add_contract(connection, "c-1", source_id="C-1+1", predecessor_id=1)
    keep(contract, FIRST, [line(MONDAY, 1)])
    assert [s.value for s in live(contract, later)] == [1.0]
    assert [s.value for s in live(contract, 1)] == [1.0]


def test_a_number_of_two_contracts_means_neither(contract: Engine) -> None:
    with contract.begin() as connection:
        add_contract(connection, "c-1", source="other")
    kept = keep(contract, FIRST, [line(MONDAY, 1), line(MONDAY, 2, subject="C-2")])
    assert (kept.unknown, kept.unknown_count) == (("C-1", "C-2"), 2)
    assert live(contract) == []


def test_a_number_that_a_second_source_has_too_means_nobody_from_then_on(contract: Engine) -> None:
    keep(contract, FIRST, [line(MONDAY, 1)])
    with contract.begin() as connection:
        other, _ = add_contract(connection, "c-1", source="other")
    kept = keep(contract, SECOND, [line(TUESDAY, 2)])
    assert (kept.new, kept.unknown, kept.unknown_count) == (1, ("C-1",), 1)
    assert [s.value for s in live(contract)] == [1.0], "what was matched stays"
    assert live(contract, other) == []
    assert unmatched(contract) == [("C-1", TUESDAY, 2.0)]


def test_a_name_that_a_second_customer_has_too_means_nobody_from_then_on(contract: Engine) -> None:
    about = partial(line, kind="customer", subject="Aoba Trading")
    keep(contract, FIRST, [about(MONDAY, 1)])
    with contract.begin() as connection:
        add_row(connection, "customers", source="other", source_id="7", name="Aoba Trading")
    assert keep(contract, SECOND, [about(TUESDAY, 2)]).unknown == ("Aoba Trading",)
    assert [s.value for s in live(contract)] == [1.0]
    assert unmatched(contract) == [("Aoba Trading", TUESDAY, 2.0)]


def test_what_came_before_a_number_meant_two_is_repeated_and_corrected_where_it_is(
    contract: Engine,
) -> None:
    keep(contract, FIRST, [line(MONDAY, 1), line(TUESDAY, 2)])
    with contract.begin() as connection:
        add_contract(connection, "c-1", source="other")
    file = [line(MONDAY, 1), line(TUESDAY, 5), line(TUESDAY, 3, name="nps")]
    for kept in (keep(contract, SECOND, file), keep(contract, THIRD, file)):
        assert kept.unknown == ("C-1",)
    assert (kept.new, kept.corrected, kept.repeated) == (0, 0, 3)
    assert [s.value for s in live(contract)] == [1.0, 5.0]
    assert unmatched(contract) == [("C-1", TUESDAY, 3.0)]


def test_who_alone_has_a_number_in_the_end_has_what_waited_for_it_and_what_lost_its_contract(
    contract: Engine,
) -> None:
    keep(contract, FIRST, [line(MONDAY, 1)])
    with contract.begin() as connection:
        other, _ = add_contract(connection, "c-1", source="other")
    keep(contract, SECOND, [line(TUESDAY, 2)])
    contracts = metadata.tables["contracts"]
    with contract.begin() as connection:
        gone = update(contracts).where(contracts.c.id == 1)
        connection.execute(gone.values(number="C-5", source_id="C-5"))
        connection.execute(update(SUBJECTS).values(contract_id=None))
    kept = keep(contract, THIRD, [line(MONDAY, 1), line(TUESDAY, 2)])
    assert (kept.new, kept.repeated, kept.unknown) == (0, 2, ())
    assert [s.value for s in live(contract, other)] == [1.0, 2.0]


def test_whoever_is_unknown_is_found_when_their_contract_comes_in(engine: Engine) -> None:
    lines = [
        line(MONDAY, 1),
        line(MONDAY, 2, kind="customer", subject="Aoba Trading", name="nps"),
        line(MONDAY, 3, kind="customer", subject="Beta", name="nps"),
    ]
    assert keep(engine, FIRST, lines).unknown_count == 3
    with engine.begin() as connection:
        add_contract(connection, "C-1")
    with begun(engine, ImportQueries) as importing:
        number = importing.begin("erp", "contracts", "erp.csv", "", SECOND).import_id
        importing.finish(number, {}, SECOND)
    assert [(s.name, s.value) for s in live(engine)] == [("logins", 1.0), ("nps", 2.0)]
    assert keep(engine, THIRD, lines).unknown == ("Beta",)


def test_who_gets_a_number_that_signals_waited_for_is_measured_anew(contract: Engine) -> None:
    keep(contract, FIRST, [line(MONDAY, 1, subject="C-7")])
    deals, contracts = metadata.tables["deals"], metadata.tables["contracts"]
    with contract.begin() as connection:
        connection.execute(update(contracts).values(number="C-7"))
        connection.execute(update(deals).values(health_outlook="x", wake_at=at("2030-01-01")))
    with begun(contract, ImportQueries) as importing:
        number = importing.begin("erp", "contracts", "erp.csv", "", SECOND).import_id
        importing.finish(number, {}, SECOND)
    with contract.connect() as connection:
        row = connection.execute(select(deals.c.health_outlook, deals.c.wake_at)).one()
    assert tuple(row) == (None, SECOND)


def test_a_contract_that_goes_leaves_its_signals_to_be_matched_again(contract: Engine) -> None:
    keep(contract, FIRST, [line(MONDAY, 1)])
    with contract.begin() as connection:
        for table in ("passages", "deals", "contracts"):
            connection.execute(delete(metadata.tables[table]))
        assert connection.scalars(select(SUBJECTS.c.contract_id)).all() == [None]


def test_only_contracts_of_which_something_new_is_said_are_concerned(contract: Engine) -> None:
    with contract.begin() as connection:
        add_contract(connection, "C-2")
        add_contract(connection, "C-3", customer="Beta")
    keep(contract, FIRST, [line(MONDAY, 1), line(MONDAY, 1, subject="C-2")])
    again = [
        line(MONDAY, 1),
        line(MONDAY, 2, subject="C-2"),
        line(MONDAY, 9, kind="customer", subject="Beta"),
    ]
    with SignalImports(contract).staging(SECOND) as stage:
        stage.add(again)
        with stage.importing(keep=False) as transaction:
            transaction.begin("crm", "signals", "crm.csv", "", SECOND)
            transaction.keep_staged()
            assert list(transaction.concerned()) == [2, 3]
    assert [s.value for s in live(contract, 2)] == [1.0], "a dry run keeps nothing"


def test_a_measurement_has_one_value_that_counts(contract: Engine) -> None:
    keep(contract, FIRST, [line(MONDAY, 5)])
    same = {"subject_id": 1, "name": "logins", "at": MONDAY, "source": "crm"}
    other = same | {"value": 6, "received_at": SECOND, "import_id": 1}
    with pytest.raises(IntegrityError), contract.begin() as connection:
        connection.execute(insert(SIGNALS), other)
    with pytest.raises(IntegrityError), contract.begin() as connection:
        connection.execute(update(SIGNALS).values(voided_at=THIRD))
    with pytest.raises(IntegrityError), contract.begin() as connection:
        add_row(connection, "signal_subjects", kind="person", key="a", written="a")


LINES = st.lists(
    st.builds(
        line,
        st.sampled_from([MONDAY, TUESDAY]),
        st.sampled_from([0.0, 1.0, 2.5]),
        name=st.sampled_from(["logins", "seats"]),
        subject=st.sampled_from(["C-1", "C-2"]),
        received_at=st.sampled_from([FIRST, SECOND, THIRD]),
    ),
    max_size=12,
)


def state(engine: Engine) -> list[tuple[object, ...]]:
    """Everything that was ever believed, whatever its numbers."""
    columns = [SIGNALS.c[c] for c in "name at source value received_at superseded_at".split()]
    whose = select(SUBJECTS.c.key, *columns).join(SUBJECTS, SUBJECTS.c.id == SIGNALS.c.subject_id)
    believed = SIGNALS.c.superseded_at.is_(None) | (SIGNALS.c.superseded_at > SIGNALS.c.received_at)
    with engine.connect() as connection:
        return sorted(map(tuple, connection.execute(whose.where(believed))), key=str)


def emptied(engine: Engine) -> None:
    """Takes all signals away."""
    with engine.begin() as connection:
        for table in ("signals", "signal_subjects", "imports"):
            connection.execute(delete(metadata.tables[table]))


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, data=st.data())
def test_no_order_and_no_repetition_changes_what_is_kept(
    engine: Engine, lines: list[SignalLine], data: st.DataObject
) -> None:
    emptied(engine)
    for received_at in (FIRST, SECOND, THIRD):
        keep(engine, THIRD, [one for one in lines if one.received_at == received_at])
    orderly = state(engine)
    emptied(engine)
    shuffled = data.draw(st.permutations([*lines, *lines[:3]]))
    cut = data.draw(st.integers(0, len(shuffled)))
    keep(engine, THIRD, shuffled[:cut][:2], shuffled[:cut][2:])
    keep(engine, THIRD, shuffled[cut:])
    assert state(engine) == orderly


def test_the_names_of_signals_are_those_that_are_believed(contract: Engine) -> None:
    keep(contract, FIRST, [line(MONDAY, 1), line(MONDAY, 2, name="seats")])
    with contract.connect() as connection:
        look = SignalListingRows(connection)
        assert look.names() == {"logins", "seats"}
    with contract.begin() as connection:
        connection.execute(
            update(SIGNALS).where(SIGNALS.c.name == "seats").values(superseded_at=SECOND)
        )
        assert SignalListingRows(connection).names() == {"logins"}

"""A pause beside those who make messages at the same moment."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, update

from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.sync.passages import HUBSPOT
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.services.deals.pauses import passing_soon, pause, preview_pause, standing
from scheduler.storage.database.deals import CONTRACTS, DEALS
from scheduler.storage.database.engine import open_engine, transaction
from scheduler.storage.database.paused import active, covered_by, follow_numbers
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.delivery.pauses import PauseQueries, PauseRows
from tests.cast import at
from tests.services.delivering import POLICY, Post
from tests.storage.builders import add_cast, add_contract
from tests.storage.racing import beside


def test_what_a_message_is_made_of_meanwhile_waits_all_the_same(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, "C-1", owner_id=ann)
    post = Post(engine)
    post.sweep()
    wanted = Pause(Scope.CONTRACT, "C-1", post.hands.now(), None, "a dispute", "Bob")
    with begun(engine, FormingQueries) as forming:
        (waiting,) = forming.waiting(post.hands.now(), 10)
        finish = beside(engine, lambda: pause(transactions(engine, PauseQueries), wanted, POLICY))
        forming.open(
            "of today",
            waiting,
            (ChannelName.SLACK, "U0ANN"),
            Language.EN,
            post.hands.now().date(),
            post.hands.now(),
        )
    finish()
    assert post.column("nudges", "state", "message_id") == [("waiting", None)]
    assert post.column("messages", "state") == ["cancelled"]


def test_a_look_waits_for_no_writer(database_url: str) -> None:
    impatient = (
        f"{database_url}?timeout=0.05" if database_url.startswith("sqlite") else database_url
    )
    engine, reading = open_engine(impatient), open_engine(impatient, reading=True)
    pausing, paused = transactions(engine, PauseQueries), transactions(reading, PauseRows)
    now = at("2027-03-25")
    with engine.begin() as connection:
        add_contract(connection, "C-1", date(2027, 3, 29))
    wanted = Pause(Scope.EVERYTHING, "", now - timedelta(days=1), None, "audit", "Bob")
    pause(pausing, wanted, POLICY)
    with transaction(engine):
        assert [p.contract for p in preview_pause(paused, wanted, POLICY).passing] == ["C-1"]
        assert standing(paused, now, POLICY)[0] == [wanted]
        assert passing_soon(paused, now, POLICY) is not None
    for one in (engine, reading):
        one.dispose()


def paused(engine: Engine, number: str, by: str = "Bob") -> list[str]:
    """The contracts that a pause of this one covers."""
    with begun(engine, PauseQueries) as pausing:
        wanted = pausing.of_contract(Pause(Scope.CONTRACT, number, at("2027-01-04"), by=by))
        assert wanted is not None
        pausing.begin(wanted)
    return covered(engine)


def covered(engine: Engine) -> list[str]:
    """The numbers of the contracts of what is paused."""
    with engine.begin() as connection:
        (pause,) = active(connection, at("2027-01-05"))
        query = select(CONTRACTS.c.number).join(DEALS, DEALS.c.contract_id == CONTRACTS.c.id)
        return sorted(connection.scalars(query.where(covered_by(pause))))


def three_terms(engine: Engine) -> None:
    """A contract that was renewed under another number twice, and one of somebody else."""
    with engine.begin() as connection:
        first, _ = add_contract(connection, "C-1")
        second, _ = add_contract(connection, "N-2", predecessor_id=first)
        add_contract(connection, "N-3", predecessor_id=second)
        add_contract(connection, "X-1")


@pytest.mark.parametrize("number", ["C-1", "n-2", "N-3"])
def test_a_pause_covers_every_term_of_its_contract_whatever_their_numbers(
    engine: Engine, number: str
) -> None:
    three_terms(engine)
    assert paused(engine, number) == ["C-1", "N-2", "N-3"]
    with begun(engine, PauseQueries) as pausing:
        ending = pausing.of_contract(Pause(Scope.CONTRACT, "N-3", at("2027-01-05"), by="Bob"))
        assert ending is not None
        assert pausing.end(ending) == 1, "by any of its numbers"


def test_a_pause_because_hubspots_record_is_gone_is_about_that_record(engine: Engine) -> None:
    three_terms(engine)
    with begun(engine, PauseQueries) as pausing:
        pausing.begin(Pause(Scope.CONTRACT, "N-2", at("2027-01-04"), by=HUBSPOT))
    assert covered(engine) == ["N-2"]


@pytest.mark.parametrize("by", ["Bob", HUBSPOT])
def test_a_pause_goes_by_the_number_that_a_contract_has_now(engine: Engine, by: str) -> None:
    three_terms(engine)
    with begun(engine, PauseQueries) as pausing:
        pausing.begin(Pause(Scope.CONTRACT, "X-1", at("2027-01-04"), by=by))
    for before, after in (("X-1", "ｘ－１"), ("ｘ－１", "Y-5")):
        with engine.begin() as connection:
            numbered = update(CONTRACTS).where(CONTRACTS.c.number == before)
            connection.execute(numbered.values(number=after))
            follow_numbers(connection, [(before, after)])
        assert covered(engine) == [after]

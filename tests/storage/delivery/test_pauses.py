"""A pause beside those who make messages at the same moment."""

from datetime import date, timedelta

from sqlalchemy import Engine

from scheduler.core.deal.pauses import Pause, Scope
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.services.deals.pauses import passing_soon, pause, preview_pause, standing
from scheduler.storage.database.engine import open_engine, transaction
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.delivery.pauses import Paused, PauseQueries
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
    pausing, paused = transactions(engine, PauseQueries), transactions(reading, Paused)
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

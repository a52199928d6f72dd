"""A pause beside those who make messages at the same moment."""

from sqlalchemy import Engine

from scheduler.core.pauses import Pause, Scope
from scheduler.core.words import ChannelName, Language
from scheduler.services.pauses import pause
from scheduler.storage.forming import FormingRows
from scheduler.storage.pauses import PauseRows
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
    with FormingRows(engine).forming() as forming:
        (waiting,) = forming.waiting(post.hands.now(), 10)
        finish = beside(engine, lambda: pause(PauseRows(engine, engine), wanted, POLICY))
        forming.open("of today", waiting, (ChannelName.SLACK, "U0ANN"), Language.EN, post.hands.now().date(), post.hands.now())
    finish()
    assert post.column("nudges", "state", "message_id") == [("waiting", None)]
    assert post.column("messages", "state") == ["cancelled"]

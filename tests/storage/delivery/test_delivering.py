"""The locks, fences, leases and keys of delivery, one by one, on both databases: what each of them
keeps out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text, update

from scheduler.core.messages.state_tables import CARRIED_BY, NUDGES
from scheduler.core.messages.states import (
    STATES,
    Message,
    Shown,
    dead_lettered,
    move_message,
    outcome_unknown,
    retried,
    sent,
)
from scheduler.core.words.lexicon import ChannelName, MessageState
from scheduler.ports import Rendered
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.form import form_messages
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.transactions import begun, transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import FOLLOWS, LOOKING, DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.delivery.message_rows import shown_as_json, shown_from
from scheduler.storage.delivery.statements import UNSETTLED
from tests.cast import at, policy
from tests.storage.builders import T, add_cast, add_contract
from tests.storage.racing import at_once, beside

NOW = at("2027-01-05")
LEASE = NOW + timedelta(seconds=120)
POLICY = policy()
SLACK, MAIL, PREVIEW = ChannelName
ALL = (SLACK, MAIL, PREVIEW)


def add_message(engine: Engine, key: str = "k1", **more: Any) -> None:
    """A queued Slack message to Ann."""
    values = {
        "recipient": "person:2",
        "channel": "slack",
        "address": "U0ANN",
        "created_at": NOW,
        "not_before_at": NOW,
        "state": "queued",
        **more,
    }
    with engine.begin() as connection:
        connection.execute(insert(T["messages"]).values(key=key, **values))


def claimed(
    engine: Engine,
    worker: str = "one",
    now: datetime = NOW,
    channels: Sequence[ChannelName] = ALL,
    limit: int = 10,
) -> list[Message]:
    """What a worker claims."""
    with begun(engine, DeliveryQueries) as transaction:
        return list(transaction.claim(now, now + timedelta(seconds=120), worker, limit, channels))


def within(engine: Engine, act: Callable[[DeliveryQueries], Any]) -> Any:
    """The result of `act` in a transaction of its own."""
    with begun(engine, DeliveryQueries) as transaction:
        return act(transaction)


def column(engine: Engine, name: str, table: str = "messages") -> list[Any]:
    """A column, in the order of the rows."""
    with engine.begin() as connection:
        return list(
            connection.execute(
                select(T[table].c[name]).order_by(
                    T[table].c.id if "id" in T[table].c else T[table].c.scope
                )
            ).scalars()
        )


def test_a_claim_has_a_lease_an_owner_and_a_higher_fence(engine: Engine) -> None:
    add_message(engine, fence=4)
    (message,) = claimed(engine)
    assert (message.state, message.lease_until, message.fence) == (MessageState.CLAIMED, LEASE, 5)
    assert [column(engine, name) for name in ("state", "lease_until", "fence", "claimed_by")] == [
        ["claimed"],
        [LEASE],
        [5],
        ["one"],
    ]


@pytest.mark.parametrize("state", [s for s in MessageState if s is not MessageState.QUEUED])
def test_only_what_is_queued_is_claimed(engine: Engine, state: MessageState) -> None:
    add_message(engine, state=state.value)
    assert claimed(engine) == []


def test_what_is_not_due_yet_or_on_another_channel_is_left(engine: Engine) -> None:
    add_message(engine, "later", not_before_at=NOW + timedelta(seconds=1))
    add_message(engine, "mail", channel="email")
    add_message(engine, "due")
    assert [m.key for m in claimed(engine, channels=(SLACK,))] == ["due"]


def test_those_that_have_waited_longest_go_first(engine: Engine) -> None:
    for minutes in (1, 3, 2):
        add_message(engine, f"{minutes} minutes", not_before_at=NOW - timedelta(minutes=minutes))
    assert [m.key for m in claimed(engine, limit=2)] == ["3 minutes", "2 minutes"]


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        ("slack:T1:chat.postMessage", True),
        ("slack:T1:conversations.history", True),
        ("email:smtp", False),
    ],
)
@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(0)])
def test_a_limit_holds_its_channel_until_it_is_over(
    engine: Engine, scope: str, holds: bool, ahead: timedelta
) -> None:
    add_message(engine)
    within(engine, lambda t: t.limit(scope, NOW + ahead, "ratelimited"))
    assert (claimed(engine) == []) == (holds and bool(ahead))


def test_a_limit_grows_and_never_shrinks(engine: Engine) -> None:
    for seconds in (30, 90, 60):
        with begun(engine, DeliveryQueries) as transaction:
            transaction.limit("slack:T1:x", NOW + timedelta(seconds=seconds), f"{seconds} s")
    assert (column(engine, "until_at", "limits"), column(engine, "reason", "limits")) == (
        [NOW + timedelta(seconds=90)],
        ["90 s"],
    )


def test_many_who_meet_the_same_limit_at_once_note_it_once(engine: Engine) -> None:
    errors = at_once(
        8, lambda: within(engine, lambda t: t.limit("slack:T1:x", LEASE, "ratelimited"))
    )
    assert errors == []
    assert column(engine, "scope", "limits") == ["slack:T1:x"]


def test_what_one_has_claimed_another_does_not_get_while_the_claim_is_not_even_committed(
    engine: Engine,
) -> None:
    for n in range(4):
        add_message(engine, f"k{n}")
    got: list[str] = []
    with begun(engine, DeliveryQueries) as first:
        mine = [m.key for m in first.claim(NOW, LEASE, "one", 2, ALL)]
        finish = beside(engine, lambda: got.extend(m.key for m in claimed(engine, "two")))
    finish()
    assert sorted(mine + got) == ["k0", "k1", "k2", "k3"]


def test_a_claim_goes_round_what_another_transaction_holds_instead_of_waiting(
    empty_postgres_url: str,
) -> None:
    engine = open_engine(empty_postgres_url)
    for n in range(2):
        add_message(engine, f"k{n}")
    with begun(engine, DeliveryQueries) as first, engine.begin() as second:
        first.claim(NOW, LEASE, "one", 1, ALL)
        second.execute(text("SET LOCAL lock_timeout = '1s'"))
        assert [m.key for m in DeliveryQueries(second).claim(NOW, LEASE, "two", 2, ALL)] == ["k1"]
    engine.dispose()


def test_eight_who_claim_at_once_share_without_overlap(engine: Engine) -> None:
    for n in range(80):
        add_message(engine, f"k{n:02}")
    got: list[str] = []

    def claim() -> None:
        while some := claimed(engine, limit=3):
            got.extend(m.key for m in some)

    assert at_once(8, claim) == []
    got += [m.key for m in claimed(engine, limit=80)]
    assert sorted(got) == sorted(set(got))
    assert len(got) == 80


@pytest.mark.parametrize(
    ("fence", "late"), [(0, timedelta(0)), (2, timedelta(0)), (1, timedelta(seconds=120))]
)
def test_a_hand_over_needs_the_present_fence_and_a_lease_that_runs(
    engine: Engine, fence: int, late: timedelta
) -> None:
    add_message(engine)
    (message,) = claimed(engine)
    assert not within(engine, lambda t: t.hand_over(replace(message, fence=fence), NOW + late))
    assert column(engine, "state") == ["claimed"]
    assert within(engine, lambda t: t.hand_over(message, NOW + timedelta(seconds=119)))
    assert (column(engine, "state"), column(engine, "attempts")) == (["handed_over"], [1])
    assert column(engine, "handed_over_at") == [NOW + timedelta(seconds=119)]


HANDED = MessageState.HANDED_OVER
RECORDS: dict[str, Callable[[Message], Message]] = {
    "sent": lambda m: sent(m, "C1/1.2", NOW),
    "queued": lambda m: retried(m, "busy", None, NOW),
    "dead": lambda m: dead_lettered(m, "gone"),
    "unknown": lambda m: outcome_unknown(m, "lost", NOW),
}


@pytest.mark.parametrize(("state", "record"), RECORDS.items(), ids=list(RECORDS))
def test_a_record_needs_the_present_fence(
    engine: Engine, state: str, record: Callable[[Message], Message]
) -> None:
    add_message(engine)
    message = replace(claimed(engine)[0], state=HANDED, handed_over_at=NOW, attempts=1)
    with engine.begin() as connection:
        connection.execute(
            update(T["messages"]).values(state="handed_over", handed_over_at=NOW, attempts=1)
        )
    for fence in (0, 2):
        with begun(engine, DeliveryQueries) as transaction:
            assert not transaction.save(record(message), fence)
    assert column(engine, "state") == ["handed_over"]
    assert within(engine, lambda t: t.save(record(message), 1))
    assert (column(engine, "state"), column(engine, "lease_until")) == ([state], [None])


@pytest.mark.parametrize("before", MessageState)
def test_a_row_moves_along_the_same_table_as_the_value(
    engine: Engine, before: MessageState
) -> None:
    for number, to in enumerate(MessageState, 1):
        add_message(engine, to.value, state=before.value)
        with begun(engine, DeliveryQueries) as transaction:
            message = Message(
                number, to.value, "nudges", "person:2", SLACK, "U0ANN", POLICY.language, to, NOW
            )
            assert transaction.save(message, 0) == (to in STATES[before]), (
                f"{to}: what is recorded already is not recorded again"
            )


def told(engine: Engine) -> Message:
    """Ann's nudge in a message that is claimed."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    form_messages(transactions(engine, FormingQueries), POLICY, ALL, NOW)
    return claimed(engine)[0]


@pytest.mark.parametrize(
    ("to", "nudge"),
    [
        ("sent", "sent"),
        ("in_doubt", "in_doubt"),
        ("held", "held"),
        ("cancelled", "cancelled"),
        ("queued", "waiting"),
        ("unknown", "waiting"),
    ],
)
def test_nudges_follow_their_message_into_its_end(engine: Engine, to: str, nudge: str) -> None:
    message = told(engine)
    state = MessageState(to)
    with engine.begin() as connection:
        connection.execute(
            update(T["messages"]).values(
                state=next(s.value for s in (HANDED, *STATES) if state in STATES[s])
            )
        )
    assert within(
        engine,
        lambda t: t.save(
            replace(message, state=state, sent_at=NOW if to == "sent" else None, reason="why"),
            message.fence,
        ),
    )
    assert (column(engine, "state", "nudges"), column(engine, "sent_at", "nudges")) == (
        [nudge],
        [NOW if to == "sent" else None],
    )


def test_a_nudge_that_was_cancelled_stays_so_when_its_message_goes_out(engine: Engine) -> None:
    message = told(engine)
    with engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(state="cancelled", reason="already answered"))
        connection.execute(update(T["messages"]).values(state="handed_over"))
    assert within(
        engine,
        lambda t: t.save(replace(message, state=MessageState.SENT, sent_at=NOW), message.fence),
    )
    assert (column(engine, "state", "nudges"), column(engine, "reason", "nudges")) == (
        ["cancelled"],
        ["already answered"],
    )


def test_a_deal_that_was_written_since_is_read_again(engine: Engine) -> None:
    message = told(engine)
    contents = within(engine, lambda t: t.carried([message]))[message.id]
    assert within(engine, lambda t: t.unchanged(contents))
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(version=T["deals"].c.version + 1))
    assert not within(engine, lambda t: t.unchanged(contents))


def test_nothing_joins_a_message_that_is_being_claimed(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    form_messages(transactions(engine, FormingQueries), POLICY, ALL, NOW)
    with engine.begin() as connection:
        add_contract(connection, "C-2", owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    with begun(engine, DeliveryQueries) as first:
        (message,) = first.claim(NOW, LEASE, "one", 1, ALL)
        carried = first.carried([message])[message.id]
        finish = beside(
            engine, lambda: form_messages(transactions(engine, FormingQueries), POLICY, ALL, NOW)
        )
    finish()
    assert len(carried) == 1
    assert column(engine, "message_id", "nudges") == [message.id, None], (
        "who joined now would never be said, and yet count as told"
    )


def test_nothing_is_claimed_that_is_being_joined(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    form_messages(transactions(engine, FormingQueries), POLICY, ALL, NOW)
    with engine.begin() as connection:
        add_contract(connection, "C-2", owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    got: list[Message] = []
    with begun(engine, FormingQueries) as first:
        (waiting,) = first.waiting(NOW, 10)
        has = first.message_of(waiting.recipient, NOW.date())
        finish = beside(engine, lambda: got.extend(claimed(engine)))
        assert has.queued_id is not None
        first.join(waiting.recipient, has.queued_id, NOW)
    finish()
    got += claimed(engine)
    assert [len(within(engine, lambda t: t.carried(got))[m.id]) for m in got] == [2]


def test_one_machine_forms_at_a_time(engine: Engine) -> None:
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    with begun(engine, FormingQueries) as first:
        (waiting,) = first.waiting(NOW, 10)
        finish = beside(
            engine, lambda: form_messages(transactions(engine, FormingQueries), POLICY, ALL, NOW)
        )
        assert not first.message_of(waiting.recipient, NOW.date()).exists
        first.open("mine", waiting, (SLACK, "U0ANN"), POLICY.language, NOW.date(), NOW)
    finish()
    assert column(engine, "key") == ["mine"]


def expired(engine: Engine, now: datetime) -> list[Message]:
    return list(within(engine, lambda t: list(t.expired(now, 10))))


def test_a_lease_ends_to_the_second(engine: Engine) -> None:
    add_message(engine)
    claimed(engine)
    assert expired(engine, LEASE - timedelta(seconds=1)) == []
    assert [m.key for m in expired(engine, LEASE)] == ["k1"]


@pytest.mark.parametrize(("handed", "fence"), [(None, 2), (NOW, 1)])
def test_a_worker_too_late_for_the_hand_over_is_shut_out_one_too_late_for_the_record_may_still_speak(
    engine: Engine, handed: datetime | None, fence: int
) -> None:
    add_message(engine)
    claimed(engine)
    with engine.begin() as connection:
        connection.execute(update(T["messages"]).values(handed_over_at=handed))
    assert [m.fence for m in expired(engine, LEASE)] == column(engine, "fence") == [fence]


def test_two_who_look_for_expired_leases_do_not_find_the_same(engine: Engine) -> None:
    for n in range(2):
        add_message(engine, f"k{n}")
    claimed(engine)
    got: list[str] = []
    with begun(engine, DeliveryQueries) as first:
        mine = first.expired(LEASE, 1)
        finish = beside(engine, lambda: got.extend(m.key for m in expired(engine, LEASE)))
        for message in mine:
            first.save(move_message(message, MessageState.QUEUED, lease_until=None), message.fence)
    finish()
    assert sorted([*(m.key for m in mine), *got]) == ["k0", "k1"]


def unsettled(
    engine: Engine,
    now: datetime,
    given_up: datetime = NOW - timedelta(hours=6),
    channels: Sequence[ChannelName] = ALL,
) -> list[Message]:
    return list(within(engine, lambda t: list(t.unsettled(now, given_up, 10, channels))))


def test_what_is_being_looked_up_is_out_of_others_sight_and_has_a_higher_fence(
    engine: Engine,
) -> None:
    add_message(engine, state="unknown", fence=1)
    assert [m.fence for m in unsettled(engine, NOW)] == column(engine, "fence") == [2]
    assert unsettled(engine, NOW + LOOKING - timedelta(seconds=1)) == []
    assert [m.fence for m in unsettled(engine, NOW + LOOKING)] == [3]


def test_two_who_look_for_unknown_messages_do_not_find_the_same(engine: Engine) -> None:
    for n in range(2):
        add_message(engine, f"k{n}", state="unknown")
    got: list[str] = []
    with begun(engine, DeliveryQueries) as first:
        mine = [m.key for m in first.unsettled(NOW, NOW, 1, ALL)]
        finish = beside(engine, lambda: got.extend(m.key for m in unsettled(engine, NOW)))
    finish()
    assert sorted(mine + got) == ["k0", "k1"]


@pytest.mark.parametrize(
    ("handed", "found"), [(timedelta(hours=5), False), (timedelta(hours=6), True)]
)
def test_an_unknown_message_on_another_machines_channel_is_ours_only_after_hours(
    engine: Engine, handed: timedelta, found: bool
) -> None:
    add_message(engine, state="unknown", handed_over_at=NOW - handed)
    assert bool(unsettled(engine, NOW, channels=(MAIL,))) == found


@pytest.mark.parametrize(
    ("waited", "found"), [(timedelta(minutes=59), False), (timedelta(hours=1), True)]
)
@pytest.mark.parametrize("channel", ["slack", "email"])
def test_what_is_stranded_is_claimed(
    engine: Engine, waited: timedelta, found: bool, channel: str
) -> None:
    add_message(engine, channel=channel, not_before_at=NOW - waited)
    got = within(
        engine, lambda t: list(t.stranded(NOW, NOW - timedelta(hours=1), 10, (MAIL, PREVIEW)))
    )
    assert [m.fence for m in got] == ([1] if found and channel == "slack" else [])


def test_many_who_raise_the_same_alert_at_once_raise_it_once(engine: Engine) -> None:
    new: list[bool] = []
    errors = at_once(
        8,
        lambda: new.append(
            within(engine, lambda t: t.alert("the clock", {"title": "t"}, POLICY, ALL, NOW))
        ),
    )
    assert (errors, sorted(new), column(engine, "kind")) == ([], [False] * 7 + [True], ["alert"])
    assert within(engine, lambda t: t.alert("another", {"title": "t"}, POLICY, ALL, NOW))


def test_an_alert_that_waits_for_another_ones_transaction_does_not_undo_what_it_came_with(
    engine: Engine,
) -> None:
    add_message(engine)

    def second() -> None:
        with begun(engine, DeliveryQueries) as transaction:
            transaction.limit("slack:T1:x", LEASE, "ratelimited")
            transaction.alert("the clock", {"title": "t"}, POLICY, ALL, NOW)

    with begun(engine, DeliveryQueries) as first:
        first.alert("the clock", {"title": "t"}, POLICY, ALL, NOW)
        finish = beside(engine, second)
    finish()
    assert (column(engine, "scope", "limits"), column(engine, "kind")) == (
        ["slack:T1:x"],
        ["nudges", "alert"],
    )


def test_an_error_takes_everything_back(engine: Engine) -> None:
    add_message(engine)
    with pytest.raises(RuntimeError), begun(engine, DeliveryQueries) as transaction:  # noqa: PT012
        (message,) = transaction.claim(NOW, LEASE, "one", 1, ALL)
        transaction.hand_over(message, NOW)
        transaction.keep_text(message, Rendered("s", "t"), None)
        transaction.alert("a", {}, POLICY, ALL, NOW)
        raise RuntimeError("the power fails")
    assert (column(engine, "state"), column(engine, "fence"), column(engine, "body")) == (
        ["queued"],
        [0],
        [None],
    )


def test_posts_are_kept_only_by_whoever_holds_the_fence_and_seen_only_if_some_went_out(
    engine: Engine,
) -> None:
    add_message(engine)
    (message,) = claimed(engine)
    rendered = Rendered("s", "t", blocks=(({"type": "divider"},), ({"type": "divider"},)))
    within(engine, lambda t: t.keep_posts(replace(message, fence=0), rendered))
    assert column(engine, "body") == [None]
    within(engine, lambda t: t.keep_posts(message, rendered))
    with engine.begin() as connection:
        connection.execute(update(T["messages"]).values(state="queued"))
    assert claimed(engine)[0].posts is None
    with engine.begin() as connection:
        connection.execute(update(T["messages"]).values(state="queued", unknowns=1))
    assert claimed(engine)[0].posts == {
        "subject": "s",
        "text": "t",
        "posts": [[{"type": "divider"}], [{"type": "divider"}]],
    }


def test_the_order_of_what_is_told_is_kept_with_its_posts(engine: Engine) -> None:
    add_message(engine)
    (message,) = claimed(engine)
    rendered = Rendered(
        "s", "t", blocks=(({"type": "divider"},), ({"type": "divider"},)), order=("k2", "k1")
    )
    within(engine, lambda t: t.keep_posts(message, rendered))
    assert column(engine, "body")[0]["order"] == ["k2", "k1"]


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (None, None),
        ({"places": {"0": "1.5"}, "marks": {"0": "a"}}, Shown({0: "1.5"}, {0: "a"})),
        (
            {"places": {"0": "1.5"}, "marks": {"0": "a"}, "pieces": [["b", "c"]], "order": ["d"]},
            Shown({0: "1.5"}, {0: "a"}, (("b", "c"),), ("d",)),
        ),
    ],
    ids=["nothing", "of an earlier version", "with its layout"],
)
def test_what_posts_show_is_read_as_it_was_kept(
    kept: dict[str, Any] | None, expected: Shown | None
) -> None:
    assert shown_from(kept) == expected
    assert shown_from(shown_as_json(expected)) == expected


def test_nudges_follow_their_message_only_as_the_table_of_states_says() -> None:
    """Whatever a message becomes, what it carries goes where a nudge may go from there, and stands
    where such a message may carry it."""
    for before, allowed in STATES.items():
        for to in allowed & set(FOLLOWS):
            for nudge in (n for n in UNSETTLED if before in CARRIED_BY[n]):
                assert FOLLOWS[to] is nudge or FOLLOWS[to] in NUDGES[nudge].then, (
                    before,
                    to,
                    nudge,
                )
            assert to in CARRIED_BY[FOLLOWS[to]]

"""The balance on both databases: what is sound balances at every step of its life, and every kind
of damage is found, named, and nothing else is."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import Engine, event, insert, text, update

from scheduler.core.policy.milestones import Milestone
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.cross_check import duplicate_events, missing_events
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, EventState, NudgeState
from scheduler.ports import NotSent, Unknown
from scheduler.services.audit.balance import balance
from scheduler.services.audit.balance_findings import Balance
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.balance_faults import BY_STATE, CLEARED_BY_A_LOOK, FAULTS, Fault
from scheduler.storage.audit.balancing import BalancedRows
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.timekeeping import Timekeeping
from scheduler.storage.database.transactions import begun, still, transactions
from scheduler.storage.deals.sweeping import SweepQueries
from tests.cast import T1M, T3M, at, deal, milestone, policy
from tests.services.delivering import Post
from tests.storage.builders import T, add_cast, add_contract

FIRST = at("2026-04-01")
OFFBOARDING = milestone(
    "offboarding",
    "+10 days",
    anchor=Anchor.STAGE_ENTERED_ON,
    series="offboarding",
    in_stages=("lost",),
)


def document(*milestones: Milestone) -> dict[str, object]:
    """A version's document, as far as the balance reads it."""
    told = [
        {"id": m.id, "tell": list(m.tell), "was": list(m.was)} for m in milestones or (T3M, T1M)
    ]
    return {"policy": {"admins": ["email:admin@example.com"], "milestones": told}, "templates": {}}


def add_version(engine: Engine, number: int, applied_at: datetime, *milestones: Milestone) -> None:
    """A version of the policy that was in force from then on."""
    row = {
        "version": number,
        "hash": f"h{number}",
        "document": document(*milestones),
        "since": {},
        "author": "",
        "note": "",
        "applied_at": applied_at,
    }
    with engine.begin() as connection:
        connection.execute(insert(T["policy_versions"]), [row | {"applied_at": applied_at}])


def office(engine: Engine, contracts: int = 3, *milestones: Milestone) -> Post:
    """Ann's contracts, due on a Tuesday at ten; the daemon has not looked yet."""
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(contracts):
            add_contract(connection, f"C-{n}", owner_id=ann, customer=f"Customer {n}")
    add_version(engine, 1, FIRST, *milestones)
    return Post(engine, policy=policy(*milestones) if milestones else policy())


def all_done(post: Post) -> Post:
    """Swept, formed and sent; the sweep is on record, and two hours have passed."""
    post.sweep()
    post.form()
    post.deliver()
    record(post)
    post.later(hours=2)
    return post


def record(post: Post) -> None:
    """A sweep that found nothing left to do."""
    Timekeeping(post.engine, post.engine).record_sweep(post.hands.now())


@contextmanager
def reading(engine: Engine) -> Iterator[Engine]:
    """The engine for queries."""
    found = open_engine(engine.url.render_as_string(hide_password=False), reading=True)
    yield found
    found.dispose()


def proved(post: Post) -> Balance:
    """What the balance says now."""
    with reading(post.engine) as engine:
        found = balance(
            transactions(still(engine), BalancedRows),
            post.policy,
            post.hands.now(),
            tuple(post.channels),
        )
    assert found is not None
    return found


def faults(post: Post) -> list[tuple[str, str]]:
    """What does not agree, with its contract."""
    return [(f.fault.value, f.contract) for f in proved(post).findings]


def change(post: Post, *statements: str) -> None:
    """Changes the database behind the program's back."""
    zone = "+00" if post.engine.dialect.name == "postgresql" else ""
    with post.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement.replace(" UTC'", f"{zone}'")))


# What is sound


def test_every_step_of_a_nudge_balances(engine: Engine) -> None:
    post = office(engine)
    assert (faults(post), proved(post).total().unswept) == ([], 3)
    for step in (post.sweep, post.form, post.deliver):
        step()
        assert faults(post) == []
    total = proved(post).total()
    assert (total.due, total.events, total.made, total.nudges) == (
        3,
        {EventState.FIRED: 3},
        3,
        {NudgeState.SENT: 3},
    )


@pytest.mark.parametrize(
    "outcome",
    [NotSent("gone", permanent=True), NotSent("busy"), Unknown("no answer")],
    ids=["refused", "busy", "unknown"],
)
def test_what_does_not_get_through_balances_all_the_way(
    engine: Engine, outcome: NotSent | Unknown
) -> None:
    post = office(engine)
    post.slack.answers = [outcome]
    post.email.answers = [NotSent("gone", permanent=True)]
    post.sweep()
    post.form()
    for _ in range(12):
        post.deliver()
        post.recover()
        record(post)
        assert faults(post) == []
        post.later(minutes=50)


@pytest.mark.parametrize("gone", ["owner", "manager"])
def test_a_nudge_that_the_fallback_got_instead_of_whom_it_was_meant_for_balances(
    engine: Engine, gone: str
) -> None:
    told = milestone("renewal_3m", "-3 months", moves_to="renewal_3m", tell=("owner", "manager"))
    post = office(engine, 2, told)
    person = {"owner": "Ann Ito", "manager": "Bob Hill"}[gone]
    change(post, f"UPDATE people SET slack_id = NULL, email = NULL WHERE name = '{person}'")
    post.sweep()
    post.form()
    post.form()
    assert (post.column("nudges", "role").count("fallback"), faults(post)) == (2, [])
    change(post, "DELETE FROM nudges WHERE role = 'fallback' AND deal_id = 1")
    assert ("untold", "C-0") in faults(post)


def test_a_message_in_doubt_balances(engine: Engine) -> None:
    post = office(engine, 1)
    post.policy = replace(post.policy, email_unknown="hold")
    change(post, "UPDATE people SET slack_id = NULL")
    post.email.answers, post.email.found = [Unknown("no answer")], Unknown("no answer")
    post.sweep()
    post.form()
    post.deliver()
    post.later(minutes=20)
    post.recover()
    assert post.column("nudges", "state") == ["in_doubt"]
    assert faults(post) == []


def test_days_that_moved_and_deals_that_closed_balance(engine: Engine) -> None:
    post = all_done(office(engine, 2))
    change(post, "UPDATE contracts SET ends_on = '2027-08-31' WHERE number = 'C-0'")
    with engine.begin() as connection:
        connection.execute(
            update(T["deals"]).where(T["deals"].c.id == 1).values(wake_at=post.hands.now())
        )
    post.sweep()
    assert proved(post).total().events == {EventState.FIRED: 1, EventState.WITHDRAWN: 1}
    assert faults(post) == []
    post.hands.at = at("2027-04-20")
    post.sweep()
    assert faults(post) == []


def test_an_absence_that_begins_between_two_windows_is_no_fault(engine: Engine) -> None:
    """The nudges wait for Monday's window, when they are handed to Bob; `decide` would do it at
    midnight, and nobody's alarm rings for it."""
    post = office(engine)
    post.hands.at = at("2027-01-02 12:00")
    post.sweep()
    post.form()
    away = {
        "person_id": 2,
        "first_on": date(2027, 1, 4),
        "last_on": date(2027, 1, 29),
        "delegate_id": 1,
        "note": "",
        "actor": "",
    }
    with engine.begin() as connection:
        connection.execute(insert(T["absences"]).values(**away, created_at=post.hands.now()))
        connection.execute(update(T["deals"]).values(wake_at=post.hands.now()))
    post.sweep()
    post.hands.at = at("2027-01-04 02:00")
    assert faults(post) == []


def test_a_day_that_may_still_meet_its_condition_is_not_due(engine: Engine) -> None:
    waits = replace(
        T3M,
        where=(Condition("segment", Operator.IN, ("enterprise",)),),
        open_until=T1M.offset.parse("+20 days"),
    )
    post = office(engine, 1, waits)
    post.sweep()
    assert (faults(post), proved(post).total().due) == ([], 0)
    post.hands.at = at("2027-02-15")
    post.sweep()
    assert (faults(post), proved(post).total().events) == ([], {EventState.EXPIRED: 1})


def test_a_milestone_that_told_nobody_then_needs_no_nudge_now(engine: Engine) -> None:
    silent = replace(T3M, tell=())
    post = office(engine, 1, silent, T1M)
    post.sweep()
    assert post.column("nudges", "id") == []
    post.later(hours=1)
    add_version(engine, 2, post.hands.now())
    post.policy = policy(version=2)
    post.sweep()
    assert faults(post) == []


def test_what_waits_for_a_sweep_that_has_not_come_is_no_fault_however_long_the_daemon_was_off(
    engine: Engine,
) -> None:
    post = office(engine)
    post.later(days=20)
    found = proved(post)
    assert (found.findings, found.total().unswept) == ([], 3)
    change(post, "UPDATE deals SET policy_version = 7")
    assert faults(post) == []


def test_another_machine_sweeps_while_the_balance_reads(engine: Engine) -> None:
    post, swept = office(engine, 5), list[int]()
    other = open_engine(engine.url.render_as_string(hide_password=False))

    def after_the_deals(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "FROM people" in statement and not swept:
            swept.append(
                sweep_all(transactions(other, SweepQueries), post.policy, post.hands.now()).deals
            )

    with reading(engine) as read:
        event.listen(read, "after_cursor_execute", after_the_deals)
        found = balance(
            transactions(still(read), BalancedRows),
            post.policy,
            post.hands.now(),
            tuple(post.channels),
        )
    other.dispose()
    assert swept == [5]
    assert found is not None
    assert found.findings == []
    assert faults(post) == []


def test_it_stops_when_asked(engine: Engine) -> None:
    post = office(engine)
    with reading(engine) as read:
        assert (
            balance(
                transactions(still(read), BalancedRows),
                post.policy,
                post.hands.now(),
                (),
                stop=lambda: True,
            )
            is None
        )


# Damage

ONE = "WHERE deal_id = 1"
LONG_AGO = "'2027-01-01 00:00:00.000000 UTC'"
DAMAGE: Sequence[tuple[str, Fault, Collection[str]]] = (
    (
        "an event and its nudge are gone",
        Fault.MISSING,
        (f"DELETE FROM nudges {ONE}", f"DELETE FROM events {ONE}"),
    ),
    ("the alarm is off", Fault.OVERSLEEPS, ("UPDATE deals SET wake_at = NULL WHERE id = 1",)),
    (
        "the alarm is late",
        Fault.OVERSLEEPS,
        ("UPDATE deals SET wake_at = '2031-01-01 00:00:00.000000 UTC' WHERE id = 1",),
    ),
    (
        "nobody looks though the alarm has rung",
        Fault.STUCK_DEAL,
        (f"UPDATE deals SET wake_at = {LONG_AGO} WHERE id = 1",),
    ),
    (
        "the stage is not the one reached",
        Fault.SLEEPS,
        ("UPDATE deals SET health = 'critical', stage = 'stable' WHERE id = 1",),
    ),
    ("the nudge is gone", Fault.UNTOLD, (f"DELETE FROM nudges {ONE}",)),
    (
        "an event of a closed deal is gone",
        Fault.NO_EVENT,
        (
            "UPDATE deals SET stage = 'lost', wake_at = NULL WHERE id = 1",
            f"DELETE FROM events {ONE}",
        ),
    ),
    ("sent, no message", Fault.NOT_CARRIED, (f"UPDATE nudges SET message_id = NULL {ONE}",)),
    (
        "waiting in a message that is sent",
        Fault.LEFT_BEHIND,
        (f"UPDATE nudges SET state = 'waiting' {ONE}",),
    ),
    (
        "held in a message that is sent",
        Fault.LEFT_BEHIND,
        (f"UPDATE nudges SET state = 'held' {ONE}",),
    ),
    (
        "in doubt, the message is not",
        Fault.IN_DOUBT,
        (f"UPDATE nudges SET state = 'in_doubt' {ONE}",),
    ),
    ("dead, the message is not", Fault.NOT_DEAD, (f"UPDATE nudges SET state = 'dead' {ONE}",)),
    (
        "dead, no message",
        Fault.NOT_DEAD,
        (f"UPDATE nudges SET state = 'dead', message_id = NULL {ONE}",),
    ),
    (
        "waiting for nobody",
        Fault.STUCK_NUDGE,
        (f"UPDATE nudges SET state = 'waiting', message_id = NULL, due_at = {LONG_AGO} {ONE}",),
    ),
)


@pytest.mark.parametrize(
    ("fault", "statements"), [d[1:] for d in DAMAGE], ids=[d[0] for d in DAMAGE]
)
def test_damage_is_found_and_named_and_nothing_else_is(
    engine: Engine, fault: Fault, statements: Collection[str]
) -> None:
    post = all_done(office(engine))
    assert faults(post) == []
    change(post, *statements)
    moved = (
        [("out_of_stage", "C-0")]
        if any("stage = '" in statement for statement in statements)
        else []
    )
    assert faults(post) == [(fault.value, "C-0"), *moved]


MESSAGES = (
    ("queued", "UPDATE messages SET state = 'queued'"),
    ("unknown", "UPDATE messages SET state = 'unknown'"),
    (
        "claimed, the lease is over",
        "UPDATE messages SET state = 'claimed', lease_until = not_before_at",
    ),
    ("claimed without a lease", "UPDATE messages SET state = 'claimed', lease_until = NULL"),
)


@pytest.mark.parametrize("statement", [m[1] for m in MESSAGES], ids=[m[0] for m in MESSAGES])
def test_a_message_that_stands_still_is_found_once_deliveries_went_on(
    engine: Engine, statement: str
) -> None:
    post = all_done(office(engine))
    change(post, statement, "UPDATE nudges SET state = 'waiting'")
    assert faults(post) == [], "nothing was looked at since"
    record(post)
    assert faults(post) == [("stuck_message", "")]


@pytest.mark.parametrize("state", ["cancelled", "dead", "held", "in_doubt", "sent"])
def test_a_nudge_that_waits_in_a_message_that_will_not_go_out_is_lost(
    engine: Engine, state: str
) -> None:
    post = all_done(office(engine, 1))
    change(post, "UPDATE nudges SET state = 'waiting'", f"UPDATE messages SET state = '{state}'")
    assert faults(post) == [("left_behind", "C-0")]


def test_two_events_for_one_day_are_found_also_under_the_old_name(engine: Engine) -> None:
    post = all_done(office(engine))
    change(
        post,
        "INSERT INTO events (deal_id, milestone, anchor_on, step, day_on, state, reason, at) "
        "SELECT deal_id, 'three_months', anchor_on, step, day_on, 'baseline', reason, at FROM "
        f"events {ONE}",
    )
    assert faults(post) == [], "a milestone nobody knows any more is history"
    post.policy = policy(replace(T3M, was=("three_months",)), T1M)
    found = proved(post)
    assert [(f.fault.value, f.contract) for f in found.findings] == [("twice", "C-0")]
    assert not found.days[date(2026, 12, 31)].balanced, "one day came, and two are on record"


def test_a_nudge_lost_before_the_last_edit_is_still_missed(engine: Engine) -> None:
    post = all_done(office(engine))
    change(post, f"DELETE FROM nudges {ONE}")
    add_version(engine, 2, post.hands.now())
    post.policy = policy(version=2)
    post.sweep()
    assert faults(post) == [("untold", "C-0")]


def test_an_older_version_of_the_policy_may_wait_an_hour_for_a_daemon_that_looks(
    engine: Engine,
) -> None:
    post = all_done(office(engine, 1))
    add_version(engine, 2, post.hands.now())
    post.policy = policy(version=2)
    post.later(minutes=59)
    record(post)
    assert faults(post) == []
    post.later(minutes=2)
    record(post)
    assert faults(post) == [("stuck_deal", "C-0")]


def test_a_term_that_was_just_opened_is_not_stuck_since_the_policy_came_into_force(
    engine: Engine,
) -> None:
    post = all_done(office(engine, 1))
    record(post)
    with engine.begin() as connection:
        add_contract(connection, "C-9", owner_id=2, arrived_at=post.hands.now())
    post.later(minutes=1)
    record(post)
    assert faults(post) == []
    post.later(hours=2)
    record(post)
    assert faults(post) == [("stuck_deal", "C-9")]


def test_a_closed_deal_that_sleeps_over_its_offboarding_is_found(engine: Engine) -> None:
    post = office(engine, 1, T3M, OFFBOARDING)
    post.sweep()
    change(
        post,
        "UPDATE deals SET stage = 'lost', wake_at = NULL",
        "UPDATE nudges SET state = 'cancelled'",
    )
    change(post, "UPDATE passages SET to_stage = 'lost'")
    assert faults(post) == [("oversleeps", "C-0")]
    post.hands.at = at("2027-06-01")
    assert faults(post) == [("missing", "C-0")]


def test_what_sleeps_is_woken_and_then_told(engine: Engine) -> None:
    post = all_done(office(engine, 2))
    change(post, f"DELETE FROM nudges {ONE}", f"DELETE FROM events {ONE}")
    found = proved(post)
    assert found.sleepers == [1]
    with begun(engine, SweepQueries) as sweeping:
        sweeping.wake(found.sleepers, post.hands.now())
    post.sweep()
    assert faults(post) == []
    assert len(post.column("nudges", "id")) == 2


def test_a_day_with_damage_does_not_add_up_and_the_others_do(engine: Engine) -> None:
    post = all_done(office(engine))
    change(post, f"UPDATE nudges SET state = 'waiting' {ONE}")
    found = proved(post)
    assert {day for day, sums in found.days.items() if not sums.balanced} == {date(2027, 1, 5)}
    [on] = {f.on for f in found.findings}
    assert on == date(2027, 1, 5)
    assert found.days[date(2026, 12, 31)].balanced, (
        "its milestones were reached then, and swept later"
    )


def test_a_nudge_that_should_be_there_leaves_a_gap_in_the_sums_of_its_day(engine: Engine) -> None:
    post = all_done(office(engine))
    change(post, f"DELETE FROM nudges {ONE}")
    day = proved(post).days[date(2027, 1, 5)]
    assert (day.made, day.nudges.total(), day.balanced) == (3, 2, False)


def test_what_the_next_sweep_will_settle_otherwise_is_not_counted_twice(engine: Engine) -> None:
    """It renews by itself before its last month comes; both days have passed, and no sweep has
    looked."""
    post = all_done(office(engine, 1))
    change(
        post,
        "UPDATE contracts SET auto_renew = true, notice = '2 months', decide_by = '2027-01-31'",
    )
    post.hands.at = at("2027-03-10")
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(wake_at=post.hands.now()))
    assert proved(post).total().unswept == 1
    post.sweep()
    assert (faults(post), proved(post).total().due) == ([], 2)


def test_one_deal_that_cannot_be_decided_hides_nothing_of_the_others(engine: Engine) -> None:
    post = all_done(office(engine))
    change(
        post,
        "UPDATE contracts SET starts_on = NULL, term = NULL WHERE number = 'C-1'",
        "UPDATE deals SET pipeline = 'gone' WHERE id = 2",
    )
    change(post, f"DELETE FROM nudges {ONE}")
    found = proved(post)
    assert [(f.fault, f.contract) for f in found.findings] == [(Fault.UNTOLD, "C-0")]
    assert [(u.contract, u.why) for u in found.unschedulable] == [("C-1", "no_pipeline")]


def test_contracts_that_cannot_be_scheduled_are_listed_with_why(engine: Engine) -> None:
    post = office(engine, 2)
    change(post, "UPDATE contracts SET ends_on = NULL, owner_id = NULL WHERE number = 'C-1'")
    found = [(u.contract, u.why, u.amount_minor) for u in proved(post).unschedulable]
    assert found == [("C-1", "no_end", 3_600_000), ("C-1", "no_owner", 3_600_000)]


# The calendar's own opinion


def under(*milestones: Milestone) -> Policy:
    return policy(*milestones)


def test_the_calendar_owes_what_was_reached_and_nothing_else() -> None:
    one = deal()
    assert [
        (d.milestone.id, d.day_on) for d in missing_events(one, under(T3M, T1M), at("2027-01-05"))
    ] == [("renewal_3m", date(2026, 12, 31))]
    assert len(missing_events(one, under(T3M, T1M), at("2027-03-05"))) == 2
    assert missing_events(replace(one, stage="lost"), under(T3M, T1M), at("2027-03-05")) == []
    assert duplicate_events(one, under(T3M)) == []


def test_every_fault_has_its_meaning_and_what_to_do_in_both_languages() -> None:
    assert set(FAULTS) == set(Fault)
    assert all(part.ja and part.en for pair in FAULTS.values() for part in pair)
    assert set(BY_STATE) == set(NudgeState) - {NudgeState.CANCELLED}, (
        "a cancelled nudge may be in any message"
    )
    assert {Fault.MISSING, Fault.SLEEPS, Fault.OVERSLEEPS} == CLEARED_BY_A_LOOK

"""Answers in the database: applied once, undone exactly, and what they open goes with them."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, select, update

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ForecastCall, Health, Verb
from scheduler.services.answers.answering import answer, undo
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.reports.passage import Count, passage_report
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.reports.passage import PassageSums
from tests.cast import ANN, EXISTING, at, policy
from tests.storage.builders import T, add_cast, add_contract, add_row, count, deal_numbered

POLICY = policy()
NOW = at("2027-01-05")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Ann's contract C-1, told three months before its end."""
    engine = open_engine(database_url)
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        add_contract(connection, owner_id=ann)
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-04"))
    yield engine
    engine.dispose()


def say(engine: Engine, verb: Verb, contract: str = "C-1", **more: object) -> int:
    """Ann answers; the answer's number."""
    return answer(
        transactions(engine, AnswerQueries),
        contract,
        Answer(verb, ANN.name, **more),  # type: ignore[arg-type]
        POLICY,
        NOW,
    ).number


def take_back(engine: Engine, contract: str = "C-1") -> str:
    """Ann undoes her last answer; its verb."""
    return undo(transactions(engine, AnswerQueries), contract, ANN.name, at("2027-01-06")).what


def the_deal(engine: Engine, number: int = 1) -> Deal:
    with engine.begin() as connection:
        return deal_numbered(connection, number)


def test_an_answer_is_kept_and_cancels_what_waits(engine: Engine) -> None:
    say(engine, Verb.FORECAST, call=ForecastCall.RENEW, expected_on=date(2027, 2, 1))
    deal = the_deal(engine)
    assert (deal.call, deal.expected_on, deal.wake_at) == (
        ForecastCall.RENEW,
        date(2027, 2, 1),
        NOW,
    )
    assert deal.events[0].answered_at == NOW
    assert [n.state.value for n in deal.nudges] == ["cancelled"]


def test_undo_puts_back_exactly_what_the_answer_changed(engine: Engine) -> None:
    before = the_deal(engine)
    say(engine, Verb.FORECAST, call=ForecastCall.RENEW)
    with engine.begin() as connection:
        connection.execute(update(T["deals"]).values(health="critical"))
    assert take_back(engine) == "call"
    after = the_deal(engine)
    assert (after.call, after.health) == (before.call, Health.CRITICAL), (
        "the health came from somebody else"
    )
    assert after.events[0].answered_at is None
    assert [n.state.value for n in after.nudges] == ["waiting"]


def test_undo_finds_the_question_on_its_new_day(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(state="sent", sent_at=NOW))
    say(engine, Verb.SNOOZE, until=date(2027, 2, 1))
    with engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(ends_on=date(2027, 4, 6)))
        connection.execute(update(T["deals"]).values(wake_at=NOW))
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-01-06"))
    moved = the_deal(engine).events
    assert [(e.anchor_on, e.state.value, e.snoozed_until) for e in moved] == [
        (date(2027, 3, 31), "withdrawn", date(2027, 2, 1)),
        (date(2027, 4, 6), "carried_over", date(2027, 2, 1)),
    ]
    take_back(engine)
    assert [e.snoozed_until for e in the_deal(engine).events] == [None, None]


def test_won_says_how_long_the_terms_after_the_renewed_one_are(engine: Engine) -> None:
    say(engine, Verb.WON, term=Term(36), renewal_term=Term(12))
    following = the_deal(engine, 2).contract
    assert (following.term, following.ends_on, following.renewal_term) == (
        Term(36),
        date(2030, 3, 31),
        Term(12),
    )


def test_undo_leaves_a_nudge_that_was_held_held(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(update(T["nudges"]).values(state="held", reason="rehearsal"))
    say(engine, Verb.FORECAST, call=ForecastCall.RENEW)
    assert [n.state.value for n in the_deal(engine).nudges] == ["cancelled"]
    take_back(engine)
    assert [(n.state.value, n.reason) for n in the_deal(engine).nudges] == [("held", "rehearsal")]


@pytest.mark.parametrize(
    ("message", "after"),
    [
        ("held", ("held", 1)),
        ("queued", ("held", 1)),
        ("cancelled", ("waiting", None)),
        ("sent", ("waiting", None)),
        ("dead", ("waiting", None)),
    ],
)
def test_undo_does_not_leave_a_held_nudge_in_a_message_that_went_on_without_it(
    engine: Engine, message: str, after: tuple[str, int | None]
) -> None:
    """Nobody would ever release or send it: its message was released while it was cancelled."""
    number = {
        "key": "m",
        "recipient": "person:2",
        "channel": "slack",
        "address": "U0ANN",
        "state": "held",
        "created_at": NOW,
        "not_before_at": NOW,
    }
    with engine.begin() as connection:
        add_row(connection, "messages", **number)
        connection.execute(update(T["nudges"]).values(state="held", message_id=1))
    say(engine, Verb.FORECAST, call=ForecastCall.RENEW)
    with engine.begin() as connection:
        connection.execute(update(T["messages"]).values(state=message))
    take_back(engine)
    with engine.begin() as connection:
        assert (
            connection.execute(select(T["nudges"].c.state, T["nudges"].c.message_id)).one() == after
        )


def test_won_opens_the_next_term_and_undo_voids_it(engine: Engine) -> None:
    say(engine, Verb.WON)
    assert (the_deal(engine).stage, the_deal(engine, 2).contract.ends_on) == (
        "won",
        date(2028, 3, 31),
    )
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-12-31"))
    assert take_back(engine) == "won"
    assert (the_deal(engine).stage, the_deal(engine).won) == ("renewal_3m", None)
    with engine.begin() as connection:
        assert connection.scalar(select(T["deals"].c.voided_at).where(T["deals"].c.id == 2)) == at(
            "2027-01-06"
        )
    assert [n.state.value for n in the_deal(engine, 2).nudges] == ["cancelled"]


def test_a_renewal_undone_can_be_won_again(engine: Engine) -> None:
    say(engine, Verb.WON)
    take_back(engine)
    say(engine, Verb.WON, ends_on=date(2029, 3, 31))
    assert the_deal(engine, 3).contract.ends_on == date(2029, 3, 31)


def test_an_automatic_renewal_can_be_undone_and_is_not_made_again(engine: Engine) -> None:
    with engine.begin() as connection:
        add_contract(
            connection,
            "C-2",
            owner_id=2,
            auto_renew=True,
            notice="2 months",
            decide_by=date(2027, 1, 31),
        )
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-02-10"))
    assert take_back(engine, "C-2") == "auto_renewal"
    sweep_all(transactions(engine, SweepQueries), POLICY, at("2027-02-11"))
    assert the_deal(engine, 2).stage in ("renewal_3m", "stable")


def test_the_last_answer_is_undone_first(engine: Engine) -> None:
    say(engine, Verb.FORECAST, call=ForecastCall.AT_RISK)
    say(engine, Verb.HEALTH, health=Health.CRITICAL)
    assert [take_back(engine), take_back(engine)] == ["health", "call"]
    with pytest.raises(AnswerRefusedError, match="no answer to undo"):
        take_back(engine)


def test_a_renewal_whose_next_term_was_answered_cannot_be_undone(engine: Engine) -> None:
    say(engine, Verb.WON)
    say(engine, Verb.HEALTH, "#2", health=Health.AT_RISK)
    assert take_back(engine) == "health", "the last answer on the number is the successor's"
    assert take_back(engine) == "won"


def test_the_renewal_of_an_older_term_stays_while_later_terms_stand_on_it(engine: Engine) -> None:
    say(engine, Verb.WON)
    answer(transactions(engine, AnswerQueries), "#2", Answer(Verb.WON, ANN.name), POLICY, NOW)
    with pytest.raises(AnswerRefusedError) as refused:
        take_back(engine, "#1")
    assert refused.value.to_type == "renewals answer '#2' undo"
    assert take_back(engine, "#2") == "won"
    assert take_back(engine, "#1") == "won"
    with engine.begin() as connection:
        deals = connection.execute(
            select(T["deals"].c.closed_at, T["deals"].c.voided_at).order_by(T["deals"].c.id)
        ).all()
    assert [(d.closed_at is None, d.voided_at is None) for d in deals] == [
        (True, True),
        (True, False),
        (True, False),
    ]


def test_a_notice_just_after_an_automatic_renewal_names_both_ways(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(T["contracts"]).values(auto_renew=True, decide_by=date(2026, 12, 31))
        )
        connection.execute(update(T["deals"]).values(wake_at=NOW))
    sweep_all(transactions(engine, SweepQueries), POLICY, NOW)
    with pytest.raises(AnswerRefusedError, match="to take that back"):
        say(engine, Verb.NOTICE, lost=Lost("budget"))
    with pytest.raises(AnswerRefusedError, match="dated before this term"):
        say(engine, Verb.NOTICE, "#2", lost=Lost("budget"))


def test_the_end_that_a_notice_gave_is_kept_and_undone_with_it(engine: Engine) -> None:
    endless = {"ends_on": None, "decide_by": None, "evergreen": True, "notice": "3 months"}
    with engine.begin() as connection:
        connection.execute(update(T["contracts"]).values(**endless))
    say(engine, Verb.NOTICE, lost=Lost("budget"))
    assert (the_deal(engine).contract.ends_on, the_deal(engine).contract.decide_by) == (
        date(2027, 4, 5),
        date(2027, 1, 5),
    )
    assert take_back(engine) == "notice"
    assert (
        the_deal(engine).contract.ends_on,
        the_deal(engine).contract.decide_by,
        the_deal(engine).notice_on,
    ) == (None, None, None)


def test_an_unknown_contract_is_refused(engine: Engine) -> None:
    with pytest.raises(AnswerRefusedError, match="there is no contract C-404"):
        say(engine, Verb.SEEN, "C-404")


def test_a_number_that_two_open_deals_share_asks_which(engine: Engine) -> None:
    with engine.begin() as connection:
        add_contract(connection, "c-1")
    with pytest.raises(
        AnswerRefusedError, match="several open deals have the number C-1; name one: '#2'"
    ):
        say(engine, Verb.HEALTH, health=Health.STABLE)
    say(engine, Verb.HEALTH, "#2", health=Health.AT_RISK)


def test_a_refused_answer_changes_nothing(engine: Engine) -> None:
    version = the_deal(engine).version
    with pytest.raises(AnswerRefusedError):
        say(engine, Verb.LOST, lost=Lost("boredom"))
    assert the_deal(engine).version == version
    with engine.begin() as connection:
        assert count(connection, "answers") == 0


def test_the_passage_report_counts_how_far_deals_came(engine: Engine) -> None:
    say(engine, Verb.LOST, lost=Lost("budget"))
    with engine.begin() as connection:
        old = add_contract(connection, "old", stage="lost")[1]
        connection.execute(T["passages"].delete().where(T["passages"].c.deal_id == old))
        connection.execute(
            T["passages"].insert(),
            [
                {
                    "deal_id": old,
                    "from_stage": None,
                    "to_stage": "renewal_1m",
                    "because": "",
                    "actor_kind": "import",
                    "actor": "x",
                    "observed": False,
                },
                {
                    "deal_id": old,
                    "from_stage": "renewal_1m",
                    "to_stage": "lost",
                    "because": "",
                    "actor_kind": "import",
                    "actor": "x",
                    "observed": False,
                },
            ],
        )
    report = passage_report(PassageSums(engine), EXISTING)
    lines = {line.stage.id: line for line in report.lines}
    assert report.deals == 2
    assert lines["renewal_3m"].last_before_lost == Count(1, 0)
    assert lines["renewal_1m"].last_before_lost == Count(0, 1)
    assert lines["renewal_1m"].furthest_reached == Count(0, 1)
    assert lines["stable"].ever_passed == Count(1, 0)


def test_an_undone_loss_counts_nowhere_in_the_report(engine: Engine) -> None:
    say(engine, Verb.LOST, lost=Lost("budget"))
    take_back(engine)
    report = passage_report(PassageSums(engine), EXISTING)
    assert sum(line.last_before_lost.observed for line in report.lines) == 0
    assert {line.stage.id: line.now for line in report.lines}["renewal_3m"] == 1

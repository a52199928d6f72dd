"""A notice and its day: what is questioned, what it means, and the end it gives a contract that has
none."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.answers.answer import Answer, Answered
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.notices import notice_end
from scheduler.core.answers.refusals import AnswerRefusedError, QuestionedError
from scheduler.core.deal.deal import Deal, Lost
from scheduler.core.rules.decide import decide
from scheduler.core.time.dates import Term, decide_by
from scheduler.core.words.lexicon import Verb
from tests.cast import ANN, at, contract, deal, policy

P = policy()
NOW = "2027-01-05"
LETTER: dict[str, Any] = {"lost": Lost("budget")}
RUNNING = contract(
    date(2027, 3, 31),
    starts_on=date(2026, 4, 1),
    notice=Term(2),
    decide_by=date(2027, 1, 31),
    auto_renew=True,
)
ENDLESS = replace(
    RUNNING, ends_on=None, decide_by=None, auto_renew=False, evergreen=True, notice=Term(3)
)


def say(of: Deal, verb: Verb, now: str = NOW, **more: Any) -> Answered:
    """Ann answers."""
    return apply_answer(of, Answer(verb, ANN.name, ANN, **more), P, at(now))


@pytest.mark.parametrize(
    ("now", "on", "asks"),
    [
        ("2027-01-31", None, ""),
        ("2027-02-01", date(2027, 1, 31), ""),
        ("2027-02-01", None, "late: the notice deadline was Sun 31 Jan 2027"),
        (NOW, date(2027, 1, 6), "dated in the future"),
        (NOW, date(2077, 1, 5), "dated in the future"),
        (NOW, date(2026, 4, 1), ""),
        (NOW, date(2026, 3, 31), "dated before this term, which starts on Wed 1 Apr 2026"),
    ],
)
def test_an_unusual_day_is_asked_about_and_taken_when_it_is_meant(
    now: str, on: date | None, asks: str
) -> None:
    if not asks:
        assert say(deal(RUNNING), Verb.NOTICE, now, on=on, **LETTER).deal.notice_on == (
            on or date.fromisoformat(now)
        )
        return
    with pytest.raises(QuestionedError) as questioned:
        say(deal(RUNNING), Verb.NOTICE, now, on=on, **LETTER)
    assert asks in questioned.value.label.en
    assert "--yes" in questioned.value.for_command.ja
    done = say(deal(RUNNING), Verb.NOTICE, now, on=on, confirmed=True, **LETTER)
    assert done.means is not None
    assert done.means.en == "The contract ends on Wed 31 Mar 2027."


def test_a_late_notice_says_until_when_the_renewed_term_runs() -> None:
    with pytest.raises(QuestionedError) as questioned:
        say(deal(replace(RUNNING, renewal_term=Term(24))), Verb.NOTICE, "2027-02-02", **LETTER)
    assert "the renewed term runs until Sat 31 Mar 2029" in questioned.value.label.en
    assert "2029/3/31(土)" in questioned.value.label.ja


def test_a_notice_that_only_says_that_a_contract_will_not_be_renewed_is_never_late() -> None:
    assert say(
        deal(replace(RUNNING, auto_renew=False)), Verb.NOTICE, "2027-02-02", **LETTER
    ).deal.notice_on


def test_a_notice_gives_a_contract_without_an_end_its_end_and_an_outcome_and_takes_both_back() -> (
    None
):
    noticed = say(deal(ENDLESS), Verb.NOTICE, **LETTER).deal
    assert (noticed.contract.ends_on, noticed.contract.decide_by) == (
        date(2027, 4, 5),
        date(2027, 1, 5),
    )
    assert decide(noticed, P, at("2027-04-05")).lost is None
    lost = decide(noticed, P, at("2027-04-06"))
    assert (lost.lost, lost.moves[-1].to_stage) == (Lost("budget"), "lost")
    withdrawn = say(noticed, Verb.NOTICE_WITHDRAWN).deal
    assert (withdrawn.contract, withdrawn.notice_on) == (ENDLESS, None)


def test_also_one_that_is_said_to_renew_itself_ends_on_its_day() -> None:
    noticed = say(deal(replace(ENDLESS, auto_renew=True)), Verb.NOTICE, **LETTER).deal
    assert decide(noticed, P, at("2027-01-20")).lost is None
    assert decide(noticed, P, at("2027-04-06")).lost == Lost("budget")


def test_without_a_period_the_last_day_has_to_be_said() -> None:
    with pytest.raises(AnswerRefusedError, match="give its last day"):
        say(deal(replace(ENDLESS, notice=None)), Verb.NOTICE, **LETTER)
    noticed = say(
        deal(replace(ENDLESS, notice=None)), Verb.NOTICE, ends_on=date(2027, 2, 28), **LETTER
    ).deal
    assert (noticed.contract.ends_on, noticed.contract.decide_by) == (
        date(2027, 2, 28),
        date(2027, 1, 5),
    )


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.one_of(
        st.builds(Term, months=st.integers(0, 24)), st.builds(Term, days=st.integers(1, 400))
    ),
)
def test_a_notice_is_in_time_for_the_end_it_gives_and_too_late_for_the_day_before(
    received_on: date, notice: Term
) -> None:
    end = notice_end(received_on, notice)
    assert decide_by(end, notice) >= received_on
    assert decide_by(end - timedelta(days=1), notice) <= received_on


@pytest.mark.parametrize(
    ("starts_on", "more", "ends_on"),
    [
        (date(2027, 1, 1), {}, date(2027, 12, 31)),
        (date(2027, 1, 1), {"term": Term(24)}, date(2028, 12, 31)),
        (date(2027, 1, 1), {"ends_on": date(2028, 3, 31)}, date(2028, 3, 31)),
        (date(2027, 4, 15), {}, date(2028, 4, 14)),
        (None, {}, date(2028, 3, 31)),
    ],
)
def test_a_renewal_may_replace_the_running_term_or_leave_a_gap(
    starts_on: date | None, more: dict[str, Any], ends_on: date
) -> None:
    following = say(deal(RUNNING), Verb.WON, starts_on=starts_on, **more).successor
    assert following is not None
    assert (following.starts_on, following.ends_on) == (starts_on or date(2027, 4, 1), ends_on)


@pytest.mark.parametrize(
    ("starts_on", "more"),
    [
        (date(2026, 4, 1), {}),
        (date(2025, 1, 1), {}),
        (date(2028, 4, 2), {}),
        (date(2027, 1, 1), {"term": Term(1)}),
        (date(2027, 6, 1), {"ends_on": date(2027, 5, 31)}),
    ],
)
def test_a_start_that_cannot_be_is_refused(starts_on: date, more: dict[str, Any]) -> None:
    with pytest.raises(AnswerRefusedError):
        say(deal(RUNNING), Verb.WON, starts_on=starts_on, **more)

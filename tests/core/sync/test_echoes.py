"""Our own writing that comes back, and what a person said."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from scheduler.core.sync.echoes import (
    Closings,
    LedgerLine,
    OwnSources,
    Pulled,
    ValueVerdict,
    judged,
    said_close_date,
)
from scheduler.core.sync.records import ChangeSource, PropertyVersion
from scheduler.core.sync.values import PropertyType
from tests.core.sync.sync_cast import NOON, OUR_APP, record, version

OURS = OwnSources(frozenset({OUR_APP}))
NOBODY = OwnSources()
WROTE = LedgerLine("1", "dealstage", "b", NOON)
WORKFLOW = ChangeSource("AUTOMATION_PLATFORM", "77")


def pulled(value: str, *history: PropertyVersion, known: str | None = None) -> Pulled:
    return Pulled("dealstage", value, history=history, known=known)


@pytest.mark.parametrize("own", [OURS, NOBODY])
@pytest.mark.parametrize(
    ("read", "verdict"),
    [
        (pulled("b", version("b", 0, OUR_APP)), ValueVerdict.ECHO),
        (pulled("b"), ValueVerdict.ECHO),
        (pulled("b", version("b", -5)), ValueVerdict.ECHO),
        (pulled("b", version("b", 5)), ValueVerdict.CONFIRMED),
        (pulled("b", version("b", 5, WORKFLOW)), ValueVerdict.CONFIRMED),
        (pulled("c", version("b", 0, OUR_APP), version("c", 5)), ValueVerdict.NEWS),
        (pulled("c", version("c", 5, WORKFLOW)), ValueVerdict.NEWS),
        (pulled("a", version("a", -5)), ValueVerdict.STALE),
        (pulled("c", version("c", 0)), ValueVerdict.NEWS),
        (pulled("c"), ValueVerdict.NEWS),
    ],
)
def test_what_is_provably_ours_is_an_echo_and_nothing_else(
    read: Pulled, verdict: ValueVerdict, own: OwnSources
) -> None:
    assert judged(read, WROTE, own) is verdict


def test_once_our_source_is_known_a_later_entry_of_it_is_an_echo_too() -> None:
    again = pulled("b", version("b", 5, OUR_APP))
    assert judged(again, WROTE, NOBODY) is ValueVerdict.CONFIRMED
    assert judged(again, WROTE, OURS) is ValueVerdict.ECHO


@pytest.mark.parametrize(
    ("read", "verdict"),
    [
        (pulled("a", known="a"), ValueVerdict.SAME),
        (pulled("b", known="a"), ValueVerdict.NEWS),
        (pulled("b", version("b", 1, OUR_APP), known="a"), ValueVerdict.ECHO),
        (pulled("b"), ValueVerdict.NEWS),
    ],
)
def test_without_a_write_only_a_change_is_news(read: Pulled, verdict: ValueVerdict) -> None:
    assert judged(read, None, OURS) is verdict


def test_a_number_in_another_form_is_an_echo() -> None:
    wrote = LedgerLine("1", "amount", "3600000", NOON)
    read = Pulled("amount", "3.6E6", PropertyType.NUMBER)
    assert judged(read, wrote, NOBODY) is ValueVerdict.ECHO


def test_our_source_is_learned_from_the_entry_of_our_first_write() -> None:
    history = (version("a", -9), version("b", 0.05, OUR_APP))
    learned = NOBODY.learned(history, WROTE)
    assert learned == OURS
    assert learned.wrote(history[1])


@pytest.mark.parametrize(
    "entry",
    [
        version("b", 0.05),
        version("b", 5, OUR_APP),
        version("c", 0, OUR_APP),
        version("b", 0, ChangeSource("API")),
        version("b", 0, OUR_APP, user="501"),
    ],
)
def test_nothing_is_learned_where_it_may_be_somebody_else(entry: PropertyVersion) -> None:
    assert NOBODY.learned((entry,), WROTE) == NOBODY


@given(
    some.lists(
        some.tuples(some.sampled_from("abc"), some.integers(-9, 9), some.booleans()), max_size=8
    )
)
def test_a_persons_last_word_is_never_an_echo(entries: list[tuple[str, int, bool]]) -> None:
    """A random history, of which some entries are ours; whatever a person set last, after our
    write, is news or a confirmation."""
    history = tuple(
        sorted(
            (version(v, at, OUR_APP) if ours else version(v, at) for v, at, ours in entries),
            key=lambda entry: entry.at,
        )
    )
    if not history or not history[-1].by_person or history[-1].at <= NOON:
        return
    verdict = judged(pulled(history[-1].value, *history), WROTE, OURS)
    assert verdict in (ValueVerdict.NEWS, ValueVerdict.CONFIRMED)


def test_a_close_date_that_a_close_wrote_is_nobodys_word() -> None:
    histories = {
        "dealstage": (version("a", -60), version("won", 0, OUR_APP)),
        "closedate": (
            version("2027-03-31T00:00:00Z", -50),
            version("2026-11-27T12:00:01Z", 1 / 60, OUR_APP),
        ),
    }
    closings = Closings.of(histories["dealstage"], frozenset({"won", "lost"}))
    meant = said_close_date(record(histories=histories), closings)
    assert meant is not None
    assert meant.value == "2027-03-31T00:00:00Z"


def test_a_close_date_set_by_hand_long_after_the_close_is_somebodys_word() -> None:
    closings = Closings.of((version("won", 0),), frozenset({"won"}))
    assert closings.wrote(version("x", 0.1))
    assert not closings.wrote(version("x", 1))
    assert not closings.wrote(version("x", -0.1))
    assert said_close_date(record(), closings) is None

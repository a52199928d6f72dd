"""A long message keeps its layout: every piece stays in the post that showed it first, whatever
answers make of it."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.messages.posts import (
    BLOCKS_LIMIT,
    JSON_LIMIT,
    Block,
    Post,
    fingerprints_of,
    in_place,
    packed,
)

PRESSED: Block = {"type": "actions", "elements": []}


def section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def contracts(count: int, length: int = 1000) -> list[str]:
    """Texts that differ, about as long as what is told of a contract."""
    return [f"{n:03} {'x' * length}!" for n in range(count)]


def told(texts: Sequence[str]) -> tuple[Post, ...]:
    """The posts of a message with a piece for each text; `!` at its end stands for what can be
    pressed below it."""
    return packed(
        block
        for text in texts
        for block in (section(text.rstrip("!")), *([PRESSED] if text.endswith("!") else []))
    )


def starts(posts: Sequence[Post]) -> list[list[str]]:
    """The first word of each piece, by post."""
    return [
        [b["text"]["text"].split()[0] for b in post if b["type"] == "section"] for post in posts
    ]


def changed(before: Sequence[Post], after: Sequence[Post]) -> list[int]:
    """The posts that say something else."""
    return [n for n in range(max(len(before), len(after))) if before[n : n + 1] != after[n : n + 1]]


FIRST = contracts(40)
THERE = told(FIRST)


def test_a_post_is_made_with_room_for_what_answers_add() -> None:
    assert [len(post) for post in THERE] == [18, 18, 18, 18, 8]
    assert all(len(json.dumps(post).encode()) < JSON_LIMIT - 1200 for post in THERE)


@pytest.mark.parametrize("at", [0, 8, 9, 20, 39])
@pytest.mark.parametrize(
    "says", ["{} done", "{} x", "{} " + "y" * 2000 + "!"], ids=["settled", "short", "longer"]
)
def test_an_answer_changes_its_own_post_alone(at: int, says: str) -> None:
    texts = [says.format(t[:3]) if n == at else t for n, t in enumerate(FIRST)]
    after = in_place(told(texts), fingerprints_of(THERE))
    assert changed(THERE, after) == [at // 9]
    assert starts(after) == starts(THERE)


def test_answers_to_all_of_them_one_after_the_other_change_nothing_but_their_own_posts() -> None:
    there, texts = THERE, list(FIRST)
    for n, text in enumerate(FIRST):
        texts[n] = f"{text[:3]} done"
        after = in_place(told(texts), fingerprints_of(there))
        assert changed(there, after) == [n // 9]
        there = after
    assert starts(there) == starts(THERE)
    assert starts(in_place(told(FIRST), fingerprints_of(there))) == starts(THERE), (
        "all taken back again"
    )


def test_where_all_says_something_else_as_on_another_day_all_stays_in_its_post() -> None:
    texts = [t.replace("x", "y") for t in FIRST]
    assert starts(in_place(told(texts), fingerprints_of(THERE))) == starts(THERE)


def test_what_has_no_room_any_more_goes_on_in_the_next_post_and_the_rest_stays() -> None:
    texts = [f"{t[:3]} {'y' * 2100}!" if n in (9, 10) else t for n, t in enumerate(FIRST)]
    after = in_place(told(texts), fingerprints_of(THERE))
    assert changed(THERE, after) == [1, 2]
    assert starts(after)[1:3] == [
        [f"{n:03}" for n in range(9, 17)],
        [f"{n:03}" for n in range(17, 27)],
    ]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([*FIRST[:12], *FIRST[13:]], [1]),
        ([*FIRST[:12], "new x", *FIRST[12:]], [1]),
        ([*FIRST, "new x"], [4]),
        (["new x", *FIRST], [0]),
        (FIRST[:36], [4]),
        (FIRST, []),
    ],
    ids=["one less", "one more", "at the end", "at the start", "a post less", "the same"],
)
def test_what_comes_and_goes_moves_nothing_else(texts: list[str], expected: list[int]) -> None:
    assert changed(THERE, in_place(told(texts), fingerprints_of(THERE))) == expected


def test_a_message_whose_layout_nobody_kept_is_filled_as_far_as_slack_lets_it() -> None:
    assert [len(post) for post in in_place(THERE, ())] == [20, 20, 20, 20]
    assert in_place((), ()) == ()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 2900), st.booleans()), max_size=60),
    st.lists(st.tuples(st.integers(1, 2900), st.booleans()), max_size=60),
)
def test_whatever_becomes_of_it_slack_accepts_every_post_and_nothing_is_left_out(
    before: list[tuple[int, bool]], after: list[tuple[int, bool]]
) -> None:
    first, second = (
        told([f"{n:03} {'x' * length}{'!' * pressed}" for n, (length, pressed) in enumerate(said)])
        for said in (before, after)
    )
    posts = in_place(second, fingerprints_of(first))
    assert [block for post in posts for block in post] == [
        block for post in second for block in post
    ]
    for post in posts:
        assert 0 < len(post) <= BLOCKS_LIMIT
        assert len(json.dumps(post).encode()) <= JSON_LIMIT
        assert post[0]["type"] != "actions"

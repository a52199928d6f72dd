"""Block Kit: what a text becomes, and that posts stay within what Slack accepts, with nothing left
out."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.facts.nudge_facts import message_facts
from scheduler.core.messages.posts import BLOCKS_LIMIT, JSON_LIMIT
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.render.blocks import TEXT_LIMIT, blocks_of, posts_of
from scheduler.render.renderer import TemplateRenderer
from scheduler.render.samples import full
from tests.render.shipped import SHIPPED


def texts(block: Any) -> list[str]:
    return (
        [e["text"] for e in block["elements"]]
        if block["type"] == "context"
        else [block["text"]["text"]]
        if block["type"] == "section"
        else []
    )


def test_paragraphs_small_print_and_lines_become_blocks() -> None:
    assert list(blocks_of("*a*\nb\n\n---\n\n\n-# c\n-# d\n")) == [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a*\nb"}},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "c\nd"}]},
    ]


def test_no_words_no_posts() -> None:
    assert posts_of("  \n\n") == ()


def test_a_long_line_is_not_cut_inside_an_entity_or_a_link() -> None:
    for text in (
        "x" * (TEXT_LIMIT - 2) + "&amp;" + "y" * 9,
        "x" * (TEXT_LIMIT - 9) + "<https://example.com|record>" + "y" * 9,
    ):
        first, second = (texts(b)[0] for b in blocks_of(text))
        assert first + second == text
        assert second.startswith(("&amp;", "<https"))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "-# ", "*青葉商事*\n"]),
            st.integers(1, 7000),
            st.sampled_from("x満&"),
        ),
        max_size=80,
    )
)
def test_every_post_is_accepted_and_nothing_is_left_out(
    paragraphs: list[tuple[str, int, str]],
) -> None:
    text = "\n\n".join(start + letter * length for start, length, letter in paragraphs)
    posts = posts_of(text)
    for post in posts:
        assert 0 < len(post) <= BLOCKS_LIMIT
        assert len(json.dumps(post, ensure_ascii=False).encode()) <= JSON_LIMIT
        assert all(0 < len(t) <= TEXT_LIMIT for block in post for t in texts(block))
    kept = "".join(t for post in posts for block in post for t in texts(block))
    assert kept.replace("\n", "") == text.replace("\n", "").replace("-# ", "")


def test_many_short_paragraphs_fill_a_post_to_fifty_blocks() -> None:
    assert [len(post) for post in posts_of("\n\n".join(["x"] * 120))] == [50, 50, 20]


def test_a_bundle_of_a_hundred_continues_in_the_thread() -> None:
    items = [full(Language.JA, customer=f"お客様{n:03}", risk=float(n)) for n in range(100)]
    posts = (
        TemplateRenderer(SHIPPED)
        .render("nudges", message_facts("佐藤", items), Language.JA, ChannelName.SLACK)
        .blocks
    )
    assert len(posts) > 1
    whole = json.dumps(posts, ensure_ascii=False)
    assert all(f"お客様{n:03}様" in whole for n in range(100))

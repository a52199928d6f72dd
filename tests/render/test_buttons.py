"""What can be pressed on Slack: where it stands, what it carries, and that answered nudges and
other channels have none."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from scheduler.core.answers.offers import OFFERS
from scheduler.core.facts.nudge_facts import message_facts
from scheduler.core.messages.posts import BLOCKS_LIMIT, JSON_LIMIT
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import Rendered
from scheduler.render.renderer import TemplateRenderer
from scheduler.render.samples import full
from tests.render.shipped import SHIPPED

JA, EN = Language.JA, Language.EN
RENEWAL = (
    "renew",
    "at_risk",
    "unsure",
    "notice",
    "snooze",
    "seen",
    "paperwork",
    "won",
    "lost",
    "health",
)


def nudge(
    key: str = "k1", offers: tuple[str, ...] = RENEWAL, language: Language = JA, **more: Any
) -> dict[str, Any]:
    offered = [
        {
            "id": i,
            "label": OFFERS[i].label.of(language),
            "style": OFFERS[i].style,
            "asks_more": bool(OFFERS[i].fields),
        }
        for i in offers
    ]
    return full(language, **({"nudge": key, "offers": offered} | more))


def told(
    *items: Mapping[str, Any],
    language: Language = JA,
    overlay: Mapping[str, str] | None = None,
    pressable: bool = True,
) -> Rendered:
    renderer = TemplateRenderer(SHIPPED, overlay, pressable=pressable)
    return renderer.render("nudges", message_facts("佐藤", items), language, ChannelName.SLACK)


def elements(rendered: Rendered) -> Iterator[Mapping[str, Any]]:
    for post in rendered.blocks:
        for block in post:
            yield from block["elements"] if block["type"] == "actions" else ()


def actions(rendered: Rendered) -> list[str]:
    return [e["action_id"] for e in elements(rendered)]


def test_the_likely_answers_are_buttons_the_rest_is_behind_three_dots_and_the_record_is_a_link() -> (
    None
):
    said = told(nudge())
    first, *_, more, link = elements(said)
    assert actions(said) == [
        "answer:renew",
        "answer:at_risk",
        "answer:unsure",
        "answer:notice",
        "answer:snooze",
        "more:k1",
        "link",
    ]
    assert (first["value"], first["style"], first["text"]["text"]) == ("k1", "primary", "更新予定")
    assert [o["value"] for o in more["options"]] == ["seen", "paperwork", "won", "lost", "health"]
    assert (link["url"], link["text"]["text"]) == (
        "https://app.hubspot.com/contacts/1/record/0-3/1042",
        "HubSpotを開く",
    )


@pytest.mark.parametrize(
    ("offers", "expected"),
    [
        (("undo",), ["answer:undo", "link"]),
        (RENEWAL[:5], [*(f"answer:{o}" for o in RENEWAL[:5]), "link"]),
        (RENEWAL[:6], [*(f"answer:{o}" for o in RENEWAL[:5]), "more:k1", "link"]),
        ((), []),
    ],
)
def test_few_answers_need_no_menu(offers: tuple[str, ...], expected: list[str]) -> None:
    assert actions(told(nudge(offers=offers))) == expected


def test_a_single_answer_left_over_is_a_menu_because_slacks_three_dots_want_two() -> None:
    *_, more, _ = elements(told(nudge(offers=RENEWAL[:6])))
    assert more["type"] == "static_select"


def test_taking_back_asks_whether_one_is_sure() -> None:
    undo, _ = elements(told(nudge(offers=("undo",), language=EN), language=EN))
    assert undo["confirm"]["text"]["text"] == "Take it back?"


def test_the_command_is_named_only_where_nothing_can_be_pressed() -> None:
    assert "renewals answer" not in json.dumps(
        told(nudge(), nudge("k2", number="B")).blocks, ensure_ascii=False
    )
    assert "renewals answer AB-1042" in told(nudge(), pressable=False).text
    assert actions(told(nudge(), pressable=False)) == []


def test_the_text_without_blocks_names_the_answers() -> None:
    assert "[更新予定] [解約懸念]" in told(nudge(), nudge("k2", number="B")).text
    assert "[[" not in told(nudge(), nudge("k2", number="B")).text


@pytest.mark.parametrize(
    ("language", "shown"),
    [(JA, "✅ 佐藤：更新予定(1/5(火))"), (EN, "✅ 佐藤：更新予定 (Tue 5 Jan)")],
    ids=["ja", "en"],
)
def test_what_was_answered_says_who_what_and_when_instead_of_buttons(
    language: Language, shown: str
) -> None:
    said = told(
        nudge(settled=True, answered="佐藤：更新予定", answered_on="2027-01-05"), language=language
    )
    assert shown in said.text
    assert actions(said) == []
    assert "お願い" not in said.text
    assert "To do" not in said.text


def test_what_is_only_put_off_says_so_and_can_still_be_answered() -> None:
    said = told(
        nudge(answered="佐藤が確認済み", answered_on="2027-01-05", quiet_until="2027-01-12")
    )
    assert "✅ 佐藤が確認済み(1/5(火))｜1/12(火)に再通知" in said.text
    assert "answer:renew" in actions(said)


def test_in_a_bundle_each_nudge_has_a_menu_and_a_customer_with_several_one_for_all() -> None:
    said = told(nudge("k1"), nudge("k2", number="B-2"), nudge("k3", number="B-3", customer="若葉"))
    assert [a for a in actions(said) if a != "link"] == ["more:k3", "more:k1", "more:k2", "all:k1"]
    for_all = next(e for e in elements(said) if e["action_id"] == "all:k1")
    assert [o["value"] for o in for_all["options"]] == ["renew", "snooze", "seen"]
    assert for_all["placeholder"]["text"] == "2件まとめて回答"


@pytest.mark.parametrize(
    "second",
    [{"settled": True}, {"number": "AB-1042"}, {"customer": "若葉"}, {"offers": []}],
    ids=["answered", "same", "other", "nothing"],
)
def test_there_is_no_answer_for_all_where_only_one_contract_waits(second: dict[str, Any]) -> None:
    assert not [
        a
        for a in actions(told(nudge("k1"), nudge("k2", **({"number": "B-2"} | second))))
        if a.startswith("all:")
    ]


def test_a_template_that_forgets_the_buttons_gets_them_at_the_end() -> None:
    said = told(nudge(), overlay={"ja/default/slack.txt": "*{{ n.customer }}*"})
    assert said.fallback_because == ""
    assert "answer:renew" in actions(said)


@pytest.mark.parametrize("name", ["<!channel> Corp", "<@U0CEO> & Sons", "<!here|x>"])
@pytest.mark.parametrize(
    "overlay",
    [{}, {"ja/default/slack.txt": "*{{ n.customer }}*"}],
    ids=["shipped", "without buttons"],
)
def test_a_customer_called_like_a_mention_calls_nobody(name: str, overlay: dict[str, str]) -> None:
    said = json.dumps(told(nudge(customer=name), overlay=overlay).blocks)
    assert name not in said
    assert "&lt;" in said


def test_a_customer_called_like_a_mark_presses_nothing() -> None:
    said = told(
        nudge(customer="[[answer:k2]]"),
        overlay={"ja/default/slack.txt": "{{ n.customer }}\n\n{{ n.buttons }}"},
    )
    assert [e["value"] for e in elements(said) if "value" in e] == ["k1"] * 5


def test_a_bundle_of_eighty_stays_within_slacks_limits_and_no_menu_is_torn_from_its_text() -> None:
    said = told(
        *[
            nudge(f"k{n:02}", number=f"N-{n}", customer=f"お客様{n // 3:03}", risk=float(n // 3))
            for n in range(80)
        ]
    )
    for post in said.blocks:
        assert len(post) <= BLOCKS_LIMIT
        assert len(json.dumps(post, ensure_ascii=False).encode()) <= JSON_LIMIT
        assert post[0]["type"] != "actions"
    assert sum(a.startswith("more:") for a in actions(said)) == 80
    assert sum(a.startswith("all:") for a in actions(said)) == 27 - (80 % 3 == 1)


def test_mails_have_no_marks() -> None:
    mail = TemplateRenderer(SHIPPED, pressable=True).render(
        "nudges", message_facts("佐藤", [nudge()]), JA, ChannelName.EMAIL
    )
    assert "[[" not in mail.text + mail.html

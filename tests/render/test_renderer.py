"""The user's templates over the shipped ones: what each file changes, and that a broken one never
stops a message."""

from typing import Any

import pytest

from scheduler.core.facts.nudge_facts import message_facts
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import Rendered
from scheduler.render.checking import template_problems
from scheduler.render.digest_samples import team
from scheduler.render.renderer import NoTemplateError, TemplateRenderer
from scheduler.render.samples import full
from tests.render.shipped import SHIPPED

JA = Language.JA
BOMBS = {
    "a loop over all": "{% for a in items %}{% for b in n.why %}{% for c in n.why %}{% for d in n.why %}{% for e in n.why %}{% endfor %}{% endfor %}"
    "{% endfor %}{% endfor %}{% endfor %}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a multiplied text": "{{ 'a' * 10000000000 }}",
    "a padded text": "{{ '%10000000000d' % 1 }}",
    "a format": "{{ '{:>10000000000}'.format(1) }}",
    "a recursive macro": "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
    "a template that includes itself": (
        "{% include 'ja/default/slack.txt' %}{% include 'ja/default/slack.txt' %}"
    ),
    "a template that extends itself": "{% extends 'ja/default/slack.txt' %}",
    "doubling": "{% set a = 'xxxxxxxxxx' %}"
    + "{% set a = a ~ a ~ a ~ a ~ a ~ a ~ a ~ a ~ a ~ a %}" * 9
    + "{{ a }}",
    "captured doubling": "{% set a %}x{% endset %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40,
    "a long range": "{% for i in range(1000000000) %}x{% endfor %}",
    "much output": "{% for a in n.why %}{% for b in n.why %}{{ n }}{% endfor %}{% endfor %}",
    "a chain of macros": "{% macro m0() %}{% endmacro %}"
    + "".join(
        f"{{% macro m{n + 1}() %}}{{{{ m{n}() }}}}{{{{ m{n}() }}}}{{% endmacro %}}"
        for n in range(24)
    )
    + "{{ m24() }}",
    "a long source": "x" * 200_000,
}
ESCAPES = [
    "{{ ''.__class__.__mro__ }}",
    "{{ n.__class__ }}",
    "{{ n['__class__'] }}",
    "{{ n|attr('__class__') }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ lipsum.__globals__ }}",
    "{{ namespace() }}",
    "{{ config }}",
    "{{ n.update({'ask': 'x'}) }}",
    "{{ n.pop('ask') }}",
    "{{ n.customer.encode() }}",
    "{{ n.customer.format_map(n) }}",
    "{{ n.clear() }}",
    "{{ [].append(1) }}",
    "{{ items.append(1) }}",
    "{% import '/etc/passwd' as p %}",
    "{% include '../../config.toml' %}",
    "{{ n.ask|map('upper')|list }}",
    "{{ n|tojson }}",
    "{{ 'x'|safe }}",
    "{{ n.ask|replace('a', 'b') }}",
    "{{ n.ask|center(1000000000) }}",
    "{{ ().__class__ }}",
    "{{ (1).__class__ }}",
    "{{ loop }}",
]


def slack(overlay: dict[str, str], **more: Any) -> Rendered:
    return TemplateRenderer(SHIPPED, overlay).render(
        "nudges", message_facts("佐藤", [full(JA, **more)]), JA, ChannelName.SLACK
    )


PLAIN = slack({})


def test_one_file_may_be_replaced_and_the_rest_stays() -> None:
    said = slack({"ja/renewal_3m/ask.txt": "{{ n.customer | sama }}にお電話ください。"})
    assert said.text == PLAIN.text.replace(
        "継続のご意向と、先方の予算・稟議の時期をご確認ください。", "青葉商事様にお電話ください。"
    )
    assert said.fallback_because == ""


def test_a_file_for_one_milestone_stands_before_the_default() -> None:
    overlay = {"ja/renewal_3m/slack.txt": "three", "ja/default/slack.txt": "default"}
    assert slack(overlay).text == "three"
    assert slack({"ja/default/slack.txt": "default"}).text == "default"


def test_a_milestone_may_name_its_template() -> None:
    item = full(JA) | {"template": "vip", "milestone": "renewal_3m"}
    renderer = TemplateRenderer(SHIPPED, {"ja/vip/opening.txt": "大切なお客様です。"})
    mail = renderer.render("nudges", message_facts("", [item]), JA, ChannelName.EMAIL)
    assert mail.text.startswith("大切なお客様です。")
    assert "継続のご意向と" in mail.text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "{{ n.custmer }}",
            (
                "templates/messages/ja/default/slack.txt:1: nothing is known as custmer (did you "
                "mean customer?)"
            ),
        ),
        ("a\n{{ nudge }}", "templates/messages/ja/default/slack.txt:2: nothing is known as nudge"),
        (
            "a\n\n{% if %}",
            (
                "templates/messages/ja/default/slack.txt:3: Expected an expression, got 'end of "
                "statement block'"
            ),
        ),
        (
            "{{ n.ends_on | dya }}",
            "templates/messages/ja/default/slack.txt:1: No filter named 'dya'.",
        ),
        ("{{ 1 / 0 }}", "templates/messages/ja/default/slack.txt:1: division by zero"),
        (
            "{{ n.customer | day }}",
            "templates/messages/ja/default/slack.txt:1: Invalid isoformat string: '青葉商事'",
        ),
        (
            "{% include 'ja/gone.txt' %}",
            "slack.txt:1: there is no template ja/gone.txt to include",
        ),
        ("{% set a %}x{% endset %}", "write {% set name = … %} instead"),
    ],
)
def test_a_broken_template_is_replaced_by_the_shipped_one_and_the_reason_given(
    source: str, said: str
) -> None:
    rendered = slack({"ja/default/slack.txt": source})
    assert rendered.text == PLAIN.text
    assert said in rendered.fallback_because


def test_a_broken_part_that_others_use_is_replaced_too() -> None:
    rendered = slack({"ja/lines.txt": "{% macro what(n) %}{{ n.nothing }}{% endmacro %}"})
    assert rendered.text == PLAIN.text
    assert "ja/lines.txt" in rendered.fallback_because or "slack.txt" in rendered.fallback_because


@pytest.mark.parametrize("source", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_defused(source: str) -> None:
    rendered = slack({"ja/default/slack.txt": source}, why="x" * 200)
    assert rendered.text == slack({}, why="x" * 200).text
    assert rendered.fallback_because


def test_a_template_that_costs_too_much_is_not_tried_again_and_others_are() -> None:
    templates = TemplateRenderer(
        SHIPPED,
        {
            "ja/default/slack.txt": BOMBS["a chain of macros"],
            "ja/default/subject.txt": "{{ 1 / 0 }}",
        },
    )
    said = [
        templates.render("nudges", message_facts("佐藤", [full(JA)]), JA, ChannelName.SLACK)
        for _ in range(2)
    ]
    assert said[0] == said[1]
    assert list(templates.given_up) == ["ja/default/slack.txt"]


@pytest.mark.parametrize("source", ESCAPES)
def test_a_template_cannot_get_out(source: str) -> None:
    rendered = slack({"ja/default/slack.txt": source})
    assert rendered.text == PLAIN.text
    assert rendered.fallback_because


def test_the_health_is_not_known_to_a_subject() -> None:
    rendered = slack({"ja/default/subject.txt": "{{ n.customer }} {{ n.health_label }}"})
    assert rendered.subject == PLAIN.subject
    assert "health_label" in rendered.fallback_because


def test_a_subject_is_one_line() -> None:
    assert slack({"ja/default/subject.txt": "a\n\n  b\r\nc"}).subject == "a b c"


@pytest.mark.parametrize("kind", ["nudges", "team"])
@pytest.mark.parametrize("channel", [ChannelName.EMAIL, ChannelName.SLACK])
def test_the_name_of_whom_it_goes_to_steers_nothing(kind: str, channel: ChannelName) -> None:
    """As a list of colleagues or HubSpot may hold it: an escape sequence, a change of direction."""
    facts = team(Language.EN) if kind == "team" else {"items": [full(Language.EN)]}
    said = TemplateRenderer(SHIPPED).render(
        kind, {**facts, "recipient": "Ann\x1b[2J\u202e\nIto"}, Language.EN, channel
    )
    assert {c for c in said.text + said.html if c in "\x1b\u202e"} == set()


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(NoTemplateError, match=r"templates/messages/ja/postcard/subject\.txt"):
        TemplateRenderer(SHIPPED).render("postcard", {}, JA, ChannelName.EMAIL)


def test_templates_that_come_with_the_program_have_no_problems() -> None:
    assert template_problems(SHIPPED, {}) == []
    assert template_problems(SHIPPED, SHIPPED) == []


def test_every_problem_is_found_before_a_template_is_used() -> None:
    overlay = {
        "ja/renewal_3m/ask.txt": "{{ n.custmer }}",
        "en/bundle/body.html": "{% for %}",
        "ja/vip/slack.txt": "{% if n.decide_by %}{{ n.gone }}{% endif %}",
        "ja/renewal_3m/aks.txt": "x",
        "readme.txt": "x",
        "ja/mine.txt": "{% macro m() %}x{% endmacro %}",
        "ja/ended/slack.txt": '{% import "ja/mine.txt" as mine %}{{ mine.m() }}',
    }
    found = template_problems(SHIPPED, overlay)
    problems = "\n".join(p.shown(Language.EN) for p in found)
    assert len(found) == 5
    for said in (
        "ja/renewal_3m/ask.txt:1  nothing is known as custmer",
        "en/bundle/body.html:1  ",
        "ja/vip/slack.txt:1  nothing is known as gone",
    ):
        assert said in problems
    for unread in (
        "ja/renewal_3m/aks.txt  nothing is made from this file",
        "messages/readme.txt  nothing is made from this file",
    ):
        assert unread in problems
    assert (
        "ja/renewal_3m/ask.txt:1  custmer というものはありません。「customer」のことですか。"
        in [p.shown(Language.JA).removeprefix("templates/messages/") for p in found]
    )

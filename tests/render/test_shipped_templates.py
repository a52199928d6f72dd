"""The shipped templates: DESIGN's example word for word, every milestone in both languages for
every channel with much and with little known."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from scheduler.core.facts.nudge_facts import alert_facts, message_facts
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import Rendered
from scheduler.render.renderer import TemplateRenderer
from scheduler.render.samples import bare, full, messages, of_every_shape, renewed
from tests.render.shipped import NAMES, SHIPPED

RENDERER = TemplateRenderer(SHIPPED)
JA, EN = Language.JA, Language.EN


def one(
    item: dict[str, object],
    language: Language,
    channel: ChannelName = ChannelName.SLACK,
    to: str = "",
) -> Rendered:
    return RENDERER.render("nudges", message_facts(to, [item]), language, channel)


def test_the_example_of_the_design_in_japanese() -> None:
    nudge = one(full(JA), JA, to="佐藤")
    assert nudge.subject == "【要確認】青葉商事様 契約更新3か月前(期限1/29)"
    assert nudge.text == (
        "🔔 契約更新3か月前｜青葉商事様｜Pro 50席・¥3,600,000/年\n"
        "満了 2027/3/31(水)・あと93日｜自動更新あり\n"
        "解約通知期限 1/31(日)：実質 1/29(金)\n"
        "ヘルス：要注意(ログイン−38%、推進担当の異動)\n"
        "\n"
        "お願い：継続のご意向と、先方の予算・稟議の時期をご確認ください。\n"
        "\n"
        "満了3か月前(12/31は休業のため前倒し)｜営業：田中\n"
        "回答：renewals answer AB-1042 call renew｜HubSpotを開く "
        "(https://app.hubspot.com/contacts/1/record/0-3/1042)"
    )


def test_the_example_of_the_design_in_english() -> None:
    nudge = one(full(EN), EN, to="Ann Ito")
    assert (
        nudge.subject == "[Action needed] Aoba Trading: 3 months before renewal (deadline 29 Jan)"
    )
    assert nudge.text == (
        "🔔 3 months before renewal | Aoba Trading | Pro, 50 seats, ¥3,600,000/year\n"
        "Ends Wed 31 Mar 2027, in 93 days | Renews automatically\n"
        "Notice deadline Sun 31 Jan: in practice Fri 29 Jan\n"
        "Health: At risk (logins −38%, champion moved on)\n"
        "\n"
        "To do: Confirm that they want to continue, and when their budget and approval will be "
        "settled.\n"
        "\n"
        "3 months before the end (moved earlier, as 31 Dec is not a working day) | Sales: Ken "
        "Tanaka\n"
        "Answer: renewals answer AB-1042 call renew | Open HubSpot "
        "(https://app.hubspot.com/contacts/1/record/0-3/1042)"
    )


def test_the_mail_says_the_same_with_a_greeting() -> None:
    mail = one(full(JA), JA, ChannelName.EMAIL, to="佐藤")
    assert mail.text.startswith(
        "佐藤さん\n\nご契約の満了まで、あと93日です。更新のお話を始める時期になりました。\n\n■ "
        "契約更新3か月前｜青葉商事様"
    )
    assert "解約通知期限 1/31(日)：実質 1/29(金)" in mail.text
    assert "HubSpot：https://app.hubspot.com/contacts/1/record/0-3/1042" in mail.text
    assert "1/31(日)：実質 1/29(金)" in mail.html


@pytest.mark.parametrize("channel", ChannelName)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_every_milestone_can_be_said_with_much_and_with_little_known(
    name: str, language: Language, channel: ChannelName
) -> None:
    for item in of_every_shape(language, name):
        said = one(item, language, channel, to="Ann")
        assert said.fallback_because == ""
        assert said.subject
        assert item["ask"] or item["label"] in said.text
        for text in (said.subject, said.text, said.html):
            assert "None" not in text
            assert "{{" not in text


@pytest.mark.parametrize("channel", ChannelName)
@pytest.mark.parametrize("language", Language)
def test_every_kind_of_message_can_be_said(language: Language, channel: ChannelName) -> None:
    for kind, facts in messages(language, NAMES):
        said = RENDERER.render(kind, facts, language, channel)
        assert said.subject
        assert said.text.strip()
        assert bool(said.html) is (channel is not ChannelName.SLACK)
        assert bool(said.blocks) is (channel is ChannelName.SLACK)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_a_contract_of_which_nothing_is_known_is_told_without_empty_lines_or_labels(
    name: str, language: Language
) -> None:
    said = one(bare(language, name), language)
    assert "X-1" in said.text
    assert not any(
        line.rstrip().endswith(("：", ":", "｜", "|", "・")) for line in said.text.splitlines()
    )


def test_each_milestone_has_words_of_its_own() -> None:
    for language in Language:
        openings = {
            one(full(language, name), language, ChannelName.EMAIL).text.splitlines()[0]
            for name in NAMES
        }
        assert len(openings) == len(NAMES)


@pytest.mark.parametrize(
    ("language", "said"),
    [(JA, "次の満了は2028/3/31(金)です。"), (EN, "It now runs until Fri 31 Mar 2028.")],
)
def test_an_automatic_renewal_is_told_as_information_with_the_way_to_undo_it(
    language: Language, said: str
) -> None:
    told = one(renewed(language), language)
    assert told.subject.startswith(("【お知らせ】", "[For information]"))
    assert said in told.text
    assert "renewals answer AB-1042 undo" in told.text


@pytest.mark.parametrize(("days_left", "said"), [(93, "あと93日"), (0, "本日"), (-9, "9日経過")])
def test_the_days_left_are_counted_in_words(days_left: int, said: str) -> None:
    assert f"2027/3/31(水)・{said}" in one(full(JA, days_left=days_left), JA).text


def test_an_estimated_end_says_so() -> None:
    assert "2027/3/31(水)(推定)・" in one(full(JA, estimated=True), JA).text
    assert "(estimated)" in one(full(EN, estimated=True), EN).text


def test_a_deadline_that_has_passed_says_so() -> None:
    assert "1/31(日)は過ぎています" in one(full(JA, decide_days_left=-1, deadline_on=None), JA).text


def test_the_paperwork_decides_what_is_asked_a_month_before_the_end() -> None:
    received = {"ordered": "order"}
    words = ("none", "quoted", "in_approval", "ordered")
    asked = {
        p: one(full(JA, "renewal_1m", paperwork=p, received=received.get(p, "")), JA).text
        for p in words
    }
    assert len(set(asked.values())) == 4
    assert "renewals answer AB-1042 won" in asked["ordered"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (JA, "受注内容をご確認のうえ、更新確定を"),
        (EN, "Check the ordered amount and term, then record"),
    ],
)
def test_after_an_order_the_expected_day_asks_only_to_record_the_renewal(
    language: Language, said: str
) -> None:
    for paperwork, ordered in (("ordered", True), ("quoted", False)):
        item = full(language, "expected", paperwork=paperwork, received="")
        assert (said in one(item, language).text) is ordered


RECEIVED: dict[str, dict[str, Any]] = {
    "notice": {"received": "notice", "notice_on": "2026-12-21", "asks": False},
    "order": {"received": "order", "paperwork": "ordered", "paperwork_label": "order received"},
}
NEVER: dict[str, list[str]] = {
    "notice": [
        "renews",
        "自動更新",
        "継続のご意向",
        "confirm that they want",
        "更新予定",
        "will renew",
        "deadline",
        "通知期限",
    ],
    "order": [
        "confirm that they want",
        "継続のご意向",
        "the day the order will come",
        "注文書をいただける日",
    ],
}


@pytest.mark.parametrize(
    "name", ["renewal_3m", "renewal_1m", "decide_by_30d", "default", "of_our_own"]
)
@pytest.mark.parametrize("what", RECEIVED)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("channel", [ChannelName.SLACK, ChannelName.EMAIL])
def test_once_a_notice_or_an_order_is_there_no_text_asks_for_a_renewal(
    name: str, what: str, language: Language, channel: ChannelName
) -> None:
    item = full(
        language,
        name,
        ask="",
        call="renew",
        call_label="will renew",
        called_on="2026-12-01",
        **RECEIVED[what],
    )
    nudge = one(item, language, channel)
    said = f"{nudge.subject} {nudge.text} {nudge.html}".lower()
    assert [word for word in NEVER[what] if word.lower() in said] == []
    assert ("notice received" in said or "解約通知を受領" in said) is (what == "notice")
    assert ("action needed" in nudge.subject.lower() or "要確認" in nudge.subject) is (
        what == "order"
    )


@pytest.mark.parametrize(
    ("more", "said", "never"),
    [
        (
            {"expected_said": True, "expected_days_left": 5},
            ["answer expected Sat 2 Jan", "回答予定 1/2(土)"],
            ["asking again", "再確認"],
        ),
        (
            {"expected_said": True, "expected_days_left": -1},
            ["answer was expected Sat 2 Jan", "1/2(土)を過ぎています"],
            ["asking again", "再確認"],
        ),
        (
            {"expected_said": False, "expected_days_left": 5},
            ["asking again on Sat 2 Jan", "1/2(土)に再確認"],
            ["expected", "予定 1/2"],
        ),
        (
            {"expected_said": False, "expected_days_left": -1},
            ["Forecast: will renew, said Mon 21 Dec", "will renew・12/21(月)の回答"],
            ["again", "再確認"],
        ),
    ],
)
def test_only_a_day_that_somebody_named_is_called_expected(
    more: dict[str, Any], said: list[str], never: list[str]
) -> None:
    given: dict[str, Any] = {
        "call": "renew",
        "call_label": "will renew",
        "called_on": "2026-12-21",
        "expected_on": "2027-01-02",
    } | more
    texts = one(full(EN, **given), EN).text + one(full(JA, **given), JA).text
    assert [words for words in said if words not in texts] == []
    assert [words for words in never if words in texts] == []


@pytest.mark.parametrize("name", ["renewal_3m", "renewal_1m", "decide_by_30d"])
@pytest.mark.parametrize("language", Language)
def test_what_is_over_never_ends(name: str, language: Language) -> None:
    past = full(language, name, days_left=-40, decide_days_left=-70, deadline_on=None)
    said = one(past, language, ChannelName.EMAIL)
    assert not re.search(
        r"ends? (on )?\S* ?40 days ago|deadline is 70 days ago|期限まで、70日経過|満了まで、40日経過",
        f"{said.subject} {said.text}",
    )
    assert "40 days ago" in said.text or "40日" in said.text


def test_a_configured_ask_stands_before_the_template_s() -> None:
    assert (
        "お願い：来期の席数をご確認ください。"
        in one(full(JA, ask="来期の席数をご確認ください。"), JA).text
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", [*NAMES, "bundle"])
def test_a_critical_health_never_stands_in_a_subject(name: str, language: Language) -> None:
    item = full(
        language,
        name,
        health="critical",
        health_label="解約危機",
        stage="解約危機",
        health_because="解約危機",
    )
    items = [item, item] if name == "bundle" else [item]
    said = RENDERER.render("nudges", message_facts("Ann", items), language, ChannelName.EMAIL)
    assert "解約危機" not in said.subject
    assert "解約危機" in said.text


def test_a_bundle_is_grouped_by_customer_with_the_money_at_risk_first() -> None:
    items = [
        full(JA, customer="みどり", number="M-1", risk=5.0, deadline_on="2027-01-29"),
        full(JA, customer="青葉", number="A-1", risk=90.0, deadline_on="2027-02-26"),
        full(JA, customer="みどり", number="M-2", risk=1.0, deadline_on=None),
    ]
    bundle = RENDERER.render("nudges", message_facts("佐藤", items), JA, ChannelName.EMAIL)
    assert bundle.subject == "【要確認】契約更新 3件(最短期限1/29)"
    assert bundle.text.count("■") == 2
    assert bundle.text.index("青葉様") < bundle.text.index("みどり様")


@pytest.mark.parametrize("channel", [ChannelName.SLACK, ChannelName.EMAIL])
def test_two_things_about_one_contract_are_one_contract(channel: ChannelName) -> None:
    texts = []
    for language in (EN, JA):
        two = [full(language), full(language, "onboarding_30d", label="30 days of onboarding")]
        bundle = RENDERER.render("nudges", message_facts("Ann", two), language, channel)
        texts.append(bundle.subject)
        assert bundle.text.count(two[0]["health_because"]) == 1
        assert "2 contracts" not in bundle.text + bundle.html
        assert "2件" not in bundle.text + bundle.html
    assert texts == [
        (
            "[Action needed] Aoba Trading: 3 months before renewal, 30 days of onboarding "
            "(deadline 29 Jan)"
        ),
        "【要確認】青葉商事様 契約更新3か月前・30 days of onboarding(期限1/29)",
    ]


@pytest.mark.parametrize("channel", [ChannelName.SLACK, ChannelName.EMAIL])
def test_a_second_question_about_a_contract_says_only_what_is_new(channel: ChannelName) -> None:
    for language, also in ((EN, "Also: How are they?"), (JA, "あわせて：How are they?")):
        two = [full(language), full(language, "pulse", label="How are they?")]
        said = RENDERER.render("nudges", message_facts("Ann", two), language, channel)
        assert also in said.text
        assert said.text.count("¥3,600,000") == 1
        if channel is ChannelName.EMAIL:
            assert also in said.html
        other = [full(language), full(language, "pulse", label="How are they?", number="X-2")]
        said = RENDERER.render("nudges", message_facts("Ann", other), language, channel)
        assert also not in said.text
        assert said.text.count("¥3,600,000") == 2


@pytest.mark.parametrize(
    ("language", "of_pulses", "mixed"),
    [
        (JA, "【要確認】ヘルスの確認 2件", "【要確認】契約更新 2件"),
        (EN, "[Action needed] The health of 2 contracts", "[Action needed] 2 contracts to look"),
    ],
)
def test_a_bundle_that_asks_only_for_the_health_says_so(
    language: Language, of_pulses: str, mixed: str
) -> None:
    asked = [full(language, "pulse", number=f"N{n}", customer=f"C{n}") for n in range(2)]
    said = RENDERER.render("nudges", message_facts("Ann", asked), language, ChannelName.EMAIL)
    assert said.subject.startswith(of_pulses)
    words = of_pulses.partition("】" if language is JA else "] ")[2]
    assert said.html.count(words) == 2, "its title and its heading"
    post = RENDERER.render("nudges", message_facts("Ann", asked), language, ChannelName.SLACK)
    assert words in post.text
    asked[1] = full(language, number="N1", customer="C1")
    said = RENDERER.render("nudges", message_facts("Ann", asked), language, ChannelName.EMAIL)
    assert said.subject.startswith(mixed)


def test_a_bundle_that_asks_nothing_needs_no_action() -> None:
    told = [full(EN, number=f"N{n}", asks=False) for n in range(2)]
    assert RENDERER.render(
        "nudges", message_facts("Ann", told), EN, ChannelName.EMAIL
    ).subject.startswith("[For information] 2 contracts")


def test_a_bundle_says_of_each_what_a_single_nudge_says() -> None:
    bundle = RENDERER.render(
        "nudges",
        message_facts("佐藤", [full(JA), full(JA, number="AB-1043", url=None)]),
        JA,
        ChannelName.SLACK,
    )
    assert [len(t.splitlines()) for t in bundle.text.split("\n\n")] == [2, 7, 7, 1]
    assert bundle.text.split("\n\n")[2] == (
        "青葉商事様｜契約更新3か月前｜Pro 50席・¥3,600,000/年\n"
        "満了 2027/3/31(水)・あと93日｜自動更新あり\n"
        "解約通知期限 1/31(日)：実質 1/29(金)\n"
        "ヘルス：要注意(ログイン−38%、推進担当の異動)\n"
        "お願い：継続のご意向と、先方の予算・稟議の時期をご確認ください。\n"
        "回答：renewals answer AB-1042 call renew\n"
        "満了3か月前(12/31は休業のため前倒し)｜営業：田中"
    )


def test_a_customer_called_channel_pings_nobody_and_breaks_no_page() -> None:
    item = full(JA, customer="<!channel> & <b>Co</b>", product="<@U0ANN>")
    slack = one(item, JA)
    blocks = str(slack.blocks)
    assert "&lt;!channel&gt; &amp; &lt;b&gt;Co&lt;/b&gt;様" in blocks
    assert "<!channel>" not in blocks
    assert "<@U0ANN>" not in blocks
    assert "<b>Co" not in one(item, JA, ChannelName.EMAIL).html
    assert "<!channel> & <b>Co</b>" in one(item, JA, ChannelName.EMAIL).text


def test_quotes_are_read_as_quotes_in_slack() -> None:
    assert 'O\'Brien "Q" &#39;' in one(full(EN, customer='O\'Brien "Q" &#39;'), EN).text


class _Tags(HTMLParser):
    """Whether every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", Language)
def test_every_page_is_well_formed(language: Language) -> None:
    for kind, facts in messages(language, NAMES):
        tags = _Tags()
        tags.feed(RENDERER.render(kind, facts, language, ChannelName.EMAIL).html)
        assert tags.open == []


def test_an_alert_says_what_happened_and_what_to_do() -> None:
    facts = alert_facts(
        "Slackに送信できません",
        "invalid_auth\n3件が待っています。",
        "SLACK_BOT_TOKENを確認してください。",
    )
    alert = RENDERER.render("alert", facts, JA, ChannelName.EMAIL)
    assert alert.subject == "【管理者へ】Slackに送信できません"
    assert "3件が待っています。\n\n対応：SLACK_BOT_TOKENを確認してください。" in alert.text


def test_the_file_sets_of_both_languages_are_the_same() -> None:
    of = {
        language: {p.split("/", 1)[1] for p in SHIPPED if p.startswith(f"{language}/")}
        for language in Language
    }
    assert of[JA] == of[EN]


@pytest.mark.parametrize("language", Language)
def test_a_mail_of_fifty_tells_twenty_in_full_and_lists_the_rest(language: Language) -> None:
    items = [full(language, customer=f"C{n:02}", risk=float(100 - n)) for n in range(50)]
    mail = RENDERER.render("nudges", message_facts("Ann", items), language, ChannelName.EMAIL)
    for text in (mail.text, mail.html):
        assert all(f"C{n:02}" in text for n in range(50))
        assert text.count(items[0]["health_because"]) == 20
        assert ("そのほか30件" if language is JA else "And 30 more") in text

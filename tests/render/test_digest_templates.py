"""The digests' templates: every kind in both languages for every channel, much and little known;
the Japanese and the English say the same."""

import re

import pytest

from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import Rendered
from scheduler.render.checking import template_problems
from scheduler.render.digest_samples import (
    digests,
    handover,
    past_team,
    past_week,
    quiet_week,
    returned,
    team,
    week,
)
from scheduler.render.renderer import TemplateRenderer
from tests.render.shipped import SHIPPED

RENDERER = TemplateRenderer(SHIPPED)
JA, EN = Language.JA, Language.EN


def said(
    kind: str,
    facts: dict[str, object],
    language: Language,
    channel: ChannelName = ChannelName.SLACK,
    to: str = "",
) -> Rendered:
    return RENDERER.render(kind, {"recipient": to, **facts}, language, channel)


@pytest.mark.parametrize("channel", ChannelName)
@pytest.mark.parametrize("language", Language)
def test_every_digest_can_be_said_with_much_and_with_little_known(
    language: Language, channel: ChannelName
) -> None:
    for kind, facts in digests(language):
        message = RENDERER.render(kind, facts, language, channel)
        for text in (message.subject, message.text, message.html):
            assert "None" not in text
            assert "{{" not in text
        assert message.subject
        assert message.text.strip()
        assert not any(
            line.rstrip().endswith(("：", ":", "｜", "|")) for line in message.text.splitlines()
        )
        assert bool(message.html) is (channel is not ChannelName.SLACK)


def test_the_week_says_what_waits_what_comes_and_what_changed() -> None:
    message = said("weekly", week(JA), JA)
    assert message.subject == "【今週の予定】回答待ち 2件・90日以内の予定 3件"
    assert message.text.split("\n\n")[:4] == [
        "🗓 今週の更新予定｜12/28(月)\n更新 3件・¥13,200,000・90日以内に期限 3件",
        (
            "回答をお待ちしています(2件)\n"
            "・ひかり物流様(MD-2202)｜契約更新3か月前｜10日経過(1/12(火)に再通知)｜満了 2/28(日)\n"
            "・みどり製作所様(MD-2201)｜契約更新3か月前｜6日経過｜満了 1/31(日)\n"
            "回答：届いたリマインドから、または renewals answer 契約番号"
        ),
        "今週\n・12/31(木) 青葉商事様｜契約更新3か月前｜Pro 50席・¥3,600,000/年",
        (
            "1/25の週\n"
            "・1/31(日) みどり製作所様｜満了｜Pro 50席・¥8,400,000/年\n"
            "・1/31(日) 青葉商事様｜解約通知期限(実質 1/29(金))｜Pro 50席・¥3,600,000/年"
        ),
    ]
    assert (
        "・更新確定：さくら食品様｜¥5,200,000｜次の満了 2027/12/31(金)\n"
        "・解約：あかね建設様｜¥640,000｜予算削減・稟議否決\n"
    ) in message.text


@pytest.mark.parametrize(
    ("language", "word", "other"),
    [(JA, "解約：", "契約終了(解約に含めない)："), (EN, "Lost: ", "Ended, not churn: ")],
)
def test_a_customer_that_closed_or_merged_is_not_called_lost(
    language: Language, word: str, other: str
) -> None:
    facts = week(language)
    [lost] = facts["lost"]
    for churn, named, unnamed in ((True, word, other), (False, other, word)):
        for channel in ChannelName:
            changed = facts | {"lost": [lost | {"churn": churn}]}
            text = said("weekly", changed, language, channel).text
            assert f"{named}{lost['customer']}" in text
            assert unnamed not in text


@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        (
            JA,
            "【今週の予定】90日以内の予定はありません",
            "今後90日以内に、期限・満了・通知の予定はありません。",
        ),
        (
            EN,
            "[This week] Nothing due in the next 90 days",
            "Nothing due in the next 90 days: no deadline, no end, no milestone.",
        ),
    ],
)
def test_a_week_with_nothing_due_says_so(language: Language, subject: str, line: str) -> None:
    for channel in ChannelName:
        message = said("weekly", quiet_week(language), language, channel)
        assert message.subject == subject
        assert line in message.text
        assert channel is ChannelName.SLACK or line in message.html


@pytest.mark.parametrize("channel", ChannelName)
@pytest.mark.parametrize("kind", ["weekly", "team"])
def test_what_had_ended_before_it_was_loaded_is_named_the_first_few(
    kind: str, channel: ChannelName
) -> None:
    made = past_week if kind == "weekly" else past_team
    seven = said(kind, made(EN, 7), EN, channel)
    named = ", ".join(f"Akane Construction (OLD-{n})" for n in (6, 5, 4, 3, 2))
    sentence = f"Ended before they were loaded and still open: {named} and 2 more."
    assert sentence in seven.text
    assert channel is ChannelName.SLACK or sentence in seven.html
    assert "OLD-1" not in seven.text
    one = said(kind, made(EN, 1), EN, channel).text
    assert "Ended before it was loaded and still open: Akane Construction (OLD-0)." in one
    assert "more" not in one
    japanese = said(kind, made(JA, 7), JA, channel).text
    assert "取込前に満了し、結果が未登録の契約：あかね建設様(OLD-6)、" in japanese
    assert "(OLD-2) ほか2件。" in japanese
    for facts in (week(EN), quiet_week(EN)):
        assert "still open" not in said("weekly", facts, EN, channel).text


def test_the_first_week_says_that_it_is_the_first() -> None:
    assert (
        "This is your first weekly summary"
        in said("weekly", week(EN) | {"since": None, "changes": 0}, EN).text
    )
    assert "Nothing has changed since Mon 21 Dec" in said("weekly", quiet_week(EN), EN).text


def test_a_team_is_told_by_rep_with_who_is_away_and_what_waits_longest() -> None:
    message = said("team", team(EN), EN)
    assert message.subject == "[Team] 5 renewals: 3 unanswered, 1 ended, 1 notice, 1 uncertain"
    assert (
        "5 renewals, ¥19,040,000, 3 due within 90 days | 1 ended without an answer" in message.text
    )
    assert (
        "Kay Marsh\n2 renewals, ¥6,400,000, 1 due within 90 days\n1 unanswered (oldest 10 days)"
        " | 1 notice | 1 uncertain (¥6,400,000)"
    ) in message.text
    assert "Lee Wong (has left)" in message.text
    assert "Ann Ito, Mon 4 Jan – Fri 8 Jan (Kay Marsh stands in)" in message.text


def test_a_team_is_told_what_is_lost_in_doubt_over_and_due_with_its_money() -> None:
    for channel in ChannelName:
        english, japanese = (
            said("team", team(EN), EN, channel).text,
            said("team", team(JA), JA, channel).text,
        )
        for text, lines in ((english, LINES_EN), (japanese, LINES_JA)):
            assert [line for line in lines if line not in text] == []


LINES_EN = [
    "• Akane Construction (MD-2204) | ¥640,000 | 8 days since the end | owner Lee Wong",
    (
        "• Sakura Foods (MD-2203) | ¥5,200,000 | notice received Fri 25 Dec, ends Mon 15 Mar | "
        "owner Kay Marsh"
    ),
    "• Hikari Logistics (MD-2202) | ¥1,200,000 | may leave, due Sun 28 Feb | owner Kay Marsh",
    (
        "Due within 90 days, the most valuable first (¥13,200,000)\n• Midori Works (MD-2201) | ¥8,"
        "400,000 | by Sun 31 Jan | owner Ann Ito\n• Aoba"
    ),
    "0 not assessed",
]
LINES_JA = [
    "・あかね建設様(MD-2204)｜¥640,000｜満了から8日｜担当：山本 葵",
    "・さくら食品様(MD-2203)｜¥5,200,000｜解約通知 12/25(金)・満了 3/15(月)｜担当：高橋 健",
    "・ひかり物流様(MD-2202)｜¥1,200,000｜解約懸念・期限 2/28(日)｜担当：高橋 健",
    (
        "90日以内に期限を迎えるもの(金額順・計 ¥13,200,000)\n・みどり製作所様(MD-2201)｜¥8,400,"
        "000｜1/31(日)まで｜担当：佐藤"
    ),
    "未評価 0件",
]


@pytest.mark.parametrize("language", Language)
def test_on_slack_a_digest_names_the_slash_command_where_there_is_one_and_no_shell(
    language: Language,
) -> None:
    with_buttons = TemplateRenderer(SHIPPED, pressable=True)
    for kind, facts in digests(language):
        cut = {
            name: 3
            for name in ("waiting_rest", "coming_rest", "told_rest", "deals_rest")
            if name in facts
        }
        text = with_buttons.render(kind, facts | cut, language, ChannelName.SLACK).text
        assert not re.search(r"(?<!/)renewals (answer|nudges|upcoming|deals|show|import)", text)
        assert "/renewals" in text or kind in ("team", "handover") or not facts.get("waiting")
        mail = RENDERER.render(kind, facts | cut, language, ChannelName.EMAIL).text
        assert re.search(r"(?<!/)renewals (answer|nudges|deals|import|upcoming)", mail) or (
            kind == "team" and not facts["waiting"]
        )


def test_a_digest_that_an_older_version_queued_still_goes_out() -> None:
    known = {
        "today",
        "since",
        "open",
        "amount",
        "currency",
        "weeks",
        "coming",
        "coming_rest",
        "waiting",
        "waiting_count",
        "waiting_rest",
        "ahead",
    }
    changed = {
        name
        for name in week(EN)
        if name.split("_")[0] in ("changes", "won", "lost", "moved", "ends", "new")
    }
    older = {name: value for name, value in week(EN).items() if name in known | changed}
    assert "3 renewals, ¥13,200,000" in said("weekly", older, EN).text
    rep = {
        "name": "Kay",
        "active": True,
        "open": 2,
        "amount": 5,
        "ending": 1,
        "unanswered": 1,
        "oldest": 3,
        "notices": 0,
        "doubt": 0,
        "doubt_amount": 0,
    }
    theirs = {
        "today": "2026-12-28",
        "open": 2,
        "amount": 5,
        "currency": "JPY",
        "reps": [rep],
        "waiting": [],
        "waiting_count": 1,
        "waiting_rest": 0,
    }
    message = said("team", theirs | {"notices": 0, "doubt": 0, "away": []}, EN)
    assert message.subject == "[Team] 2 renewals: 1 unanswered"
    assert "Kay\n2 renewals" in message.text


def test_money_without_a_rate_and_without_an_amount_stands_beside_the_sum() -> None:
    facts = team(EN)
    facts["counts"]["total"] |= {"others": [{"amount": 500, "currency": "USD"}], "without": 3}
    assert "5 renewals, ¥19,040,000 + $5.00, 3 without an amount" in said("team", facts, EN).text
    facts["counts"]["total"] |= {"amount": 0}
    assert "5 renewals, $5.00, 3 without an amount" in said("team", facts, EN).text


def test_whoever_is_back_reads_first_what_still_waits() -> None:
    lines = said("returned", returned(JA), JA).text.splitlines()
    assert lines[0] == "📬 不在中の連絡 3件｜12/17(木)〜12/25(金)"
    assert [line.rpartition("｜")[2] for line in lines[2:5]] == [
        "未回答",
        "案内のみ",
        "高橋 健：更新予定",
    ]


def test_a_handover_says_how_to_give_the_deals_a_new_owner() -> None:
    for language, how in (
        (JA, "担当者を変え、取り込み直してください(renewals import FILE)"),
        (EN, "import it again (renewals import FILE)"),
    ):
        for channel in ChannelName:
            message = said("handover", handover(language), language, channel)
            assert how in message.text
            assert "AB-1042" in message.text
    assert message.subject == "[Action needed] Lee Wong has left: 5 renewals without an owner"


def test_a_customer_called_channel_pings_nobody_and_breaks_no_page() -> None:
    facts = week(JA)
    facts["waiting"][0]["customer"] = "<!channel> & <b>Co</b>"
    assert "&lt;!channel&gt;" in str(said("weekly", facts, JA).blocks)
    assert "<b>Co" not in said("weekly", facts, JA, ChannelName.EMAIL).html


def test_a_changed_digest_template_is_tried_before_it_is_used() -> None:
    broken = {"ja/weekly/subject.txt": "{{ opne }}"}
    (problem,) = template_problems(SHIPPED, broken)
    assert (problem.file, problem.line) == ("templates/messages/ja/weekly/subject.txt", 1)
    assert "opne" in problem.text.en
    assert "open" in problem.text.en

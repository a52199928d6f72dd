"""`renewals deals`, `upcoming`, `nudges`, `messages`, `people` as people read them, and as machines
do."""

import json
from collections.abc import Sequence

import pytest

from scheduler.cli.terminal import say
from scheduler.core.messages.state_tables import KINDS
from tests.cli.office import LOADED, Office

DEALS_EN = """\
Existing customers
Stage               Deals      GBP         JPY  Not assessed
Stable                  1  £900.50                         1
Renewal (3 months)      2  £12,000  ¥3,600,000

Customer        Contract  Stage               Health        Ends        Decide by      Left      Amount  Owner      Next
青葉商事        C-1       Renewal (3 months)  Stable        Wed 31 Mar  Sun 31 Jan   in 27d  ¥3,600,000  千佳 田中  Wed 3 Feb
Beta Ltd        C-2       Renewal (3 months)  Stable        Wed 31 Mar  Mon 1 Mar    in 56d     £12,000  Ann Ito    Fri 29 Jan
Gamma 100% Ltd  C-3       Stable              Not assessed  Wed 30 Jun              in 177d     £900.50  (nobody)   Tue 30 Mar
"""
DEALS_JA = """\
既存顧客
ステージ           件数      GBP         JPY  うち未評価
安定稼働              1  £900.50                       1
契約更新(3か月前)     2  £12,000  ¥3,600,000

顧客            契約  ステージ           ヘルス    満了      通知期限   期限まで        金額  担当        次の動き
青葉商事        C-1   契約更新(3か月前)  安定稼働  3/31(水)  1/31(日)   あと27日  ¥3,600,000  千佳 田中   2/3(水)
Beta Ltd        C-2   契約更新(3か月前)  安定稼働  3/31(水)  3/1(月)    あと56日     £12,000  Ann Ito     1/29(金)
Gamma 100% Ltd  C-3   安定稼働           未評価    6/30(水)            あと177日     £900.50  (担当なし)  3/30(火)
"""


@pytest.mark.parametrize(("lang", "shown"), [("en", DEALS_EN), ("ja", DEALS_JA)])
def test_the_board_and_the_deals_the_most_urgent_first(
    office: Office, lang: str, shown: str
) -> None:
    assert office.said("deals", lang=lang) == shown


@pytest.mark.parametrize(
    ("options", "contracts"),
    [
        ([], ["C-1", "C-2", "C-3"]),
        (["--owner", "chika"], ["C-1"]),
        (["--owner", "ANN"], ["C-2"]),
        (["--customer", "青葉"], ["C-1"]),
        (["--customer", "beta"], ["C-2"]),
        (["--customer", "100%"], ["C-3"]),
        (["--customer", "%"], ["C-3"]),
        (["--stage", "renewal_3m"], ["C-1", "C-2"]),
        (["--health", "unknown"], ["C-3"]),
        (["--ends-before", "2027/6/30"], ["C-1", "C-2"]),
        (["--pipeline", "new_business"], []),
        (["--needs-confirmation"], []),
        (["--limit", "1"], ["C-1"]),
    ],
)
def test_a_filter_leaves_what_it_names(
    office: Office, options: Sequence[str], contracts: Sequence[str]
) -> None:
    found = json.loads(office.said("deals", *options, "--json"))
    assert [deal["contract"] for deal in found["deals"]] == contracts


def test_closed_deals_are_shown_when_asked_for(office: Office) -> None:
    office.said("answer", "C-2", "lost", "--reason", "budget")
    assert "C-2" not in office.said("deals")
    shown = office.said("deals", "--closed").splitlines()
    assert "Lost                    1  £12,000" in shown
    [row] = [line.split() for line in shown if "C-2" in line]
    assert row == [
        "Beta",
        "Ltd",
        "C-2",
        "Lost",
        "Stable",
        "Wed",
        "31",
        "Mar",
        "Mon",
        "1",
        "Mar",
        "£12,000",
        "Ann",
        "Ito",
    ]
    assert [
        d["contract"]
        for d in json.loads(office.said("deals", "--stage", "lost", "--json"))["deals"]
    ] == ["C-2"]


def test_how_many_are_not_shown_is_said_beside_the_list(office: Office) -> None:
    code, out, err = office.run("deals", "--limit", "1")
    assert (code, err) == (0, "2 more (--limit shows more)\n")
    assert out.count("C-") == 1


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "No deal matches.\n"), ("ja", "条件に合う取引はありません。\n")]
)
def test_no_match_is_said(office: Office, lang: str, said: str) -> None:
    assert office.said("deals", "--customer", "nobody", lang=lang) == said


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (
            ["deals", "--health", "god"],
            "there is no health god; there are: stable",
            "ヘルス「god」はありません。使えるもの：stable",
        ),
        (
            ["deals", "--stage", "renewal3n"],
            "there is no stage renewal3n; did you mean renewal_3m?",
            "renewal_3m のことですか。",
        ),
        (
            ["deals", "--pipeline", "x"],
            "there is no pipeline x; there are: existing, new_business",
            "パイプライン「x」はありません",
        ),
        (
            ["deals", "--ends-before", "soon"],
            "“soon” is not a day; write e.g. 2027-03-31.",
            "「soon」は日付として読めません。",
        ),
        (
            ["deals", "--ends-before", "03/04/2027"],
            "“03/04/2027” can mean 2027-03-04 or 2027-04-03",
            "「03/04/2027」は2027-03-04とも2027-04-03とも読めます。",
        ),
        (
            ["nudges", "--state", "told"],
            "there is no state told; there are: waiting, sent",
            "状態「told」はありません",
        ),
        (
            ["messages", "--kind", "post"],
            "there is no kind post; there are: nudges, weekly, team",
            "種類「post」はありません",
        ),
        (
            ["messages", "99"],
            "there is no message 99; `renewals messages` lists them",
            "メッセージ99はありません。一覧：renewals messages",
        ),
        (
            ["deals", "--limit", "0"],
            "'--limit': must be at least 1",
            "「--limit」は1以上にしてください",
        ),
        (
            ["upcoming", "--days", "4000"],
            "'--days': must be at most 3650",
            "「--days」は3650以下にしてください",
        ),
        (
            ["messages", "x"],
            "'NUMBER': must be a whole number",
            "「NUMBER」は整数で指定してください",
        ),
        (
            ["people", "extra"],
            "unexpected extra argument(s) (extra)",
            "余分な引数があります：extra",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_could(
    office: Office, words: list[str], en: str, ja: str
) -> None:
    assert en in office.refused(*words)
    assert ja in office.refused(*words, lang="ja")


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_of_any_kind_is_listed_before_it_has_a_subject(office: Office, kind: str) -> None:
    office.change("UPDATE nudges SET message_id = NULL")
    office.change(
        f"UPDATE messages SET kind = '{kind}', state = 'queued', subject = NULL, sent_at = NULL"
    )
    assert KINDS[kind].en in office.said("messages", "--kind", kind)
    assert KINDS[kind].ja in office.said("messages", lang="ja")


UPCOMING_EN = """\
Day           Left  Customer        Contract  What                                       Amount  Who is told
Fri 29 Jan  in 25d  Beta Ltd        C-2       30 days before the notice deadline        £12,000  Ann Ito
Sun 31 Jan  in 27d  青葉商事        C-1       the notice deadline                    ¥3,600,000
Wed 3 Feb   in 30d  青葉商事        C-1       renews automatically                   ¥3,600,000  千佳 田中
Fri 26 Feb  in 53d  Beta Ltd        C-2       1 month before renewal                    £12,000  Ann Ito
Mon 1 Mar   in 56d  Beta Ltd        C-2       the decision deadline                     £12,000
Tue 30 Mar  in 85d  Gamma 100% Ltd  C-3       3 months before renewal                   £900.50  renewals@example.com
Wed 31 Mar  in 86d  Beta Ltd        C-2       the end                                   £12,000
Thu 1 Apr   in 87d  Beta Ltd        C-2       asks how it ended, if nobody has said     £12,000  Ann Ito
"""
UPCOMING_JA = """\
日付          残り  顧客      契約  内容                      金額  通知先
1/29(金)  あと25日  Beta Ltd  C-2   解約通知期限30日前     £12,000  Ann Ito
1/31(日)  あと27日  青葉商事  C-1   解約通知期限        ¥3,600,000
2/3(水)   あと30日  青葉商事  C-1   自動更新            ¥3,600,000  千佳 田中
"""


def test_what_comes_ends_with_the_automatic_renewal_and_names_who_is_told(office: Office) -> None:
    assert office.said("upcoming") == UPCOMING_EN
    assert office.said("upcoming", "--days", "30", lang="ja") == UPCOMING_JA


def test_what_comes_for_one_owner(office: Office) -> None:
    assert {
        u["contract"] for u in json.loads(office.said("upcoming", "--owner", "chika", "--json"))
    } == {"C-1"}
    assert office.said("upcoming", "--owner", "nobody") == "Nothing comes in the next 90 days.\n"


NUDGES_EN = """\
Made        State  Customer  Contract  What                                For        Message
Mon 4 Jan   sent   Beta Ltd  C-2       3 months before renewal             Ann Ito          2
Mon 28 Dec  sent   青葉商事  C-1       3 months before renewal             千佳 田中        1
Mon 28 Dec  sent   青葉商事  C-1       30 days before the notice deadline  千佳 田中        1
"""
MESSAGES_JA = """\
番号  作成       状態      経路     宛先       件名
   2  1/4(月)    送信済み  preview  Ann Ito    [Action needed] Beta Ltd: 3 months before renewal (deadline 1 Mar)
   1  12/28(月)  送信済み  preview  千佳 田中  【要確認】青葉商事様 解約通知期限30日前・契約更新3か月前(期限1/29)
"""
PEOPLE_EN = """\
Name       Role     E-mail            Slack  Zone           Manager   Deals
Bob Hill   manager  bob@example.com          Europe/London                0
Ann Ito    rep      ann@example.com   U0ANN  Europe/London  Bob Hill      1
千佳 田中  rep      chika@example.jp         Asia/Tokyo     Bob Hill      1
"""


def test_nudges_messages_and_people_line_up(office: Office) -> None:
    assert office.said("nudges") == NUDGES_EN
    assert office.said("messages", lang="ja") == MESSAGES_JA
    assert office.said("people") == PEOPLE_EN


def test_nudges_by_state_person_and_day(office: Office) -> None:
    def contracts(*options: str) -> list[str]:
        return [n["contract"] for n in json.loads(office.said("nudges", *options, "--json"))]

    assert contracts("--person", "千佳") == ["C-1", "C-1"]
    assert contracts("--since", "2027-01-01") == ["C-2"]
    assert contracts("--state", "waiting") == []
    assert (
        office.said("nudges", "--state", "waiting", lang="ja")
        == "条件に合うリマインドはありません。\n"
    )


def test_a_message_is_read_as_its_recipient_got_it(office: Office) -> None:
    shown = office.said("messages", "2").splitlines()
    assert shown[:4] == [
        "To: Ann Ito <ann@example.com> (preview, sent 2027-01-04 21:00)",
        "",
        "Subject: [Action needed] Beta Ltd: 3 months before renewal (deadline 1 Mar)",
        "",
    ]
    assert "Answer: renewals answer C-2 call renew" in shown
    assert office.said("messages", "1", lang="ja").startswith(
        "宛先：千佳 田中 <chika@example.jp>(preview、2026-12-28 10:00 送信済み)\n"
    )


def test_a_message_that_was_not_rendered_yet_says_so(office: Office) -> None:
    office.change(
        "UPDATE messages SET state = 'queued', body = NULL, subject = NULL, sent_at = NULL "
        "WHERE id = 1"
    )
    assert office.said("messages", "1").splitlines()[-1] == "Its text is written when it is sent."
    assert "(2 nudges, written when it is sent)" in office.said("messages")


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (
            ["deals"],
            "No open deals. Import contracts: renewals import FILE.",
            "契約の取り込み：renewals import FILE",
        ),
        (["upcoming"], "Nothing comes in the next 90 days.", "今後90日間の予定はありません。"),
        (["nudges"], "No nudges yet. `renewals run` makes them", "リマインドはまだありません。"),
        (
            ["messages"],
            "No messages yet. `renewals run` makes them",
            "メッセージはまだありません。",
        ),
        (
            ["people"],
            "There are no people yet. Import them: renewals import people.csv",
            "担当者はまだ登録されていません",
        ),
        (
            ["report", "passage"],
            "Existing customers: no deals yet.",
            "既存顧客：取引はまだありません。",
        ),
    ],
)
def test_an_empty_database_says_what_to_do_next(
    nowhere: Office, words: list[str], en: str, ja: str
) -> None:
    nowhere.said("run", "--once", as_of=LOADED)
    assert en in nowhere.said(*words, as_of=LOADED)
    assert ja in nowhere.said(*words, lang="ja", as_of=LOADED)


def test_a_name_that_would_steer_the_terminal_is_harmless(
    capsys: pytest.CaptureFixture[str],
) -> None:
    say.table(["a"], [["\x1b[31mred\x07"], ["\u202eevil"]])
    assert capsys.readouterr().out == "a\n\\x1b[31mred\\x07\n\\u202eevil\n"


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--health", "安定稼働"), ("--health", "stable")),
        (("--health", "Ｓｔａｂｌｅ"), ("--health", "stable")),
        (("--stage", "契約更新(3か月前)"), ("--stage", "renewal_3m")),
        (("--stage", "Renewal-3M"), ("--stage", "renewal_3m")),
        (("--pipeline", "Existing customers"), ("--pipeline", "existing")),
        (("--owner", "ＡＮＮ"), ("--owner", "ann")),
        (("--customer", "Ｂｅｔａ"), ("--customer", "beta")),
    ],
)
def test_a_filter_is_written_as_people_call_it(
    office: Office, words: tuple[str, ...], ids: tuple[str, ...]
) -> None:
    found = json.loads(office.said("deals", *words, "--json"))
    assert found == json.loads(office.said("deals", *ids, "--json"))
    assert found["total"] > 0


@pytest.mark.parametrize(
    ("option", "said"),
    [("--health", "there is no health god"), ("--ends-before", "“god” is not a day")],
)
def test_a_word_that_is_in_no_list_is_refused_before_a_folder_is_opened(
    office: Office, option: str, said: str
) -> None:
    assert said in office.refused("deals", option, "god", "--dir", str(office.folder / "nowhere"))

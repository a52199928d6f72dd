"""`renewals answer`: every verb from the command line, what it says it did, every refusal with its
way out, and undo to the last byte."""

import io
import json
from collections.abc import Sequence

import pytest

from scheduler.cli.terminal.asking import chosen
from scheduler.core.words.errors import UserMustActError
from tests.cli.office import LONDON_NOON, Office

ANN = ("--by", "ann@example.com")
DEAL = (
    "SELECT stage, stage_entered_at, closed_at, health, health_because, paperwork, expected_on, "
    "call, notice_on, notice_lost, won, lost FROM deals"
)


@pytest.mark.parametrize(
    ("words", "en", "ja"),
    [
        (["seen"], "Recorded for Beta Ltd C-2: seen", "記録しました：Beta Ltd C-2　確認済み"),
        (
            ["snooze", "--until", "2027-01-15"],
            "Recorded for Beta Ltd C-2: ask again later (until Fri 15 Jan 2027)",
            "記録しました：Beta Ltd C-2　あとで再通知(2027/1/15(金)まで)",
        ),
        (
            ["call", "renew", "--expected", "2027-02-10"],
            "Recorded for Beta Ltd C-2: forecast (will renew, expected Wed 10 Feb 2027)",
            "記録しました：Beta Ltd C-2　更新見込み(更新予定、予定日2027/2/10(水))",
        ),
        (
            ["call", "解約懸念", "--note", "予算の見直し"],
            "Recorded for Beta Ltd C-2: forecast (may leave, 予算の見直し)",
            "記録しました：Beta Ltd C-2　更新見込み(解約懸念、予算の見直し)",
        ),
        (
            ["call", "unsure"],
            "Recorded for Beta Ltd C-2: forecast (unsure)",
            "記録しました：Beta Ltd C-2　更新見込み(未定)",
        ),
        (
            ["notice", "--reason", "competitor", "--on", "2027年1月3日"],
            "Recorded for Beta Ltd C-2: notice received (Went to a competitor, on Sun 3 Jan 2027)",
            "記録しました：Beta Ltd C-2　解約通知を受領(他社切替、2027/1/3(日)受領)",
        ),
        (
            ["paperwork", "in-approval"],
            "Recorded for Beta Ltd C-2: paperwork (in the customer's approval)",
            "記録しました：Beta Ltd C-2　手続き(先方稟議中)",
        ),
        (
            ["health", "critical", "--note", "logins −62%"],
            "Recorded for Beta Ltd C-2: health (Critical, logins −62%)",
            "記録しました：Beta Ltd C-2　ヘルス(解約危機、logins −62%)",
        ),
        (
            ["lost", "--reason", "budget", "--second", "value", "--avoidable"],
            "Recorded for Beta Ltd C-2: lost (Budget cut or not approved, Value for money)",
            "記録しました：Beta Ltd C-2　解約(予算削減・稟議否決、費用対効果・価格)",
        ),
        (
            ["won", "--amount", "£15,000", "--term", "2年"],
            "Recorded for Beta Ltd C-2: renewed (£15,000, 24 months)",
            "記録しました：Beta Ltd C-2　更新確定(£15,000、24か月)",
        ),
    ],
)
def test_every_verb_says_what_was_recorded_and_undo_restores_exactly(
    office: Office, words: list[str], en: str, ja: str
) -> None:
    before = (
        office.rows(DEAL),
        office.rows("SELECT milestone, state, answered_at, snoozed_until, snoozed_by FROM events"),
    )
    assert office.said("answer", "C-2", *words, *ANN).splitlines()[0] == en
    assert (
        office.rows(DEAL),
        office.rows("SELECT milestone, state, answered_at, snoozed_until, snoozed_by FROM events"),
    ) != before
    assert office.said("answer", "C-2", "undo", *ANN).startswith(
        f"Taken back for Beta Ltd C-2: {en.partition(': ')[2]}, said by Ann Ito"
    )
    office.change("DELETE FROM deals WHERE voided_at IS NOT NULL")
    assert (
        office.rows(DEAL),
        office.rows("SELECT milestone, state, answered_at, snoozed_until, snoozed_by FROM events"),
    ) == before
    assert office.said("answer", "C-2", *words, *ANN, lang="ja").splitlines()[0] == ja


def test_a_notice_is_withdrawn(office: Office) -> None:
    office.said("answer", "C-1", "notice", "--reason", "budget")
    assert (
        office.said("answer", "C-1", "notice-withdrawn").splitlines()[0]
        == "Recorded for 青葉商事 C-1: notice withdrawn"
    )
    assert office.rows("SELECT notice_on FROM deals WHERE id = 1") == [(None,)]
    office.said("answer", "C-1", "undo")
    assert office.rows("SELECT notice_on FROM deals WHERE id = 1") == [("2027-01-04",)]
    assert office.said("answer", "C-1", "解約撤回", lang="ja").startswith(
        "記録しました：青葉商事 C-1　解約撤回\n"
    )


def test_onboarding_done_moves_to_the_stage_of_its_health(nowhere: Office) -> None:
    (nowhere.folder / "c.csv").write_text(
        "contract,customer,starts on,ends on\nN-1,Newcomer,2026-12-01,2027-11-30\n", "utf-8"
    )
    nowhere.said("import", str(nowhere.folder / "c.csv"))
    assert nowhere.refused("answer", "N-1", "onboarded").startswith(
        "say which: stable, at_risk, critical, unknown\n"
    )
    said = nowhere.said("answer", "N-1", "onboarded", "--health", "at_risk").splitlines()
    assert said[:2] == ["Recorded for Newcomer N-1: onboarding done (At risk)", "Stage: At risk"]
    said = nowhere.said("answer", "N-1", "undo", lang="ja").splitlines()
    assert said == [
        "取り消しました：Newcomer N-1　導入完了(要注意)　回答者：" + said[0].rpartition("：")[2],
        "ステージ：導入サポート",
    ]


def test_an_answer_says_what_comes_next_and_how_to_take_it_back(office: Office) -> None:
    assert office.said("answer", "C-2", "call", "renew").splitlines()[1:] == [
        "Next: Fri 29 Jan 2027, 30 days before the notice deadline",
        "To take it back: renewals answer C-2 undo",
    ]
    assert office.said(
        "answer", "C-2", "won", "--ends", "2028-06-30", "--amount", "12000", lang="ja"
    ).splitlines()[1:] == [
        "ステージ：受注",
        "次期の契約：2027/4/1(木)〜2028/6/30(金)・£12,000",
        "取り消すには：renewals answer C-2 undo",
    ]


def test_undo_voids_the_term_that_won_opened(office: Office) -> None:
    office.said("answer", "C-2", "won", "--yes")
    assert office.rows("SELECT count(*) FROM deals WHERE voided_at IS NULL") == [(4,)]
    assert office.said("answer", "C-2", "undo").splitlines()[1:] == [
        "Stage: Renewal (3 months)",
        "The next term is void.",
    ]
    assert office.rows("SELECT count(*) FROM deals WHERE voided_at IS NULL") == [(3,)]
    assert (
        office.said("answer", "C-2", "won", "--yes", lang="ja").splitlines()[1] == "ステージ：受注"
    )


def test_an_automatic_renewal_is_undone_by_the_same_word(office: Office) -> None:
    entered = office.rows("SELECT stage_entered_at FROM deals WHERE id = 1")
    office.said("run", "--once", as_of="2027-02-03")
    assert office.rows("SELECT stage FROM deals WHERE id = 1") == [("won",)]
    said = office.said("answer", "C-1", "undo", as_of="2027-02-03").splitlines()
    assert said[0].startswith("Taken back for 青葉商事 C-1: Renewed automatically, said by policy")
    assert office.rows("SELECT stage, won FROM deals WHERE id = 1") == [("renewal_3m", None)]
    assert office.rows("SELECT stage_entered_at FROM deals WHERE id = 1") == entered


def test_machines_are_told_what_was_recorded(office: Office) -> None:
    told = json.loads(office.said("answer", "C-2", "won", "--yes", *ANN, "--json"))
    assert {k: told[k] for k in ("contract", "deal", "verb", "by", "stage")} == {
        "contract": "C-2", "deal": 2, "verb": "won", "by": "Ann Ito", "stage": "won",
    }  # fmt: skip
    assert told["next_term"]["ends_on"] == "2028-03-31"
    undone = json.loads(office.said("answer", "C-2", "undo", "--json"))
    assert (undone["undone"], undone["deal"], undone["said_by"]) == ("won", 2, "Ann Ito")


REFUSALS = [
    (["C-2", "wonn"], "there is no answer wonn; did you mean won?", "「wonn」という回答はありません。won のことですか。"),
    (["C-2", "xyz"], "there is no answer xyz; there are: seen, snooze, call,", "使えるもの：seen 確認済み、snooze あとで再通知"),
    (["C-2", "call", "maybe"], "“maybe” is not known; write one of: renew, at_risk, unsure", "renew 更新予定、at_risk 解約懸念、unsure 未定"),
    (["C-2", "call"], "say which: renew, at_risk, unsure\n  renew            will renew", "値を指定してください：renew, at_risk, unsure"),
    (["C-2", "won", "renew"], "won does not accept VALUE (renew); for its options: renewals answer --help", "「更新確定」に値「renew」は指定できません。"),
    (["C-2", "lost"], "say why with --reason:\n  low_usage        Never took hold\n", "で指定してください：\n  low_usage        利用が定着せず"),
    (["C-2", "lost", "--reason", "boredom"], "there is no reason 'boredom'; choose one of: low_usage", "「boredom」という理由はありません。"),
    (["C-2", "won"], "say what was agreed: --amount 3600000 --term '12 months'", "更新後の金額と期間を指定してください：--amount 3600000"),
    (["C-2", "won", "--amount", "1"], "say what was agreed", "更新後の金額と期間を指定してください"),
    (
        ["C-2", "won", "--amount", "1", "--ends", "2027-03-31"],
        "the renewed end, Wed 31 Mar 2027, must come after the present end, Wed 31 Mar 2027",
        "更新後の満了日(2027/3/31(水))は、いまの満了日(2027/3/31(水))より後の日にしてください。",
    ),
    (["C-2", "won", "--amount", "NaN", "--term", "1年"], '“NaN” is not an amount; write e.g. 3,600,000.', "「NaN」は金額として読めません。"),
    (["C-2", "won", "--amount=-5", "--term", "1年"], 'An amount cannot be negative', "金額に負の値は使えません(「-5」)。"),
    (["C-2", "won", "--amount", "¥5", "--term", "1年"], "“¥” is not this contract's currency, GBP", "「¥」はこの契約の通貨(GBP)と違います。"),
    (["C-2", "won", "--amount", "5", "--term", "soon"], "“soon” is not a length of time; write e.g. 12 months", "「soon」は期間として読めません。"),
    (["C-2", "won", "--amount", "5", "--term", "0"], "“0” is not a length of time", "「0」は期間として読めません。"),
    (["C-2", "snooze"], "give a day after today: --until 2027-01-15", "再通知日は明日以降を指定してください"),
    (["C-2", "snooze", "--until", "2027-01-04"], "give a day after today", "再通知日は明日以降を指定してください"),
    (
        ["C-2", "snooze", "--until", "2027-03-01"],
        (
            "30 days before the notice deadline is on Fri 29 Jan 2027, so it can be snoozed until "
            "Thu 28 Jan 2027 at the latest"
        ),
        "2027/1/29(金)に「解約通知期限30日前」があるため、再通知日は2027/1/28(木)までにしてください。",
    ),
    (["C-3", "seen"], "this deal has no open question", "回答待ちのリマインドはありません。"),
    (["C-2", "onboarded", "stable"], "this deal is not in onboarding (it is in Renewal (3 months))", "導入サポート中ではありません"),
    (["C-2", "notice-withdrawn"], "no notice was received on this deal", "解約通知は受領していません。"),
    (["C-2", "undo"], "there is no answer to undo on contract C-2", "契約C-2には取り消せる回答がありません。"),
    (["C-2", "seen", "--by", "Zoe"], "there is nobody called Zoe; `renewals people` lists everybody", "「Zoe」という担当者はいません。"),
    (["c-22", "seen"], "there is no contract c-22", "契約「c-22」が見つかりません。"),
    (["Beta", "seen"], "there is no contract Beta; did you mean: C-2 (Beta Ltd)?", "近いもの：C-2 (Beta Ltd)"),
    (["C-2"], "say what to record: seen, snooze, call", "回答を指定してください：seen 確認済み"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "en", "ja"), REFUSALS, ids=[" ".join(words) for words, _, _ in REFUSALS]
)
def test_a_refusal_says_why_and_what_to_do_and_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, words: Sequence[str], en: str, ja: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert en in office.refused("answer", *words)
    assert ja in office.refused("answer", *words, lang="ja")
    assert office.rows("SELECT count(*) FROM answers") == [(0,)]


def test_a_closed_deal_is_answered_only_after_undo(office: Office) -> None:
    office.said("answer", "C-2", "lost", "--reason", "budget")
    assert (
        office.refused("answer", "C-2", "call", "renew")
        == "this deal is closed (Lost); to change that, undo first: renewals answer C-2 undo"
    )
    assert "この取引は失注で終了しています" in office.refused("answer", "C-2", "won", lang="ja")


def test_won_given_twice_does_not_renew_the_next_term_too(office: Office) -> None:
    office.said("answer", "C-2", "won", "--yes")
    assert office.refused("answer", "C-2", "won", "--yes") == (
        "contract C-2 was renewed on Mon 4 Jan 2027; to take that back: renewals answer C-2 undo; "
        "to answer for the next term (until Fri 31 Mar 2028) name it: '#4'"
    )
    assert "契約C-2は2027/1/4(月)に更新済みです。" in office.refused(
        "answer", "C-2", "lost", "--reason", "budget", lang="ja"
    )
    office.said("answer", "C-2", "health", "at_risk")
    assert office.said("answer", "#4", "won", "--yes").startswith(
        "Recorded for Beta Ltd C-2: renewed"
    )


def test_two_open_deals_of_one_number_ask_which(office: Office) -> None:
    (office.folder / "other.csv").write_text(
        "contract,customer,starts on,ends on\nC-2,Other Ltd,2026-04-01,2027-03-31\n", "utf-8"
    )
    office.said("import", str(office.folder / "other.csv"), "--source", "other")
    en = (
        "several open deals have the number C-2; name one: '#4' (Other Ltd, Wed 31 Mar 2027), '#2' "
        "(Beta Ltd, Wed 31 Mar 2027)"
    )
    assert office.refused("answer", "C-2", "won") == en
    assert "取引番号で指定してください：'#4'" in office.refused(
        "answer", "C-2", "health", "stable", lang="ja"
    )
    assert office.said("answer", "#4", "health", "critical").startswith(
        "Recorded for Other Ltd C-2: health (Critical)"
    )


def test_several_people_of_one_name_are_told_apart_by_their_address(office: Office) -> None:
    (office.folder / "more.csv").write_text("name,email\nAnn Ito,ann.ito@example.org\n", "utf-8")
    office.said("import", str(office.folder / "more.csv"))
    assert office.refused("answer", "C-2", "seen", "--by", "Ann Ito") == (
        "several people are called Ann Ito; name one by e-mail: ann@example.com, "
        "ann.ito@example.org"
    )
    assert office.said("answer", "C-2", "seen", "--by", "ANN.ITO@example.org").startswith(
        "Recorded"
    )


def test_who_answers_may_come_from_the_environment(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RENEWALS_USER", "bob@example.com")
    office.said("answer", "C-2", "seen")
    assert office.rows(
        "SELECT answers.actor, people.name FROM answers JOIN people ON people.id = person_id"
    ) == [("Bob Hill", "Bob Hill")]


class Terminal(io.StringIO):
    """What somebody types."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_won_asks_on_a_terminal_prefilled_and_asks_again_where_it_cannot_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("lots\n15000\nsoon\n2年\n\n"))
    code, out, err = office.run("answer", "C-2", "won")
    assert (code, out.splitlines()[0]) == (
        0,
        "Recorded for Beta Ltd C-2: renewed (£15,000, 24 months, ends Sat 31 Mar 2029)",
    )
    for prompt in (
        "Renewed amount [£12,000]: ",
        "Renewed term [12 months]: ",
        "Renewed end [2029-03-31]: ",
    ):
        assert prompt in err
    assert "“lots” is not an amount; write e.g. 3,600,000." in err
    assert "“soon” is not a length of time; write e.g. 12 months or 90 days." in err


def test_an_end_agreed_otherwise_gives_the_term_its_length(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("\n\n2027/9/30\n"))
    said = office.run("answer", "C-2", "won", lang="ja")[1].splitlines()
    assert said[0] == "記録しました：Beta Ltd C-2　更新確定(£12,000、6か月、満了2027/9/30(木))"
    assert said[2] == "次期の契約：2027/4/1(木)〜2027/9/30(木)・£12,000"


def test_won_asks_only_for_what_was_not_said(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("\n\n"))
    code, out, err = office.run("answer", "C-2", "won", "--term", "6 months")
    assert (code, out.splitlines()[0]) == (
        0,
        "Recorded for Beta Ltd C-2: renewed (£12,000, 6 months, ends Thu 30 Sep 2027)",
    )
    assert err.startswith("Renewed amount [£12,000]: Renewed end [2027-09-30]: ")


def test_results_stay_apart_from_questions(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("2\n"))
    code, out, err = office.run("answer", "C-2", "call", "--json")
    assert (code, json.loads(out)["verb"]) == (0, "call")
    assert "at_risk          may leave" in err


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("4\n", "budget"), ("champion_left\n", "champion_left"), ("99\nbudget\n", "budget")],
)
def test_a_reason_is_chosen_from_a_list(
    office: Office, monkeypatch: pytest.MonkeyPatch, typed: str, reason: str
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    assert office.run("answer", "C-2", "lost")[0] == 0
    assert [
        json.loads(str(lost))["reason"]
        for (lost,) in office.rows("SELECT lost FROM deals WHERE id = 2")
    ] == [reason]


def test_leaving_a_question_leaves_everything_as_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(""))
    code, out, err = office.run("answer", "C-2", "lost")
    assert (code, out) == (130, "")
    assert err.endswith("interrupted; nothing was changed\n")
    assert office.run("answer", "C-2", "lost", lang="ja")[2].endswith(
        "中断しました。何も変更していません。\n"
    )
    assert office.rows("SELECT count(*) FROM answers") == [(0,)]


def test_nobody_is_asked_where_nobody_sits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("1\n"))
    with pytest.raises(
        UserMustActError, match="say which:\n  a                Alpha\n  b                Beta"
    ):
        chosen("Which", {"a": "Alpha", "b": "Beta"}, "say which:")


def test_an_answer_stops_what_waits_and_undo_lets_it_go_on(office: Office) -> None:
    later = "2027-01-29T02:00+00:00"
    office.said("run", "--once", as_of=later)
    waiting = "SELECT state FROM nudges WHERE deal_id = 2 AND milestone = 'decide_by_30d'"
    assert office.rows(waiting) == [("waiting",)], "two in the morning in London"
    told = json.loads(office.said("answer", "C-2", "call", "renew", "--json", as_of=later))
    assert (told["cancelled_nudges"], office.rows(waiting)) == (1, [("cancelled",)])
    office.said("answer", "C-2", "undo", as_of=later)
    assert office.rows(waiting) == [("waiting",)]
    office.said("run", "--once", as_of="2027-01-29T11:00+00:00")
    assert office.rows(waiting) == [("sent",)]


def test_the_instant_of_an_answer_is_the_rehearsals(office: Office) -> None:
    office.said("answer", "C-2", "seen", as_of=LONDON_NOON)
    assert office.rows("SELECT at FROM answers") == [("2027-01-04 12:00:00.000000",)]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("lost", "--reason", "他社切替", "--second", "ＢＵＤＧＥＴ"), ("competitor", "budget")),
        (("解約", "--reason", "went to a competitor"), ("competitor", None)),
        (("ＬＯＳＴ", "--reason", "In-house"), ("in_house", None)),
    ],
)
def test_a_verb_and_a_reason_are_typed_as_they_are_called_in_any_language_and_width(
    office: Office, words: tuple[str, ...], reason: tuple[str, str | None]
) -> None:
    office.said("answer", "Ｃ－２", *words)
    ((lost,),) = office.rows("SELECT lost FROM deals WHERE id = 2")
    said = json.loads(str(lost))
    assert (said["reason"], said["second"]) == reason

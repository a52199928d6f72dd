"""`renewals show CONTRACT`: what the contract is, what happened last, what comes next, in both
languages."""

import json

import pytest

from tests.cli.office import LOADED, Office

C1_EN = """\
青葉商事 · C-1 · Pro
Stage            Renewal (3 months), since Mon 28 Dec 2026
Term             Wed 1 Apr 2026 – Wed 31 Mar 2027 (in 86d)
Notice deadline  Sun 31 Jan 2027 (in 27d, notice 2 months)
Auto-renewal     yes
Amount           ¥3,600,000
Health           Stable
Owner            千佳 田中

What happened
2026-10-01 10:00  Stable                                              imported; by the contract's dates (contracts.csv)
2026-12-28 10:00  Stable → Renewal (3 months)                         3 months before renewal reached (counted from the end, Wed 31 Mar 2027)
2026-12-28 10:00  told 千佳 田中: 30 days before the notice deadline  message 1
2026-12-28 10:00  told 千佳 田中: 3 months before renewal             message 1

What comes next
Waits for an answer: 3 months before renewal (told on Mon 28 Dec)
  renewals answer C-1 …  call renew|at_risk|unsure, won, lost, notice, snooze, seen
Sun 31 Jan 2027  in 27d  the notice deadline
Wed 3 Feb 2027   in 30d  renews automatically  → 千佳 田中
"""
C2_JA = """\
Beta Ltd · C-2 · Pro
ステージ      契約更新(3か月前)(2027/1/4(月)から)
期間          2026/4/1(水) – 2027/3/31(水)(あと86日)
更新判断期限  2027/3/1(月)(あと56日、解約予告30日)
自動更新      なし
金額          £12,000
ヘルス        安定稼働
担当          Ann Ito

経緯
2026-10-01 02:00  安定稼働                         取込：契約の日付による(contracts.csv)
2027-01-04 12:00  安定稼働 → 契約更新(3か月前)     契約更新3か月前に到達(起点：満了日 2027/3/31(水))
2027-01-04 12:00  Ann Ito に連絡：契約更新3か月前  メッセージ2

これから
回答待ち：契約更新3か月前(1/4(月)に連絡)
  renewals answer C-2 …  call renew|at_risk|unsure, won, lost, notice, snooze, seen
2027/1/29(金)  あと25日  解約通知期限30日前          → Ann Ito
2027/2/26(金)  あと53日  契約更新1か月前             → Ann Ito
2027/3/1(月)   あと56日  更新判断期限
2027/3/31(水)  あと86日  満了
2027/4/1(木)   あと87日  満了後、回答がなければ確認  → Ann Ito
"""


def test_a_contract_is_told_as_a_story_with_what_comes_next(office: Office) -> None:
    assert office.said("show", "C-1") == C1_EN
    assert office.said("show", "C-2", lang="ja") == C2_JA


def test_what_people_said_stands_once_in_their_words(office: Office) -> None:
    office.said(
        "answer",
        "C-2",
        "call",
        "at_risk",
        "--expected",
        "2027-02-01",
        "--note",
        "budget review",
        "--by",
        "ann@example.com",
    )
    office.said("answer", "C-2", "paperwork", "quoted", "--by", "Ann Ito")
    office.said(
        "answer",
        "C-2",
        "won",
        "--amount",
        "15000",
        "--term",
        "24 months",
        "--by",
        "ann@example.com",
    )
    shown = office.said("show", "C-2")
    assert shown.count("Ann Ito: renewed (£15,000, 24 months)") == 1
    assert "Ann Ito: forecast (may leave, expected Mon 1 Feb 2027, budget review)" in shown
    assert "Ann Ito: paperwork (quoted)" in shown
    assert "Renewal (3 months) → Won\n" in shown, (
        "the passage does not say again what the answer says"
    )
    assert "Renewed            until Sat 31 Mar 2029, £15,000" in shown
    in_japanese = office.said("show", "C-2", lang="ja")
    assert "Ann Ito：更新見込み(解約懸念、予定日2027/2/1(月)、budget review)" in in_japanese
    assert "Ann Ito：更新確定(£15,000、24か月)" in in_japanese


def test_terms_of_one_contract_stand_one_after_the_other_the_newest_first(office: Office) -> None:
    office.said("answer", "C-2", "won", "--yes")
    first, _, second = office.said("show", "C-2").partition("\n\nBeta Ltd · C-2 · Pro\n")
    assert "opened by the renewal of the term before" in first
    assert "Thu 1 Apr 2027 – Fri 31 Mar 2028" in first
    assert "What comes next" not in second, "nothing comes for a closed deal"


def test_an_undone_answer_stays_in_the_story(office: Office) -> None:
    office.said(
        "answer", "C-2", "lost", "--reason", "budget", "--second", "value", "--by", "Ann Ito"
    )
    assert "Lost because       Budget cut or not approved, Value for money" in office.said(
        "show", "C-2"
    )
    office.said("answer", "C-2", "undo", "--by", "Ann Ito")
    shown = office.said("show", "C-2")
    assert "Ann Ito: lost (Budget cut or not approved, Value for money) (undone)" in shown
    assert "Lost → Renewal (3 months) undone by Ann Ito" in " ".join(shown.split())
    assert "Lost because" not in shown


def test_a_long_row_of_the_same_reminder_is_told_as_one(office: Office) -> None:
    office.change("UPDATE people SET active = 0")
    for at in ("04-01", "04-08", "04-15", "04-22", "04-30", "05-06"):
        office.said("run", "--once", as_of=f"2027-{at}T12:00+09:00")
    story = (
        office.said("show", "C-2", as_of="2027-05-06T12:00+09:00")
        .partition("What comes next")[0]
        .splitlines()
    )
    assert [
        " ".join(line.split())
        for line in story
        if "Ended, no answer" in line or "times the same" in line
    ] == [
        "2027-04-01 04:00 told renewals@example.com: Ended, no answer yet message 3",
        "… 3 times the same",
        "2027-04-30 04:00 told renewals@example.com: Ended, no answer yet (reminder 4) message 9",
    ]


CLIMBING_EN = """\
2027-01-04 12:00 told Ann Ito: 3 months before renewal message 6
2027-01-07 12:00 told Ann Ito: 3 months before renewal (reminder 1) message 10
2027-01-12 12:00 told Ann Ito: 3 months before renewal (reminder 2) message 11
2027-01-15 12:00 told Ann Ito, Bob Hill: 3 months before renewal (reminder 3) messages 15, 16
2027-01-20 12:00 told Ann Ito, Bob Hill: 3 months before renewal (reminder 4) messages 17, 18
2027-01-25 12:00 told Ann Ito, Bob Hill: 3 months before renewal (reminder 5) messages 22, 23
2027-01-25 12:00 for renewals-admin@example.com (waiting): 3 months before renewal (reminder 5) waits for the next window (Tue 26 Jan 2027)
"""
CLIMBING_JA = """\
2027-01-15 12:00 Ann Ito、Bob Hill に連絡：契約更新3か月前(再通知3回目) メッセージ15、16
2027-01-20 12:00 Ann Ito、Bob Hill に連絡：契約更新3か月前(再通知4回目) メッセージ17、18
2027-01-25 12:00 Ann Ito、Bob Hill に連絡：契約更新3か月前(再通知5回目) メッセージ22、23
"""
AHEAD_EN = """\
Wed 24 Feb 2027  in 30d  3 months before renewal (reminder 6)                             → Ann Ito, Bob Hill, renewals-admin@example.com
Fri 26 Feb 2027  in 32d  1 month before renewal, then up to 8 reminders until Wed 31 Mar  \
→ Ann Ito, later also Bob Hill, renewals-admin@example.com
Mon 1 Mar 2027   in 35d  the decision deadline
Wed 31 Mar 2027  in 65d  the end
Thu 1 Apr 2027   in 66d  asks how it ended, if nobody has said                            → Ann Ito
"""
AHEAD_JA = (
    "2027/2/26(金) あと32日 契約更新1か月前、回答がなければ3/31(水)まで8回再通知 → Ann "
    "Ito(のちにBob Hill、renewals-admin@example.comも)\n"
)
NUDGES_EN = """\
Mon 25 Jan sent Beta Ltd C-2 3 months before renewal (reminder 5) Bob Hill 23
Mon 25 Jan sent Beta Ltd C-2 3 months before renewal (reminder 5) Ann Ito 22
"""
NUDGES_JA = "1/25(月) 送信済み Beta Ltd C-2 契約更新3か月前(再通知5回目) Bob Hill 23\n"


def test_a_question_that_nobody_answers_is_seen_to_climb(insistent: Office) -> None:
    for day in ("07", "12", "15", "20", "25"):
        insistent.said("run", "--once", as_of=f"2027-01-{day}T12:00+00:00")
    late = "2027-01-25T12:00+00:00"
    shown, in_japanese = (
        insistent.said("show", "C-2", as_of=late),
        insistent.said("show", "C-2", lang="ja", as_of=late),
    )
    assert CLIMBING_EN in plainly(shown)
    assert CLIMBING_JA in plainly(in_japanese)
    assert shown.endswith(AHEAD_EN)
    assert AHEAD_JA in plainly(in_japanese)
    assert NUDGES_EN in plainly(insistent.said("nudges", as_of=late))
    assert NUDGES_JA in plainly(insistent.said("nudges", lang="ja", as_of=late))
    coming = insistent.said("upcoming", "--owner", "ann", as_of=late).splitlines()
    told = "£12,000  Ann Ito, Bob Hill, renewals-admin@example.com"
    assert (
        f"Wed 24 Feb  in 30d  Beta Ltd  C-2       3 months before renewal (reminder 6)   {told}"
    ) in coming


def plainly(shown: str) -> str:
    """The lines of a table, whose columns are one space apart."""
    return "".join(" ".join(line.split()) + "\n" for line in shown.splitlines())


@pytest.mark.parametrize("wanted", ["c-1", "#1", "青葉商事", "青葉"])
def test_a_contract_is_found_by_number_deal_or_its_only_customer(
    office: Office, wanted: str
) -> None:
    assert office.said("show", wanted).startswith("青葉商事 · C-1")


@pytest.mark.parametrize(
    ("wanted", "en", "ja"),
    [
        (
            "C-11",
            "there is no contract C-11; did you mean: C-1 (青葉商事)?",
            "契約「C-11」が見つかりません。近いもの：C-1 (青葉商事)",
        ),
        (
            "Ltd",
            "there is no contract Ltd; did you mean: C-2 (Beta Ltd), C-3 (Gamma 100% Ltd)?",
            "近いもの：C-2 (Beta Ltd)、C-3 (Gamma 100% Ltd)",
        ),
        (
            "zzzzzz",
            "there is no contract zzzzzz; `renewals deals` lists all of them",
            "契約「zzzzzz」が見つかりません。一覧：renewals deals",
        ),
        (
            "#99",
            "there is no contract #99; `renewals deals` lists all of them",
            "契約「#99」が見つかりません。",
        ),
    ],
)
def test_an_unknown_contract_is_answered_with_near_ones(
    office: Office, wanted: str, en: str, ja: str
) -> None:
    assert office.refused("show", wanted) == en
    assert ja in office.refused("show", wanted, lang="ja")


def test_machines_get_the_whole_life(office: Office) -> None:
    [told] = json.loads(office.said("show", "C-1", "--json"))
    assert told["life"]["deal"]["contract"]["number"] == "C-1"
    assert [p["to_stage"] for p in told["life"]["passages"]] == ["stable", "renewal_3m"]
    assert [u["what"]["en"] for u in told["upcoming"]] == [
        "the notice deadline",
        "renews automatically",
    ]


def test_reconstructed_history_is_marked(office: Office) -> None:
    file = office.folder / "hubspot.csv"
    file.write_text(
        "Record ID,Deal Name,Deal Stage,Close Date,Amount\n7,Delta,Cヨミ後失注,2026-06-30,500\n",
        "utf-8",
    )
    office.said("import", str(file), as_of="2027-01-05")
    shown = office.said("show", "7", as_of="2027-01-05")
    assert "[reconstructed] Qualified → Problem agreed" in shown
    assert "[reconstructed] Problem agreed → Lost" in shown
    assert "[再構成] 課題の認識合意 → 失注" in office.said(
        "show", "7", lang="ja", as_of="2027-01-05"
    )


def test_a_contract_without_product_or_dates_is_shown_too(nowhere: Office) -> None:
    (nowhere.folder / "c.csv").write_text("contract,customer\nX-1,Delta\n", "utf-8")
    nowhere.said("import", str(nowhere.folder / "c.csv"), as_of=LOADED)
    shown = nowhere.said("show", "X-1", as_of=LOADED).splitlines()
    assert shown[0] == "Delta · X-1"
    assert "Term          — – no end" in shown

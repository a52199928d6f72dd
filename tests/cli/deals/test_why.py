"""`renewals why CONTRACT`: how each day was counted, what became of it, what comes, in both
languages."""

import json

import pytest

from tests.cli.office import CONTRACTS, LOADED, PEOPLE, Office

C1_EN = """\
青葉商事 · C-1 · Pro
Stage            Renewal (3 months), since Mon 28 Dec 2026
Term             Wed 1 Apr 2026 – Wed 31 Mar 2027 (in 86d)
Notice deadline  Sun 31 Jan 2027 (in 27d, notice 2 months)
Auto-renewal     yes
Amount           ¥3,600,000
Health           Stable
Owner            千佳 田中
Deadline from    2027-03-31 (the end) − 2 months = 2027-01-31
Counted by       千佳 田中's calendar jp and time zone Asia/Tokyo
Next look        2027-02-03 00:00 (decided by version 1 of the policy)

What happened
2026-10-01 10:00  Stable                                              imported; by the contract's dates (contracts.csv)
2026-12-28 10:00  Stable → Renewal (3 months)                         3 months before renewal reached (counted from the end, Wed 31 Mar 2027)
2026-12-28 10:00  told 千佳 田中: 30 days before the notice deadline  message 1
2026-12-28 10:00  told 千佳 田中: 3 months before renewal             message 1

Fri 1 May 2026  30 days of onboarding [onboarding_30d]: skipped
  day     2026-04-01 (the start) + 30 days = 2026-05-01
  reason  the deal was in stage Stable, which this milestone does not cover

Tue 30 Jun 2026  90 days of onboarding [onboarding_90d]: skipped
  day     2026-04-01 (the start) + 90 days = 2026-06-30
  reason  the deal was in stage Stable, which this milestone does not cover

Mon 28 Dec 2026  30 days before the notice deadline [decide_by_30d]: reached
  day     2027-01-31 (the notice deadline) − 30 days = 2027-01-01 → closed (元日) → earlier: 2026-12-28
  told    2026-12-28 10:00  千佳 田中 (message 1)

Mon 28 Dec 2026  3 months before renewal [renewal_3m]: reached
  day     2027-03-31 (the end) − 3 months = 2026-12-31 → closed (年末年始休業) → earlier: 2026-12-28
  stage   → Renewal (3 months)
  told    2026-12-28 10:00  千佳 田中 (message 1)

Wed 3 Feb 2027  Renews automatically: still to come, in 30d
  day     2027-01-31 (the notice deadline) + 3 business days = 2027-02-03
  stage   → Won
  tells   千佳 田中

Fri 26 Feb 2027  1 month before renewal [renewal_1m]: not reached
  day     2027-03-31 (the end) − 1 month (the month's last day) = 2027-02-28 → closed (Sunday) → earlier: 2027-02-26
  reason  the deal will be closed by then (renewed automatically: no notice by Sun 31 Jan 2027)

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
期限の算出    2027-03-31(満了日) − 30日 = 2027-03-01
数え方        Ann Itoさんのカレンダー gb、タイムゾーン Europe/London
次の判定      2027-01-29 00:00(設定の第1版で決定)

経緯
2026-10-01 02:00  安定稼働                         取込：契約の日付による(contracts.csv)
2027-01-04 12:00  安定稼働 → 契約更新(3か月前)     契約更新3か月前に到達(起点：満了日 2027/3/31(水))
2027-01-04 12:00  Ann Ito に連絡：契約更新3か月前  メッセージ2

2026/5/1(金)  導入30日 [onboarding_30d]：対象外
  算出      2026-04-01(開始日) + 30日 = 2026-05-01
  理由      対象外のステージ(安定稼働)

2026/6/30(火)  導入90日 [onboarding_90d]：対象外
  算出      2026-04-01(開始日) + 90日 = 2026-06-30
  理由      対象外のステージ(安定稼働)

2026/12/31(木)  契約更新3か月前 [renewal_3m]：到達
  算出      2027-03-31(満了日) − 3か月 = 2026-12-31
  ステージ  → 契約更新(3か月前)
  連絡      2027-01-04 12:00  Ann Ito(メッセージ2)

2027/1/29(金)  解約通知期限30日前 [decide_by_30d]：これから、あと25日
  算出      2027-03-01(更新判断期限) − 30日 = 2027-01-30 → 休業(土曜日) → 前倒し：2027-01-29
  通知先    Ann Ito

2027/2/26(金)  契約更新1か月前 [renewal_1m]：これから、あと53日
  算出      2027-03-31(満了日) − 1か月(月末日に丸め) = 2027-02-28 → 休業(日曜日) → 前倒し：2027-02-26
  ステージ  → 契約更新(1か月前)
  通知先    Ann Ito

2027/4/1(木)  満了後、回答がなければ確認：これから、あと87日
  算出      2027-03-31(満了日) + 1日 = 2027-04-01
  通知先    Ann Ito

これから
回答待ち：契約更新3か月前(1/4(月)に連絡)
  renewals answer C-2 …  call renew|at_risk|unsure, won, lost, notice, snooze, seen
2027/1/29(金)  あと25日  解約通知期限30日前          → Ann Ito
2027/2/26(金)  あと53日  契約更新1か月前             → Ann Ito
2027/3/1(月)   あと56日  更新判断期限
2027/3/31(水)  あと86日  満了
2027/4/1(木)   あと87日  満了後、回答がなければ確認  → Ann Ito
"""


def test_every_milestone_says_its_day_and_what_became_of_it(office: Office) -> None:
    assert office.said("why", "C-1") == C1_EN
    assert office.said("why", "C-2", lang="ja") == C2_JA


def plainly(shown: str) -> str:
    """The lines of a table, whose columns are one space apart."""
    return "".join(" ".join(line.split()) + "\n" for line in shown.splitlines())


def test_reminders_that_climbed_and_the_answer_that_stopped_them_stand_under_their_milestone(
    insistent: Office,
) -> None:
    for day in ("07", "12", "15"):
        insistent.said("run", "--once", as_of=f"2027-01-{day}T12:00+00:00")
    late = "2027-01-18T12:00+00:00"
    before = plainly(insistent.said("why", "C-2", as_of=late))
    assert "reminder 3 2027-01-15 12:00 Ann Ito, Bob Hill (messages 15, 16)\n" in before
    assert (
        "reminders 3 times from Wed 20 Jan 2027 to Wed 24 Feb 2027, unless somebody answers → "
        "Ann Ito, Bob Hill, renewals-admin@"
    ) in before
    insistent.said("answer", "C-2", "call", "renew", "--by", "ann@example.com", as_of=late)
    after = plainly(insistent.said("why", "C-2", as_of=late))
    assert after.count("answer 2027-01-18 12:00 Ann Ito: will renew\n") == 1, (
        "once for all the steps it settled"
    )
    assert "Next look due for the next sweep (since 2027-01-18 12:00)" in after
    assert "Wed 20 Jan 2027 until" not in after


@pytest.mark.parametrize(
    ("state", "en", "ja"),
    [
        (
            "waiting",
            "told Ann Ito: waiting (nothing left to send)",
            "連絡 Ann Ito：待機中(伝えることがなくなったため取り消し)",
        ),
        (
            "dead",
            "told Ann Ito: undeliverable (nothing left to send)",
            "連絡 Ann Ito：送信不能(伝えることがなくなったため取り消し)",
        ),
        (
            "in_doubt",
            "told Ann Ito: in doubt (nothing left to send)",
            "連絡 Ann Ito：不明(伝えることがなくなったため取り消し)",
        ),
    ],
)
def test_what_was_not_told_says_why(office: Office, state: str, en: str, ja: str) -> None:
    why = '{"code": "nothing_left"}'
    office.change(f"UPDATE nudges SET state = '{state}', sent_at = NULL, reason = '{why}'")
    assert en in plainly(office.said("why", "C-2"))
    assert ja in plainly(office.said("why", "C-2", lang="ja"))


def test_terms_of_one_contract_stand_one_after_the_other_and_a_closed_one_has_no_future(
    office: Office,
) -> None:
    office.said("answer", "C-2", "won", "--yes")
    first, _, second = office.said("why", "C-2").partition("\n\nBeta Ltd · C-2 · Pro\n")
    assert "Thu 1 Apr 2027 – Fri 31 Mar 2028" in first
    assert "Stage              Won, since Mon 4 Jan 2027\n" in second
    assert "What comes next" not in second
    assert "still to come" not in second
    assert "Fri 26 Feb 2027  1 month before renewal [renewal_1m]: not reached\n" in second
    assert "reason  the deal was closed as Won" in second


def test_a_milestone_that_the_policy_no_longer_has_is_told_as_it_was(office: Office) -> None:
    for table in ("events", "nudges"):
        office.change(f"UPDATE {table} SET milestone = 'gone_by' WHERE milestone = 'renewal_3m'")
    shown = plainly(office.said("why", "C-2"))
    assert (
        "Thu 31 Dec 2026 gone_by: reached\npolicy this milestone is no longer in the policy\n"
        in shown
    )
    assert "told 2027-01-04 12:00 Ann Ito (message 2)" in shown
    assert "この通知タイミングは現在の設定にない" in office.said("why", "C-2", lang="ja")


def test_a_day_that_was_settled_elsewhere_says_so(office: Office) -> None:
    office.change("UPDATE events SET day_on = '2026-12-30' WHERE milestone = 'renewal_3m'")
    assert (
        "it was Wed 30 Dec 2026 when it was decided; the policy, the contract or the calendar has "
        "changed since"
    ) in office.said("why", "C-2")


def test_a_contract_without_dates_has_nothing_to_count_from(nowhere: Office) -> None:
    (nowhere.folder / "c.csv").write_text("contract,customer\nX-1,Delta\n", "utf-8")
    nowhere.said("import", str(nowhere.folder / "c.csv"), as_of=LOADED)
    shown = nowhere.said("why", "X-1", as_of=LOADED)
    assert "Term — – no end\n" in plainly(shown)
    assert (
        "Next look none, unless something changes (decided by version 1 of the policy)\n"
    ) in plainly(shown)
    assert (
        "3 months before renewal [renewal_3m]                counts from the end\n"
        in shown.partition("No date to count from\n")[2]
    )
    assert "契約更新3か月前 [renewal_3m]        起点：満了日\n" in nowhere.said(
        "why", "X-1", as_of=LOADED, lang="ja"
    )


def test_the_alarm_says_that_a_sweep_is_due(office: Office) -> None:
    office.change("UPDATE deals SET policy_version = 0")
    assert "Next look never looked at yet: due for the next sweep\n" in plainly(
        office.said("why", "C-1")
    )
    assert "次の判定      まだ一度も判定していない(次の巡回で判定)\n" in office.said(
        "why", "C-1", lang="ja"
    )


@pytest.mark.parametrize("wanted", ["c-1", "#1", "青葉商事", "青葉", "Ｃ－１"])
def test_a_contract_is_found_as_in_show(office: Office, wanted: str) -> None:
    assert office.said("why", wanted) == C1_EN


@pytest.mark.parametrize("wanted", ["C-11", "Ltd", "zzzzzz", "#99"])
def test_an_unknown_contract_is_answered_as_in_show(office: Office, wanted: str) -> None:
    assert office.refused("why", wanted) == office.refused("show", wanted)


def test_machines_get_the_whole_story(office: Office) -> None:
    [told] = json.loads(office.said("why", "C-1", "--json"))
    assert told["counted"] == {
        "calendar": "jp",
        "calendar_of": "owner",
        "zone": "Asia/Tokyo",
        "zone_of": "owner",
    }
    assert told["decide_by"] == "2027-01-31"
    assert [s["day_on"] for s in told["decide_by_steps"]] == ["2027-03-31", "2027-01-31"]
    fired = next(c for c in told["chapters"] if c["milestone"] == "renewal_3m")
    assert (fired["standing"], fired["on"], fired["moves_to"]) == (
        "fired",
        "2026-12-28",
        "renewal_3m",
    )
    assert [(s["kind"], s["day_on"]) for s in fired["steps"]] == [
        ("anchor", "2027-03-31"),
        ("months", "2026-12-31"),
        ("earlier", "2026-12-28"),
    ]
    coming = next(c for c in told["chapters"] if c["milestone"] == "auto_renewal")
    assert (coming["asked"], coming["asks"]) == ([{"name": "千佳 田中", "because": ""}], False)
    assert told["alarm"]["policy_version"] == 1


def test_machines_read_the_same_facts_by_the_same_names_in_both_commands(office: Office) -> None:
    [short] = json.loads(office.said("show", "C-1", "--json"))
    [whole] = json.loads(office.said("why", "C-1", "--json"))
    assert short == {name: whole[name] for name in short}
    assert set(short) == {"life", "health", "upcoming", "question", "paused"}
    assert list(short) == [name for name in whole if name in short], "in the same order"


def test_the_short_form_is_the_beginning_and_the_end_of_the_whole(office: Office) -> None:
    short, whole = office.said("show", "C-1"), office.said("why", "C-1")
    facts, _, rest = short.partition("\nWhat happened\n")
    assert [line.split() for line in whole.splitlines()[:8]] == [
        line.split() for line in facts.splitlines()
    ]
    happened, _, comes = rest.partition("\nWhat comes next\n")
    assert happened in whole
    assert whole.endswith(comes)


def test_the_short_form_tells_the_last_lines_and_where_the_others_are(office: Office) -> None:
    for number in range(1, 13):
        office.said("note", "C-1", f"call {number}", "--by", "ann@example.com")
    short = office.said("show", "C-1")
    assert "… 6 lines before: `renewals why C-1`\n" in short
    assert ("call 2" in short.split(), short.count("call 3"), short.count("call 12")) == (
        False,
        1,
        1,
    )
    assert "…これより前の6行：renewals why C-1\n" in office.said("show", "C-1", lang="ja")
    assert "call 1)" in office.said("why", "C-1") or "call 1\n" in office.said("why", "C-1")


def test_who_will_be_asked_instead_is_told_with_the_reason(office: Office) -> None:
    office.said(
        "absence", "add", "ann", "2027-01-25", "2027-02-05", "--delegate", "bob@example.com"
    )
    shown, in_japanese = (
        plainly(office.said("why", "C-2")),
        plainly(office.said("why", "C-2", lang="ja")),
    )
    assert "asks Bob Hill (Ann Ito is away until Fri 5 Feb 2027)\n" in shown
    assert "通知先 Bob Hill(Ann Itoさんは2027/2/5(金)まで不在のため代わりに連絡)\n" in in_japanese
    assert "asks renewals@example.com (the owner is not set; sent to the fallback)\n" in plainly(
        office.said("why", "C-3")
    )
    assert "通知先 renewals@example.com(担当者がいないため代替の宛先へ)\n" in plainly(
        office.said("why", "C-3", lang="ja")
    )


def test_a_deal_that_nobody_owns_is_counted_by_its_pipelines_calendar(office: Office) -> None:
    assert "Counted by the pipeline's calendar jp and time zone Asia/Tokyo\n" in plainly(
        office.said("why", "C-3")
    )
    assert "数え方 パイプラインのカレンダー jp、タイムゾーン Asia/Tokyo\n" in plainly(
        office.said("why", "C-3", lang="ja")
    )
    office.change("UPDATE people SET calendar = NULL WHERE email = 'ann@example.com'")
    assert "the pipeline's calendar jp and Ann Ito's time zone Europe/London\n" in office.said(
        "why", "C-2"
    )
    assert "パイプラインのカレンダー jp、Ann Itoさんのタイムゾーン Europe/London\n" in office.said(
        "why", "C-2", lang="ja"
    )


WAITED = (
    '{"code": "open_until_over", "until": "2027-01-20", "read": "{\\"code\\": \\"where_false\\", '
    '\\"read\\": \\"amount >= 20000 (12000)\\"}"}'
)


def test_a_condition_that_never_came_true_is_worded(office: Office) -> None:
    office.change(
        f"UPDATE events SET state = 'expired', reason = '{WAITED}' WHERE milestone = 'renewal_3m'"
    )
    expired = "not met by Wed 20 Jan 2027: condition not met: amount >= 20000 (12000)\n"
    assert expired in office.said("why", "C-2")
    assert (
        "待機期限(2027/1/20(水))までに条件が成立せず：条件に不一致：amount >= 20000 (12000)\n"
        in office.said("why", "C-2", lang="ja")
    )


def test_a_day_to_come_that_will_pass_in_silence_says_so(nowhere: Office) -> None:
    for name in ("people", "contracts"):
        (nowhere.folder / f"{name}.csv").write_text(
            {"people": PEOPLE, "contracts": CONTRACTS}[name], "utf-8"
        )
        nowhere.said("import", str(nowhere.folder / f"{name}.csv"), as_of="2026-04-10")
    nowhere.said("run", "--once", as_of="2026-04-10")
    nowhere.said("answer", "C-1", "onboarded", "--health", "stable", as_of="2026-04-10")
    shown = plainly(nowhere.said("why", "C-1", as_of="2026-04-10"))
    assert (
        "outlook skipped, as things stand: the deal will be in stage Stable, which this "
        "milestone does not cover\n"
    ) in shown
    in_japanese = plainly(nowhere.said("why", "C-1", lang="ja", as_of="2026-04-10"))
    assert "見込み このままなら「対象外」：その時のステージ(安定稼働)は対象外\n" in in_japanese


def test_a_pipeline_without_milestones_says_so(office: Office) -> None:
    office.change("UPDATE deals SET pipeline = 'new_business', stage = 'qualified' WHERE id = 3")
    office.change("DELETE FROM events WHERE deal_id = 3")
    assert "\n\nThis deal's pipeline has no milestones.\n" in office.said("why", "C-3")
    assert "\n\nこのパイプラインには通知タイミングがありません。\n" in office.said(
        "why", "C-3", lang="ja"
    )

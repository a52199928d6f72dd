"""A renewal under way in HubSpot's old pipeline (更新案件) that a later export calls won (成約): the
contract here is renewed. Exports are read on 2026-11-23 and later."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.import_cast import NOW, Office

HEAD = "レコードID,取引名,取引ステージ,パイプライン,金額,クローズ日,取引担当者,関連する会社"
UNDER_WAY = "2,甲 更新,更新案件,営業,1200000,2026/12/31,佐藤 健,株式会社甲"
WON = "2,甲 更新,成約,営業,1300000,2026/12/10,佐藤 健,株式会社甲"
LATER = NOW + timedelta(days=20)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    office = Office.at(database_url, tmp_path)
    yield office
    office.engine.dispose()


def export(office: Office, row: str, at: Any = NOW, head: str = HEAD, **choices: Any) -> Any:
    return office.load(office.write(f"{head}\n{row}\n", "deals.csv"), at, **choices)


def terms(office: Office) -> list[tuple[str, str, str, int, bool]]:
    """Number, stage, end, amount and whether it is an estimate, in the order of terms."""
    stages = {deal["contract_id"]: deal["stage"] for deal in office.rows("deals")}
    return [
        (c["number"], stages[c["id"]], str(c["ends_on"]), c["amount"], bool(c["estimated"]))
        for c in sorted(office.rows("contracts"), key=lambda c: c["id"])
    ]


def test_the_renewal_is_won_and_the_next_term_opens(office: Office) -> None:
    export(office, UNDER_WAY)
    report = export(office, WON, LATER)
    assert (report.renewed, report.decisions.count) == (1, 0)
    assert [t[1:4] for t in terms(office)] == [
        ("won", "2026-12-31", 1200000),
        ("stable", "2027-12-09", 1300000),
    ]
    assert export(office, WON, LATER + timedelta(days=1)).unchanged == 1


def test_a_close_date_that_is_corrected_after_the_win_only_moves_the_end(office: Office) -> None:
    export(office, UNDER_WAY)
    export(office, WON, LATER)
    again = export(office, WON.replace("2026/12/10", "2026/12/12"), LATER + timedelta(days=1))
    assert again.renewed == 0
    assert [t[1:3] for t in terms(office)] == [("won", "2026-12-31"), ("stable", "2027-12-11")]


def test_a_due_date_that_moves_while_it_is_under_way_renews_nothing(office: Office) -> None:
    export(office, UNDER_WAY)
    moved = export(office, UNDER_WAY.replace("2026/12/31", "2027/12/31"), LATER)
    assert (moved.renewed, len(office.rows("deals"))) == (0, 1)


def test_a_column_with_the_end_counts_beside_the_win(office: Office) -> None:
    head = HEAD + ",満了日"
    export(office, UNDER_WAY + ",2026/12/31", head=head)
    assert export(office, WON + ",2027/12/31", LATER, head=head).renewed == 1
    assert [t[1:3] for t in terms(office)] == [("won", "2026-12-31"), ("stable", "2027-12-31")]


def test_what_a_person_said_about_the_dates_stands_above_the_stage(office: Office) -> None:
    export(office, UNDER_WAY)
    assert export(office, WON, LATER, dates={"2": "moved"}).renewed == 0
    assert [t[1:3] for t in terms(office)] == [("stable", "2027-12-09")]


def test_undoing_the_import_takes_the_win_back(office: Office) -> None:
    export(office, UNDER_WAY)
    report = export(office, WON, LATER)
    office.undo(report.import_id, LATER)
    assert [t[1:3] for t in terms(office)] == [("stable", "2026-12-31")]


@pytest.mark.parametrize("stage", ["Bヨミ(決済者前向)", "更新案件"])
def test_another_stage_is_no_win(office: Office, stage: str) -> None:
    export(office, UNDER_WAY)
    assert export(office, WON.replace("成約", stage), LATER).renewed == 0

"""A made-up book of renewals in a working folder: for the pictures of the reports, the same every
time.

Three reps of two teams look after some sixty contracts in yen and pounds; the book was loaded on
1 April 2026, people have answered since, and the daemon has looked every second week until 11 January 2027.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from scheduler.cli.main import main

NOW = "2027-01-11T10:00+09:00"
LOADED = "2026-04-01T09:30+09:00"
PEOPLE = """\
name,email,role,manager,zone,language,calendar,team
佐藤 健,sato@example.jp,manager,,Asia/Tokyo,ja,jp,
田中 千佳,chika@example.jp,rep,sato@example.jp,Asia/Tokyo,ja,jp,東日本
鈴木 翔,suzuki@example.jp,rep,sato@example.jp,Asia/Tokyo,ja,jp,東日本
Ann Ito,ann@example.com,rep,sato@example.jp,Europe/London,en,gb,EMEA
"""
HEAD = "contract,customer,product,segment,starts on,ends on,notice,auto renew,amount,currency,owner,health"
JAPANESE = (
    "青葉商事 みなと電機 北斗物流 高砂食品 ひかり薬品 大和印刷 瑞穂工業 若草ホテル 東雲海運 白樺製紙 "
    "銀河観光 桜井製作所 富士見学園 朝日建設 明星保険 三日月書店 緑川農園 千歳運輸 霞通信 常盤不動産"
).split()
ENGLISH = (
    "Acorn Ltd,Bramble & Sons,Cobalt plc,Dunmore Foods,Elmfield Trust,Fenwick Travel,Glasson Marine,"
    "Harrow Press,Ivel Water,Juniper Care"
).split(",")
OWNERS = ("chika@example.jp", "suzuki@example.jp", "ann@example.com")
HEALTHS = ("stable", "stable", "", "at_risk", "stable", "", "critical", "stable", "at_risk", "")
SAID: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (
        3,
        "2026-12-14",
        ("call", "at_risk", "--expected", "2027-02-05", "--note", "担当が異動。後任と面談予定"),
    ),
    (6, "2027-01-07", ("notice", "--reason", "budget", "--on", "2027-01-06", "--yes")),
    (8, "2026-12-21", ("call", "renew", "--expected", "2027-02-12")),
    (11, "2026-12-18", ("health", "at_risk", "--note", "ログインが半分に減った")),
    (
        13,
        "2027-01-08",
        ("call", "unsure", "--note", "procurement is silent", "--expected", "2027-02-15"),
    ),
    (16, "2027-01-05", ("paperwork", "ordered")),
    (
        22,
        "2026-12-28",
        ("call", "at_risk", "--note", "new CFO wants three quotes", "--expected", "2027-02-20"),
    ),
    (26, "2027-01-06", ("health", "critical", "--note", "two severe tickets in December")),
    (4, "2026-12-22", ("call", "renew")),
    (9, "2027-01-04", ("health", "stable")),
)
"""What people said: the contract's number, the day, the answer."""
CLOSED = (
    *((n, "won") for n in range(31, 46)),
    *((n, "lost") for n in (46, 47, 48, 49, 50, 51)),
)
"""Contracts that ended in the autumn, and what became of them."""
LOST = ("budget", "product_gap", "budget", "competitor", "value", "closed_merged")


def rows() -> Iterator[str]:
    """The contracts as a file has them."""
    yield HEAD
    for n in range(1, 61):
        english = n % 3 == 2
        name = ENGLISH[n // 3 % len(ENGLISH)] if english else JAPANESE[n % len(JAPANESE)]
        ends = date(2027, 1, 18) + timedelta(days=n * 3)
        if n > 30:
            ends = date(2026, 9, 30) + timedelta(days=(n - 31) * 4)
        if n > 52:
            ends = date(2027, 3, 31) + timedelta(days=(n - 52) * 9)
        starts = ends.replace(year=ends.year - 1) + timedelta(days=1)
        amount = 6_000 + 1_250 * (n % 7) if english else 900_000 + 450_000 * (n % 9)
        yield ",".join(
            (
                *(f"C-{n:02d}", name, "Pro" if n % 2 else "Lite"),
                ("mid", "enterprise", "smb")[n % 3],
                *(str(starts), str(ends), "30 days", "yes" if n % 4 == 1 else "no"),
                str(amount),
                "GBP" if english else "JPY",
                OWNERS[2 if english else n % 2],
                HEALTHS[n % 10],
            )
        )


@contextmanager
def _rehearsing(folder: Path) -> Iterator[None]:
    """An environment in which time may be chosen."""
    before = dict(os.environ)
    os.environ.update(RENEWALS_ALLOW_TIME_TRAVEL="1", RENEWALS_DIR=str(folder))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def run(*words: str, at: str = NOW) -> None:
    """One command; it must succeed."""
    if main([*words, "--as-of", at]) != 0:
        raise SystemExit(f"renewals {' '.join(words)} failed")


def make(folder: Path) -> None:
    """The folder, as it is on the morning of 11 January 2027."""
    with _rehearsing(folder):
        if main(["init", str(folder), "--lang", "ja"]) != 0:
            raise SystemExit("init failed")
        (folder / "people.csv").write_text(PEOPLE, "utf-8")
        (folder / "contracts.csv").write_text("\n".join(rows()) + "\n", "utf-8")
        for name in ("people", "contracts"):
            run("import", str(folder / f"{name}.csv"), at=LOADED)
        _live(folder)


def _live(folder: Path) -> None:
    """Every second week the daemon looks, and people say what they said."""
    said = [(day, n, words) for n, day, words in SAID] + list(_closings())
    monday = date(2026, 4, 6)
    while monday <= date(2027, 1, 4):
        run("run", "--once", at=f"{monday}T10:00+09:00")
        week = [s for s in said if monday <= date.fromisoformat(s[0]) < monday + timedelta(days=14)]
        for day, number, words in sorted(week):
            run(
                "answer", f"C-{number:02d}", *words, "--by", _owner(number), at=f"{day}T15:00+09:00"
            )
        monday += timedelta(days=14)
    run("run", "--once")


def _closings() -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """What became of the contracts that ended in the autumn."""
    for place, (n, outcome) in enumerate(CLOSED):
        if n % 4 == 1:
            continue  # renews by itself
        day = str(date(2026, 9, 7) + timedelta(days=place * 4))
        if outcome == "won":
            yield day, n, ("won", "--yes")
        else:
            avoidable = "--avoidable" if n % 2 else "--unavoidable"
            yield day, n, ("lost", "--reason", LOST[n - 46], avoidable)


def _owner(number: int) -> str:
    """Who looks after a contract."""
    return OWNERS[2 if number % 3 == 2 else number % 2]

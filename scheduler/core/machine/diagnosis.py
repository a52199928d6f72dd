"""What a look at an installation finds, line by line, and what it comes to.

Always holds: every line says what is so in both languages; one that calls for something says what
to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scheduler.core.words.labels import Label
from scheduler.core.words.units import counted


class Area(StrEnum):
    """What is looked at, in the order in which it is shown."""

    PROGRAM = "program"
    CONFIGURATION = "configuration"
    DATABASE = "database"
    CLOCK = "clock"
    SECRETS = "secrets"
    CHANNELS = "channels"
    DESTINATIONS = "destinations"
    FILES = "files"
    UNIT = "unit"
    WORK = "work"
    BALANCE = "balance"
    BACKUPS = "backups"


AREAS = {
    Area.PROGRAM: Label("プログラム", "Program"),
    Area.CONFIGURATION: Label("設定", "Configuration"),
    Area.DATABASE: Label("データベース", "Database"),
    Area.CLOCK: Label("時計", "Clock"),
    Area.SECRETS: Label("秘密の値", "Secrets"),
    Area.CHANNELS: Label("送信手段", "Channels"),
    Area.DESTINATIONS: Label("宛先", "Destinations"),
    Area.FILES: Label("ファイルの権限", "Files"),
    Area.UNIT: Label("サービス", "Unit"),
    Area.WORK: Label("動作", "Work"),
    Area.BALANCE: Label("照合", "Balance"),
    Area.BACKUPS: Label("バックアップ", "Backups"),
}


class Level(StrEnum):
    """How a line is meant: all is well, it should be known, or something is to be done."""

    FINE = "fine"
    NOTE = "note"
    TO_DO = "to_do"


LEVELS = {
    Level.FINE: Label("正常", "ok"),
    Level.NOTE: Label("注意", "note"),
    Level.TO_DO: Label("要対応", "TO DO"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was found."""

    area: Area
    level: Level
    says: Label


def fine(area: Area, ja: str, en: str) -> Line:
    """All is well."""
    return Line(area, Level.FINE, Label(ja, en))


def note(area: Area, ja: str, en: str) -> Line:
    """It should be known."""
    return Line(area, Level.NOTE, Label(ja, en))


def to_do(area: Area, ja: str, en: str) -> Line:
    """Something is to be done."""
    return Line(area, Level.TO_DO, Label(ja, en))


def span(length: timedelta) -> Label:
    """How long something takes, in one unit.

    >>> span(timedelta(minutes=90)).en, span(timedelta(seconds=20)).en, span(timedelta(days=3)).ja
    ('1 hour', '1 minute', '3日')
    """
    minutes = max(1, int(length.total_seconds() // 60))
    count, ja, en = (
        (minutes, "分", "minute")
        if minutes < 60
        else (minutes // 60, "時間", "hour")
        if minutes < 48 * 60
        else (minutes // 1440, "日", "day")
    )
    return Label(f"{count}{ja}", counted(count, en))


def verdict(lines: Sequence[Line]) -> Label:
    """What it comes to, in a line.

    >>> verdict([fine(Area.CLOCK, "", ""), to_do(Area.WORK, "", "")]).en
    '1 thing to do'
    """
    todo, notes = (
        sum(line.level is level for line in lines) for level in (Level.TO_DO, Level.NOTE)
    )
    if todo:
        return Label(f"要対応が{todo}件あります", f"{counted(todo, 'thing')} to do")
    if notes:
        return Label(
            f"問題はありません(注意{notes}件)", f"nothing to do; {counted(notes, 'thing')} to know"
        )
    return Label("すべて正常です", "all is well")

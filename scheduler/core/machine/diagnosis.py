"""What a check of an installation finds, line by line, and its verdict.

Always holds: every line states its finding in both languages; one that needs action says what to
do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from scheduler.core.words.labels import Label


class Area(StrEnum):
    """What is checked, in the order in which it is shown."""

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
    HUBSPOT = "hubspot"
    BALANCE = "balance"
    BACKUPS = "backups"


AREAS = {
    Area.PROGRAM: Label("Program"),
    Area.CONFIGURATION: Label("Configuration"),
    Area.DATABASE: Label("Database"),
    Area.CLOCK: Label("Clock"),
    Area.SECRETS: Label("Secrets"),
    Area.CHANNELS: Label("Channels"),
    Area.DESTINATIONS: Label("Destinations"),
    Area.FILES: Label("Files"),
    Area.UNIT: Label("Unit"),
    Area.WORK: Label("Work"),
    Area.HUBSPOT: Label.verbatim("HubSpot"),
    Area.BALANCE: Label("Balance", context="diagnosis"),
    Area.BACKUPS: Label("Backups"),
}


class Level(StrEnum):
    """How serious a line is: all is well, good to know, or something to do."""

    FINE = "fine"
    NOTE = "note"
    TO_DO = "to_do"


LEVELS = {
    Level.FINE: Label("ok"),
    Level.NOTE: Label("note"),
    Level.TO_DO: Label("TO DO"),
}


@dataclass(frozen=True, slots=True)
class DiagnosisLine:
    """One thing that was found."""

    area: Area
    level: Level
    says: Label


def fine(area: Area, says: Label) -> DiagnosisLine:
    """All is well."""
    return DiagnosisLine(area, Level.FINE, says)


def note(area: Area, says: Label) -> DiagnosisLine:
    """It should be known."""
    return DiagnosisLine(area, Level.NOTE, says)


def to_do(area: Area, says: Label) -> DiagnosisLine:
    """Something is to be done."""
    return DiagnosisLine(area, Level.TO_DO, says)


def span(length: timedelta) -> Label:
    """How long something takes, in one unit.

    >>> span(timedelta(minutes=90)).en, span(timedelta(seconds=20)).en, span(timedelta(days=3)).ja
    ('1 hour', '1 minute', '3日')
    """
    minutes = max(1, int(length.total_seconds() // 60))
    if minutes < 60:
        return Label("{count} minute", many="{count} minutes", count=minutes)
    if minutes < 48 * 60:
        return Label("{count} hour", many="{count} hours", count=minutes // 60)
    return Label("{count} day", many="{count} days", count=minutes // 1440)


def verdict(lines: Sequence[DiagnosisLine]) -> Label:
    """The verdict in one line.

    >>> verdict([fine(Area.CLOCK, Label("")), to_do(Area.WORK, Label(""))]).en
    '1 thing to do'
    """
    todo, notes = (
        sum(line.level is level for line in lines) for level in (Level.TO_DO, Level.NOTE)
    )
    if todo:
        return Label("{count} thing to do", many="{count} things to do", count=todo)
    if notes:
        return Label(
            "nothing to do; {count} thing to know",
            many="nothing to do; {count} things to know",
            count=notes,
        )
    return Label("all is well")

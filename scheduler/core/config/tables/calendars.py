"""`[calendars]`: public holidays and closures."""

from typing import Annotated

from pydantic import Field

from scheduler.core.config.fields import ClosureText
from scheduler.core.config.tables.attention import Weekday
from scheduler.core.config.tables.shape import WORD, Table


class ClosureTable(Table):
    """Days on which the company is closed. 休業日"""

    days: ClosureText
    """Yearly "12-29..01-03", or once "2026-08-13..2026-08-14". 毎年または一度だけの日"""
    label: Annotated[str, Field(min_length=1)]
    """Why; people read it. 理由"""


class CalendarTable(Table):
    """Public holidays of a country, and closures of the company's own. 休日カレンダー"""

    country: str | None = None
    """Whose public holidays (ISO 3166, e.g. "JP"); left out: none. 祝日の国"""
    subdivision: str | None = None
    """A state or the like, e.g. "ENG". 州など"""
    weekend: list[Annotated[Weekday, WORD]] = [Weekday.SAT, Weekday.SUN]
    """Days of the week on which nobody works. 週休日"""
    closures: list[ClosureTable] = []
    """The company's own closed days. 会社の休業日"""

"""What people read of the forecast, on a terminal and in spreadsheets."""

from datetime import date

from scheduler.cli.reports.words import month_word
from scheduler.cli.terminal.say import label, text
from scheduler.core.reports.forecast import LIKELIHOODS, OVERDUE, RenewalStatus
from scheduler.core.reports.renewals import Outcome
from scheduler.core.words.labels import Label

_OUTCOMES = {
    Outcome.RENEWED: Label("renewed", context="forecast"),
    Outcome.LOST: Label("lost", context="forecast"),
    Outcome.MERGED: Label("closed or merged", context="forecast"),
}


def month_name(month: date) -> str:
    """A month; or that the terms had ended before."""
    return text("Overdue") if month == OVERDUE else month_word(month)


def standing_word(of: RenewalStatus) -> str:
    """How likely it is, or how it ended."""
    return label(LIKELIHOODS[of.likelihood] if of.likelihood else _OUTCOMES[of.outcome])

"""What the numbers of `renewals report forecast` mean."""

from collections.abc import Sequence

from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.reports.own_history import CHECKPOINT
from scheduler.core.words.labels import Label

MONTHS: Sequence[Definition] = (
    Definition(
        "month",
        Label("Due in", context="forecast"),
        Label("the month in which the term ends; overdue: ended before the period, still open"),
    ),
    Definition(
        "currency",
        Label("Currency", context="forecast"),
        Label("the currency of the contract; currencies are never added up"),
    ),
    Definition(
        "contracts",
        Label("Contracts"),
        Label("contracts whose term ends in the month"),
    ),
    Definition(
        "due",
        Label("Amount due", context="forecast"),
        Label("their amounts as in the contracts, the same as in `renewals deals`"),
    ),
    Definition(
        "renewed",
        Label("Renewed already"),
        Label(
            "of the amount due, what is already renewed (the amount that was due, not the one "
            "agreed)"
        ),
    ),
    Definition(
        "lost",
        Label("Lost already"),
        Label(
            "of the amount due, what is already lost, including customers that closed down or "
            "merged"
        ),
    ),
    Definition(
        "commit",
        Label("Commit"),
        Label("open: the rep says it will renew, and the customer's health is stable"),
    ),
    Definition(
        "likely",
        Label("Likely"),
        Label("open: one of these two is true, and nothing speaks against it"),
    ),
    Definition(
        "at_risk",
        Label("At risk", context="forecast"),
        Label(
            "open: a notice was received, the rep says the customer may leave, or the health is "
            "at risk or critical, whatever else is said"
        ),
    ),
    Definition(
        "not_assessed",
        Label("Not assessed", context="forecast"),
        Label("open: the health is not assessed, and the rep has not said or is unsure"),
    ),
    Definition(
        "expected",
        Label("Expected"),
        Label("what is already renewed, plus each open amount multiplied by its weight"),
    ),
    Definition(
        "unknown",
        Label("No amount"),
        Label("contracts whose amount is unknown; they are left out of the sums"),
    ),
)
"""By month."""

LINES: Sequence[Definition] = (
    Definition(
        "likelihood",
        Label("Forecast", context="forecast"),
        Label("commit, likely, at risk or not assessed, as above"),
    ),
    Definition("health", Label("Health"), Label("the customer's health")),
    Definition("call", Label("The rep says"), Label("what the rep expects of the renewal")),
    Definition("notice", Label("Notice"), Label("whether the customer gave notice")),
    Definition(
        "weight",
        Label("Weight"),
        Label(
            "the share that is expected to be renewed: how many of the closed renewals that had "
            "the same health and forecast 90 days before their end were renewed, once there are "
            "enough of them ([forecast] least, default 20); otherwise as configured ([forecast] "
            "commit, likely, at_risk, not_assessed, notice)"
        ),
    ),
    Definition(
        "weighed_by",
        Label("Weighed by"),
        Label("own history or the configuration, with the number of closed renewals"),
    ),
)
"""By health and the rep's forecast."""

CHANGES: Sequence[Definition] = (
    Definition(
        "contract",
        Label("Contract"),
        Label("a contract whose forecast, amount or end differs from seven days before"),
    ),
    Definition("customer", Label("Customer"), Label("whose contract it is")),
    Definition(
        "before",
        Label("A week before"),
        Label("its forecast at the end of the day seven days before"),
    ),
    Definition("after", Label("Now", context="forecast"), Label("its forecast now")),
    Definition(
        "due_before",
        Label("Amount before"),
        Label("the amount due as it was known then"),
    ),
    Definition("due_after", Label("Amount", context="forecast"), Label("the amount due")),
    Definition("ends_before", Label("End before"), Label("the last day as it was known then")),
    Definition("ends_after", Label("End", context="forecast"), Label("the last day")),
)
"""What changed, by contract."""

NOTES: Sequence[Label] = (
    Label(
        "Each open contract is in one of commit, likely, at risk and not assessed: amount due = "
        "renewed + lost + these four."
    ),
    Label(
        "With --as-known-on, only what was recorded by the end of that day counts, and the "
        "changes are those of the seven days before it. Where the history of a computed health "
        "is not kept, its present value is used."
    ),
    Label(
        "Own history uses what was known at the end of the day {days} days before the end; what "
        "was learned later, above all at closing, does not count. Contracts that were already "
        "decided by then, or were imported later, are left out.",
        days=CHECKPOINT,
    ),
)

BY_ID = by_id((*MONTHS, *LINES, *CHANGES))

"""What the back-test of health says of each number."""

from scheduler.core.health.backtest import LEAST
from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.words.labels import Label

COLUMNS = (
    Definition(
        "days",
        Label("Days before"),
        Label("how many days before the end of the term; judged as of the end of that day"),
    ),
    Definition(
        "judged",
        Label("Judged"),
        Label("the policy as it is, one measure or rule alone, or the policy without it"),
    ),
    Definition(
        "part", Label("Measure"), Label("the measure or rule that is tested alone or left out")
    ),
    Definition(
        "flag",
        Label("Flagged from"),
        Label(
            "the state from which a customer counts as flagged: at risk or worse, or critical only"
        ),
    ),
    Definition(
        "currency",
        Label("Currency"),
        Label("the contract's currency; empty in the row for all terms together"),
    ),
    Definition(
        "lost",
        Label("Lost", context="retention"),
        Label(
            "terms that ended in the period and were lost, without voided ones and those whose "
            "customer closed down or merged"
        ),
    ),
    Definition(
        "lost_assessed",
        Label("Lost, assessed"),
        Label("lost terms about which enough was known on that day to assess them"),
    ),
    Definition(
        "lost_flagged",
        Label("Lost, flagged"),
        Label("lost terms that were flagged on that day"),
    ),
    Definition(
        "lost_rate",
        Label("Share of the lost"),
        Label("lost terms: flagged ÷ assessed, with the 95 % Wilson interval"),
    ),
    Definition(
        "kept",
        Label("Kept"),
        Label("terms that ended in the period and were renewed, automatically or not"),
    ),
    Definition(
        "kept_assessed",
        Label("Kept, assessed"),
        Label("kept terms about which enough was known on that day to assess them"),
    ),
    Definition(
        "kept_flagged",
        Label("False alarms"),
        Label("kept terms that were flagged on that day"),
    ),
    Definition(
        "kept_rate",
        Label("Share of the kept"),
        Label("kept terms: flagged ÷ assessed, with the 95 % Wilson interval"),
    ),
    Definition(
        "lost_amount",
        Label("Amount lost"),
        Label("the amounts of the lost terms that were assessed, in that currency"),
    ),
    Definition(
        "lost_flagged_amount",
        Label("Amount lost, flagged"),
        Label("the amounts of the lost terms that were flagged"),
    ),
    Definition(
        "kept_amount",
        Label("Amount kept"),
        Label("the amounts of the kept terms that were assessed, in that currency"),
    ),
    Definition(
        "kept_flagged_amount",
        Label("Amount of false alarms"),
        Label("the amounts of the kept terms that were flagged"),
    ),
    Definition(
        "adds",
        Label("Adds"),
        Label(
            "in the rows for the policy without one measure: how much that measure widens the "
            "gap between the two shares; more than chance if it exceeds 1.96 standard deviations "
            "of the paired difference"
        ),
    ),
)
BY_ID = by_id(COLUMNS)
NOTES = (
    Label(
        "With fewer than {least} lost or {least} kept terms assessed there are too few to tell, "
        "and no share is given.",
        least=LEAST,
    ),
    Label(
        "Only what had been received by the end of that day counts, as it was known then; later "
        "corrections and undos change nothing. Where somebody's own assessment was still valid, "
        "the policy follows it; a measure alone is judged by its numbers only. Notices are left "
        "out."
    ),
    Label(
        "For each day, terms that were already renewed or lost, or had not begun, are left out. "
        "Terms that are not assessed count in neither share."
    ),
    Label(
        "A measure that applies to certain stages counts where the deal was seen in one of them, "
        "or where its stage is not known. Segment, product and similar fields, and the end date, "
        "are today's."
    ),
)

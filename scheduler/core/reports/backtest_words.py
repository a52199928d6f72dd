"""What the back-test of health says of each number."""

from scheduler.core.health.backtest import LEAST
from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.words.labels import Label

COLUMNS = (
    Definition(
        "days",
        Label("Days before"),
        Label("how many days before the end of the term; judged when that day was over"),
    ),
    Definition(
        "judged",
        Label("Judged"),
        Label("the policy as it is, one measure or rule alone, or the policy without it"),
    ),
    Definition("part", Label("Measure"), Label("the measure or rule that is alone or left out")),
    Definition(
        "flag",
        Label("Flagged from"),
        Label("the state from which on a customer counts as flagged: at risk, or critical only"),
    ),
    Definition(
        "currency",
        Label("Currency"),
        Label("the contract's currency; empty for all terms together"),
    ),
    Definition(
        "lost",
        Label("Lost", context="retention"),
        Label(
            "terms that ended in the period and were lost; not those whose customer closed or "
            "merged, nor voided ones"
        ),
    ),
    Definition(
        "lost_assessed",
        Label("Lost, assessed"),
        Label("the lost of which enough was known on that day for a state"),
    ),
    Definition(
        "lost_flagged",
        Label("Lost, flagged"),
        Label("the lost that were flagged on that day"),
    ),
    Definition(
        "lost_rate",
        Label("Share of the lost"),
        Label("flagged ÷ assessed of the lost, with its 95 % interval by Wilson"),
    ),
    Definition(
        "kept",
        Label("Kept"),
        Label("terms that ended in the period and were renewed, automatically or not"),
    ),
    Definition(
        "kept_assessed",
        Label("Kept, assessed"),
        Label("the kept of which enough was known on that day for a state"),
    ),
    Definition(
        "kept_flagged",
        Label("False alarms"),
        Label("the kept that were flagged on that day"),
    ),
    Definition(
        "kept_rate",
        Label("Share of the kept"),
        Label("flagged ÷ assessed of the kept, with its 95 % interval by Wilson"),
    ),
    Definition(
        "lost_amount",
        Label("Amount lost"),
        Label("what the terms of the lost that were assessed brought, in that currency"),
    ),
    Definition(
        "lost_flagged_amount",
        Label("Amount lost, flagged"),
        Label("what the terms of the lost that were flagged brought"),
    ),
    Definition(
        "kept_amount",
        Label("Amount kept"),
        Label("what the terms of the kept that were assessed brought, in that currency"),
    ),
    Definition(
        "kept_flagged_amount",
        Label("Amount of false alarms"),
        Label("what the terms of the kept that were flagged brought"),
    ),
    Definition(
        "adds",
        Label("Adds"),
        Label(
            "for a policy without a measure: by how much that measure widens the distance between "
            "the two shares; beyond chance where it is more than 1.96 standard deviations of the "
            "paired difference"
        ),
    ),
)
BY_ID = by_id(COLUMNS)
NOTES = (
    Label(
        "With fewer than {least} lost and {least} kept terms assessed it is too few to tell, and "
        "no share is given.",
        least=LEAST,
    ),
    Label(
        "Only what had been received by the end of that day counts, as it was believed then; "
        "corrections and what was taken back later change nothing. What a person had said, and "
        "still stood, is what the policy says; a measure alone is judged by itself. Notices are "
        "left out."
    ),
    Label(
        "Left out of a day: what was renewed or lost by then, and what had not begun. Who is not "
        "assessed is in neither share."
    ),
    Label(
        "A measure for some stages counts where the deal was seen in one of them, or where nobody "
        "saw its stage. Segment, product and the like, and the end itself, are those of today."
    ),
)

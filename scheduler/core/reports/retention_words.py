"""What the numbers of `renewals report retention` mean."""

from collections.abc import Sequence

from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.words.labels import Label

DUE: Sequence[Definition] = (
    Definition(
        "month",
        Label("Due in", context="retention"),
        Label("the month in which the term ends; a late renewal stays in the month it was due"),
    ),
    Definition(
        "segment",
        Label("Segment", context="retention"),
        Label("the customer's segment"),
    ),
    Definition(
        "currency",
        Label("Currency", context="retention"),
        Label("the contract's currency; amounts in different currencies are never added up"),
    ),
    Definition(
        "renewals",
        Label("Contracts due"),
        Label("contracts whose term ends in the month"),
    ),
    Definition(
        "due",
        Label("Amount due"),
        Label("their amounts as in the contracts, open and unrenewed ones included"),
    ),
    Definition(
        "open",
        Label("Open", context="retention"),
        Label("contracts not decided yet, even if the term has ended; they count in no rate"),
    ),
    Definition(
        "open_year",
        Label("Open, a year"),
        Label("the yearly value of the open contracts' ending terms"),
    ),
    Definition(
        "renewed",
        Label("Renewed", context="retention"),
        Label("contracts that were renewed, automatic and late renewals included"),
    ),
    Definition(
        "automatic",
        Label("Automatic", context="retention"),
        Label("of those, the ones that renewed automatically because nobody gave notice"),
    ),
    Definition(
        "late",
        Label("Late", context="retention"),
        Label("of those, the ones that were signed after the term had ended"),
    ),
    Definition("lost", Label("Lost", context="retention"), Label("contracts that were lost")),
    Definition(
        "merged",
        Label("Closed or merged"),
        Label(
            "contracts lost because the customer closed down or merged (reason closed_merged); "
            "they are not churn and count in no rate"
        ),
    ),
    Definition(
        "merged_year",
        Label("Closed or merged, a year"),
        Label("the yearly value of those contracts' ending terms"),
    ),
    Definition(
        "unknown",
        Label("Amount unknown"),
        Label(
            "contracts whose amount due or renewed is unknown, or whose currency changed: they "
            "count as contracts and customers, but are left out of sums that need the amount"
        ),
    ),
    Definition(
        "base",
        Label("Decided, a year"),
        Label(
            "the yearly value of the ending terms of renewed and lost contracts; the retention "
            "rates are shares of this"
        ),
    ),
    Definition(
        "upsell",
        Label("Upsell"),
        Label("how much more renewed contracts bring per year than before"),
    ),
    Definition(
        "downsell",
        Label("Downsell"),
        Label("how much less renewed contracts bring per year than before"),
    ),
    Definition(
        "churn",
        Label("Churn"),
        Label("the yearly value of lost contracts"),
    ),
    Definition(
        "gross",
        Label("Gross retention"),
        Label("(decided − downsell − churn) ÷ decided; upsell does not count"),
    ),
    Definition(
        "net",
        Label("Net retention"),
        Label("(decided + upsell − downsell − churn) ÷ decided"),
    ),
    Definition(
        "logos",
        Label("Customers decided"),
        Label(
            "customers with a renewed or lost contract due in the month; a customer that lost "
            "one contract while another is still open is not counted yet; each counts once per "
            "month and currency"
        ),
    ),
    Definition(
        "logos_kept",
        Label("Customers kept"),
        Label("of those, the ones that renewed at least one contract"),
    ),
    Definition(
        "logo_retention",
        Label("Customer retention"),
        Label("customers kept ÷ customers decided (logo retention)"),
    ),
)
"""By the month in which renewals were due."""

SIGNED: Sequence[Definition] = (
    Definition(
        "signed",
        Label("Signed in", context="retention"),
        Label("the month in which the renewal was recorded, in the folder's time zone"),
    ),
    Definition(
        "signed_segment",
        Label("Segment", context="retention signed"),
        Label("the customer's segment, as above"),
    ),
    Definition(
        "signed_currency",
        Label("Currency", context="retention signed"),
        Label("the contract's currency, as above"),
    ),
    Definition(
        "signed_renewals",
        Label("Renewals signed"),
        Label("contracts that were renewed in that month, whenever they were due"),
    ),
    Definition(
        "signed_amount",
        Label("Amount signed"),
        Label("the amounts agreed for the whole new terms"),
    ),
    Definition("signed_year", Label("Signed, a year"), Label("the yearly value of the new terms")),
    Definition(
        "signed_automatic",
        Label("Automatic", context="retention signed"),
        Label("of those renewals, the automatic ones"),
    ),
    Definition(
        "signed_late",
        Label("Signed late"),
        Label("of those renewals, the ones whose term had already ended"),
    ),
    Definition(
        "signed_late_year",
        Label("Signed late, a year"),
        Label("the yearly value of those renewals' new terms"),
    ),
    Definition(
        "signed_unknown",
        Label("Amount unknown", context="retention signed"),
        Label("renewals whose amount is unknown; they are left out of the sums here"),
    ),
)
"""By the month in which renewals were signed."""

NOTES: Sequence[Label] = (
    Label(
        "“A year”: terms of different lengths are compared by their value per year: amount × 12 "
        "÷ months of the term (× 365 ÷ days for a term in days), rounded half up to the "
        "currency's smallest unit for each contract. A contract without a length counts as one "
        "year."
    ),
    Label(
        "Undone renewals and void terms are not counted; pipelines without a renewal stage (new "
        "business) are left out."
    ),
    Label(
        "With --as-known-on, closings, amounts, dates, owners and segments are those recorded by "
        "the end of that day. An import or an edit that was undone, whenever that was, counts as "
        "if it had never happened."
    ),
)

BY_ID = by_id((*DUE, *SIGNED))

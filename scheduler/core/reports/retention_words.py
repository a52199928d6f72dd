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
        Label("contracts not decided yet, also where the term has ended; they are in no rate"),
    ),
    Definition(
        "open_year",
        Label("Open, a year"),
        Label("what the open contracts' ending terms bring a year"),
    ),
    Definition(
        "renewed",
        Label("Renewed", context="retention"),
        Label("contracts that were renewed, automatic and late renewals included"),
    ),
    Definition(
        "automatic",
        Label("Automatic", context="retention"),
        Label("of those, the ones that renewed by themselves because nobody gave notice"),
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
            "contracts lost because the customer closed down or merged (the reason "
            "closed_merged): no churn, and in no rate"
        ),
    ),
    Definition(
        "merged_year",
        Label("Closed or merged, a year"),
        Label("what the ending terms of those contracts bring a year"),
    ),
    Definition(
        "unknown",
        Label("Amount unknown"),
        Label(
            "contracts whose amount due or renewed nobody knows, or that changed their currency: "
            "they count as contracts and customers, but in no sum of money that needs the amount"
        ),
    ),
    Definition(
        "base",
        Label("Decided, a year"),
        Label(
            "what the ending terms of renewed and lost contracts bring a year: what the rates of "
            "money are parts of"
        ),
    ),
    Definition(
        "upsell",
        Label("Upsell"),
        Label("what renewed contracts bring a year more than before"),
    ),
    Definition(
        "downsell",
        Label("Downsell"),
        Label("what renewed contracts bring a year less than before"),
    ),
    Definition(
        "churn",
        Label("Churn"),
        Label("what lost contracts brought a year"),
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
            "customers with a renewed or lost contract due in the month; one that lost a contract "
            "waits while another is open; each counts once a month and currency"
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
        Label("what was agreed for the whole new terms"),
    ),
    Definition("signed_year", Label("Signed, a year"), Label("what the new terms bring a year")),
    Definition(
        "signed_automatic",
        Label("Automatic", context="retention signed"),
        Label("of those renewals, the ones that renewed by themselves"),
    ),
    Definition(
        "signed_late",
        Label("Signed late"),
        Label("of those renewals, the ones whose term had already ended"),
    ),
    Definition(
        "signed_late_year",
        Label("Signed late, a year"),
        Label("what the new terms of those bring a year"),
    ),
    Definition(
        "signed_unknown",
        Label("Amount unknown", context="retention signed"),
        Label("renewals whose amount nobody knows; they are in no sum of money here"),
    ),
)
"""By the month in which renewals were signed."""

NOTES: Sequence[Label] = (
    Label(
        "“A year”: terms of different length are compared by what they bring a year, amount × 12 ÷ "
        "months of the term (× 365 ÷ days for a term in days), rounded half up to the smallest "
        "unit of the currency for each contract; a contract without a length counts as a year."
    ),
    Label(
        "Renewals that were undone and terms that became void count nowhere; pipelines without a "
        "renewal stage (new business) are left out."
    ),
    Label(
        "With --as-known-on, closings, amounts, dates, owners and segments are those recorded by "
        "the end of that day. When an import or an edit was undone is not kept: it counts as if "
        "it had never been."
    ),
)

BY_ID = by_id((*DUE, *SIGNED))

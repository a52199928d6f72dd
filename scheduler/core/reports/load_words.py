"""What the report of the load says of each number."""

from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.words.labels import Label

COLUMNS = (
    Definition("person", Label("Person"), Label("who is in charge of the contracts")),
    Definition("team", Label("Team"), Label("the owner's team")),
    Definition("week", Label("Week"), Label("the Monday with which the week begins (ISO 8601)")),
    Definition(
        "renewals",
        Label("Renewals"),
        Label("open contracts whose term ends in the week"),
    ),
    Definition(
        "deadlines",
        Label("Deadlines"),
        Label("open contracts whose last day for giving notice is in the week"),
    ),
    Definition(
        "nudges",
        Label("Nudges"),
        Label(
            "open contracts that the program will look at in the week, to ask, remind or decide; "
            "only the next such day of each contract is counted"
        ),
    ),
    Definition("all", Label("All together"), Label("renewals, deadlines and nudges together")),
)
BY_ID = by_id(COLUMNS)
NOTES = (
    Label(
        "A contract that ends in a week and is also looked at in that week counts as both; "
        "`renewals simulate` shows every nudge of a period."
    ),
)

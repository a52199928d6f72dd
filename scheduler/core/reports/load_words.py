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
        Label("open contracts for which notice is possible until a day of the week"),
    ),
    Definition(
        "nudges",
        Label("Nudges"),
        Label(
            "open contracts whose alarm rings in the week: the next day on which the program asks, "
            "reminds or decides; what follows after that day is not counted yet"
        ),
    ),
    Definition("all", Label("All together"), Label("renewals, deadlines and nudges together")),
)
BY_ID = by_id(COLUMNS)
NOTES = (
    Label(
        "A contract that ends in a week and whose alarm rings in it counts as both; `renewals "
        "simulate` lives every nudge of a span."
    ),
)

"""What the funnel says of each number."""

from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.words.labels import Label

COLUMNS = (
    Definition("pipeline", Label("Pipeline"), Label("the pipeline of the deals")),
    Definition("stage", Label("Stage"), Label("the stage; active stages are one step")),
    Definition(
        "reached",
        Label("Ever reached"),
        Label("deals that this program saw in the stage at any time"),
    ),
    Definition(
        "reached_reconstructed",
        Label("Ever reached (rec.)"),
        Label("the same, known only from the history in an import"),
    ),
    Definition(
        "strict",
        Label("In order"),
        Label(
            "of those, the deals that entered every earlier step first, in the order of the "
            "pipeline"
        ),
    ),
    Definition("first", Label("First entry"), Label("deals that started in the stage")),
    Definition(
        "again",
        Label("Re-entry"),
        Label("entries of deals that had been in the stage before"),
    ),
    Definition(
        "skipped",
        Label("Skipped"),
        Label("deals that reached a later step but never this one"),
    ),
    Definition("stays", Label("Stays"), Label("completed stays whose beginning and end were seen")),
    Definition("median", Label("Median stay"), Label("half of these stays were at most this long")),
    Definition(
        "nine_in_ten",
        Label("Nine in ten stays"),
        Label("nine in ten of them were at most this long"),
    ),
    Definition(
        "stays_reconstructed",
        Label("Stays (rec.)"),
        Label("stays whose beginning or end is known from an import"),
    ),
    Definition(
        "median_reconstructed",
        Label("Median stay (rec.)"),
        Label("half of those were at most this long"),
    ),
)
BY_ID = by_id(COLUMNS)
NOTES = (
    Label(
        "The period is when deals were first seen here. Undone moves and void terms are not "
        "counted."
    ),
)

"""What the funnel says of each number."""

from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.words.labels import Label

COLUMNS = (
    Definition("pipeline", Label("Pipeline"), Label("the pipeline of the deals")),
    Definition("stage", Label("Stage"), Label("the stage; active stages are one step")),
    Definition(
        "reached",
        Label("Ever reached"),
        Label("deals that were in the stage at any time, seen by this program"),
    ),
    Definition(
        "reached_reconstructed",
        Label("Ever reached (rec.)"),
        Label("the same, where only an import's history says so"),
    ),
    Definition(
        "strict",
        Label("In order"),
        Label("those that entered every step before it first, in the order of the pipeline"),
    ),
    Definition("first", Label("First entry"), Label("deals that began in the stage")),
    Definition(
        "again",
        Label("Re-entry"),
        Label("entries by deals that had been in it before"),
    ),
    Definition(
        "skipped",
        Label("Skipped"),
        Label("deals that came to a later step and never to this one"),
    ),
    Definition("stays", Label("Stays"), Label("completed stays whose beginning and end were seen")),
    Definition("median", Label("Median stay"), Label("half of these stays were at most so long")),
    Definition(
        "nine_in_ten", Label("Nine in ten stays"), Label("nine in ten of them were at most so long")
    ),
    Definition(
        "stays_reconstructed",
        Label("Stays (rec.)"),
        Label("stays of which an import gave the beginning or the end"),
    ),
    Definition(
        "median_reconstructed",
        Label("Median stay (rec.)"),
        Label("half of those were so long at most"),
    ),
)
BY_ID = by_id(COLUMNS)
NOTES = (
    Label(
        "The period is that in which deals were first seen here. Moves that were undone and terms "
        "that became void count nowhere."
    ),
)

"""Every column of the tables that deals are made of is read, or is left out for a reason."""

from scheduler.storage.database import deal_rows

LEFT_OUT = {
    "deals": {
        "closed_at": "the last passage says when",
        "voided_at": "a void deal is not decided",
        "import_id": "where the row came from",
    },
    "contracts": {
        "predecessor_id": "how terms hang together, for imports and undo",
        "system_made": "who opened the term, for imports",
        "row_hash": "what the file said last, for imports",
        "import_id": "where the row came from",
    },
    "customers": {
        "source": "where the row came from",
        "source_id": "where the row came from",
        "import_id": "where the row came from",
    },
    "events": {},
    "nudges": {
        "created_at": "when it was made, for listings",
        "due_at": "when it was meant to leave, for punctuality",
        "message_id": "the message it is in, for delivery",
        "sent_at": "when it left; its state says that it did",
    },
}
"""Columns that no rule reads. A new column belongs into the lists of `deal_rows`, among the facts
unless rules never read it."""


def test_what_is_not_read_is_known_by_name() -> None:
    """A column that nobody listed would be read by no rule, and deals that differ in it would
    share a decision."""
    read = {
        "deals": deal_rows._DEAL,
        "contracts": deal_rows._CONTRACT,
        "customers": deal_rows._CUSTOMER,
        "events": deal_rows._EVENT,
        "nudges": deal_rows._NUDGE,
    }
    for name, columns in read.items():
        listed = {column.name for column in columns}
        assert {column.name for column in deal_rows.T[name].columns} - listed == set(LEFT_OUT[name])

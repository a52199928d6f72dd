"""What an edit by hand is called where imports are kept, and the words of `[import] edits`: all
that a policy knows of edits (`scheduler.core.imports.edits` says what they do)."""

from enum import StrEnum

EDITS = "edits"
"""The kind of an import that is no file but what a person said."""


class EditRule(StrEnum):
    """What happens to an edited field if a file says otherwise."""

    KEEP = "keep"
    FILE = "file"
    ASK = "ask"

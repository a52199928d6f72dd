"""Edits by hand, as far as a policy and a listing know them: the kind under which they are kept
among imports, the fields of a term that are told of them, and the words of `[import] edits`. What
they do is in `scheduler.core.imports.edits`."""

from enum import StrEnum

EDITS = "edits"
"""The kind of an import that is no file but what a person said."""

TERM_FIELDS = (
    "starts_on",
    "ends_on",
    "term",
    "notice",
    "renewal_term",
    "renewal_notice",
    "decide_by",
    "auto_renew",
    "evergreen",
)
"""The columns of a contract that say from when to when it runs and how it goes on, in the order in
which a change of several is told."""


class EditRule(StrEnum):
    """What happens to an edited field if a file says otherwise."""

    KEEP = "keep"
    FILE = "file"
    ASK = "ask"

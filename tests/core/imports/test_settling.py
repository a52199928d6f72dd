"""What becomes of a field that was edited here and of which a file says something (`[import]
edits`)."""

import pytest

from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.edits import Edit, EditOutcome, settle
from tests.import_cast import NOW

ASK, KEEP, FILE = EditRule.ASK, EditRule.KEEP, EditRule.FILE
OVER, SILENT = EditOutcome(ended=True), EditOutcome()


@pytest.mark.parametrize(
    ("said", "kept", "rule", "decided", "becomes"),
    [
        ("here", None, ASK, False, OVER),
        ("here", "file", KEEP, True, OVER),
        ("here", None, FILE, True, OVER),
        ("file", None, FILE, False, EditOutcome(ended=True, told=True)),
        ("file", "file", FILE, True, EditOutcome(ended=True, told=True)),
        ("file", None, ASK, False, EditOutcome(told=True, decided=False)),
        ("file", None, KEEP, False, EditOutcome(told=True, decided=False)),
        ("file", "file", ASK, False, SILENT),
        ("file", "file", KEEP, False, SILENT),
        ("file", "other", ASK, False, EditOutcome(told=True, decided=False)),
        ("file", None, KEEP, True, EditOutcome(kept=True, told=True)),
        ("file", "other", KEEP, True, EditOutcome(kept=True, told=True)),
        ("file", "file", KEEP, True, EditOutcome(told=True)),
    ],
)
def test_an_edit_ends_stays_or_waits(
    said: str, kept: str | None, rule: EditRule, decided: bool, becomes: EditOutcome
) -> None:
    settled = settle(
        Edit(1, 1, 1, "zone", "here", "was", kept, "Bob", NOW), said, rule, decided=decided
    )
    assert settled == becomes
    assert settled.stays is not settled.ended

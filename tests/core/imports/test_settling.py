"""What becomes of a field that was edited here and of which a file says something (`[import]
edits`)."""

import pytest

from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.edits import Edit, Settled, settle
from tests.import_cast import NOW

ASK, KEEP, FILE = EditRule.ASK, EditRule.KEEP, EditRule.FILE
OVER, SILENT = Settled(ended=True), Settled()


@pytest.mark.parametrize(
    ("said", "kept", "rule", "decided", "becomes"),
    [
        ("here", None, ASK, False, OVER),
        ("here", "file", KEEP, True, OVER),
        ("here", None, FILE, True, OVER),
        ("file", None, FILE, False, Settled(ended=True, told=True)),
        ("file", "file", FILE, True, Settled(ended=True, told=True)),
        ("file", None, ASK, False, Settled(told=True, decided=False)),
        ("file", None, KEEP, False, Settled(told=True, decided=False)),
        ("file", "file", ASK, False, SILENT),
        ("file", "file", KEEP, False, SILENT),
        ("file", "other", ASK, False, Settled(told=True, decided=False)),
        ("file", None, KEEP, True, Settled(kept=True, told=True)),
        ("file", "other", KEEP, True, Settled(kept=True, told=True)),
        ("file", "file", KEEP, True, Settled(told=True)),
    ],
)
def test_an_edit_ends_stays_or_waits(
    said: str, kept: str | None, rule: EditRule, decided: bool, becomes: Settled
) -> None:
    settled = settle(
        Edit(1, 1, 1, "zone", "here", "was", kept, "Bob", NOW), said, rule, decided=decided
    )
    assert settled == becomes
    assert settled.stays is not settled.ended

"""The shape of the tables: nothing is guessed, nothing unknown is let through, what was read does
not change."""

import pytest
from pydantic import ValidationError

from scheduler.core.config.mistakes import structural
from scheduler.core.config.tables.calendars import CalendarTable
from scheduler.core.config.tables.config import CONFIG
from scheduler.core.config.tables.machine import MachineTable
from scheduler.core.config.tables.milestones import MilestoneTable, NotTable
from scheduler.core.config.tables.pipelines import PipelineTable
from scheduler.core.config.tables.shape import LabelTable, Table
from tests.core.config.test_mistakes import RAW


def test_every_table_refuses_what_it_does_not_know() -> None:
    for table in set(Table.__subclasses__()) - {LabelTable}:  # its keys are languages: test_fields
        with pytest.raises(ValidationError) as refused:
            table.model_validate({"no_such_setting": 1})
        assert ("no_such_setting",) in [e["loc"] for e in refused.value.errors()], table


def test_what_was_read_does_not_change() -> None:
    table, _ = structural(RAW, CONFIG)
    assert table is not None
    with pytest.raises(ValidationError, match="frozen"):
        table.zone = "UTC"  # type: ignore[misc]


def test_what_is_left_out_is_what_the_shipped_file_says() -> None:
    assert MachineTable() == MachineTable.model_validate(
        {"sweep_seconds": 30, "deliver_seconds": 10, "lease_seconds": 120, "send_seconds": 30}
    )
    assert [d.value for d in CalendarTable().weekend] == ["sat", "sun"]
    defaults = {
        name: field.default
        for name, field in PipelineTable.model_fields.items()
        if not field.is_required()
    }
    assert (
        defaults["allow_skip"],
        defaults["allow_back"],
        defaults["onboarding_days"],
        defaults["auto_renewal"],
    ) == (
        False,
        False,
        0,
        "at_decide_by",
    )
    assert MilestoneTable.model_fields["tell"].default == ["owner"]


def test_not_is_written_as_not() -> None:
    assert NotTable.model_validate({"not": ["smb"]}).not_ == ["smb"]
    with pytest.raises(ValidationError):
        NotTable.model_validate({"not_": ["smb"]})

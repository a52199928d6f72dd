"""`renewals config schema`: what it prints is what editors get."""

import json

import pytest

from scheduler.cli.main import main
from scheduler.cli.policy.config import schema_text
from scheduler.core.config.json_schema import config_schema
from scheduler.system.docstrings import field_docstrings


def test_the_schema_is_printed_as_init_writes_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    printed = capsys.readouterr().out
    assert printed == schema_text()
    assert json.loads(printed) == config_schema(field_docstrings)
    assert printed.endswith("}\n")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_speaks_both_languages_whatever_the_reader_speaks(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "schema", "--lang", language]) == 0
    assert "Whose public holidays (ISO 3166" in (printed := capsys.readouterr().out)
    assert "祝日の国" in printed
